"""Whether landmarks can teach a model its keypoints, and the mean face that they teach it by."""

import numpy as np

from avatar.model.params import ModelParams
from tools.training import landmarks
from tools.training.data import Footage
from tools.training.landmarks import GROUPS, Shape

MOST = 2000
"""Frames that make the mean face, at most."""


def teachable(params: ModelParams) -> bool:
    """Whether landmarks say where the model's keypoints belong."""
    return params.num_keypoints == len(GROUPS)


def mean_face(footage: Footage) -> Shape:
    """The mean face of the footage, from evenly spread frames that have landmarks."""
    rows = range(0, len(footage), max(1, len(footage) // MOST))
    found = [points for row in rows if (points := footage.landmarks(row)) is not None]
    return landmarks.mean_shape(np.stack(found).astype(np.float32))
