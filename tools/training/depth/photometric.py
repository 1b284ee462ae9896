"""How unlike two pictures are (eq. 4), which neighbour counts where, and how smooth a disparity is.

All in float32; pictures (B, 3, H, W) in [0, 1], errors (B, 1, H, W).
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

C1, C2 = 0.01**2, 0.03**2
"""SSIM's constants for values in [0, 1]."""

TIE = 1e-5
"""Added to the error of a neighbour that is not warped, so that a warp which is exactly as good
counts. The public trainer adds 1e-5 times Gaussian noise; here a phase draws nothing."""


class Chosen(NamedTuple):
    """The error that counts at each pixel.

    Attributes:
        error: (B, 1, H, W).
        kept: (B, 1, H, W) bool, where a warped neighbour was chosen and not a static pixel.
    """

    error: Tensor
    kept: Tensor


def dissimilarity(a: Tensor, b: Tensor) -> Tensor:
    """(1 - SSIM) / 2 per pixel and channel in [0, 1], same shape: means over 3x3 windows, borders
    mirrored."""
    a, b = F.pad(a, (1, 1, 1, 1), mode="reflect"), F.pad(b, (1, 1, 1, 1), mode="reflect")
    mean_a, mean_b = _window_mean(a), _window_mean(b)
    product, squares = mean_a * mean_b, mean_a.square() + mean_b.square()
    variances = _window_mean(a.square() + b.square()) - squares
    covariance = _window_mean(a * b) - product
    above = (2 * product + C1) * (2 * covariance + C2)
    return ((1 - above / ((squares + C1) * (variances + C2))) / 2).clamp(0, 1)


def _window_mean(x: Tensor) -> Tensor:
    """Of 3x3 pixels, without a border; the CPU pools several times slower than it adds."""
    x = x[..., :-2] + x[..., 1:-1] + x[..., 2:]
    return (x[..., :-2, :] + x[..., 1:-1, :] + x[..., 2:, :]) / 9


def photometric_error(a: Tensor, b: Tensor, alpha: float) -> Tensor:
    """pe(a, b) = alpha (1 - SSIM)/2 + (1 - alpha) |a - b|, mean over RGB (eq. 4): (B, 1, H, W)."""
    difference = (a - b).abs().mean(1, keepdim=True)
    return alpha * dissimilarity(a, b).mean(1, keepdim=True) + (1 - alpha) * difference


def choose(warped: Sequence[Tensor], static: Sequence[Tensor], minimum: bool = True) -> Chosen:
    """One error per pixel from those of all neighbours.

    Args:
        warped: errors (B, 1, H, W) of the neighbours warped to the target; DaGAN++'s uncertainty
            would weigh these, before the choice.
        static: errors of the same neighbours as they are, or nothing: no auto-mask. Where one of
            them (plus :data:`TIE`) is least, the pixel does not move against the camera (background
            before a fixed camera, or no motion at all), and no gradient comes from it.
        minimum: over neighbours, so that what one neighbour hides is taken from the other; else
            their mean.
    """
    across = torch.cat(list(warped), 1)
    error = across.amin(1, keepdim=True) if minimum else across.mean(1, keepdim=True)
    if not static:
        return Chosen(error, torch.ones_like(error, dtype=torch.bool))
    still = torch.cat(list(static), 1).detach()
    still = (still.amin(1, keepdim=True) if minimum else still.mean(1, keepdim=True)) + TIE
    return Chosen(torch.minimum(error, still), error <= still)


def smoothness(disparity: Tensor, picture: Tensor) -> Tensor:
    """Edge-aware smoothness of d* = d / mean(d): mean |dx d*| e^-|dx I| + mean |dy d*| e^-|dy I|.

    Args:
        disparity: (B, 1, h, w); its mean is taken per picture, so that shrinking it gains nothing.
        picture: (B, 3, H, W) of the same view, H a multiple of h; averaged down to its size.
    """
    ratio = picture.shape[-1] // disparity.shape[-1]
    if ratio > 1:
        picture = F.avg_pool2d(picture, ratio)
    relative = disparity / (disparity.mean((2, 3), keepdim=True) + 1e-7)
    total = disparity.new_zeros(())
    for axis in (2, 3):
        edge = picture.diff(dim=axis).abs().mean(1, keepdim=True)
        total = total + (relative.diff(dim=axis).abs() * torch.exp(-edge)).mean()
    return total
