"""Apart: asks functions of this package in processes of their own, within a time limit."""

import json
import logging
import sys
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from avatar.aside import Ended, run_aside
from avatar.errors import AvatarError, Cancelled

log = logging.getLogger(__name__)

MODULE = "avatar.doctor.child"

MARK = "avatar-doctor-answer:"
"""How the line begins that holds the answer; libraries print others."""


COMPLAINTS = 40
"""Lines that a process may leave in the log: the last ones it complained in."""


class NoAnswer(AvatarError):
    """A process that crashed, hung, or was stopped before it answered."""


class NoTime(NoAnswer):
    """The limit for everything was reached: nothing is known about this one."""


class Apart:
    """Runs what may crash or hang.

    Args:
        interrupted: whether the user wants to stop; asked ten times a second.
        limit_s: for everything together, from now on.
        clock: seconds, monotonic.

    Attributes:
        limit_s: as given.
    """

    def __init__(
        self,
        interrupted: Callable[[], bool] = lambda: False,
        limit_s: float = 180.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.interrupted = interrupted
        self.limit_s = limit_s
        self._clock = clock
        self._end = clock() + limit_s

    @property
    def left_s(self) -> float:
        """Seconds that are left of the whole."""
        return max(0.0, self._end - self._clock())

    def no_time(self) -> NoTime:
        """What is to be told of anything that there is no time for."""
        return NoTime(
            f"Not done: the {self.limit_s:g} s for everything are over.",
            hint=f"Give it more: avatar doctor --timeout {2 * self.limit_s:g}",
        )

    def ask(self, function: str, *args: str, limit_s: float) -> dict[str, Any]:
        """What ``function`` ("module:name") returns for texts, called in another process.

        Raises:
            NoAnswer: it crashed, or did not answer in time.
            AvatarError: as the function raised one; of this class whatever it was there.
            Cancelled: the user wants to stop.
        """
        lines: list[str] = []
        command = (sys.executable, "-m", MODULE, function, *args)
        ended = self.run(command, lines.append, limit_s)
        for complaint in ended.complaints[-COMPLAINTS:]:
            log.info("%s: %s", " ".join((function, *args)), complaint)
        said = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
        if not said:
            raise NoAnswer(
                f"It crashed: {ended.why()}.", hint="Report it; avatar doctor --bundle says more."
            )
        answer = json.loads(said[-1])
        if "error" in answer:
            raise AvatarError(str(answer["error"]), hint=str(answer["hint"]))
        found: dict[str, Any] = answer["answer"]
        return found

    def run(self, command: Sequence[str], heard: Callable[[str], None], limit_s: float) -> Ended:
        """Run a command to its end, its lines given to ``heard``.

        Raises:
            NoTime: the limit for everything was reached; it is ended then.
            NoAnswer: it cannot be started, or did not end in time; it is ended then.
            Cancelled: the user wants to stop.
        """
        if self.left_s <= 0:
            raise self.no_time()
        last = self.left_s <= limit_s
        limit_s = min(limit_s, self.left_s)
        end = self._clock() + limit_s
        try:
            ended = run_aside(
                command, heard, lambda: self.interrupted() or self._clock() > end, "The check"
            )
        except Cancelled:
            if self.interrupted():
                raise
            if last:
                raise self.no_time() from None
            raise NoAnswer(
                f"It hangs: no answer within {limit_s:.0f} s.",
                hint="Try again with other programs closed; report it if it stays so.",
            ) from None
        except OSError as error:
            raise NoAnswer(f"Its process cannot be started: {error.strerror}.") from error
        if self.interrupted():  # Ctrl-C reaches the process too, which then seems to have crashed
            raise Cancelled("The doctor was stopped.")
        return ended
