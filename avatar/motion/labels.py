"""Labels: what the keypoints of a model stand for, where they were taught and not found by itself.

The paper's detector finds its keypoints without supervision, and nobody can say which one is a lip.
``compact`` was taught with MediaPipe's landmarks (tools/training/landmarks.py lists them in the
same order). The table goes by the name of the parameters, so that no weights file has to change.
"""

from dataclasses import dataclass

import numpy as np

from avatar.frame import Floats


@dataclass(frozen=True, eq=False)
class Labels:
    """The parts of a face.

    Attributes:
        parts: name of each of the K keypoints; left and right are the picture's.
        shape: (K, 3) float32, where they are in a mean face that looks straight ahead: x to the
            right, y down, z away from the camera, centred; the unit is its root mean square size.
        slopes: (K, 2) float32, how depth grows with x and y on the face around a part.
        steady: (K,) float32 weights, greater where no expression moves a part against the head.
        eyes: (upper lid, lower lid, outer corner, inner corner) of each eye.
        lips: inner edge of the upper and the lower one.
        mouth: keypoint -> how much of the mouth's emphasis it takes, in [0, 1].
    """

    parts: tuple[str, ...]
    shape: Floats
    slopes: Floats
    steady: Floats
    eyes: tuple[tuple[int, int, int, int], ...]
    lips: tuple[int, int]
    mouth: dict[int, float]

    @property
    def gaps(self) -> tuple[tuple[int, int], ...]:
        """Upper and lower edge of what opens and closes."""
        return (*((upper, lower) for upper, lower, _, _ in self.eyes), self.lips)


# Mean of 102 people (median landmarks of each one's most frontal pictures, laid on one another by
# generalised Procrustes analysis, made symmetrical); the slopes are of planes laid through
# the 28 landmarks around.
_COMPACT = (
    ("nose", 1.0, (0.0, 0.304, -0.677), (0.0, 1.44)),
    ("chin", 0.15, (0.0, 1.72, 0.204), (0.0, 0.63)),
    ("between the brows", 1.0, (0.0, -0.722, -0.368), (0.0, 0.3)),
    ("left jaw", 0.4, (-1.089, 0.878, 0.988), (-1.36, 0.54)),
    ("right jaw", 0.4, (1.089, 0.878, 0.988), (1.36, 0.54)),
    ("left eye, outer corner", 1.0, (-0.842, -0.451, 0.091), (-0.55, 0.42)),
    ("left eye, inner corner", 1.0, (-0.327, -0.416, -0.009), (-0.57, 0.05)),
    ("right eye, inner corner", 1.0, (0.327, -0.416, -0.009), (0.57, 0.05)),
    ("right eye, outer corner", 1.0, (0.842, -0.451, 0.091), (0.55, 0.42)),
    ("left eye, upper lid", 0.2, (-0.625, -0.52, -0.07), (-0.27, 0.46)),
    ("left eye, lower lid", 0.4, (-0.593, -0.374, -0.036), (-0.21, 0.08)),
    ("right eye, upper lid", 0.2, (0.625, -0.52, -0.07), (0.27, 0.46)),
    ("right eye, lower lid", 0.4, (0.593, -0.374, -0.036), (0.21, 0.08)),
    ("left corner of the mouth", 0.15, (-0.474, 0.86, 0.079), (-0.67, 0.45)),
    ("right corner of the mouth", 0.15, (0.474, 0.86, 0.079), (0.67, 0.45)),
    ("upper lip", 0.2, (0.0, 0.841, -0.203), (0.0, 0.41)),
    ("lower lip", 0.1, (0.0, 0.946, -0.164), (0.0, 0.31)),
    ("left brow", 0.2, (-0.665, -0.871, -0.268), (-0.4, 0.31)),
    ("right brow", 0.2, (0.665, -0.871, -0.268), (0.4, 0.31)),
    ("forehead", 0.8, (0.0, -1.299, -0.34), (0.0, 0.02)),
)

_KNOWN: dict[str, Labels] = {
    "compact": Labels(
        parts=tuple(part for part, _, _, _ in _COMPACT),
        shape=np.array([place for _, _, place, _ in _COMPACT], np.float32),
        slopes=np.array([slope for _, _, _, slope in _COMPACT], np.float32),
        steady=np.array([steady for _, steady, _, _ in _COMPACT], np.float32),
        eyes=((9, 10, 5, 6), (11, 12, 8, 7)),
        lips=(15, 16),
        mouth={13: 1.0, 14: 1.0, 15: 1.0, 16: 1.0, 1: 0.5},  # the chin goes along half the way
    )
}


def labels_of(name: str, count: int) -> Labels | None:
    """The labels of a model by the name of its parameters and the number of its keypoints; None
    where nobody knows any."""
    labels = _KNOWN.get(name)
    return labels if labels is not None and len(labels.parts) == count else None
