"""EngineSlot: the one open engine of a session, and how another takes its place.

Engines are opened, called and closed by the thread that owns the slot; only builds run beside it.
Whatever goes wrong with a new engine, the one that runs goes on, and it is said.
"""

import gc
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from time import monotonic
from typing import Protocol

from avatar.animator import Animator
from avatar.building import Building
from avatar.choosing.offer import ASKED, Offer, noted, said
from avatar.engine import AUTO, Engine, Progress, label_of
from avatar.errors import AvatarError, Cancelled, EngineError
from avatar.events import Emit, Event

log = logging.getLogger(__name__)

STALL_S = 0.2
"""A change of engines that takes longer is mentioned: the picture stands still meanwhile."""

CANCELLED = "its build was cancelled"

ORIGIN = "inference"


class EngineChooser(Protocol):
    """Where engines come from; :class:`~avatar.choosing.choice.Chooser` is the real one."""

    def asked(self, spec: str) -> Engine:
        """The engine of that name, not yet open; raises AvatarError if it cannot run here."""
        ...

    def auto(
        self,
        failed: Mapping[str, str],
        progress: Progress,
        cancelled: Callable[[], bool],
        *,
        measuring: bool,
    ) -> Offer:
        """The best engine but those that failed, measured or by what is known; raises EngineError
        when none is left."""
        ...

    def showing(self, maps: Sequence[str]) -> Engine:
        """An engine that has these maps, not yet open; raises AvatarError when there is none.

        Called on the inspector's thread."""
        ...

    def unused_gpu(self, engine: Engine, failed: Mapping[str, str]) -> EngineError | None:
        """The warning that an open engine leaves the GPU unused, if it does."""
        ...


