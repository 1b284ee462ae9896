"""Lighting: how a face is lit, from a few hundred pixels of its cheeks and forehead."""

from dataclasses import dataclass, replace

import numpy as np

from avatar.frame import Face, Floats, Image

# Skin seldom covered by hair, beard or glasses. The one is the other's mirror image.
_LEFT = (50, 117, 116, 123, 118, 101, 36, 205, 187, 69, 67, 104, 108)
_RIGHT = (280, 346, 345, 352, 347, 330, 266, 425, 411, 299, 297, 333, 337)
_SKIN = np.array([*_LEFT, *_RIGHT])
_AROUND = 2  # a patch reaches so many pixels to each side of its landmark
_DARK = 1.0  # of 255; keeps the ratios finite in the dark


@dataclass(frozen=True, slots=True)
class Lighting:
    """Brightness of the skin. Left and right are the picture's.

    Attributes:
        level: mean brightness in [0, 1] (Rec. 601 luma, as stored, not linear).
        contrast: standard deviation over the face in parts of the mean; free of skin tone.
        side: brightness of the right half less that of the left, in parts of the mean; free of
            skin tone.
    """

    level: float
    contrast: float
    side: float

    def mirrored(self) -> "Lighting":
        """That of the flipped picture."""
        return replace(self, side=-self.side)


def lighting(image: Image, face: Face, box: Floats) -> Lighting:
    """How a face is lit. Landmarks outside the square count as its nearest pixels.

    Args:
        image: (S, S, 3) uint8 RGB, the square.
        face: with its landmarks in pixels of the whole picture.
        box: (4,) float32 xyxy px of the square in the whole picture.
    """
    side = image.shape[0]
    scale = side / max(float(box[2] - box[0]), 1e-3)
    places = (face.landmarks[_SKIN, :2] - box[:2]) * np.float32(scale)
    places = np.nan_to_num(places, nan=0.0, posinf=0.0, neginf=0.0)
    reach = np.arange(-_AROUND, _AROUND + 1)
    x = np.clip(places[:, 0].astype(np.intp)[:, None, None] + reach[None, None, :], 0, side - 1)
    y = np.clip(places[:, 1].astype(np.intp)[:, None, None] + reach[None, :, None], 0, side - 1)
    patches = image[y, x].astype(np.float32).mean(axis=(1, 2))
    luma = patches @ np.array([0.299, 0.587, 0.114], np.float32)
    mean = max(float(luma.mean()), _DARK)
    left, right = luma[: len(_LEFT)], luma[len(_LEFT) :]
    return Lighting(
        level=float(luma.mean()) / 255,
        contrast=float(luma.std()) / mean,
        side=(float(right.mean()) - float(left.mean())) / mean,
    )
