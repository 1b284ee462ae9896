"""Having plans built by :mod:`engines.trt_build` in a process aside, and hearing how it goes."""

import json
import logging
from collections.abc import Callable

from avatar.aside import run_aside
from avatar.engine import Progress
from avatar.errors import EngineError
from avatar.graphs import NAMES
from engines.plans import Plans

log = logging.getLogger(__name__)

SHARES = {"detect": 0.0, "encode": 0.35, "render": 0.45, "check": 0.95}
"""How far the whole is when a step begins; estimated from the number of layers."""


def build_aside(
    command: list[str], plans: Plans, progress: Progress, cancelled: Callable[[], bool]
) -> None:
    """Run the building process and pass on what it tells.

    Raises:
        Cancelled: ``cancelled()`` turned true; the process is gone, finished plans stay.
        EngineError: it failed.
    """

    def heard(line: str) -> None:
        _pass_on(line, progress)

    ended = run_aside(command, heard, cancelled, "Compiling the TensorRT plans", plans.sweep)
    if ended.code:
        for line in ended.complaints[-40:]:
            log.debug("trt build: %s", line)
        raise EngineError(
            f"The TensorRT plans cannot be made: {ended.why()}",
            hint="Run with another engine: --engine compiled",
        )
    progress(1.0, "The TensorRT plans are ready")


def _pass_on(line: str, progress: Progress) -> None:
    """Map a line of the process to progress; whatever else it prints is left alone."""
    try:
        step, what = json.loads(line)
    except (ValueError, TypeError):
        return
    if step in NAMES:
        progress(SHARES[step], f"Compiling {step} for TensorRT ({what})")
    elif step == "check":
        progress(SHARES[step], "Comparing the TensorRT plans with eager")
    elif step == "differs":
        log.warning("%s", what)