class EngineSlot:
    """Holds the engine that animates.

    Args:
        chooser: chooses engines, on the slot's thread.
        animate: an animator of the portrait on the first open engine.
        ask: has the slot's thread call something between two frames.
        emit: told what happens.

    Attributes:
        wanted: what the user asked for: "auto", "ov", "ov:int8".
        engine: label of the engine used (last); empty before the first.
        reason: why this one.
        animator: made with the first engine, given each later one; None before and after.
    """

    def __init__(
        self,
        chooser: EngineChooser,
        animate: Callable[[Engine], Animator],
        ask: Callable[[Callable[[], None]], object],
        emit: Emit,
    ) -> None:
        self.wanted = AUTO
        self.engine = ""
        self.reason = ""
        self.animator: Animator | None = None
        self._chooser = chooser
        self._animate = animate
        self._ask = ask
        self._emit = emit
        self._failed: dict[str, str] = {}
        self._replaced = False
        self._building: Building | None = None
        self._builds: list[Building] = []  # every one whose thread may still run

    # -- on the slot's own thread -----------------------------------------------------------------

    def fill(self, stop: threading.Event, cause: Exception | None = None) -> Animator:
        """An animator on the first engine that opens and encodes the portrait.

        Args:
            stop: ends it early.
            cause: why there is no engine now.

        Raises:
            Cancelled: ``stop`` was set.
            AvatarError: there is no engine to go on with.
        """
        while True:
            self._say("Choosing an engine", 0.0)
            try:
                offer = self._offer(stop)
            except EngineError as none_left:
                if cause is None:
                    raise
                raise explained("No engine is left", cause) from none_left
            self._failed |= offer.failed
            label = label_of(offer.engine)
            try:
                animator = self._start(offer, stop)
            except Cancelled:
                close(offer.engine)
                raise
            except Exception as error:
                log.warning("engine %s cannot start", label, exc_info=error)
                close(offer.engine)
                self._failed[label] = f"cannot start: {said(error)}"
                cause = error
                self._warn(f"Engine {label} cannot start, trying the next", error)
                continue
            self._use(offer.engine, offer.reason)
            if offer.better is None:
                self._tell_unused_gpu()
            elif self._building is None or self._building.label != label_of(offer.better):
                self._abandon(f"{label_of(offer.better)} is built instead.")
                self._build(offer.better, offer.better_reason)
            return animator

    def replace(self, error: Exception, stop: threading.Event) -> Animator:
        """Go on with the next engine after this one failed; once.

        Raises:
            AvatarError: it is the second one, or none is left.
        """
        assert self.animator is not None
        label = self.engine
        log.warning("engine %s failed", label, exc_info=error)
        close(self.animator.engine)
        if self._replaced:
            raise explained(f"Engine {label} failed as well", error) from error
        self._replaced = True
        self._failed[label] = f"failed: {said(error)}"
        self._warn(f"Engine {label} failed, taking the next", error)
        return self.fill(stop, error)

    def change(self, spec: str, done: "Future[None]", stop: threading.Event) -> None:
        """Take the engine that the user asks for now, or have it built first.

        Args:
            spec: "auto", "ov", "ov:int8".
            done: answered once it runs, or with the error why it does not.
            stop: ends choosing early.
        """
        if not done.set_running_or_notify_cancel():
            return
        self._failed = {n: why for n, why in self._failed.items() if why != CANCELLED}
        try:
            offer = self._asked_now(spec, stop)
        except Exception as error:
            done.set_exception(error)
            return
        before, self.wanted = self.wanted, spec
        self._replaced = False
        label = label_of(offer.better or offer.engine)
        if self._building is not None and self._building.label == label:
            self._drop(offer)
            self._building.settle(Cancelled("It was asked for again."))
            self._building.asked = done
            return
        self._abandon(f"Engine {spec} was chosen.")
        if label_of(offer.engine) == self.engine:
            self._drop(offer)
            if self.animator is not None:
                self.reason = noted(offer.reason, self.animator.engine)
        else:
            try:
                self._swap(offer.engine, offer.reason, offer.opened)
            except Exception as error:
                self.wanted = before
                done.set_exception(error)
                return
        if offer.better is not None:
            self._build(offer.better, offer.better_reason, done)
        else:
            self._tell_unused_gpu()
            done.set_result(None)

    def close(self) -> None:
        """Close the engine and give up what is built; idempotent."""
        gc.unfreeze()
        self._abandon("The session ended.")
        if self.animator is not None:
            close(self.animator.engine)
        self.animator = None

    # -- on any thread ----------------------------------------------------------------------------

    def cancel_build(self) -> None:
        """Give up what is built just now; the engine that runs goes on."""
        building = self._building
        if building is not None:
            building.cancel()

    def stop_builds(self, timeout_s: float) -> list[str]:
        """Wait for threads of builds that were given up; the names of those that still run."""
        end = monotonic() + timeout_s
        left = [b for b in tuple(self._builds) if not b.stop(max(0.0, end - monotonic()))]
        return ["build"] if left else []

    @property
    def building(self) -> bool:
        """Whether the thread of a build still runs."""
        return any(b.alive for b in tuple(self._builds))

    # -- inside -----------------------------------------------------------------------------------

    def _offer(self, stop: threading.Event) -> Offer:
        """What to start with: what was asked for, unless it must be built or failed."""
        if self.wanted == AUTO:
            return self._auto(self._failed, stop)
        asked = self._chooser.asked(self.wanted)
        label = label_of(asked)
        if label in self._failed:
            return self._auto(self._failed, stop)
        lacks = asked.missing()
        if not lacks:
            return Offer(asked, ASKED)
        aside = self._failed | {label: f"asked for, needs {lacks}, built meanwhile"}
        try:
            offer = self._auto(aside, stop)
        except EngineError as error:
            log.info("nothing runs while %s is built: %s", label, error.message)
            return Offer(asked, ASKED)
        if offer.engine.missing():
            return Offer(asked, ASKED)
        return Offer(offer.engine, offer.reason, offer.opened, asked, ASKED, offer.failed)

    def _auto(self, failed: Mapping[str, str], stop: threading.Event) -> Offer:
        # Frames come already: measuring would hold them up for seconds.
        measuring = self.animator is None
        return self._chooser.auto(failed, self._choosing, stop.is_set, measuring=measuring)

    def _asked_now(self, spec: str, stop: threading.Event) -> Offer:
        """What to go on with; the engine that runs stays until the other is there."""
        if spec == AUTO:
            return self._auto(self._failed, stop)
        asked = self._chooser.asked(spec)
        self._failed.pop(label_of(asked), None)  # the user insists
        if self.animator is not None and asked.missing():
            return Offer(self.animator.engine, self.reason, True, asked, ASKED)
        return Offer(asked, ASKED)

    def _start(self, offer: Offer, stop: threading.Event) -> Animator:
        engine, label = offer.engine, label_of(offer.engine)
        if not offer.opened:
            engine.build(lambda share, what: self._say(what, 0.1 + 0.6 * share), stop.is_set)
            self._say(f"Starting engine {label}", 0.7)
            engine.open()
        self._say("Reading the portrait", 0.9)
        if self.animator is None:
            self.animator = self._animate(engine)
        else:
            self.animator.set_engine(engine)
        return self.animator

    def _swap(self, engine: Engine, reason: str, opened: bool = False) -> None:
        """Put an engine in the place of the one that runs; or raise why not, and that goes on."""
        assert self.animator is not None
        label, old, begun = label_of(engine), self.animator.engine, monotonic()
        try:
            if not opened:
                engine.open()
            self.animator.set_engine(engine)
        except Exception as error:
            log.warning("engine %s cannot start, %s goes on", label, self.engine, exc_info=error)
            close(engine)
            self._failed[label] = f"cannot start: {said(error)}"
            what = f"Engine {label} cannot start, {self.engine} goes on"
            raise explained(what, error) from error
        close(old)
        took_s = monotonic() - begun
        log.info("engine %s took the place of %s in %.2f s", label, self.engine, took_s)
        stalled = f"; the picture stood still for {took_s:.1f} s" if took_s > STALL_S else ""
        self._use(engine, reason, stalled)

    def _use(self, engine: Engine, reason: str, note: str = "") -> None:
        self.engine, self.reason = label_of(engine), noted(reason, engine)
        # What the libraries made stays. Without this a pass of the garbage collector walks through
        # all of it, 100,000 objects, while every thread stands still: 40 ms now and then.
        gc.freeze()
        self._emit(Event("ready", f"Engine {self.engine}: {self.reason}{note}.", origin=ORIGIN))

    def _build(self, engine: Engine, reason: str, asked: "Future[None] | None" = None) -> None:
        def done(building: Building) -> None:
            self._ask(lambda: self._built(building))

        self._building = Building(engine, reason, self._emit, done, asked)
        self._builds = [b for b in self._builds if b.alive]
        self._builds.append(self._building)
        log.info("building %s beside %s", self._building.label, self.engine)
        self._building.start()

    def _built(self, building: Building) -> None:
        """A build is over."""
        if building is not self._building:
            return  # given up for another, and said then
        self._building = None
        label, error = building.label, building.error
        if error is None:
            try:
                self._swap(building.engine, building.reason)
            except Exception as refused:
                error = refused
        elif isinstance(error, Cancelled):
            self._failed[label] = CANCELLED
        else:
            log.warning("engine %s cannot be built", label, exc_info=error)
            self._failed[label] = f"cannot be built: {said(error)}"
            error = explained(f"Engine {label} cannot be built, {self.engine} goes on", error)
        if error is None:
            sentence = f"{label} is built and runs."
        elif isinstance(error, Cancelled):
            sentence = f"Building {label} was cancelled; {self.engine} goes on."
        else:
            sentence = f"{label} was not taken; {self.engine} goes on."
            if building.asked is None and isinstance(error, AvatarError):
                self._emit(Event.of("warning", error, ORIGIN))  # else whoever asked is told
        self._emit(Event("built", sentence, origin=ORIGIN))
        building.settle(error)
        self._tell_unused_gpu()

    def _abandon(self, why: str) -> None:
        """Give up the build that goes on, if one does."""
        building, self._building = self._building, None
        if building is None:
            return
        building.cancel()
        building.settle(Cancelled(f"Building {building.label} was given up. {why}"))
        self._emit(Event("built", f"Building {building.label} was given up.", origin=ORIGIN))

    def _drop(self, offer: Offer) -> None:
        """Close the engine of an offer that is not taken up."""
        if offer.opened and (self.animator is None or offer.engine is not self.animator.engine):
            close(offer.engine)

    def _tell_unused_gpu(self) -> None:
        """Warn of a GPU that the engine leaves unused, unless the user asked for that engine."""
        if self.animator is None or self.reason.startswith(ASKED):
            return
        unused = self._chooser.unused_gpu(self.animator.engine, self._failed)
        if unused is not None:
            self._emit(Event.of("warning", unused, "gpu"))

    def _warn(self, what: str, error: Exception) -> None:
        self._emit(Event.of("warning", explained(what, error), ORIGIN))

    def _choosing(self, share: float, sentence: str) -> None:
        self._say(sentence, 0.3 * share)

    def _say(self, message: str, share: float) -> None:
        self._emit(Event("loading", message, share=share, origin=ORIGIN))


def close(engine: Engine) -> None:
    """Close an engine that is not used any more; that it cannot be is no reason to stop."""
    try:
        engine.close()
    except Exception as error:
        log.warning("engine %s could not be closed", label_of(engine), exc_info=error)


def explained(what: str, error: Exception) -> AvatarError:
    """An error for the user: what happened, because of which error."""
    if isinstance(error, AvatarError):
        return EngineError(f"{what}: {error.message}", hint=error.hint)
    return EngineError(f"{what}: {type(error).__name__}: {error}.")
