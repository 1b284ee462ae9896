"""The live part: a real session with the engine, a paced source, then a free-running one."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from avatar.bench.clock import BenchCropper, BenchSink, BenchSource, InFlight, Times
from avatar.bench.figures import percentiles, stage_percentiles
from avatar.bench.material import driver, portrait
from avatar.bench.subject import Subject
from avatar.errors import AvatarError, EngineError

FPS = 30.0
"""Of the paced source."""

WARM_S = 1.0
"""After the first frame, and after each change of the source, so much is not counted."""

FEWEST = 5
"""Frames that each phase waits for, for at most LONGEST times its seconds."""

LONGEST = 4

START_S = 120.0
"""The first frame has to come within so long."""

_POLL_S = 0.02


def live(
    subject: Subject,
    paced_s: float,
    free_s: float,
    crop: bool,
    clip: str | None,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Run a session; figures of both phases, and ``first_ns`` of its first frame.

    Raises:
        AvatarError: it did not run, or not with this engine.
    """
    from avatar import assembly
    from avatar.config import RunConfig
    from avatar.session import Session

    asked = f"{subject.engine}:{subject.precision}" if subject.precision else subject.engine
    config = RunConfig(
        headless=True, crop=crop, engine=asked, model=subject.weights or subject.model
    )
    times, in_flight = Times(), InFlight()
    sink = BenchSink(times, in_flight, lambda: session.latest())
    session = Session(
        BenchSource(driver(clip), FPS, times, in_flight),
        lambda: BenchCropper(assembly.cropper_maker(config)(), times),
        assembly.engine_chooser(config),
        portrait(crop),
        [sink],
        engine=asked,
        model=subject.model,
    )
    with session:
        _first_frame(session, sink)
        used = session.stats().engine
        if used not in (subject.engine, asked):
            raise EngineError(f"The session went on with {used}: {session.stats().engine_reason}.")
        tell("paced at 30 fps")
        paced = _phase(session, times, paced_s)
        free_running = BenchSource(driver(clip), None, times, in_flight)
        session.set_source(free_running).result(START_S)
        tell("free run")
        free = _phase(session, times, free_s)
    return {**paced, "free_run": free, "first_ns": sink.first_ns}


def _first_frame(session: Any, sink: BenchSink) -> None:
    deadline = monotonic() + START_S
    while not sink.frames:
        _check(session)
        if monotonic() > deadline:
            raise AvatarError(f"The session gave no frame within {START_S:g} s.")
        sleep(_POLL_S)


def _phase(session: Any, times: Times, seconds: float) -> dict[str, Any]:
    """What happens from a second after now, for so many seconds or FEWEST frames."""
    begin = monotonic() + min(WARM_S, seconds)
    _wait(session, begin)
    before = session.stats().drops
    end = begin + seconds
    _wait(session, end)
    while len(times.since(begin).get("age", ())) < FEWEST and monotonic() < end + LONGEST * seconds:
        _wait(session, monotonic() + 0.1)
    took = monotonic() - begin
    found = times.since(begin)
    ages = found.pop("age", [])
    after = session.stats().drops
    return {
        "fps": round(len(ages) / took, 2),
        "frames": len(ages),
        "seconds": round(took, 2),
        "frame_age_ms": percentiles(ages),
        "stages_ms": stage_percentiles(found),
        "stage_age_ms": session.stage_ages(took),
        "drops": {name: after[name] - before.get(name, 0) for name in after},
    }


def _wait(session: Any, until: float) -> None:
    while (left := until - monotonic()) > 0:
        _check(session)
        sleep(min(left, 0.05))


def _check(session: Any) -> None:
    problems = [session.failure, *session.sink_errors()]
    for problem in problems:
        if problem is not None:
            raise problem
