"""What a live run shall do: one frozen record, checked once when it is made."""

from dataclasses import dataclass, field, fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from avatar.errors import UsageError
from avatar.framing import Framing
from avatar.motion.settings import MotionSettings
from avatar.rest import Rest

SYNTHETIC = "synthetic"
"""The camera that needs no camera: the bundled driver."""


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Settings of ``avatar run`` and of the window.

    Attributes:
        portrait: picture file; None = the first bundled one.
        camera: index, name, device path, id ("id:...", the same camera whatever its index; see
            avatar/sources/identity.py), video or image file, or "synthetic"; None = the first
            camera, and the bundled driver where there is none.
        model: name of bundled or fetched weights, or a file.
        engine: an engine, with or without its precision ("ov", "ov:int8"), or "auto".
        virtual_camera: whether animated frames go to a virtual camera.
        virtual_camera_device: which one; None = the first.
        record: video file to write; None = none.
        headless: without a window.
        duration_s: end after so many seconds; None = when stopped, or when a file ends.
        mirror: move like a mirror image.
        motion: how the driver's movement reaches the portrait.
        rest: what the outputs show when nobody drives.
        slate: picture shown where nobody shall be seen; None = the plain card.
        crop: look for faces in the portrait and the driving picture; else take their centre
            squares.
        follow: let the driving crop follow the face (if ``crop``); else it stays in the centre.
        framing: how close the driving crop is, and how far it is moved aside.
        loop: start a driving file again at its end.
        size: (width, height) asked of the camera; None = its choice.
        fps: frames per second asked of the camera; None = its choice.
        json: print the figures as JSON at the end.

    Raises:
        UsageError: settings that contradict each other or make no sense.
    """

    portrait: Path | None = None
    camera: str | None = None
    model: str = "compact"
    engine: str = "auto"
    virtual_camera: bool = False
    virtual_camera_device: str | None = None
    record: Path | None = None
    headless: bool = False
    duration_s: float | None = None
    mirror: bool = False
    motion: MotionSettings = field(default_factory=MotionSettings)
    rest: Rest = field(default_factory=Rest)
    slate: Path | None = None
    crop: bool = True
    follow: bool = True
    framing: Framing = field(default_factory=Framing)
    loop: bool = False
    size: tuple[int, int] | None = None
    fps: float | None = None
    json: bool = False

    def __post_init__(self) -> None:
        if self.duration_s is not None and not (isfinite(self.duration_s) and self.duration_s > 0):
            raise UsageError(
                f"A run of {self.duration_s:g} s makes no sense.", hint="Give more than 0 seconds."
            )
        if self.fps is not None and not 1 <= self.fps <= 240:
            raise UsageError(
                f"Got {self.fps:g} frames per second; expected 1 to 240.", hint="Use --fps 30."
            )
        if self.size is not None and not all(16 <= side <= 8192 for side in self.size):
            raise UsageError(
                f"Got a camera size of {self.size[0]}x{self.size[1]}; "
                "expected sides of 16 to 8192 pixels.",
                hint="Use --size 1280x720.",
            )
        if self.virtual_camera_device is not None and not self.virtual_camera:
            raise UsageError(
                "A virtual camera device is named, but no virtual camera is wanted.",
                hint="Switch the virtual camera on, or name no device.",
            )
        if self.virtual_camera_device is not None and self.virtual_camera_device == self.camera:
            raise UsageError(
                f"{self.camera} cannot be the input camera and the virtual camera at once.",
                hint="Name another device with --camera or --virtual-camera.",
            )
        if self.loop and self.reads_a_camera:
            raise UsageError(
                f"{self.camera or 'A camera'} cannot be looped: only a video file has an end.",
                hint="Leave --loop out, or name a video file with --camera.",
            )
        if (self.size or self.fps) and self.reads_a_file:
            raise UsageError(
                f"{self.camera} is a file and has its own size and frame rate.",
                hint="Leave --size and --fps out.",
            )
        self._refuse_shared_files()

    @property
    def reads_a_camera(self) -> bool:
        """Whether the driving picture can only come from a camera (or the bundled driver)."""
        name = self.camera
        return (
            name is None or name.isdigit() or name == SYNTHETIC or name.startswith(("/dev/", "id:"))
        )

    @property
    def reads_a_file(self) -> bool:
        """Whether the driving picture comes from a file that exists."""
        return not self.reads_a_camera and Path(self.camera or "").is_file()

    def _refuse_shared_files(self) -> None:
        if self.record is None:
            return
        inputs = {"driving video": self.camera, "portrait": self.portrait}
        for what, name in inputs.items():
            if name is not None and Path(name).absolute() == self.record.absolute():
                raise UsageError(
                    f"{self.record} is the {what} and would be overwritten by the recording.",
                    hint="Give --record another name.",
                )


def changes(config: RunConfig) -> str:
    """What differs from the default, for the log: "camera=0, motion.relative=False"."""
    return ", ".join(_changes(config, RunConfig())) or "none"


def _changes(value: Any, default: Any, prefix: str = "") -> list[str]:
    found: list[str] = []
    for each in fields(value):
        now, usual = getattr(value, each.name), getattr(default, each.name)
        name = f"{prefix}{each.name}"
        if is_dataclass(now) and type(now) is type(usual):
            found += _changes(now, usual, f"{name}.")
        elif now != usual:
            found.append(f"{name}={now}")
    return found
