"""Labels: the table goes with the landmarks that the detector was taught."""

import numpy as np
import pytest

from avatar.labelling import labels_for
from avatar.model.params import PRESETS
from avatar.motion.labels import labels_of

COMPACT = labels_of("compact", 20)


def test_only_taught_keypoints_are_labelled() -> None:
    assert [p.name for p in PRESETS.values() if labels_of(p.name, p.num_keypoints)] == ["compact"]
    assert labels_of("compact", 15) is None
    assert labels_for("compact") is COMPACT and labels_for("anything", "fake") is None


def test_labels_follow_the_order_of_the_training() -> None:
    pytest.importorskip("torch")
    from tools.training.landmarks import GAPS, GROUPS, MIRROR

    assert COMPACT is not None and len(COMPACT.parts) == len(GROUPS)
    assert COMPACT.gaps == tuple((upper, lower) for upper, lower, _ in GAPS)
    other_side = {"left": "right", "right": "left"}
    for i, j in enumerate(MIRROR):
        words = [other_side.get(word, word) for word in COMPACT.parts[i].split()]
        assert " ".join(words) == COMPACT.parts[j]
        np.testing.assert_array_equal(COMPACT.shape[i] * [-1, 1, 1], COMPACT.shape[j])
        np.testing.assert_array_equal(COMPACT.slopes[i] * [-1, 1], COMPACT.slopes[j])
    known = {1: "nose", 152: "chin", 33: "left eye, outer corner", 14: "lower lip"}
    for landmark, part in known.items():
        (index,) = [i for i, group in enumerate(GROUPS) if landmark in group]
        assert COMPACT.parts[index] == part


def test_the_mean_face_is_a_face() -> None:
    assert COMPACT is not None
    place = dict(zip(COMPACT.parts, COMPACT.shape, strict=True))
    assert COMPACT.shape.shape == (20, 3) and COMPACT.shape.dtype == np.float32
    np.testing.assert_allclose(COMPACT.shape.mean(axis=0), 0, atol=2e-3)
    assert place["forehead"][1] < place["nose"][1] < place["lower lip"][1] < place["chin"][1]
    assert place["left jaw"][0] < 0 < place["right jaw"][0]
    assert place["nose"][2] == COMPACT.shape[:, 2].min() and (COMPACT.steady > 0).all()
