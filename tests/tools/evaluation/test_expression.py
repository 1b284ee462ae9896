import numpy as np
import pytest

from tools.evaluation import expression
from tools.evaluation.expression import COUNTED, NAMES


def scores(**values: float) -> np.ndarray:
    made = np.zeros(len(NAMES), np.float32)
    for name, value in values.items():
        made[NAMES.index(name)] = value
    return made


def test_neutral_and_gaze_do_not_count() -> None:
    assert len(NAMES) == len(set(NAMES)) == 52
    assert len(COUNTED) == 43
    a, b = scores(), scores(_neutral=1, eyeLookUpLeft=0.9)
    assert expression.aucon(a, b) == 1
    assert expression.difference(a, b) == 0


def test_aucon_by_hand() -> None:
    want = scores(jawOpen=0.5, mouthSmileLeft=0.25)
    got = scores(jawOpen=0.21, mouthSmileLeft=0.19, cheekPuff=0.9)
    assert expression.aucon(got, want) == pytest.approx(41 / 43)
    assert expression.difference(got, want) == pytest.approx((0.29 + 0.06 + 0.9) / 43)
