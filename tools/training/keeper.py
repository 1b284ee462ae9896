"""When checkpoints are due, and what a failed one costs: patience, not the run."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from avatar.errors import OutputError
from tools.training.checkpoint import Checkpoint
from tools.training.settings import Run

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""Failures in a row after which the run ends."""
AGAIN_S = 60.0
"""Seconds after which a failed checkpoint is tried again, if it is not due earlier."""


class Keeper:
    """Writes a run's checkpoints every so many steps and minutes.

    Args:
        folder: the run's.
        settings: how often.
        step: steps done so far.
        clock: seconds that pass.
    """

    def __init__(
        self, folder: Path, settings: Run, step: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._step, self._time = step, clock()
        self._failed = 0

    def due(self, step: int) -> bool:
        """Whether it is time, ``step`` steps being done."""
        waited = self._clock() - self._time
        if self._failed:
            return waited >= AGAIN_S
        every, minutes = self._settings.checkpoint_every, self._settings.checkpoint_minutes
        return bool((every and step - self._step >= every) or (minutes and waited >= minutes * 60))

    def save(self, checkpoint: Checkpoint, *, final: bool = False) -> None:
        """Write it. A failure is a warning until it is the third in a row or the run's last.

        Raises:
            OutputError: it failed for good.
        """
        self._time = self._clock()
        try:
            checkpoint.save(self._folder)
        except OutputError as error:
            self._failed += 1
            if final or self._failed >= ATTEMPTS:
                raise
            log.warning(
                "%s (attempt %d of %d; the training goes on)", error, self._failed, ATTEMPTS
            )
            return
        self._step, self._failed = checkpoint.step, 0
