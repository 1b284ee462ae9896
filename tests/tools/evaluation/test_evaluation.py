from pathlib import Path

import numpy as np
import pytest

from avatar.errors import EngineError
from tools.evaluation.clips import Clip, find_clips
from tools.evaluation.evaluation import Evaluation, Outcome
from tools.evaluation.methods import CopyDriver, CopyPortrait
from tools.evaluation.observer import Observer
from tools.evaluation.scoring import Scoring
from tools.evaluation.store import FrameStore
from tools.evaluation.trials import Shot, Trial, across, reconstruction

METRICS = ["l1", "akd", "missed", "turn_error"]


@pytest.fixture
def clips(tmp_path: Path, frame_folder) -> list[Clip]:
    """Two clips of five frames; the first frame of each is black, so no face is in it."""
    frame_folder(tmp_path / "a", 5)
    frame_folder(tmp_path / "b", 5)
    return find_clips(tmp_path)


def trial(clip: Clip, portrait: int = 1, driving: tuple[int, ...] = (2, 3)) -> Trial:
    return Trial(Shot(clip, portrait), tuple(Shot(clip, i) for i in driving))


def evaluation(reader, *methods, relative: bool | None = None) -> Evaluation:
    return Evaluation(
        methods or (CopyPortrait(), CopyDriver()), Observer(reader), Scoring(METRICS), relative
    )


def test_figures_by_hand(clips, reader) -> None:
    result = evaluation(reader).run([trial(clips[0])])
    ((measured, outcomes),) = result.outcomes
    assert measured == trial(clips[0])
    assert outcomes["copy portrait"].frames[0]["l1"] == pytest.approx(10 / 255)
    assert outcomes["copy portrait"].figures()["l1"] == pytest.approx(15 / 255)
    assert outcomes["copy driver"].figures()["akd"] == 0
    assert result.complete and not result.left_out


def test_pictures_handed_through_are_looked_at_once(clips, reader) -> None:
    evaluation(reader).run([trial(clips[0])])
    assert reader.pictures == 3


def test_clips_without_faces_are_left_out(clips, reader) -> None:
    trials = [reconstruction(clips[0], every=1), trial(clips[0], 1, (0,)), trial(clips[1])]
    result = evaluation(reader).run(trials)
    assert [t.portrait.clip.name for t, _ in result.outcomes] == ["b"]
    assert [one.what for one in result.left_out] == ["a", "a:1 by a:0"]
    assert "No face was found in the portrait, frame 0 of" in result.left_out[0].why
    assert "No face was found in the driver, frame 0 of" in result.left_out[1].why


def test_what_fails_is_left_out_and_the_rest_goes_on(clips, reader) -> None:
    class Failing(CopyPortrait):
        name = "failing"

        def animate(self, driving, step):
            if driving.mean() > 35:
                raise EngineError("out of memory")
            return driving

    trials = [trial(clips[0], driving=(2, 4)), trial(clips[1], driving=(2, 3))]
    result = evaluation(reader, Failing(), CopyDriver()).run(trials)
    assert [t.portrait.clip.name for t, _ in result.outcomes] == ["b"]
    assert result.left_out[0].why == "out of memory"
    assert result.complete


def test_an_interruption_keeps_whole_trials(clips, reader) -> None:
    done: list[int] = []
    result = evaluation(reader).run(
        [trial(clips[0]), trial(clips[1])],
        stopped=lambda: bool(done),
        progress=lambda number, total, so_far: done.append(len(so_far.outcomes)),
    )
    assert done == [1]
    assert len(result.outcomes) == 1
    assert not result.complete


def test_which_picture_is_neutral(clips, reader) -> None:
    crossed, same = across(clips[0], clips[1], every=2), trial(clips[0], 1, (3, 4))
    store = FrameStore([crossed, same])

    def level(relative: bool | None, one: Trial) -> float | None:
        picture = evaluation(reader, relative=relative).neutral(one, store)
        return None if picture is None else float(picture.mean())

    assert (level(None, same), level(None, crossed)) == (None, 0)
    assert (level(True, same), level(True, crossed)) == (30, 0)
    assert (level(False, same), level(False, crossed)) == (None, None)


def test_turns_since_the_drivers_neutral_frame(clips, reader) -> None:
    # The reader's pitch is the brightness: the driver turns by 20 and 30 degrees since frame 1.
    one = Trial(Shot(clips[0], 3), (Shot(clips[1], 3), Shot(clips[1], 4)), Shot(clips[1], 1))
    ((_, outcomes),) = evaluation(reader).run([one]).outcomes
    assert outcomes["copy portrait"].figures()["turn_error"] == pytest.approx(25)
    assert [t.size for t in outcomes["copy portrait"].turns if t] == pytest.approx([20, 30])
    assert outcomes["copy driver"].figures()["turn_error"] == pytest.approx(0)


def test_a_neutral_frame_without_a_face_gives_no_turns(clips, reader) -> None:
    one = Trial(Shot(clips[0], 3), (Shot(clips[1], 3),), Shot(clips[1], 0))
    ((_, outcomes),) = evaluation(reader).run([one]).outcomes
    assert "turn_error" not in outcomes["copy portrait"].figures()
    assert outcomes["copy portrait"].turns == (None,)


def test_means_are_over_the_frames_that_have_the_figure() -> None:
    outcome = Outcome(({"l1": 1.0, "akd": 4.0}, {"l1": 3.0}), {"jitter": 0.5})
    assert outcome.figures() == {"l1": 2, "akd": 4, "jitter": 0.5}


def test_the_store_forgets_clips_but_not_the_newest(clips, monkeypatch) -> None:
    trials = [trial(clips[0]), trial(clips[1])]
    decoded: list[str] = []
    frames = Clip.frames

    def counted(self, wanted):
        decoded.append(self.name)
        return frames(self, wanted)

    monkeypatch.setattr(Clip, "frames", counted)
    small, large = FrameStore(trials, most_bytes=1), FrameStore(trials)
    for store in (small, large):
        for one in (*trials, *trials):
            for shot in one.shots():
                assert int(np.mean(store(shot))) == 10 * shot.index
    assert decoded == ["a", "b", "a", "b", "a", "b"]
