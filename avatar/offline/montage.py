"""Montage: portrait, driver, depth and result side by side in one picture."""

import logging

import numpy as np

from avatar.animator import Animator
from avatar.errors import EngineError
from avatar.frame import CROP_SIZE, Animated, Image, Portrait

log = logging.getLogger(__name__)

_DEPTH = ("depth",)
_ENDS = (2.0, 98.0)  # percentiles of the first map that become the darkest and the brightest colour


class Montage:
    """Puts results beside what they were made from. Used by the animator's thread.

    Args:
        animator: with its portrait; asked for the driver's depth.
        portrait: its square is the first column.

    Attributes:
        warning: why there is no depth column; empty when there is one.
        size: (width, height) of the pictures in pixels.
    """

    def __init__(self, animator: Animator, portrait: Portrait) -> None:
        self._animator = animator
        self.warning = ""
        self._range: tuple[float, float] | None = None
        try:
            has_depth = bool(animator.inspect(portrait.image, _DEPTH))
        except EngineError as error:
            has_depth = False
            self.warning = f"There is no depth beside the result: {error.message}"
            log.warning("%s", self.warning)
        columns = 4 if has_depth else 3
        self.size = (columns * CROP_SIZE, CROP_SIZE)
        self._has_depth = has_depth
        self._picture = np.zeros((CROP_SIZE, columns * CROP_SIZE, 3), np.uint8)
        self._column(0)[:] = portrait.image

    def compose(self, animated: Animated) -> Image:
        """(256, 1024, 3) uint8 RGB, 768 wide without depth; valid until the next call.

        Raises:
            EngineError: the engine failed.
        """
        self._column(1)[:] = animated.driving.image
        if self._has_depth:
            maps = self._animator.inspect(animated.driving.image, _DEPTH)
            self._column(2)[:] = self._coloured(maps["depth"])
        self._column(-1)[:] = animated.frame.image
        return self._picture

    def _column(self, number: int) -> Image:
        start = (number % (self.size[0] // CROP_SIZE)) * CROP_SIZE
        column: Image = self._picture[:, start : start + CROP_SIZE]
        return column

    def _coloured(self, disparity: np.ndarray) -> Image:
        """(256, 256, 3) uint8: near is bright; one scale for the whole clip."""
        import cv2

        if self._range is None:
            low, high = np.percentile(disparity, _ENDS)
            self._range = float(low), max(float(high - low), 1e-6)
        low, span = self._range
        grey = np.clip((disparity - low) * (255 / span), 0, 255).astype(np.uint8)
        if grey.shape != (CROP_SIZE, CROP_SIZE):
            grey = cv2.resize(grey, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
        coloured: Image = cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO)[:, :, ::-1]  # type: ignore[assignment]
        return coloured
