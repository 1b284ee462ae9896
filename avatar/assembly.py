"""Assembly: the parts of a session, made from a RunConfig.

Whatever can be refused is refused here, before a device is opened or a file is written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from avatar.capture import Cropper
from avatar.choosing.candidates import parse
from avatar.choosing.choice import Chooser
from avatar.config import SYNTHETIC, RunConfig
from avatar.engine import AUTO, find_engines
from avatar.errors import InputError, UsageError
from avatar.events import Event
from avatar.frame import Image, Portrait
from avatar.sinks.base import Sink
from avatar.sources.base import Source

if TYPE_CHECKING:
    from avatar.sources.names import CameraInfo
    from avatar.tracker import FaceTracker
    from avatar.weights import Weights


LOOK_AGAIN_S = 0.09
"""Live, a face that was found is looked for again after so many seconds: every third frame."""


@dataclass(frozen=True)
class Driver:
    """The camera or file that was settled on, and what to tell the user about it.

    Attributes:
        spec: of what drives; a camera's names the device, not its number.
        camera: None for a file and for the bundled driver.
        notices: choices made for the user.
        instead: True where another one was asked for, which is not there.
    """

    spec: str
    camera: "CameraInfo | None"
    notices: tuple[Event, ...] = ()
    instead: bool = False


def check_names(config: RunConfig) -> None:
    """Make sure that the engine and the model exist, without loading them.

    Raises:
        UsageError: there is no such engine, or it has no such precision.
        EngineError: the engine's module cannot be imported.
        WeightsError: there are no such weights.
    """
    if config.engine != AUTO:
        engine, _ = parse(config.engine, find_engines())
        if engine.rank < 0:  # fakes need no weights
            return
    from avatar.shelf import locate

    locate(config.model)


def find_driver(config: RunConfig, taken: str | None = None) -> Driver:
    """What drives: the camera asked for, else the first real camera, else the bundled driver.

    A remembered camera (one asked for by its id) that is not there is replaced by the first one,
    and that is said.

    Args:
        config: what is asked for.
        taken: device or number of the virtual camera that is written to just now.

    Raises:
        UsageError: the camera is the virtual camera that is, or shall be, written to.
        SourceError: a name that fits several cameras.
    """
    from avatar.sources.identity import is_id, spoken_id
    from avatar.sources.names import cameras, find_camera

    if config.camera == SYNTHETIC or config.reads_a_file:
        return Driver(str(config.camera), None)
    found = cameras()
    if config.camera is None:
        return _first(found, "No camera was found")
    camera = find_camera(config.camera, found)
    if camera is None and is_id(config.camera):
        return _first(found, f"{spoken_id(config.camera)} is not connected", instead=True)
    for output in (config.virtual_camera_device, taken):
        other = None if output is None else find_camera(output, found)
        if camera is not None and other is not None and other.index == camera.index:
            raise UsageError(
                f"{camera.name} cannot be the input camera and the virtual camera at once.",
                hint="Name another device with --camera or --virtual-camera.",
            )
    return Driver(config.camera if camera is None else camera.spec, camera)


def _first(found: "list[CameraInfo]", why: str, *, instead: bool = False) -> Driver:
    """The first camera that is none of ours, or the bundled driver; ``why`` is said with it."""
    from avatar.sources.denial import why_none

    real = [camera for camera in found if not camera.virtual]
    if not real:
        text = f"{why}: the bundled driver moves the portrait."
        notice = Event("warning" if instead else "info", text, why_none())
        return Driver(SYNTHETIC, None, (notice,), instead)
    first = real[0]
    if instead:
        text = f"{why}: driven by {first.name} instead."
        notice = Event("warning", text, "Plug it in and choose it again.")
    else:
        notice = Event("info", f"Driven by camera {first.index}, {first.name}.")
    return Driver(first.spec, first, (notice,), instead)


def source(config: RunConfig, driver: Driver) -> Source:
    """The source of a driver, not yet open.

    Raises:
        SourceError: there is none of that name.
        InputError: a file that cannot be read.
    """
    from avatar.sources import open_source

    return open_source(driver.spec, size=config.size, fps=config.fps, loop=config.loop)


def cropper_maker(config: RunConfig) -> Callable[[], Cropper]:
    """What makes the cropper, on the thread that will use it."""

    def open_tracker() -> "FaceTracker":
        from avatar.tracker import MediaPipeTracker

        tracker = MediaPipeTracker()
        tracker.open()  # beside the engine, which opens on its own thread
        return tracker

    def make() -> Cropper:
        from avatar.cropper import FaceCropper

        return FaceCropper(
            None,
            config.framing,
            enabled=config.crop and config.follow,
            look_again_s=LOOK_AGAIN_S,
            make_tracker=open_tracker,
        )

    return make


def engine_chooser(config: RunConfig) -> Chooser:
    """What chooses engines for a model, on the thread that will use them."""

    def weights() -> "Weights":
        from avatar.weights import describe

        return describe(config.model)

    return Chooser(weights)


def portrait(config: RunConfig) -> Portrait:
    """The portrait asked for, or the first bundled one.

    Raises:
        InputError: it cannot be used; NoFaceError where no face is in it.
    """
    from avatar.portraits.library import Library
    from avatar.portraits.portrait import bundled, load_portrait

    path = config.portrait
    if path is None:
        gallery = bundled()
        if not gallery:
            raise InputError(
                "No portrait is bundled with this copy.", hint="Name one with --portrait."
            )
        path = gallery[0]  # ours is no square yet, whatever the user's is
    else:
        wanted = path
        if not path.exists():  # remembered from an installation that has moved
            moved = (p for p in bundled() if p.parts[-3:] == wanted.parts[-3:])
            path = next(moved, path)
        if not config.crop:
            return load_portrait(path, crop=False)
    library = Library()
    entry = library.entry(path.absolute())  # its crop may have been chosen by hand
    return load_portrait(path) if entry is None else library.portrait(entry)[0]


def slate(config: RunConfig) -> tuple[Image | None, list[Event]]:
    """The user's slate, (256, 256, 3) uint8 RGB, or None for the plain card; and what to tell.

    A window that cannot read it opens with the plain card and a warning.

    Raises:
        InputError: without a window: it cannot be read.
    """
    if config.slate is None:
        return None, []
    from avatar.slate import load

    try:
        return load(config.slate), []
    except InputError as error:
        if config.headless:
            raise
        said = f"{error.message} The plain slate is used instead."
        return None, [Event("warning", said, hint="Choose another slate on the Output page.")]


def sinks(config: RunConfig, driver: Driver) -> list[Sink]:
    """Where frames go, in the order of the statistics; a headless run without any has a null sink.

    Raises:
        OutputError: the recording cannot be written where it shall be.
    """
    made: list[Sink] = []
    if config.virtual_camera:
        from avatar.sinks.virtualcam import VirtualCamera

        # Its device on Linux, else its number: either names the camera that must not be the output.
        camera = driver.camera
        taken = None if camera is None else camera.device or camera.index
        made.append(VirtualCamera(config.virtual_camera_device, input_device=taken))
    if config.record is not None:
        from avatar.output import check_output
        from avatar.sinks.recorder import Recorder

        inputs = [Path(name) for name in (config.camera, config.portrait) if name is not None]
        check_output(config.record, inputs=inputs)
        made.append(Recorder(config.record))
    if not made and config.headless:
        from avatar.sinks.null import NullSink

        made.append(NullSink())
    return made
