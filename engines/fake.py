"""An engine without a network, for tests and for trying the pipeline: the brightness of the driving
picture moves the portrait about. Deterministic, and fast enough to never be the bottleneck.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from avatar.engine import Progress
from avatar.errors import EngineError
from avatar.frame import CROP_SIZE, Floats, Image, Keypoints

KEYPOINTS = 10
"""How many keypoints it pretends to find."""

Code = tuple[Image, Keypoints]


def _layout() -> Floats:
    """(10, 2) float32: two rings round the middle, so that the convex hull has an area."""
    angle = np.arange(KEYPOINTS) * (2 * np.pi / KEYPOINTS)
    radius = np.where(np.arange(KEYPOINTS) % 2, 0.25, 0.5)
    return (radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)).astype(np.float32)


class FakeEngine:
    """Pretends to be a network. Tests subclass it and set the knobs.

    Class attributes:
        delay_s: seconds that ``render`` takes; override ``delay`` for a varying one.
        fail_open: ``open`` raises EngineError.
        fail_after: ``render`` raises EngineError after this many calls; None = never.
    """

    name: ClassVar[str] = "fake"
    rank: ClassVar[int] = -1
    precisions: ClassVar[tuple[str, ...]] = ("none",)
    shows: ClassVar[tuple[str, ...]] = ("depth", "flow", "occlusion", "mask", "attention")
    delay_s: ClassVar[float] = 0.0
    fail_open: ClassVar[bool] = False
    fail_after: ClassVar[int | None] = None

    def __init__(self, weights: Any = None, precision: str | None = None) -> None:
        self.precision = precision or self.precisions[0]
        self._layout = _layout()
        self._jacobian = np.tile(np.eye(2, dtype=np.float32), (KEYPOINTS, 1, 1))
        self._ramp = np.linspace(-1, 1, CROP_SIZE // 8, dtype=np.float32)
        self._rendered = 0

    @classmethod
    def available(cls) -> str:
        """Always: the empty reason."""
        return ""

    def missing(self) -> str:
        """Nothing."""
        return ""

    def build(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """Nothing to make."""
        progress(1.0, "nothing to build")

    def open(self) -> None:
        """Raise EngineError if the knob says so."""
        if self.fail_open:
            raise EngineError("the fake engine was told not to open")

    def encode(self, portrait: Image) -> tuple[Code, Keypoints]:
        """The picture itself, and its keypoints."""
        keypoints = self.detect(portrait)
        return (portrait, keypoints), keypoints

    def detect(self, driving: Image) -> Keypoints:
        """Ten keypoints round the centre of brightness of a (256, 256, 3) uint8 picture."""
        small = driving[::8, ::8].mean(axis=2, dtype=np.float32)
        weight = small / max(float(small.sum()), 1.0)
        x, y = weight.sum(axis=0) @ self._ramp, weight.sum(axis=1) @ self._ramp
        centre = np.array([x, y], np.float32)
        return Keypoints(self._layout + centre, self._jacobian.copy())

    def render(self, code: Code, driving: Keypoints) -> Image:
        """The portrait, shifted by how far the mean keypoint moved from its own."""
        if self.fail_after is not None and self._rendered >= self.fail_after:
            raise EngineError(f"the fake engine was told to fail after {self.fail_after} frames")
        self._rendered += 1
        if (delay := self.delay()) > 0:
            time.sleep(delay)
        portrait, source = code
        shift = (driving.value - source.value).mean(axis=0) * (CROP_SIZE / 2)
        right, down = np.rint(shift).astype(int)
        return np.roll(portrait, (down, right), axis=(0, 1))

    def delay(self) -> float:
        """Seconds that the next ``render`` takes."""
        return self.delay_s

    def inspect(
        self, code: Code, driving: Image, motion: Keypoints, wanted: Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Every map, of what it pretends: depth is the brightness of the driving picture, (256,
        256), flow the shift that ``render`` makes, (16, 16, 2), everything is visible, (1, 16, 16),
        and belongs to the background, (K + 1, 16, 16), and each place looks at itself, (64, 64).

        Raises:
            EngineError: another map was asked for.
        """
        _, source = code
        axis = np.linspace(-1, 1, 16, dtype=np.float32)
        still = np.stack(np.meshgrid(axis, axis), -1)
        mask = np.zeros((KEYPOINTS + 1, 16, 16), np.float32)
        mask[0] = 1
        maps = {
            "depth": driving.mean(axis=2, dtype=np.float32) / np.float32(255),
            "flow": still - (motion.value - source.value).mean(axis=0),
            "occlusion": np.ones((1, 16, 16), np.float32),
            "mask": mask,
            "attention": np.eye(64, dtype=np.float32),
        }
        if missing := sorted(set(wanted) - set(maps)):
            raise EngineError(f"the fake engine has no map called {', '.join(missing)}")
        return {name: maps[name] for name in wanted}

    def close(self) -> None:
        """Nothing to free."""
