"""MotionControls: the motion settings, from the panel to the session, the newest always winning."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.motion.settings import MotionSettings
from ui.bridge import Bridge

if TYPE_CHECKING:
    from avatar.session import Session


class MotionControls(QObject):
    """Lives in the GUI thread.

    While a session has not yet taken what it was sent, only the newest settings wait: dragging a
    slider cannot flood it.

    Signals:
        changed: the settings that hold now.
        labelled_changed: whether the model's keypoints are known parts of the face.

    Attributes:
        settings: those that hold now.
        labelled: whether eyes and mouth can be emphasised; taken to be so until a session tells.
    """

    changed = pyqtSignal(object)
    labelled_changed = pyqtSignal(bool)

    def __init__(
        self, bridge: Bridge, settings: MotionSettings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self.labelled = True
        self._bridge = bridge
        self._session: Session | None = None
        self._sent = settings
        self._waiting = False

    def choose(self, settings: MotionSettings) -> None:
        """Move the portrait like this, now and from the next start on."""
        if settings == self.settings:
            return
        self.settings = settings
        self.changed.emit(settings)
        self._send()

    def attach(self, session: "Session", settings: MotionSettings) -> None:
        """Control this session from now on.

        Args:
            session: just made.
            settings: those it was made with.
        """
        self._session, self._sent, self._waiting = session, settings, False
        if session.labelled != self.labelled:
            self.labelled = session.labelled
            self.labelled_changed.emit(self.labelled)
        self._send()

    def forget(self) -> None:
        """The session ends."""
        self._session = None

    def _send(self) -> None:
        session, settings = self._session, self.settings
        if session is None or self._waiting or settings == self._sent:
            return
        self._sent, self._waiting = settings, True

        def taken(_: object) -> None:
            if session is self._session:
                self._waiting = False
                self._send()

        self._bridge.watch(session.set_motion(settings), taken, taken)
