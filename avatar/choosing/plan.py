"""Plan: what is taken of the candidates, and why none of the others. Nothing is opened or read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from avatar.choosing.candidates import Candidate, State
from avatar.choosing.speeds import Speed
from avatar.errors import EngineError
from avatar.gpu import Gpu

REJECTED = "; rejected: "
"""Where the list of the others begins in a reason."""

UNMEASURED = "not measured, avatar engines --measure does"


@dataclass(frozen=True)
class Plan:
    """What is taken without anybody asking for an engine.

    Attributes:
        taken: the one; None while it has to be found out by measuring.
        contest: those to measure first.
        better: the one to build beside it.
        reason: for ``taken``; empty without one.
        rejected: why not, by label.
        better_reason: for ``better``, once it runs.
    """

    taken: Candidate | None
    contest: tuple[Candidate, ...]
    better: Candidate | None
    reason: str
    rejected: Mapping[str, str]
    better_reason: str = ""

    @property
    def full_reason(self) -> str:
        """The reason, with every candidate that was rejected."""
        return _reason(self.reason, self.rejected)

    @classmethod
    def of(
        cls,
        candidates: Sequence[Candidate],
        known: Mapping[str, Speed],
        failed: Mapping[str, str],
        gpu: Gpu | None,
        *,
        offline: bool = False,
        settle: bool = False,
    ) -> "Plan":
        """Decide.

        Args:
            candidates: the preferred ones first.
            known: their speeds, by label, as far as they were measured.
            failed: labels that must not be taken, and why.
            gpu: of this machine.
            offline: nothing quantised, and what has to be built is built first.
            settle: do with the measurements there are; without any, go by rank.

        Raises:
            EngineError: no engine can run here.
        """
        asked = [c for c in candidates if c.rank >= 0]  # fakes only when named
        rejected = _refused(asked, failed, offline)
        eligible = [c for c in asked if c.label not in rejected]
        if not eligible:
            raise EngineError(
                f"No engine can run here ({_listed(rejected) or 'none is installed'}).",
                hint="Install the package with its dependencies: make setup, "
                "or pip install 'dagan-avatar[cpu]'.",
            )
        ready = [c for c in eligible if c.state is State.READY]
        unbuilt = [c for c in eligible if c.state is State.UNBUILT]
        runners = _runners(ready)
        best = max((c.rank for c in runners), default=-1)
        better = next((c for c in unbuilt if c.rank > best), None)
        if better is not None and (offline or not runners):
            runners, better = [better], None
        timed = [c for c in runners if c.label in known]
        if len(runners) > 1 and len(timed) < len(runners) and not settle:
            return Plan(None, tuple(runners), better, "", rejected)
        taken = min(timed, key=lambda c: known[c.label].ms, default=runners[0])
        for other in eligible:
            if other is not taken:
                rejected[other.label] = _why_not(other, taken, better, known)
        reason = _why(taken, len(eligible), known, gpu)
        later = "" if better is None else _why_better(better, taken, rejected, known, gpu)
        return Plan(taken, (), better, reason, rejected, later)


def _refused(
    candidates: Sequence[Candidate], failed: Mapping[str, str], offline: bool
) -> dict[str, str]:
    """Those that take no part, and why."""
    rejected: dict[str, str] = {}
    for c in candidates:
        if c.label in failed:
            rejected[c.label] = failed[c.label]
        elif c.state is State.UNAVAILABLE:
            rejected[c.label] = c.why
        elif c.quantised and offline:
            rejected[c.label] = "lower precision, only when asked for"
        elif c.quantised and c.state is State.UNBUILT:
            rejected[c.label] = f"needs {c.why}"
        elif not c.quantised and not c.default:
            rejected[c.label] = "only when asked for"
    return rejected


def _why(taken: Candidate, eligible: int, known: Mapping[str, Speed], gpu: Gpu | None) -> str:
    if taken.state is State.UNBUILT:
        return f"the fastest once it has {taken.why}"
    if taken.on_gpu:
        speed = f", {known[taken.label]}" if taken.label in known else ""
        return f"the fastest engine ready on {gpu}{speed}"
    if taken.label in known:
        return str(known[taken.label])
    return "the only one that is ready" if eligible == 1 else "the fastest that is ready"


def _why_better(
    better: Candidate,
    taken: Candidate,
    rejected: Mapping[str, str],
    known: Mapping[str, Speed],
    gpu: Gpu | None,
) -> str:
    """The reason for the engine that is built meanwhile, once it runs."""
    before = f"{known[taken.label].ms:.1f} ms, " if taken.label in known else ""
    others = {name: why for name, why in rejected.items() if name != better.label}
    others[taken.label] = f"{before}ran while {better.label} was built"
    where = f"on {gpu}" if better.on_gpu else "by rank"
    return _reason(f"the fastest {where}, built in the background", others)


def _why_not(
    other: Candidate,
    taken: Candidate,
    better: Candidate | None,
    known: Mapping[str, Speed],
) -> str:
    if other is better:
        return f"needs {other.why}, built meanwhile"
    if other.state is State.UNBUILT:
        return f"needs {other.why}"
    if other.label in known:
        return f"{known[other.label].ms:.1f} ms"
    if taken.on_gpu and not other.on_gpu:
        return "of a lower rank"
    return UNMEASURED


def _runners(ready: Sequence[Candidate]) -> list[Candidate]:
    """Of those that are ready the ones worth comparing."""
    on_gpu = [c for c in ready if c.on_gpu]
    quick = [c for c in ready if c.quick]
    return on_gpu[:1] or quick or list(ready[:1])


def _reason(why: str, rejected: Mapping[str, str]) -> str:
    return f"{why}{REJECTED}{_listed(rejected)}" if rejected else why


def _listed(rejected: Mapping[str, str]) -> str:
    """``ort (21.3 ms), ov:int8/fp32 (not installed)``; precisions that share a reason together."""
    together: dict[tuple[str, str], list[str]] = {}
    for name, why in rejected.items():
        together.setdefault((name.partition(":")[0], why), []).append(name)
    return ", ".join(
        f"{names[0]}{''.join('/' + name.partition(':')[2] for name in names[1:])} ({why})"
        for (_, why), names in together.items()
    )
