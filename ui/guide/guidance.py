"""Guidance: what the guide has to find out about this machine, off the GUI thread."""

from PyQt6.QtCore import QObject, pyqtSignal

from ui.bridge import Bridge
from ui.ports import Ports


class Guidance(QObject):
    """Lives in the GUI thread.

    Signals:
        driver_found: None where a virtual camera can be had, else the SinkError that says why not.
    """

    driver_found = pyqtSignal(object)

    def __init__(self, bridge: Bridge, ports: Ports, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._ports = ports

    def find_driver(self) -> None:
        """Look whether there is a virtual camera driver; :attr:`driver_found` tells it."""
        self._bridge.run(
            "driver",
            self._ports.virtual_camera_lacks,
            self.driver_found.emit,
            self.driver_found.emit,
        )
