"""Safety: what may be seen of the user: hiding, the raw camera, the rest state, the slate."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.frame import Image
from avatar.rest import Rest
from ui.bridge import Bridge
from ui.ports import Ports

if TYPE_CHECKING:
    from avatar.session import Session


class Safety(QObject):
    """Lives in the GUI thread. Hiding acts at once; only reading a slate takes a thread.

    Attributes:
        hidden: outputs show the slate; it outlives a session, and nobody saves it.
        raw: outputs show the user's own face; off at every start, and nobody saves it.
        rest: what the outputs show when nobody drives.
        slate_path: the user's own slate; None = the plain card.
        slate: (256, 256, 3) uint8 RGB; None until it has been read.

    Signals:
        hidden_changed, raw_changed, rest_changed: with the new value.
        slate_changed: there is another slate to see.
        raw_asked: the user must confirm the raw camera first; with what to give
            :meth:`confirm_raw`.
        raw_settled: that question is over: answered, or no longer possible.
        changed: fields of RunConfig with what was chosen.
        noted: a sentence for the status bar.
        failed: an exception that kept a slate from being read.
    """

    hidden_changed = pyqtSignal(bool)
    raw_changed = pyqtSignal(bool)
    raw_asked = pyqtSignal(object)
    raw_settled = pyqtSignal()
    rest_changed = pyqtSignal(object)
    slate_changed = pyqtSignal()
    changed = pyqtSignal(dict)
    noted = pyqtSignal(str)
    failed = pyqtSignal(object)

    def __init__(
        self,
        bridge: Bridge,
        ports: Ports,
        rest: Rest,
        slate_path: Path | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.hidden = self.raw = False
        self.rest = rest
        self.slate_path = slate_path
        self.slate: Image | None = None
        self._bridge = bridge
        self._ports = ports
        self._session: Session | None = None
        self._confirmed = False
        self._turn = 0

    def attach(self, session: "Session") -> None:
        """A session starts: it is hidden if the last one was, and never raw."""
        self._session, self._confirmed = session, False
        session.panic(self.hidden)
        session.set_rest(self.rest)
        if self.slate is not None:
            session.set_slate(self.slate)
        self._set_raw(False)

    def forget(self) -> None:
        """The session ends."""
        self._session, self._confirmed = None, False
        self.raw_settled.emit()
        self._set_raw(False)

    def read_slate(self) -> None:
        """Read the slate, to show it."""
        self._read(self.slate_path)

    def hide(self, on: bool) -> None:
        """Show the slate in every output at once, or no longer."""
        if self._session is not None:
            self._session.panic(on)
        self._set_raw(False)
        if on != self.hidden:
            self.hidden = on
            self.raw_settled.emit()
            self.hidden_changed.emit(on)

    def toggle_hidden(self) -> None:
        """The key B."""
        self.hide(not self.hidden)

    def toggle_raw(self) -> None:
        """The key 0: it asks once a session, and never shows anything while hidden."""
        if self.raw:
            self.show_raw(False)
        elif self._session is None:
            self.noted.emit(self.tr("Start first: there is no camera picture yet"))
        elif self.hidden:
            self.noted.emit(self.tr("Hidden: press B first"))
        elif self._confirmed:
            self.show_raw(True)
        else:
            self.raw_asked.emit(self._session)

    def confirm_raw(self, asked: object) -> None:
        """The user wants the raw camera; ignored if that session is over or hidden meanwhile."""
        if self._session is not None and asked is self._session and not self.hidden:
            self._confirmed = True
            self.raw_settled.emit()
            self.show_raw(True)

    def show_raw(self, on: bool) -> None:
        """Send the camera's picture, once it was confirmed, or the portrait again."""
        session = self._session
        if session is not None and (self._confirmed or not on):
            self._set_raw(session.set_raw(on) is True)

    def set_rest(self, rest: Rest) -> None:
        """Rest otherwise, now and from the next start on."""
        if rest == self.rest:
            return
        self.rest = rest
        if self._session is not None:
            self._session.set_rest(rest)
        self.rest_changed.emit(rest)
        self.changed.emit({"rest": rest})

    def words_at_rest(self, lost_ms: float) -> str:
        """What the outputs show that long after the last face, for the status bar."""
        if self.rest.covers(lost_ms):
            return self.tr("Face lost: outputs show the slate")
        if self.rest.eased(lost_ms) > 0:
            return self.tr("Face lost: neutral pose")
        return self.tr("Face lost: holding the last pose")

    def choose_slate(self, path: Path | None) -> None:
        """Take another slate, None = the plain card; one that cannot be read leaves the old."""
        self._read(path)

    def _read(self, path: Path | None) -> None:
        self._turn += 1
        turn = self._turn

        def take(slate: Image) -> None:
            if turn != self._turn:
                return
            self.slate_path, self.slate = path, slate
            if self._session is not None:
                self._session.set_slate(slate)
            self.slate_changed.emit()
            self.changed.emit({"slate": path})

        def refuse(error: Exception) -> None:
            self.failed.emit(error)
            if turn == self._turn and self.slate is None and path is not None:
                self._read(None)

        self._bridge.run("slate", lambda: self._ports.slate(path), take, refuse)

    def _set_raw(self, on: bool) -> None:
        if on != self.raw:
            self.raw = on
            self.raw_changed.emit(on)
