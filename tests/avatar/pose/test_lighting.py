"""Light measured on a made face."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.frame import Face, Image
from avatar.pose.head import FRONTAL, HeadPose
from avatar.pose.lighting import lighting

Make = Callable[..., Face]
BOX = np.array([0, 0, 256, 256], np.float32)


def lit(left: float, right: float) -> Image:
    image = np.empty((256, 256, 3), np.uint8)
    image[:, :128], image[:, 128:] = left, right
    return image


def test_even_light(made_face: Make) -> None:
    got = lighting(lit(120, 120), made_face(), BOX)
    assert got.level == pytest.approx(120 / 255, abs=0.01)
    assert got.contrast == pytest.approx(0, abs=0.01)
    assert got.side == pytest.approx(0, abs=0.01)


@given(st.integers(20, 250), st.integers(20, 250))
def test_light_from_one_side(made_face: Make, left: int, right: int) -> None:
    got = lighting(lit(left, right), made_face(), BOX)
    assert got.side == pytest.approx((right - left) / ((right + left) / 2), abs=0.05)
    flipped = lighting(lit(right, left), made_face(), BOX)
    assert flipped.side == pytest.approx(got.mirrored().side, abs=0.05)


def test_skin_tone_changes_the_level_alone(made_face: Make) -> None:
    fair, dark = (lighting(lit(a, b), made_face(), BOX) for a, b in ((240, 160), (120, 80)))
    assert dark.level == pytest.approx(fair.level / 2, abs=0.01)
    assert dark.side == pytest.approx(fair.side, abs=0.01)
    assert dark.contrast == pytest.approx(fair.contrast, abs=0.01)


def test_the_square_may_lie_anywhere(made_face: Make) -> None:
    box = np.array([100, 100, 612, 612], np.float32)
    got = lighting(lit(60, 180), made_face(FRONTAL, 512, 100), box)
    assert got.side == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("shade", [0, 255])
def test_black_and_white_are_finite(made_face: Make, shade: int) -> None:
    got = lighting(lit(shade, shade), made_face(), BOX)
    assert (got.level, got.contrast, got.side) == pytest.approx((shade / 255, 0, 0))


def test_faces_outside_the_square_do_not_fail(made_face: Make) -> None:
    away = made_face(HeadPose(x=3.0, y=-2.0))
    assert lighting(lit(100, 100), away, BOX).level == pytest.approx(100 / 255, abs=0.01)
    lost = replace(away, landmarks=np.full((478, 3), np.nan, np.float32))
    assert np.isfinite(lighting(lit(100, 100), lost, BOX).side)
