"""The loop: every trial by every method, measured; what fails is left out and named."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from avatar.errors import AvatarError, NoFaceError
from avatar.frame import Image
from tools.evaluation.methods import CopyDriver, Method
from tools.evaluation.metrics import METRICS
from tools.evaluation.observer import Observer, Seen
from tools.evaluation.scoring import Figures, Scoring
from tools.evaluation.store import FrameStore
from tools.evaluation.trials import LeftOut, Shot, Trial
from tools.evaluation.turns import Start, Turned

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What one method made of one trial: figures a frame and of the whole, and how the head turned
    in each frame (None where no pose is known)."""

    frames: tuple[Figures, ...]
    whole: Figures
    turns: tuple[Turned | None, ...] = ()

    def figures(self) -> Figures:
        """One figure a metric: the mean (or median) over frames, or that of the whole."""
        names = {name for frame in self.frames for name in frame}
        found = {}
        for name in sorted(names):
            middle = np.median if METRICS[name].median else np.mean
            found[name] = float(middle([frame[name] for frame in self.frames if name in frame]))
        return found | self.whole


@dataclass
class Result:
    """Everything measured so far.

    Attributes:
        outcomes: by trial, in their order, then by method's name.
        left_out: what is not in the figures.
        complete: False when it was interrupted.
    """

    outcomes: list[tuple[Trial, dict[str, Outcome]]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    complete: bool = True


class Evaluation:
    """Methods measured on trials.

    Args:
        methods: with different names.
        observer: looks at every picture; pictures that are handed through unchanged only once.
        scoring: makes figures.
        relative: None: relative motion where a trial has a neutral frame; True: always, the first
            driving frame being neutral where there is none; False: never.
    """

    def __init__(
        self,
        methods: Sequence[Method],
        observer: Observer,
        scoring: Scoring,
        relative: bool | None = None,
    ) -> None:
        self._methods = methods
        self._observer = observer
        self._scoring = scoring
        self._relative = relative

    def run(
        self,
        trials: Sequence[Trial],
        stopped: Callable[[], bool] = lambda: False,
        progress: Callable[[int, int, Result], None] = lambda done, total, result: None,
    ) -> Result:
        """Measure all trials, or as many as there are until ``stopped()``.

        Args:
            trials: in the order in which they are measured.
            stopped: asked before every picture; a trial that was begun is then not kept.
            progress: called after every trial with those done, all, and the result so far.
        """
        result = Result()
        store = FrameStore(trials)
        for number, trial in enumerate(trials):
            try:
                result.outcomes.append((trial, self._measure(trial, store, stopped)))
            except _Stopped:
                result.complete = False
                break
            except AvatarError as error:
                log.info("%s is left out", trial.name, exc_info=error)
                result.left_out.append(LeftOut(trial.name, error.message))
            progress(number + 1, len(trials), result)
        return result

    def neutral(self, trial: Trial, store: FrameStore) -> Image | None:
        """The driver's neutral picture of a trial; None for absolute motion."""
        if self._relative is False:
            return None
        if trial.neutral is None:
            return store(trial.driving[0]) if self._relative else None
        return store(trial.neutral)

    def _measure(
        self, trial: Trial, store: FrameStore, stopped: Callable[[], bool]
    ) -> dict[str, Outcome]:
        portrait, neutral = store(trial.portrait), self.neutral(trial, store)
        driving = [store(shot) for shot in trial.driving]
        seen_portrait = self._observer(portrait)
        if seen_portrait.landmarks is None:
            raise NoFaceError(f"No face was found in the portrait, {_where(trial.portrait)}.")
        seen_driving = list(_checked(map(self._observer, driving), stopped))
        if all(seen.landmarks is None for seen in seen_driving):
            raise NoFaceError(f"No face was found in the driver, {_where(trial.driving[0])}.")
        seen_neutral = seen_portrait if neutral is None else self._observer(neutral)
        outcomes = {}
        for method in self._methods:
            method.begin(trial, portrait, neutral)
            frames: list[Figures] = []
            saw: list[Seen] = []
            turns: list[Turned | None] = []
            # A driver shown as it is begins where the driver does.
            first = seen_neutral if isinstance(method, CopyDriver) else seen_portrait
            start = Start(first, seen_neutral)
            for step, (picture, seen) in enumerate(zip(driving, seen_driving, strict=True)):
                if stopped():
                    raise _Stopped
                made = method.animate(picture, step)
                if made is portrait:
                    saw.append(seen_portrait)
                else:
                    saw.append(seen if made is picture else self._observer(made))
                figures = self._scoring.frame(made, picture, saw[-1], seen, seen_portrait, start)
                frames.append(figures)
                turns.append(start.turned(saw[-1], seen))
            whole = self._scoring.whole(saw, seen_driving)
            outcomes[method.name] = Outcome(tuple(frames), whole, tuple(turns))
        return outcomes


class _Stopped(Exception):
    pass


def _checked(seen: Iterable[Seen], stopped: Callable[[], bool]) -> Iterable[Seen]:
    for each in seen:
        if stopped():
            raise _Stopped
        yield each


def _where(shot: Shot) -> str:
    return f"frame {shot.index} of {shot.clip.path}"
