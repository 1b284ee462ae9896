"""The live session without a window, with everything done to it that can happen in a day."""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from avatar.config import RunConfig
from avatar.events import Event
from avatar.portraits.portrait import bundled, load_portrait
from avatar.session import Session, open_session
from avatar.sinks.null import NullSink
from avatar.stats import Series
from tools.soak.acts import Acts
from tools.soak.faults import Unplugged
from tools.soak.report import Report
from tools.soak.vitals import Vitals, growth

ACT_S = 2.0
"""Time between two acts, on average."""

SAMPLE_S = 5.0

STEP_S = 0.1

SLATE_MS = 1.0
"""Nothing animated is younger than this; slates are made where they are shown."""

READY_S = 120.0
"""How long the first engine may take."""

STOP_S = 5.0

Tell = Callable[[float, str], None]
"""Told the seconds so far and what was done last."""


class Ages(NullSink):
    """A sink that keeps the ages of the frames since it was last asked."""

    def recent(self) -> float | None:
        """The 95th percentile of them in milliseconds; None when none came."""
        series = Series(4096)
        while self.ages_ms:
            if (age := self.ages_ms.popleft()) > SLATE_MS:
                series.add(age)
        return series.percentiles().get("p95")


def soak(config: RunConfig, seconds: float, seed: int, tell: Tell) -> Report:
    """Run a session for so long and do things to it; what came of it.

    Args:
        config: of the session; where it records and its virtual camera are left out.
        seconds: how long.
        seed: of what is done.
        tell: told how it goes.

    Raises:
        AvatarError: the session cannot be made or has no engine.
    """
    sink = Ages("soak")
    session = open_session(config)
    source = Unplugged(session.source)
    session.set_source(source)
    events: list[Event] = []
    session.on_event(lambda e: events.append(e) if e.kind in ("ready", "error") else None)
    session.add_sink(sink)
    report = Report()
    portraits = [load_portrait(path) for path in bundled()]
    with tempfile.TemporaryDirectory() as folder:
        acts = Acts(session, source, portraits, Path(folder), random.Random(seed))
        session.start()
        try:
            _await_engine(session, events, report)
            if not report.troubles:
                _go_on(session, acts, sink, seconds, seed, report, tell)
            acts.settle()
        finally:
            survivors = session.stop(STOP_S)
    stats = session.stats()
    report.engine, report.drops = stats.engine, stats.drops
    report.frames, report.fps = sink.frames, sink.frames / max(1e-9, report.minutes * 60)
    report.age_ms = stats.sink_age_ms.get("sink-soak", stats.frame_age_ms)
    report.acts = acts.done
    report.troubles += acts.troubles + growth(report.samples)
    if survivors:
        report.troubles.append(f"still running after the stop: {', '.join(survivors)}")
    if session.failure is not None:
        report.troubles.append(f"the session gave up: {session.failure}")
    return report


def _await_engine(session: Session, events: list[Event], report: Report) -> None:
    end = monotonic() + READY_S
    while monotonic() < end and not session.wait(STEP_S):
        if any(event.kind == "ready" for event in events):
            return
    report.troubles.append(f"no engine within {READY_S:g} s")


def _go_on(
    session: Session,
    acts: Acts,
    sink: Ages,
    seconds: float,
    seed: int,
    report: Report,
    tell: Tell,
) -> None:
    pauses = random.Random(seed + 1)
    vitals = Vitals()
    report.samples = vitals.samples
    began = monotonic()
    act_at, sample_at = ACT_S, SAMPLE_S
    last = ""
    while (now := monotonic() - began) < seconds:
        if session.wait(STEP_S):
            report.troubles.append(f"the session was over after {now:.0f} s")
            break
        if now >= act_at:
            last = acts.one(now)
            act_at = now + pauses.expovariate(1 / ACT_S)
        if now >= sample_at:
            acts.check(now)
            vitals.take(now)
            if (age := sink.recent()) is not None:
                report.ages.append(round(age, 1))
            sample_at = now + SAMPLE_S
            tell(now, last)
    report.minutes = (monotonic() - began) / 60
