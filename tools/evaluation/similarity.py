"""The similarity transform (turn, zoom, shift) that takes some points nearest to others."""

import numpy as np
from numpy.typing import NDArray

from avatar.frame import Image

Matrix = NDArray[np.float64]
Points = NDArray[np.floating]


def fit(points: Points, to: Points) -> Matrix:
    """(2, 3) matrix M with M (x, y, 1) nearest to ``to`` in least squares, never mirrored.

    Umeyama (PAMI 1991) in two dimensions, where it is one complex number: turn and zoom.

    Args:
        points, to: (N, 2), N >= 2. Points that all coincide are shifted only.
    """
    a = np.asarray(points, np.float64) @ [1, 1j]
    b = np.asarray(to, np.float64) @ [1, 1j]
    centre_a, centre_b = a.mean(), b.mean()
    spread = float((np.abs(a - centre_a) ** 2).sum())
    turn = ((a - centre_a).conj() @ (b - centre_b)) / spread if spread > 1e-12 else 1.0 + 0j
    shift = centre_b - turn * centre_a
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def move(image: Image, matrix: Matrix, size: int) -> Image:
    """The picture moved by a (2, 3) matrix in pixels, (size, size, 3) uint8; its edge is repeated
    where nothing comes from inside."""
    import cv2

    moved = cv2.warpAffine(
        image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8)
