"""What travels through the pipeline: frames, faces, crops, portraits and keypoints.

Pixels are RGB, uint8, (H, W, 3), C-contiguous everywhere; BGR exists only inside a source or a
sink. Boxes are (4,) float32: x0, y0, x1, y1 in pixels of the picture they were found in.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

CROP_SIZE = 256
"""Side of the square every network sees, in pixels."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture on its way from a source to the sinks.

    Attributes:
        image: (H, W, 3) uint8 RGB, C-contiguous; made read-only here, since several threads share
        it. index: 0-based number of the frame at its source.
        t_ns: ``time.monotonic_ns()`` when it was grabbed. Animated frames keep the driving frame's
            index and time, so the age of a picture can be measured at every sink.
    """

    image: Image
    index: int
    t_ns: int

    def __post_init__(self) -> None:
        self.image.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Face:
    """A tracked face: box (4,) float32 xyxy px, landmarks (478, 3) float32 px, score in [0, 1]."""

    box: Floats
    landmarks: Floats
    score: float


@dataclass(frozen=True, slots=True)
class Crop:
    """The square the networks see, cut from a frame.

    Attributes:
        image: (256, 256, 3) uint8 RGB.
        box: (4,) float32 xyxy px of the square in the frame; it may reach outside the frame.
        face: the face found in this frame, in frame pixels; None when there was none.
        held: True while the face is lost and the last box is kept.
        index, t_ns: those of the frame it was cut from.
        lost_ms: how long the face has been lost, in milliseconds; 0 while it is seen.
    """

    image: Image
    box: Floats
    face: Face | None
    held: bool
    index: int
    t_ns: int
    lost_ms: float = 0.0


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Portrait:
    """The still picture to animate; each is equal to itself only.

    Attributes:
        image: (256, 256, 3) uint8 RGB, the square the networks see.
        box: (4,) float32 xyxy px of the square in ``full``.
        full: (H, W, 3) uint8 RGB, the whole picture (for pasting back).
        face: the face found, in pixels of ``full``; None where none was found, or looked for.
        name: what to call it in a gallery or a message.
        warnings: sentences for the user: small face, several faces, no face.
    """

    image: Image
    box: Floats
    full: Image
    face: Face | None
    name: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Keypoints of one picture (DaGAN section 3.2): where the parts are and how they are deformed.

    Attributes:
        value: (K, 2) float32, x then y, in [-1, 1] over the 256-pixel square.
        jacobian: (K, 2, 2) float32, the local affine map of each keypoint.
    """

    value: Floats
    jacobian: Floats

    def __post_init__(self) -> None:
        k = self.value.shape[0]
        if self.value.shape != (k, 2) or self.jacobian.shape != (k, 2, 2):
            raise ValueError(
                f"keypoints need value (K, 2) and jacobian (K, 2, 2), "
                f"got {self.value.shape} and {self.jacobian.shape}"
            )


@dataclass(frozen=True, slots=True)
class Animated:
    """One result of the Animator.

    Attributes:
        frame: the animated picture, (256, 256, 3), with the driving frame's index and time.
        driving: the crop that drove it.
        keypoints: the driving keypoints as detected, before Motion.
        stage_ms: milliseconds spent per stage (detect, motion, render).
        shown: the keypoints of the rendered picture, after Motion; None where none were.
        mirrored: the crop was flipped before it was detected (``keypoints`` are not).
    """

    frame: Frame
    driving: Crop
    keypoints: Keypoints
    stage_ms: dict[str, float] = field(default_factory=dict)
    shown: Keypoints | None = None
    mirrored: bool = False


def letterbox(image: Image, width: int, height: int, out: Image | None = None) -> Image:
    """Fit a picture into ``width`` x ``height`` without distorting it; the bars are black.

    Args:
        image: (H, W, 3) uint8 RGB.
        width, height: size of the result in pixels.
        out: (height, width, 3) uint8 to write into, so that a live sink allocates nothing; its bars
            are assumed black already.
    """
    import cv2

    h, w = image.shape[:2]
    scale = min(width / w, height / h)
    inner_w, inner_h = max(1, round(w * scale)), max(1, round(h * scale))
    x, y = (width - inner_w) // 2, (height - inner_h) // 2
    if out is None:
        out = np.zeros((height, width, 3), np.uint8)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    out[y : y + inner_h, x : x + inner_w] = cv2.resize(
        image, (inner_w, inner_h), interpolation=interpolation
    )
    return out
