"""Paste: the animated square back in the portrait's picture, edges feathered, colours matched.

Networks shift colours a little. What shows it is the rim of the square, beside which the picture
lies: there mean and spread of each colour are brought to those of the portrait, slowly, since a
correction that followed every frame would flicker.
"""

import math

import numpy as np

from avatar.frame import CROP_SIZE, Animated, Floats, Image, Portrait

LONG_SIDE = 1920
"""Larger pictures are scaled down: the animated part has no more detail than 256 pixels."""

_FEATHER = 0.12  # parts of the side over which the square fades in
_RIM = 0.12  # parts of the side in which colours are compared
_GAIN = (0.8, 1.25)  # how much a colour may be spread or drawn together
_NOISE = np.float32(4.0)  # levels; the spread of a plain background says nothing
_FOLLOW = 0.1  # share of the newest frame in the correction


class Paste:
    """Pastes results of one portrait, one after the other.

    Attributes:
        size: (width, height) of the pictures in pixels.
    """

    def __init__(self, portrait: Portrait) -> None:
        import cv2

        height, width = portrait.full.shape[:2]
        shrink = min(1.0, LONG_SIDE / max(width, height))
        self.size = max(1, round(width * shrink)), max(1, round(height * shrink))
        full = portrait.full
        if shrink < 1:
            full = cv2.resize(full, self.size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        self._picture: Image = np.array(full)
        left, top, right, bottom = (float(v) * shrink for v in portrait.box)
        x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
        x1 = max(x0, min(self.size[0], math.ceil(right)))
        y1 = max(y0, min(self.size[1], math.ceil(bottom)))
        self._region = (slice(y0, y1), slice(x0, x1))
        self._under = self._picture[self._region].astype(np.float32)
        self._left, self._top, self._side = left - x0, top - y0, right - left
        self._mask = self._feather()
        self._rim = _rim()
        self._wanted = self._colours(portrait.image)
        self._gain: Floats | None = None
        self._shift: Floats = np.zeros(3, np.float32)

    def compose(self, animated: Animated) -> Image:
        """See :meth:`paste`."""
        return self.paste(animated.frame.image)

    def paste(self, image: Image) -> Image:
        """(256, 256, 3) uint8 RGB -> (H, W, 3) uint8 of ``size``; valid until the next call."""
        over = self._placed(self._matched(image))
        blended = self._under + self._mask * (over - self._under)
        self._picture[self._region] = np.clip(np.rint(blended), 0, 255).astype(np.uint8)
        return self._picture

    def _feather(self) -> Floats:
        """(h, w, 1) float32 in [0, 1] over the region: 0 on the square's edge, 1 well inside."""
        ramps = []
        for start, length in (
            (self._top, self._under.shape[0]),
            (self._left, self._under.shape[1]),
        ):
            at = (np.arange(length, dtype=np.float32) + 0.5 - start) / self._side
            inside = np.clip(np.minimum(at, 1 - at) / _FEATHER, 0, 1)
            ramps.append(inside * inside * (3 - 2 * inside))
        mask: Floats = (ramps[0][:, None] * ramps[1][None, :])[:, :, None].astype(np.float32)
        return mask

    def _placed(self, image: Floats) -> Floats:
        """(h, w, 3) float32: the square where it lies in the region."""
        import cv2

        size = CROP_SIZE
        if self._side < CROP_SIZE:
            # linear sampling of more than a pixel per pixel aliases: average first
            size = max(1, math.ceil(self._side))
            image = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        scale = self._side / size
        # pixel centres: pixel i of the square lies at left + (i + 0.5) * scale - 0.5
        matrix = np.array(
            [
                [scale, 0.0, self._left + 0.5 * scale - 0.5],
                [0.0, scale, self._top + 0.5 * scale - 0.5],
            ]
        )
        height, width = self._under.shape[:2]
        placed: Floats = cv2.warpAffine(  # type: ignore[assignment]
            image,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return placed

    def _matched(self, image: Image) -> Floats:
        mean, spread = self._colours(image)
        gain = np.clip((self._wanted[1] + _NOISE) / (spread + _NOISE), *_GAIN)
        shift = self._wanted[0] - gain * mean
        if self._gain is None:
            self._gain, self._shift = gain, shift
        else:
            self._gain = self._gain + np.float32(_FOLLOW) * (gain - self._gain)
            self._shift = self._shift + np.float32(_FOLLOW) * (shift - self._shift)
        matched: Floats = image.astype(np.float32) * self._gain + self._shift
        return matched

    def _colours(self, image: Image) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the rim's (3,) colours, float32, in levels."""
        rim = image[self._rim].astype(np.float32)
        return rim.mean(axis=0), rim.std(axis=0)


def _rim() -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    band = round(_RIM * CROP_SIZE)
    rim = np.ones((CROP_SIZE, CROP_SIZE), bool)
    rim[band:-band, band:-band] = False
    return rim
