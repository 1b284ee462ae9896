"""Ports: everything slow or physical that the controller needs, for tests to replace.

Each import happens inside, on a thread of its own: MediaPipe and torch take seconds.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from avatar.config import RunConfig, changes
from avatar.errors import AvatarError, EngineError
from avatar.frame import Image, Portrait
from avatar.target import TargetFinder

if TYPE_CHECKING:
    from avatar.assembly import Driver
    from avatar.choosing.candidates import Candidate
    from avatar.portraits.catalogue import Box
    from avatar.portraits.entry import Entry
    from avatar.portraits.library import Library
    from avatar.pose.match import Target
    from avatar.remembered import Kept
    from avatar.session import Session
    from avatar.sinks.base import Sink
    from avatar.sources.base import Source
    from avatar.sources.names import CameraInfo
    from ui.gallery.crop_job import CropJob

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ports:
    """The real ones. Methods are called off the GUI thread unless called quick."""

    _finder: TargetFinder = field(default_factory=TargetFinder, init=False, repr=False)

    def close(self) -> None:
        """Free what was kept open for later calls; idempotent."""
        self._finder.close()

    def open_session(self, config: RunConfig) -> "Session":
        """Make the session of a config; nothing of it runs yet.

        Raises:
            AvatarError: the config names something that is not there or cannot be used.
        """
        from avatar.session import open_session

        log.info("settings that are not the default: %s", changes(config))
        return open_session(config)

    def find_driver(self, config: RunConfig) -> "Driver":
        """The camera or file that a config means.

        Raises:
            AvatarError: it means none.
        """
        from avatar.assembly import find_driver

        return find_driver(config)

    def open_source(self, config: RunConfig, taken: str | None = None) -> "Source":
        """Make the source that a config means; it is not opened yet.

        Args:
            config: what is asked for.
            taken: device of our own virtual camera, which must not drive.

        Raises:
            AvatarError: there is no such source.
        """
        from avatar.assembly import find_driver, source

        return source(config, find_driver(config, taken))

    def library(self) -> "Library":
        """The portraits to choose from; its methods are called off the GUI thread too."""
        from avatar.portraits.library import Library

        return Library()

    def crop_job(self, library: "Library", entry: "Entry") -> "CropJob":
        """A portrait made ready for the crop editor.

        Raises:
            InputError: its file is gone or damaged.
        """
        from ui.gallery.crop_job import prepare

        return prepare(library, entry)

    def thumbnail(self, path: Path, box: "Box | None") -> Image:
        """A small square of a picture: (128, 128, 3) uint8.

        Args:
            path: of the picture.
            box: the square, in pixels of the file; None = the one in the middle.

        Raises:
            InputError: it cannot be read.
        """
        from avatar.picture import read
        from avatar.square import Square, centre_square, cut

        found = read(path, 1024)
        if box is None:
            square = centre_square(found.image.shape[1], found.image.shape[0])
        else:
            x0, y0, x1, y1 = (v / found.scale for v in box)
            square = Square((x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, y1 - y0))
        return cut(found.image, square, 128)

    def cameras(self) -> "list[CameraInfo]":
        """The cameras of this machine."""
        from avatar.sources.names import cameras

        return cameras()

    def camera_signs(self) -> object | None:
        """Something that differs once a camera was plugged in or out; None where nothing tells."""
        from avatar.sources.names import signs

        return signs()

    def why_no_camera(self) -> str:
        """Why no camera may be found although one is plugged in; may be empty."""
        from avatar.sources.denial import why_none

        return why_none()

    def camera_picture(self, spec: str) -> Image:
        """A small picture of a camera, which is switched on for a moment: (H, W, 3) uint8.

        Raises:
            SourceError: it cannot be opened, or gives no picture.
        """
        from avatar.sources import open_source
        from avatar.sources.glimpse import glimpse

        return glimpse(open_source(spec))

    def engines(self, config: RunConfig) -> "list[tuple[Candidate, float | None]]":
        """Every engine in each of its precisions, with its remembered milliseconds a frame.

        Raises:
            AvatarError: the config's weights are missing or damaged.
        """
        from avatar.assembly import engine_chooser

        chooser = engine_chooser(config)
        speeds = chooser.speeds()
        return [
            (c, speeds[c.label].ms if c.label in speeds else None) for c in chooser.candidates()
        ]

    def missing_maps(self, config: RunConfig, maps: Sequence[str]) -> dict[str, str]:
        """Why maps (depth, flow, occlusion, attention) cannot be shown, of those that cannot.

        Raises:
            AvatarError: the config's weights are missing or damaged.
        """
        from avatar.assembly import engine_chooser

        chooser = engine_chooser(config)
        missing: dict[str, str] = {}
        for name in maps:
            try:
                chooser.showing((name,))
            except EngineError as error:
                missing[name] = f"{error.message} {error.hint}".strip()
        return missing

    def recorder(self, path: Path) -> "Sink":
        """A sink that writes a video file; nothing is created yet. Quick."""
        from avatar.sinks.recorder import Recorder

        return Recorder(path, make_folder=True)

    def recording_facts(self, folder: Path, sink: "Sink | None") -> tuple[int, int]:
        """The size of a recording so far, and what is free in its folder, in bytes.

        Args:
            folder: where recordings go; if it does not exist yet, the nearest one above it counts.
            sink: the recorder at work, if there is one.

        Raises:
            OSError: the disk does not answer.
        """
        import shutil

        growing: Path | None = getattr(sink, "growing", None)
        size = growing.stat().st_size if growing is not None and growing.exists() else 0
        there = next((place for place in (folder, *folder.parents) if place.is_dir()), folder)
        return size, shutil.disk_usage(there).free

    def slate(self, path: Path | None) -> Image:
        """The slate of a file, or the plain card: (256, 256, 3) uint8 RGB.

        Raises:
            InputError: it cannot be read.
        """
        from avatar.slate import card, load

        return card() if path is None else load(path)

    def save_snapshot(self, image: Image, folder: Path) -> Path:
        """Write a picture, (H, W, 3) uint8 RGB, into a folder; the file.

        Raises:
            OutputError: it cannot be written.
        """
        from avatar.snapshot import save

        return save(image, folder)

    def target(self, portrait: Portrait) -> "Target":
        """What a portrait asks of the driver; its face is looked for where it is not known."""
        return self._finder.find(portrait)

    def recall(self, config: RunConfig, source: str, portrait: Portrait) -> "Kept | None":
        """The neutral pose remembered for a camera and a portrait; None = nothing is.

        Raises:
            AvatarError: what was remembered is damaged, or the model cannot be read.
        """
        from avatar.recall import recall

        return recall(source, portrait, config.model)

    def remember(self, config: RunConfig, source: str, portrait: Portrait, kept: "Kept") -> bool:
        """Remember a neutral pose; False for a source that is no camera known by its device.

        Raises:
            AvatarError: it cannot be written, or the model cannot be read.
        """
        from avatar.recall import remember

        return remember(source, portrait, config.model, kept)

    def virtual_camera_lacks(self) -> "AvatarError | None":
        """What a virtual camera would need and this machine has not; None = it has all."""
        from avatar.sinks.driver import lacking

        return lacking()

    def virtual_camera(self, config: RunConfig) -> "Sink":
        """A sink that other programs see as a camera; never the one that drives.

        Raises:
            AvatarError: the config names the same device for both.
        """
        from avatar.assembly import find_driver
        from avatar.sinks.virtualcam import VirtualCamera

        camera = find_driver(config).camera
        taken = None if camera is None else camera.device or camera.index
        return VirtualCamera(config.virtual_camera_device, input_device=taken)
