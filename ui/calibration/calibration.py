"""Calibration: the neutral pose as the window sees it: score, X, F, where it stands, drift."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from avatar.config import RunConfig
from avatar.errors import NoFaceError
from avatar.frame import Portrait
from avatar.pose.head import HeadPose
from avatar.pose.match import STRAIGHT, Match, Target, match, match_crop
from avatar.pose.reference import Choice
from avatar.remembered import Kept
from ui.bridge import Bridge
from ui.calibration.drift_watch import DriftWatch
from ui.calibration.match_words import found_words, taken_words
from ui.calibration.portrait_target import PortraitTarget
from ui.calibration.pose_memory import PoseMemory
from ui.calibration.standing import Origin, Standing, spoken
from ui.ports import Ports
from ui.problem import problem_of

if TYPE_CHECKING:
    from avatar.session import Session

LOOK_MS = 250
"""How often the match is looked at. It takes about 0.3 ms on the GUI thread."""


class Calibration(QObject):
    """Lives in the GUI thread. Faces of portraits and files are looked at on others.

    Args:
        bridge, ports: the way to other threads.
        config: the settings that hold now.
        source: spec of the source in use now.

    Signals:
        running_changed: whether there is a session to calibrate.
        matched: the Match of the newest picture; None while no face is seen.
        searching: the Progress of a search; None when there is none any more.
        waiting_changed: whether X waits for a face.
        standing_changed: a Standing.
        drifted: a Drifted that the user should be told of.
        noted: a sentence.
        problem: a Problem.

    Attributes:
        match: the newest.
        standing: what is neutral.
    """

    running_changed = pyqtSignal(bool)
    matched = pyqtSignal(object)
    searching = pyqtSignal(object)
    waiting_changed = pyqtSignal(bool)
    standing_changed = pyqtSignal(object)
    drifted = pyqtSignal(object)
    noted = pyqtSignal(str)
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
        self.match: Match | None = None
        self.standing = Standing()
        self.drift = DriftWatch()
        self._bridge = bridge
        self._config = config
        self._target = PortraitTarget(bridge, ports)
        self._memory = PoseMemory(bridge, ports, config, source, self)
        self._memory.kept.connect(self._tell_kept)
        self._memory.used.connect(self._tell_used)
        self._memory.problem.connect(self.problem)
        self._session: Session | None = None
        self._portrait: Portrait | None = None
        self._driver: object = None
        self._searches = self._waits = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def attach(self, session: "Session") -> None:
        """Look after this session from now on; what is remembered is used at once."""
        self._session, self._driver = session, session.source
        self._portrait = self._portrait or session.portrait
        self._memory.attach(session)
        self._stand(Standing())
        self.drift.begin()
        self._memory.recall(self._portrait)
        self._target.look_at(self._portrait)
        self._timer.start()
        self.running_changed.emit(True)

    def forget(self) -> None:
        """The session ends."""
        self._session = self._driver = None
        self._memory.forget()
        self._timer.stop()
        self._wait(False)
        self._search(False)
        self._tell(None)
        self._stand(Standing())
        self.running_changed.emit(False)

    def use_portrait(self, portrait: Portrait) -> None:
        """Another portrait is animated."""
        if portrait is not self._portrait:
            self._portrait = portrait
            self._memory.recall(portrait)
            self._target.look_at(self._portrait)

    @property
    def running(self) -> bool:
        """Whether there is a session to calibrate."""
        return self._session is not None

    # -- what the user does -----------------------------------------------------------------------

    def calibrate(self) -> None:
        """Take the next face as neutral."""
        session = self._session
        if session is None:
            return
        seen = session.latest_input()
        if seen is None or seen[1].held:
            self.noted.emit(self.tr("No face in view: the next one seen becomes the neutral pose"))
            self._wait(True)

        def taken(pose: HeadPose | None) -> None:
            self._wait(False)
            if session is self._session:
                self.noted.emit(taken_words(self._score_of(pose)))
                self._settle(session, Origin.TAKEN)

        self._bridge.watch(session.calibrate(), taken, self._refused)

    def find(self) -> None:
        """Take the best of the next three seconds as neutral; again: give that up."""
        session = self._session
        if session is None:
            return
        if self._searches or self._waits:
            self.cancel()
            return
        seen = session.latest_input()
        if seen is not None and seen[1].face is None and not seen[1].held:
            self.noted.emit(self.tr("Faces are not followed, so none can be compared: press X"))
            return
        self._search(True)

        def found(choice: Choice) -> None:
            self._search(False)
            if session is self._session:
                self.noted.emit(found_words(choice))
                self._settle(session, Origin.FOUND)

        def refuse(error: Exception) -> None:
            self._search(False)
            self._refused(error)

        def begin(target: Target) -> None:
            if self._searches and session is self._session:
                self._bridge.watch(session.find_reference(target), found, refuse)

        self._target.give(self._portrait, begin)

    def cancel(self) -> None:
        """Give up the search, or the wait for a face; what was neutral stays so."""
        if self._session is not None:
            self._session.cancel_calibration()
        if self._searches or self._waits:
            self.noted.emit(self.tr("Cancelled: the neutral pose stays as it was"))
        self._search(False)
        self._wait(False)

    def dismiss_drift(self) -> None:
        """The user wants to hear no more of drift until the next start."""
        self.drift.dismissed = True

    # -- what the timer does ----------------------------------------------------------------------

    def look(self) -> None:
        """Compare the newest picture with the portrait, and see whether the driver moved away."""
        session = self._session
        if session is None:
            return
        seen = session.latest_input()
        if seen is None:
            return
        if session.source is not self._driver and session.source_state().phase == "open":
            self._driver = session.source
            self._memory.expect_another_driver()
            self._stand(Standing())
            self._memory.recall(self._portrait)
        target = self._target.known(self._portrait) or STRAIGHT
        found = match_crop(seen[1], self._as_driven(target))
        self._tell(found)
        if self._searches:
            progress = session.finding
            if progress is not None:
                self.searching.emit(progress)
        neutral = session.neutral_pose
        if neutral is not None and self.standing.origin is Origin.NONE:
            self._stand(Standing(Origin.ITSELF))
        used = neutral if self._config().motion.relative else None
        drifted = self.drift.look(monotonic(), used, None if found is None else found.pose)
        if drifted is not None:
            self.drifted.emit(drifted)

    # -- inside -----------------------------------------------------------------------------------

    def _settle(self, session: "Session", origin: Origin) -> None:
        """The user calibrated."""
        now = datetime.now().astimezone()
        self._stand(Standing(origin, now))
        self._memory.keep(session, self._portrait, now)

    def _tell_kept(self, taken: datetime) -> None:
        if self.standing.taken == taken:
            self._stand(replace(self.standing, kept=True))

    def _tell_used(self, kept: Kept) -> None:
        self._stand(Standing(Origin.REMEMBERED, kept.taken, True))
        words = self.tr("Calibration of {date} used; X takes a new one")
        self.noted.emit(words.format(date=spoken(kept.taken)))

    def _refused(self, error: Exception) -> None:
        self._wait(False)
        if isinstance(error, NoFaceError):
            self.noted.emit(str(error))
        else:
            self.problem.emit(problem_of(error))

    def _score_of(self, pose: HeadPose | None) -> float | None:
        """How well a pose suits the portrait; None where one of them is not known."""
        known = self._target.known(self._portrait)
        if pose is None or known is None:
            return None
        return match(pose, None, self._as_driven(known)).score

    def _as_driven(self, target: Target) -> Target:
        """What the driver is asked for, who may be shown as in a mirror."""
        return target.mirrored() if self._config().mirror else target

    def _tell(self, found: Match | None) -> None:
        self.match = found
        self.matched.emit(found)

    def _search(self, on: bool) -> None:
        if on is not self._searches:
            self._searches = on
            if not on:
                self.searching.emit(None)

    def _wait(self, on: bool) -> None:
        if on is not self._waits:
            self._waits = on
            self.waiting_changed.emit(on)

    def _stand(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            self.standing_changed.emit(standing)
