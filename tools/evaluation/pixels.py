"""Differences pixel by pixel. Pictures are (H, W, 3) uint8 RGB of one size; figures are in [0, 1]
RGB.
"""

from math import log10

import numpy as np
from numpy.typing import NDArray

from avatar.frame import Image

MOST_DB = 100.0
"""PSNR of equal pictures, which would be infinite and spoil every mean."""

WINDOW = 7


def l1(a: Image, b: Image) -> float:
    """Mean absolute difference, over pixels and channels, in [0, 1] (FOMM and DaGAN, L1)."""
    return float(np.abs(a.astype(np.int16) - b).mean() / 255)


def psnr(a: Image, b: Image) -> float:
    """10 log10(1 / MSE) in dB, at most 100; over one picture, so that means are over pictures."""
    error = float(np.square(a.astype(np.float32) - b).mean(dtype=np.float64)) / 255**2
    return MOST_DB if error == 0 else min(MOST_DB, -10 * log10(error))


def ssim(a: Image, b: Image, data_range: float = 1.0) -> float:
    """Structural similarity (Wang et al., 2004), mean over pixels and channels.

    As scikit-image computes it by default: 7x7 uniform window, sample covariance, K1 = 0.01, K2 =
    0.03, a border of 3 pixels left out. OpenCV's filters make it about five times faster.

    Args:
        a, b: at least 7x7 pixels.
        data_range: 1 is right for pictures in [0, 1]. Published figures of the first-order-motion
            family were made with 2, the default for floats at that time, which is kinder.
    """
    import cv2

    def mean(picture: NDArray[np.float64]) -> NDArray[np.float64]:
        return cv2.blur(picture, (WINDOW, WINDOW)).astype(np.float64, copy=False)

    x, y = a.astype(np.float64) / 255, b.astype(np.float64) / 255
    mx, my = mean(x), mean(y)
    unbiased = WINDOW**2 / (WINDOW**2 - 1)
    vx = unbiased * (mean(x * x) - mx * mx)
    vy = unbiased * (mean(y * y) - my * my)
    vxy = unbiased * (mean(x * y) - mx * my)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    value = (2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))
    edge = WINDOW // 2
    return float(value[edge:-edge, edge:-edge].mean())
