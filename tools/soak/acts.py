"""Acts: what a restless user and a bad day do to a live session, chosen at random."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

from avatar.errors import AvatarError
from avatar.frame import Portrait
from avatar.motion.settings import MotionSettings
from avatar.rest import MODES, Rest
from avatar.session import Session
from avatar.sinks.recorder import Recorder
from tools.soak.faults import Brittle, Unplugged

UNDO = 0.5
"""How likely it is that the slate and an unplugged camera end before the next act."""

ANSWER_S = 30.0
"""A command that was not answered for so long is a hang."""


class Acts:
    """Does one thing at a time to a session.

    Args:
        session: that runs.
        source: its source.
        portraits: to switch between.
        folder: where recordings go; they are deleted when complete.
        chance: where what is done comes from.

    Attributes:
        done: how often each act was done.
        troubles: what did not go as it should, a sentence each.
    """

    def __init__(
        self,
        session: Session,
        source: Unplugged,
        portraits: Sequence[Portrait],
        folder: Path,
        chance: random.Random,
    ) -> None:
        self.done: Counter[str] = Counter()
        self.troubles: list[str] = []
        self._session = session
        self._source = source
        self._portraits = portraits
        self._folder = folder
        self._chance = chance
        self._recorder: Recorder | None = None
        self._brittle: Brittle | None = None
        self._asked: list[tuple[str, float, Future[Any]]] = []
        self._acts: tuple[tuple[int, Callable[[], None]], ...] = (
            (8, self.switch_portrait),
            (4, self.calibrate),
            (2, self.find_reference),
            (4, self.change_motion),
            (2, self.change_rest),
            (3, self.hide_or_show),
            (2, self.record_or_end),
            (2, self.unplug_or_plug),
            (2, self.break_or_mend_output),
            (1, self.mirror),
        )

    def one(self, now_s: float) -> str:
        """Do something; its name."""
        # What hides the portrait is undone soon, or little would be seen.
        if self._chance.random() < UNDO:
            self.settle()
        weights = [weight for weight, _ in self._acts]
        ((_, act),) = self._chance.choices(self._acts, weights)
        self._now_s = now_s
        act()
        name = act.__name__
        self.done[name] += 1
        return name

    def check(self, now_s: float) -> None:
        """See which commands were answered, and how."""
        waiting = []
        for name, since_s, asked in self._asked:
            if not asked.done():
                if now_s - since_s > ANSWER_S:
                    self.troubles.append(f"{name} was not answered within {ANSWER_S:g} s")
                else:
                    waiting.append((name, since_s, asked))
                continue
            try:
                error = asked.exception()
            except CancelledError:
                continue
            if error is not None and not isinstance(error, AvatarError):
                self.troubles.append(f"{name} failed with {type(error).__name__}: {error}")
        self._asked = waiting

    def settle(self) -> None:
        """Undo what keeps the portrait from moving."""
        self._source.unplug(False)
        self._session.panic(False)

    # -- acts -------------------------------------------------------------------------------------

    def switch_portrait(self) -> None:
        """Animate another portrait."""
        self._ask(self._session.set_portrait(self._chance.choice(self._portraits)), "set_portrait")

    def calibrate(self) -> None:
        """Take the next face as neutral."""
        self._session.calibrate()  # answered when a face comes, which may be much later

    def find_reference(self) -> None:
        """Look for the best reference, or give up looking."""
        if self._chance.random() < 0.5:
            self._session.find_reference()
        else:
            self._session.cancel_calibration()

    def change_motion(self) -> None:
        """Other motion settings."""
        draw = self._chance.uniform
        settings = MotionSettings(
            relative=self._chance.random() < 0.8,
            head=draw(0, 2),
            expression=draw(0, 2),
            smoothing=draw(0, 1),
            pose_limit=self._chance.random() < 0.5,
        )
        self._ask(self._session.set_motion(settings), "set_motion")

    def change_rest(self) -> None:
        """Another rest state."""
        rest = Rest(mode=self._chance.choice(MODES), after_s=self._chance.uniform(0, 3))
        self._ask(self._session.set_rest(rest), "set_rest")

    def hide_or_show(self) -> None:
        """The panic key."""
        self._session.panic(not self._session.hidden)

    def record_or_end(self) -> None:
        """Begin a recording, or end it."""
        if self._recorder is None:
            self._recorder = Recorder(self._folder / "soak.mp4")
            self._ask(self._session.add_sink(self._recorder), "add_sink")
            return
        recorder, self._recorder = self._recorder, None
        ended = self._session.remove_sink(recorder)
        ended.add_done_callback(lambda _: (self._folder / "soak.mp4").unlink(missing_ok=True))
        self._ask(ended, "remove_sink")

    def unplug_or_plug(self) -> None:
        """Pull the camera out, or put it back."""
        self._source.unplug(not self._source.unplugged)

    def break_or_mend_output(self) -> None:
        """Break an output, or bring a new one."""
        if self._brittle is None:
            self._brittle = Brittle(f"brittle-{self.done['break_or_mend_output']}")
            self._ask(self._session.add_sink(self._brittle), "add_sink")
            return
        brittle, self._brittle = self._brittle, None
        brittle.snap()
        self._ask(self._session.remove_sink(brittle), "remove_sink")

    def mirror(self) -> None:
        """Mirror the motion, or not."""
        self._ask(self._session.set_mirror(self._chance.random() < 0.5), "set_mirror")

    def _ask(self, asked: "Future[Any]", name: str) -> None:
        self._asked.append((name, self._now_s, asked))
