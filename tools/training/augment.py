"""Disturbances of training pictures: colour, sharpness, noise and things in front of a face.

Pictures are (H, W, 3) float32 in [0, 1]. Every random number comes from the generator that is
handed in, and how many are drawn depends on nothing but the arguments.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
EVEN = np.full((1, 3), 1 / 3, np.float32)


@dataclass(frozen=True)
class Jitter:
    """Colour jitter (METHODS section 4): one factor each, in an order that was drawn too.

    Attributes:
        brightness, contrast, saturation: factors. Contrast is about the mean grey of the picture,
            saturation about the grey of each pixel.
        hue: in turns of the colour circle.
        order: of these four, by 0, 1, 2, 3.
    """

    brightness: float
    contrast: float
    saturation: float
    hue: float
    order: tuple[int, ...] = (0, 1, 2, 3)

    def apply(self, picture: Floats) -> Floats:
        """(H, W, 3) in [0, 1] -> the same; results of each step are cut to the range."""
        steps = (self._brightness, self._contrast, self._saturation, self._hue)
        for which in self.order:
            picture = steps[which](picture)
        return picture

    def _brightness(self, picture: Floats) -> Floats:
        return _in_range(picture * np.float32(self.brightness))

    def _contrast(self, picture: Floats) -> Floats:
        import cv2

        mean = np.float32(np.array(cv2.mean(picture)[:3]) @ LUMA)
        factor = np.float32(self.contrast)
        return _in_range(picture * factor + mean * (1 - factor))

    def _saturation(self, picture: Floats) -> Floats:
        return _in_range(_saturated(picture, _grey(picture), self.saturation))

    def _hue(self, picture: Floats) -> Floats:
        import cv2

        if self.hue == 0:
            return picture
        hsv = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2HSV))  # hue in degrees
        hue = hsv[..., 0] + np.float32(self.hue * 360)
        hsv[..., 0] = hue - 360 * np.floor(hue / 360)
        return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.float32)


def jitter(
    random: np.random.Generator, brightness: float, contrast: float, saturation: float, hue: float
) -> Jitter:
    """A random jitter: factors from 1 - x to 1 + x, a hue from -x to x, in random order."""
    b, c, s, h = random.uniform(-1, 1, 4) * (brightness, contrast, saturation, hue)
    order = tuple(int(i) for i in random.permutation(4))
    return Jitter(1 + float(b), 1 + float(c), 1 + float(s), float(h), order)


@dataclass(frozen=True)
class Tint:
    """A colouring stronger than jitter: gamma, saturation, then gain (3,) and offset."""

    gamma: float
    saturation: float
    gain: Floats
    offset: float

    def apply(self, picture: Floats) -> Floats:
        """(H, W, 3) in [0, 1] -> the same."""
        import cv2

        picture = np.asarray(cv2.pow(picture, self.gamma), np.float32)
        grey = np.asarray(cv2.transform(picture, EVEN), np.float32)[..., None]
        picture = _saturated(picture, grey, self.saturation)
        picture *= self.gain
        picture += np.float32(self.offset)
        return _in_range(picture)


def tint(random: np.random.Generator, strength: float = 1.0) -> Tint:
    """A random tint; 1 is what cameras and rooms do to a face."""
    drawn = random.standard_normal(7) * strength
    gain = np.exp(drawn[2] * 0.15 + drawn[3:6] * 0.08).astype(np.float32)
    gamma, saturation = np.exp(drawn[:2] * (0.15, 0.25))
    return Tint(float(gamma), float(saturation), gain, float(drawn[6] * 0.05))


def degrade(random: np.random.Generator, picture: Floats, share: float = 1.0) -> Floats:
    """Blur or coarser pixels on some pictures, noise on some, a plain box in front of some.

    Args:
        share: times how often each of them happens: 1 is 15 % blurred, 12 % coarser, 50 % noisy,
            25 % covered.
    """
    import cv2

    height, width = picture.shape[:2]
    pick, noisy, strength, covered = random.random(4)
    size = random.random(2) * 0.3 + 0.08
    start = random.random(2) * (1 - size)
    colour = random.random(3).astype(np.float32)
    noise_seed = int(random.integers(2**31))
    if pick < 0.15 * share:
        picture = np.asarray(cv2.blur(picture, (3, 3), borderType=cv2.BORDER_REFLECT), np.float32)
    elif pick > 1 - 0.12 * share:
        half = (max(1, width // 2), max(1, height // 2))
        small = cv2.resize(picture, half, interpolation=cv2.INTER_AREA)
        picture = np.asarray(cv2.resize(small, (width, height)), np.float32)
    if noisy < 0.5 * share:
        own = np.random.default_rng(noise_seed)
        noise = own.standard_normal(picture.shape, dtype=np.float32)
        picture = picture + noise * np.float32(strength * 0.05)
    if covered < 0.25 * share:
        y0, x0 = (start * (height, width)).astype(int)
        y1, x1 = ((start + size) * (height, width)).astype(int) + 1
        picture = picture.copy()
        picture[y0:y1, x0:x1] = colour
    return _in_range(picture)


def _grey(picture: Floats) -> Floats:
    import cv2

    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)[..., None]


def _saturated(picture: Floats, grey: Floats, factor: float) -> Floats:
    return np.asarray(picture * np.float32(factor) + grey * np.float32(1 - factor), np.float32)


def _in_range(picture: Floats) -> Floats:
    return np.clip(picture, 0, 1)
