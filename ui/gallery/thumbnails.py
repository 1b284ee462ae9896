"""Thumbnails: the small pictures of the gallery, read one after the other in the background."""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.errors import AvatarError
from avatar.portraits.catalogue import Box
from avatar.portraits.entry import Entry
from ui.bridge import Bridge
from ui.ports import Ports

log = logging.getLogger(__name__)


class Thumbnails(QObject):
    """Lives in the GUI thread. What was drawn is only told, not kept: widgets keep it.

    Signals:
        drawn: a file and its small picture, (H, W, 3) uint8.
    """

    drawn = pyqtSignal(object, object)

    def __init__(self, bridge: Bridge, ports: Ports, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._ports = ports
        self._told: dict[Path, Box | None] = {}
        self._wanted: list[Entry] = []
        self._busy = False

    def draw(self, entries: Sequence[Entry]) -> None:
        """Draw those that are new, or are cut in another square now."""
        self._wanted = list(entries)
        paths = {entry.path for entry in entries}
        self._told = {path: box for path, box in self._told.items() if path in paths}
        self._go_on()

    def drop(self, path: Path) -> None:
        """The file has changed: draw it again next time."""
        self._told.pop(path, None)

    def _go_on(self) -> None:
        todo = [
            e for e in self._wanted if e.path not in self._told or self._told[e.path] != e.square
        ]
        if self._busy or not todo:
            return
        self._busy = True
        for entry in todo:
            self._told[entry.path] = entry.square

        def read() -> None:
            for entry in todo:
                if self._bridge.closing.is_set():
                    return
                try:
                    image = self._ports.thumbnail(entry.path, entry.square)
                except AvatarError as error:  # it is said when somebody chooses it
                    log.info("no thumbnail: %s", error)
                else:
                    self._bridge.post(partial(self.drawn.emit, entry.path, image))

        self._bridge.run("thumbnails", read, lambda _: self._ended(), self._failed)

    def _failed(self, error: Exception) -> None:
        log.warning("thumbnails failed: %s", error)
        self._ended()

    def _ended(self) -> None:
        self._busy = False
        self._go_on()
