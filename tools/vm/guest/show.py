"""Show: a session in this process, its engine the fake one, its portrait the patches.

The app's own command costs half a minute of emulated processor time at every start, most of it
MediaPipe's; nothing of that is wanted where only the devices are looked at.
"""

from pathlib import Path
from time import monotonic
from typing import NoReturn, Self

import numpy as np

from avatar import assembly
from avatar.choosing.choice import Chooser
from avatar.config import RunConfig
from avatar.engine import Installed
from avatar.events import Event
from avatar.frame import Portrait
from avatar.session import Session
from avatar.sinks.base import Sink
from avatar.sources.base import Source
from avatar.sources.file import FileSource
from engines.fake import FakeEngine
from tools.vm.guest import patches
from tools.vm.guest.drivers import AVATAR, until
from tools.vm.guest.reader import ReadError, pictures

OPENS_S = 90.0
ENDS_S = 30.0


def _no_weights() -> NoReturn:
    raise RuntimeError("the fake engine needs no weights")


class Show:
    """A live session, from entering to leaving.

    Args:
        source: what drives; a picture's file stands still.
        sinks: where it goes.

    Attributes:
        session: the session.
        said: what it told, one text for each event, hints included.
    """

    def __init__(self, source: Source | Path, *sinks: Sink) -> None:
        config = RunConfig(engine="fake", crop=False, headless=True)
        image = patches.picture()
        self.said: list[str] = []
        self.session = Session(
            FileSource(source, fps=30) if isinstance(source, Path) else source,
            assembly.cropper_maker(config),
            Chooser(_no_weights, installed=Installed({"fake": FakeEngine})),
            Portrait(image, np.array((0, 0, 256, 256), np.float32), image, None, "patches"),
            sinks,
            engine="fake",
        )
        self.session.on_event(self._hear)

    def __enter__(self) -> Self:
        self.session.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.session.stop(ENDS_S)

    def ended(self) -> tuple[list[str], float]:
        """Stop it: threads that are left, and how many seconds that took."""
        began = monotonic()
        return self.session.stop(ENDS_S), round(monotonic() - began, 1)

    def count(self, words: str) -> int:
        """How many events said so."""
        return sum(words in text for text in self.said)

    def _hear(self, event: Event) -> None:
        if event.kind != "loading":
            self.said.append(f"{event.kind}: {event.message} {event.hint}".strip())


def shown(device: str = AVATAR) -> str:
    """Wait until a device shows the patches: how they lie, or what was seen last instead."""
    until(lambda: way_up(device) in patches.WAYS, OPENS_S, 1.0)
    return way_up(device)


def way_up(device: str = AVATAR) -> str:
    """How the patches lie that a device shows, or why it cannot be read."""
    try:
        return patches.orientation(patches.square(pictures(device, 2, 30)[-1].rgb()))
    except ReadError as error:
        return str(error)
