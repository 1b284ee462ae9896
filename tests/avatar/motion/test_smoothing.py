"""Strength of the smoothing: the usual one is what it was, more is calmer, near 0 all passes."""

import numpy as np
import pytest

from avatar.motion.settings import SMOOTHING
from avatar.motion.smoothing import JACOBIAN_SMOOTHING, VALUE_SMOOTHING, OneEuro

FRAME_NS = 50_000_000


@pytest.mark.parametrize("usual", [VALUE_SMOOTHING, JACOBIAN_SMOOTHING])
def test_the_usual_strength_is_the_tuned_one(usual) -> None:
    assert usual.at(SMOOTHING) == usual


def test_more_strength_is_calmer_and_little_passes_nearly_all() -> None:
    rng = np.random.default_rng(0)
    noise = 0.005 * rng.standard_normal((100, 15, 2)).astype(np.float32)

    def left(strength: float) -> float:
        smooth = OneEuro(VALUE_SMOOTHING.at(strength))
        out = np.stack([smooth(s, (i + 1) * FRAME_NS) for i, s in enumerate(noise)])
        return float(np.abs(np.diff(out, axis=0)).mean() / np.abs(np.diff(noise, axis=0)).mean())

    shares = [left(strength) for strength in (0.05, 0.25, 0.5, 0.75, 1.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.99 and shares[-1] < 0.1


def test_settings_may_change_between_samples() -> None:
    smooth = OneEuro(VALUE_SMOOTHING)
    zero, one = np.zeros((3, 2), np.float32), np.full((3, 2), 0.01, np.float32)
    smooth(zero, FRAME_NS)
    smooth.smoothing = VALUE_SMOOTHING.at(0.01)
    np.testing.assert_allclose(smooth(one, 2 * FRAME_NS), one, atol=1e-6)
