"""Calibration: the neutral pose as the window sees it: score, X, F, what is remembered, drift."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from time import monotonic
from typing import TYPE_CHECKING

from PyQt6.QtCore import QLocale, QObject, QTimer, pyqtSignal

from avatar.config import RunConfig
from avatar.errors import NoFaceError
from avatar.frame import Portrait
from avatar.pose.head import HeadPose
from avatar.pose.match import FAIR, STRAIGHT, Hint, Match, Target, match, match_crop
from avatar.pose.neutral import Neutral
from avatar.pose.reference import Choice
from avatar.remembered import Kept
from ui.bridge import Bridge
from ui.calibration.drift_watch import DriftWatch
from ui.calibration.match_words import hint_words
from ui.ports import Ports
from ui.problem import Problem, problem_of

if TYPE_CHECKING:
    from avatar.session import Session

log = logging.getLogger(__name__)

LOOK_MS = 250
"""How often the match is looked at. It takes about 0.3 ms on the GUI thread."""


class Origin(Enum):
    """Where the neutral pose comes from."""

    NONE = auto()
    ITSELF = auto()  # the first face that looked straight ahead
    TAKEN = auto()  # with X
    FOUND = auto()  # with F
    REMEMBERED = auto()


@dataclass(frozen=True)
class Standing:
    """What is neutral now.

    Attributes:
        origin: where it comes from.
        taken: when; None where it came by itself.
        kept: whether it will be there at the next start.
    """

    origin: Origin = Origin.NONE
    taken: datetime | None = None
    kept: bool = False


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
        self._ports = ports
        self._config = config
        self._source = source
        self._session: Session | None = None
        self._portrait: Portrait | None = None
        self._target: Target | None = None
        self._target_of: Portrait | None = None  # whose target is there, or being looked for
        self._place: tuple[str, Portrait | None] = ("", None)  # camera and portrait last recalled
        self._driver: object = None
        self._by_hand: datetime | None = None  # when the user calibrated this driver
        self._searches = self._waits = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def attach(self, session: "Session") -> None:
        """Look after this session from now on; what is remembered is used at once."""
        self._session, self._driver = session, session.source
        self._portrait = self._portrait or session.portrait
        self._by_hand = None
        self._stand(Standing())
        self.drift.begin()
        self._place = ("", None)
        self._recall()
        self._timer.start()
        self.running_changed.emit(True)

    def forget(self) -> None:
        """The session ends."""
        self._session = self._driver = None
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
            self._recall()

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
                self.noted.emit(self._taken_words(pose))
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
                self.noted.emit(self._found_words(choice))
                self._settle(session, Origin.FOUND)

        def refuse(error: Exception) -> None:
            self._search(False)
            self._refused(error)

        def begin(target: Target) -> None:
            if self._searches and session is self._session:
                self._bridge.watch(session.find_reference(target), found, refuse)

        self._with_target(begin)

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
            self._driver, self._by_hand = session.source, None
            self._stand(Standing())
            self._recall()
        self._with_target(lambda _: None)
        target, crop = self._target or STRAIGHT, seen[1]
        found = match_crop(crop, target.mirrored() if self._config().mirror else target)
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

    def _with_target(self, act: Callable[[Target], None]) -> None:
        """Do something with what the portrait shows, once that is known."""
        portrait = self._portrait
        if portrait is None or self._target_of is portrait:
            # Known, or being looked for: a search begins with what there is.
            act(self._target or STRAIGHT)
            return
        self._target, self._target_of = None, portrait

        def got(target: Target) -> None:
            if self._target_of is portrait:
                self._target = target
            act(target)

        def refuse(error: Exception) -> None:
            log.warning("the portrait's pose is not known: %s", error)
            got(STRAIGHT)

        self._bridge.run("target", lambda: self._ports.target(portrait), got, refuse)

    def _settle(self, session: "Session", origin: Origin) -> None:
        """The user calibrated: remember it where there is something to remember it by."""
        now = datetime.now().astimezone()
        self._by_hand = now
        self._stand(Standing(origin, now))
        config, source, portrait = self._config(), self._source(), self._portrait
        if portrait is None:
            return

        def keep(neutral: Neutral | None) -> None:
            if neutral is None:
                return
            kept = Kept(neutral, now)
            self._bridge.run(
                "remember",
                lambda: self._ports.remember(config, source, portrait, kept),
                done,
                lambda error: self.problem.emit(_softened(error)),
            )

        def done(is_kept: bool) -> None:
            if is_kept and self.standing.taken == now:
                self._stand(Standing(origin, now, True))

        self._bridge.watch(session.neutral(), keep)

    def _recall(self) -> None:
        """Use what is remembered of the camera and the portrait that are used now."""
        session, portrait, source = self._session, self._portrait, self._source()
        if session is None or portrait is None or (source, portrait) == self._place:
            return
        self._place = place = (source, portrait)
        config = self._config()

        def use(kept: Kept | None) -> None:
            if kept is None or session is not self._session or self._place != place:
                return
            if self._by_hand is not None and kept.taken < self._by_hand:
                return  # taken with another portrait, but of this driver, just now
            self._bridge.watch(session.set_neutral(kept.neutral), lambda _: told(kept), refuse)

        def told(kept: Kept) -> None:
            self._stand(Standing(Origin.REMEMBERED, kept.taken, True))
            words = self.tr("Calibration of {date} used; X takes a new one")
            self.noted.emit(words.format(date=spoken(kept.taken)))

        def refuse(error: Exception) -> None:
            self.problem.emit(_softened(error))

        self._bridge.run(
            "recall", lambda: self._ports.recall(config, source, portrait), use, refuse
        )

    def _refused(self, error: Exception) -> None:
        self._wait(False)
        if isinstance(error, NoFaceError):
            self.noted.emit(str(error))
        else:
            self.problem.emit(problem_of(error))

    def _taken_words(self, pose: HeadPose | None) -> str:
        if pose is None or self._target is None:
            return self.tr("Calibrated: this is the neutral pose now")
        target = self._target.mirrored() if self._config().mirror else self._target
        score = match(pose, None, target).score
        return self.tr("Calibrated: this is the neutral pose now (match {score} of 100)").format(
            score=round(score)
        )

    def _found_words(self, choice: Choice) -> str:
        score, hint = round(choice.match.score), choice.match.hint
        words = self.tr("Neutral: best of {count} pictures, match {score} of 100")
        text = words.format(count=choice.seen, score=score)
        if choice.match.score < FAIR and hint is not Hint.NONE:
            text = self.tr("{found}. {hint}, then F again").format(
                found=text, hint=hint_words(hint)
            )
        return text

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


def spoken(when: datetime) -> str:
    """A day as the user's language writes it, without the year where it is this one's."""
    local, today = when.astimezone(), datetime.now().astimezone()
    if local.date() == today.date():
        return QLocale().toString(local.time(), QLocale.FormatType.ShortFormat)
    pattern = "d MMM" if local.year == today.year else "d MMM yyyy"
    return QLocale().toString(local.date(), pattern)


def _softened(error: Exception) -> Problem:
    """A calibration that is not remembered stops nothing: a warning."""
    problem = problem_of(error)
    return Problem("warning", problem.message, problem.hint)
