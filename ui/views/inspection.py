"""Inspection: the window's maps and stage times, from one session to the next."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from avatar.config import RunConfig
from avatar.frame import Frame
from avatar.maps import Maps, Paint
from avatar.stats import STAGES
from ui.bridge import Bridge
from ui.ports import Ports

if TYPE_CHECKING:
    from avatar.session import Session


MAPS = ("depth", "flow", "occlusion", "attention")
"""Every map that a view shows."""


class Inspection(QObject):
    """What the views of the result ask of a session; it lives in the GUI thread and never waits.

    Args:
        bridge: for slow questions.
        ports: what answers them.
    """

    unavailable = pyqtSignal(dict)
    """Why maps cannot be shown here, by name."""

    def __init__(
        self,
        bridge: Bridge,
        ports: Ports,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._ports = ports
        self._session: Session | None = None
        self._wanted: tuple[str, ...] = ()
        self._point: tuple[float, float] | None = None
        self._paint: Paint | None = None

    def attach(self, session: "Session", config: RunConfig) -> None:
        """A session runs: ask it for what is wanted, and look which maps can be shown."""
        self._session = session
        if self._wanted:
            session.inspect(self._wanted, self._point, self._paint)
        ports = self._ports
        self._bridge.run("maps", lambda: ports.missing_maps(config, MAPS), self.unavailable.emit)

    def forget(self) -> None:
        """There is no session any more; it has ended its inspector itself."""
        self._session = None

    def want(
        self,
        wanted: Sequence[str],
        point: tuple[float, float] | None = None,
        paint: Paint | None = None,
    ) -> None:
        """Have these maps made and painted from now on, and the attention of a point; none = no
        more. Painting happens where they are made, never in the GUI thread."""
        asked = tuple(wanted)
        if (asked, point, paint) == (self._wanted, self._point, self._paint):
            return
        self._wanted, self._point, self._paint = asked, point, paint
        if self._session is not None:
            self._session.inspect(asked, point, paint)

    def newest(self) -> tuple[Maps | None, str]:
        """The newest maps, and why there are none; both quick."""
        if self._session is None or not self._wanted:
            return None, ""
        error = self._session.maps_error
        trouble = "" if error is None else f"{error.message}\n{error.hint}".strip()
        return self._session.latest_maps(), trouble

    def note_shown(self, frame: Frame) -> None:
        """A result is on the screen."""
        if self._session is not None:
            self._session.note_shown(frame)

    def stage_times(self, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        """When the frames of the last seconds were grabbed, and what their stages took; see
        :meth:`avatar.session.Session.stage_times`."""
        if self._session is None:
            return np.zeros(0, np.float32), np.zeros((0, len(STAGES)), np.float32)
        return self._session.stage_times(seconds)
