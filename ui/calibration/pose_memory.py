"""PoseMemory: keeps the neutral pose of a camera and a portrait, and gives it back."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.config import RunConfig
from avatar.frame import Portrait
from avatar.pose.neutral import Neutral
from avatar.remembered import Kept
from ui.bridge import Bridge
from ui.ports import Ports
from ui.problem import Problem, problem_of

if TYPE_CHECKING:
    from avatar.session import Session


class PoseMemory(QObject):
    """Lives in the GUI thread; files are read and written on others.

    Args:
        bridge, ports: the way to those.
        config: the settings that hold now.
        source: spec of the source in use now.

    Signals:
        kept: when what is remembered from now on was taken.
        used: a Kept, neutral from now on.
        problem: a Problem; a calibration that is not remembered stops nothing.
    """

    kept = pyqtSignal(object)
    used = pyqtSignal(object)
    problem = pyqtSignal(object)

    def __init__(
        self,
        bridge: Bridge,
        ports: Ports,
        config: Callable[[], RunConfig],
        source: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._ports = ports
        self._config = config
        self._source = source
        self._session: Session | None = None
        self._place: tuple[str, Portrait | None] = ("", None)  # camera and portrait last recalled
        self._by_hand: datetime | None = None  # when the user calibrated this driver

    def attach(self, session: "Session") -> None:
        """Neutral poses are this session's from now on."""
        self._session, self._by_hand = session, None
        self._place = ("", None)

    def forget(self) -> None:
        """The session ends: what is still being read is not used."""
        self._session = None

    def expect_another_driver(self) -> None:
        """Somebody else may sit there: what was taken by hand no longer outranks the memory."""
        self._by_hand = None

    def keep(self, session: "Session", portrait: Portrait | None, taken: datetime) -> None:
        """The user calibrated: remember it where there is something to remember it by."""
        self._by_hand = taken
        config, source = self._config(), self._source()
        if portrait is None:
            return

        def write(neutral: Neutral | None) -> None:
            if neutral is None:
                return
            kept = Kept(neutral, taken)
            self._bridge.run(
                "remember",
                lambda: self._ports.remember(config, source, portrait, kept),
                done,
                self._refused,
            )

        def done(is_kept: bool) -> None:
            if is_kept:
                self.kept.emit(taken)

        self._bridge.watch(session.neutral(), write)

    def recall(self, portrait: Portrait | None) -> None:
        """Use what is remembered of the portrait and the camera that is used now."""
        session, source = self._session, self._source()
        if session is None or portrait is None or (source, portrait) == self._place:
            return
        self._place = place = (source, portrait)
        config = self._config()

        def use(kept: Kept | None) -> None:
            if kept is None or session is not self._session or self._place != place:
                return
            if self._by_hand is not None and kept.taken < self._by_hand:
                return  # taken with another portrait, but of this driver, just now
            self._bridge.watch(
                session.set_neutral(kept.neutral), lambda _: self.used.emit(kept), self._refused
            )

        self._bridge.run(
            "recall", lambda: self._ports.recall(config, source, portrait), use, self._refused
        )

    def _refused(self, error: Exception) -> None:
        problem = problem_of(error)
        self.problem.emit(Problem("warning", problem.message, problem.hint))
