"""A portrait on strings: an open engine, the motion transfer, and the maps between them."""

from collections.abc import Callable
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from avatar.engine import Code, Engine, label_of
from avatar.errors import EngineError
from avatar.frame import CROP_SIZE, Floats, Image, Keypoints
from avatar.model.params import ModelParams
from avatar.motion.settings import MotionSettings
from avatar.motion.transfer import Motion

Maps = dict[str, NDArray[np.floating]]


class Puppet:
    """One engine with one model. Whoever opens it closes it; ``with`` does both.

    Args:
        engine: not yet open.
        params: of its model.
        adapt_scale: scale relative movement by the sizes of the two faces.

    Attributes:
        source: the portrait's keypoints.
        shown: the maps that the engine gives of this model; known once it is open.
    """

    def __init__(self, engine: Engine, params: ModelParams, *, adapt_scale: bool = True) -> None:
        self.engine = engine
        self.params = params
        self._adapt_scale = adapt_scale
        self._motion = Motion(MotionSettings(relative=False, smoothing=0))
        self._code: Code = None
        self.source = _NONE
        self.shown: tuple[str, ...] = ()

    def __enter__(self) -> "Puppet":
        self.engine.open()
        black = np.zeros((CROP_SIZE, CROP_SIZE, 3), np.uint8)
        self.take(black, None)
        names = self.map_names
        self.shown = (
            names
            if self._shows(black, names)
            else tuple(name for name in names if self._shows(black, (name,)))
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.engine.close()

    @property
    def label(self) -> str:
        """The engine with its precision."""
        return label_of(self.engine)

    def build(self, progress: Callable[[float, str], None]) -> None:
        """Make what the engine lacks before it can be opened.

        Raises:
            EngineError: it cannot be made.
        """
        if self.engine.missing():
            self.engine.build(progress, lambda: False)

    def take(self, portrait: Image, neutral: Image | None) -> None:
        """Take a new portrait.

        Args:
            portrait: (256, 256, 3) uint8.
            neutral: the driver's picture that matches it, for relative motion; None: the driver's
                keypoints are taken as they are.
        """
        self._code, self.source = self.engine.encode(portrait)
        relative = neutral is not None
        self._motion = Motion(
            MotionSettings(relative=relative, adapt_scale=self._adapt_scale, smoothing=0)
        )
        self._motion.reset(self.source)
        if neutral is not None:
            self._motion.calibrate(self.engine.detect(neutral))

    def move(self, driving: Image) -> Keypoints:
        """The keypoints that the portrait is rendered with."""
        return self._motion(self.engine.detect(driving), 0)

    def render(self, motion: Keypoints) -> Image:
        """The portrait with these keypoints, (256, 256, 3) uint8."""
        return self.engine.render(self._code, motion)

    def maps(self, driving: Image, wanted: tuple[str, ...] | None = None) -> Maps:
        """What happens inside for one driving picture; see ``inspect`` of the eager engine.

        Args:
            driving: (256, 256, 3) uint8.
            wanted: names of maps; None for all that are shown.

        Raises:
            EngineError: the engine cannot give them.
        """
        wanted = self.shown if wanted is None else wanted
        return self.engine.inspect(self._code, driving, self.move(driving), wanted)

    def _shows(self, picture: Image, wanted: tuple[str, ...]) -> bool:
        try:
            return set(wanted) <= set(self.maps(picture, wanted))
        except EngineError:  # engines that run fixed graphs show little of what is inside
            return False

    @property
    def map_names(self) -> tuple[str, ...]:
        """The maps that this model has."""
        p = self.params
        return (
            *(("depth",) if p.use_depth else ()),
            *("flow", "occlusion", "mask"),
            *(("attention",) if p.use_attention else ()),
            *(("blend", "synthesised") if p.blend and not p.spade else ()),
        )


def warp(image: Image, flow: Floats, *, align_corners: bool) -> Image:
    """A picture sampled where the flow says, as the networks warp: bilinear, black outside.

    Args:
        image: (H, W, 3) uint8.
        flow: (h, w, 2) x, y in [-1, 1]; brought to H x W first.
        align_corners: what -1 and 1 mean, see :class:`ModelParams`.
    """
    import cv2

    height, width = image.shape[:2]
    full = enlarge(flow, height, width, align_corners=align_corners)
    size = np.array([width, height], np.float32)
    places = (full + 1) / 2 * (size - 1) if align_corners else ((full + 1) * size - 1) / 2
    x, y = (np.ascontiguousarray(places[..., i], np.float32) for i in (0, 1))
    moved = cv2.remap(
        image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=[0]
    )
    return np.asarray(moved, np.uint8)


def enlarge(maps: Floats, height: int, width: int, *, align_corners: bool) -> Floats:
    """(h, w, ...) float32 brought to (height, width, ...) bilinearly."""
    import cv2

    h, w = maps.shape[:2]
    if not align_corners:
        return np.asarray(cv2.resize(maps, (width, height), interpolation=cv2.INTER_LINEAR))
    x = np.linspace(0, w - 1, width, dtype=np.float32)
    y = np.linspace(0, h - 1, height, dtype=np.float32)
    across, down = np.meshgrid(x, y)
    return np.asarray(
        cv2.remap(maps, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )


def to_pixels(value: Floats) -> Floats:
    """Keypoints (K, 2) in [-1, 1] -> pixels of the 256-pixel square."""
    return (value + 1) * ((CROP_SIZE - 1) / 2)


_NONE = Keypoints(np.zeros((0, 2), np.float32), np.zeros((0, 2, 2), np.float32))
