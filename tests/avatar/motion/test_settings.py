"""MotionSettings: what makes no sense is refused; presets are named; groups are reset alone."""

from dataclasses import replace

import pytest

from avatar.errors import UsageError
from avatar.motion.settings import PRESETS, RANGES, MotionSettings


@pytest.mark.parametrize("name", RANGES)
def test_numbers_out_of_their_range_are_refused(name: str) -> None:
    least, most = RANGES[name]
    assert least <= getattr(MotionSettings(), name) <= most
    replace(MotionSettings(), **{name: least}), replace(MotionSettings(), **{name: most})
    for wrong in (least - 0.01, most + 0.01, float("nan"), float("inf")):
        with pytest.raises(UsageError, match=name) as error:
            replace(MotionSettings(), **{name: wrong})
        assert f"{least:g} to {most:g}" in error.value.message and error.value.hint


def test_the_defaults_change_nothing_about_the_motion() -> None:
    assert MotionSettings().plain
    assert MotionSettings(relative=False, adapt_scale=False, smoothing=1).plain
    for name in ("movement", "head", "expression", "eyes", "mouth"):
        assert not MotionSettings(**{name: 0.9}).plain  # type: ignore[arg-type]
    assert not MotionSettings(pose_limit=True).plain


def test_presets_are_known_whatever_else_is_set() -> None:
    assert MotionSettings().preset == "natural"
    for name, preset in PRESETS.items():
        other = MotionSettings(relative=False, adapt_scale=False, mouth=3).like(preset)
        assert other.preset == name
        assert (other.relative, other.adapt_scale) == (False, False)
    assert len({replace(p) for p in PRESETS.values()}) == len(PRESETS)
    assert MotionSettings(head=0.123).preset == ""


def test_some_can_be_taken_from_others() -> None:
    lively = PRESETS["lively"]
    assert lively.like(MotionSettings(), "head", "movement") == replace(lively, head=1, movement=1)
