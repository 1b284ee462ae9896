"""Order: what is to be rendered and how, and the report of what came of it."""

from dataclasses import dataclass, field
from pathlib import Path

from avatar.engine import AUTO
from avatar.errors import UsageError
from avatar.motion.settings import MotionSettings
from avatar.offline.excerpt import Excerpt


@dataclass(frozen=True)
class RenderConfig:
    """What to render and how.

    Attributes:
        portrait: the picture to animate.
        driving: the video whose motion it takes, a GIF, a folder of pictures, or a pattern such as
            ``frames/%05d.png``.
        output: the video or GIF to write, or a pattern for pictures.
        model: name or path of the weights.
        engine: an engine ("ov", "ov:int8"), or "auto": the fastest of full precision, built first
            where that is needed.
        motion: how the driver's movement reaches the portrait; the first face is its neutral pose.
        crop: find the faces; False: the inputs are cropped squares already.
        best_frame: take the driving frame most like the portrait for the neutral pose; False: the
            first that shows a face.
        side_by_side: show portrait, driver and depth beside the result.
        paste_back: show the whole picture of the portrait, its face animated.
        fps: pictures per second where ``driving`` is a folder or pattern; None: 25.
        excerpt: the part of the driving video that is rendered.

    Raises:
        UsageError: options that contradict each other.
    """

    portrait: Path
    driving: Path
    output: Path
    model: str = "compact"
    engine: str = AUTO
    motion: MotionSettings = field(default_factory=MotionSettings)
    crop: bool = True
    best_frame: bool = False
    side_by_side: bool = False
    paste_back: bool = False
    fps: float | None = None
    excerpt: Excerpt = field(default_factory=Excerpt)

    def __post_init__(self) -> None:
        if self.paste_back and self.side_by_side:
            raise UsageError(
                "The result can be pasted into its picture or stand beside others, not both.",
                hint="Leave out --paste-back or --side-by-side.",
            )
        if self.best_frame and not self.motion.relative:
            raise UsageError(
                "The best frame is the neutral pose of relative motion, but absolute was asked "
                "for.",
                hint="Leave out --find-best-frame or --absolute.",
            )


@dataclass(frozen=True)
class RenderReport:
    """What was rendered.

    Attributes:
        output: where the video is.
        frames: its pictures, as many as the driving video has, or the part of it.
        held: those for which no face was found.
        seconds: how long the rendering took, from the first frame to the last.
        fps: frames rendered per second.
        sound: "copied", "re-encoded" or "none".
        engine: which engine, with its precision where it has several.
        reason: why that one, and why none of the others.
        warnings: sentences for the user.
        neutral: the number of the driving frame that was found to fit best, from 0; None where it
            was not looked for, or no frame shows a face.
    """

    output: Path
    frames: int
    held: int
    seconds: float
    fps: float
    sound: str
    engine: str
    reason: str
    warnings: tuple[str, ...]
    neutral: int | None = None
