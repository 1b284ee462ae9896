"""Snapshots: the result as a picture in the user's folder."""

from pathlib import Path

from PyQt6.QtCore import QObject, QStandardPaths, pyqtSignal

from avatar.frame import Image
from ui.bridge import Bridge
from ui.ports import Ports


class Snapshots(QObject):
    """Lives in the GUI thread; files are written on others.

    Signals:
        saved: the file.
        failed: the exception why there is none.
    """

    saved = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, bridge: Bridge, ports: Ports, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._ports = ports

    def take(self, image: Image, folder: Path | None) -> None:
        """Save a picture, (H, W, 3) uint8 RGB; in Pictures/avatar unless a folder is given."""
        place = default_folder() if folder is None else folder
        self._bridge.run(
            "snapshot",
            lambda: self._ports.save_snapshot(image, place),
            self.saved.emit,
            self.failed.emit,
        )


def default_folder() -> Path:
    """Where snapshots go unless the user says otherwise."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return (Path(pictures) if pictures else Path.home()) / "avatar"
