from pathlib import Path

import pytest

from avatar.errors import InputError
from tools.evaluation import trials
from tools.evaluation.clips import Clip


class Known(Clip):
    """A clip of which only the length is known."""

    length = 100  # type: ignore[assignment]


def clip(name: str, person: str | None = None) -> Clip:
    return Known(name, person or name, Path(name))


def short(name: str) -> Clip:
    made = clip(name)
    made.__dict__["length"] = 3
    return made


CLIPS = [clip("a1", "a"), clip("a2", "a"), clip("b"), clip("c")]


def test_reconstruction_leaves_the_portrait_out() -> None:
    trial = trials.reconstruction(CLIPS[0], every=30)
    assert trial.portrait.index == 0
    assert [shot.index for shot in trial.driving] == [30, 60, 90]
    assert trial.same and trial.neutral is None
    assert trial.people == ("a",)
    assert len(trials.reconstruction(CLIPS[0], every=1, frames=7).driving) == 7


def test_a_clip_that_is_too_short() -> None:
    with pytest.raises(InputError, match="has 3 frames, too few"):
        trials.reconstruction(short("s"), every=3)


def test_pairs_lie_in_one_clip_a_second_apart() -> None:
    found = trials.same_pairs(CLIPS, 300, seed=1)
    gaps = [t.driving[0].index - t.portrait.index for t in found]
    assert len(found) == 300
    assert all(t.same for t in found)
    assert min(abs(gap) for gap in gaps) >= trials.APART
    assert min(gaps) < 0 < max(gaps)
    assert all(0 <= s.index < 100 for t in found for s in t.shots())
    # People are drawn first, so that one with two clips does not count twice.
    share = sum(t.people == ("a",) for t in found) / 300
    assert 0.2 < share < 0.47


def test_cross_pairs_are_of_two_people() -> None:
    found = trials.cross_pairs(CLIPS, 200, seed=1)
    assert all(len(t.people) == 2 and not t.same for t in found)
    assert {t.people for t in found} == {(x, y) for x in "abc" for y in "abc" if x != y}


def test_the_seed_decides() -> None:
    assert trials.cross_pairs(CLIPS, 20, seed=4) == trials.cross_pairs(CLIPS, 20, seed=4)
    assert trials.cross_pairs(CLIPS, 20, seed=4) != trials.cross_pairs(CLIPS, 20, seed=5)
    assert trials.same_pairs(CLIPS, 20, seed=4) == trials.same_pairs(CLIPS, 20, seed=4)


def test_every_clip_drives_portraits_of_others() -> None:
    found = trials.cross_clips(CLIPS, 2, seed=0, every=50)
    assert len(found) == 8
    assert all(t.neutral is not None and t.neutral.clip == t.driving[0].clip for t in found)
    assert all(len(t.people) == 2 for t in found)
    assert [t.driving[0].clip.name for t in found] == [n for c in CLIPS for n in [c.name] * 2]


def test_one_person_cannot_be_crossed() -> None:
    with pytest.raises(InputError, match="of one person, a"):
        trials.cross_pairs(CLIPS[:2], 5, seed=0)


def test_short_clips_have_no_pairs() -> None:
    with pytest.raises(InputError, match="more than 25 frames"):
        trials.same_pairs([short("s")], 5, seed=0)
