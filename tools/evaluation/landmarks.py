"""Distances between MediaPipe's 478 landmarks, over the face and over its parts.

Landmarks are (478, 3) float32, x and y in pixels of a 256-pixel square; only these two count.
"""

import numpy as np

from avatar.frame import Floats

MOUTH = (
    *(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409),
    *(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415),
)
EYES = (
    *(33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173),
    *(263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398),
)
BROWS = (
    *(46, 53, 52, 65, 55, 70, 63, 105, 66, 107),
    *(276, 283, 282, 295, 285, 300, 293, 334, 296, 336),
)
NOSE = (
    *(1, 2, 4, 5, 6, 19, 45, 48, 64, 94, 97, 98, 115, 168, 195, 197, 220, 275, 278, 294, 326),
    *(327, 344, 440),
)
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
REGIONS = {"mouth": MOUTH, "eyes": EYES, "brows": BROWS, "nose": NOSE, "oval": OVAL}
"""MediaPipe's own groups of landmarks (``face_mesh_connections``), by what they lie on."""


def akd(got: Floats, want: Floats, points: tuple[int, ...] | None = None) -> float:
    """Average keypoint distance in px: the mean absolute difference over points and both
    coordinates.

    The published evaluation takes 68 landmarks of FAN; the formula is the same. It is not the
    Euclidean distance (see :func:`akd_euclidean`).

    Args:
        got, want: (478, 3) landmarks of result and truth.
        points: only these landmarks; None for all.
    """
    apart = np.abs(got[:, :2] - want[:, :2])
    return float((apart if points is None else apart[list(points)]).mean())


def akd_euclidean(got: Floats, want: Floats) -> float:
    """Mean Euclidean distance of the landmarks, in px."""
    return float(np.linalg.norm(got[:, :2] - want[:, :2], axis=-1).mean())
