"""Examination: runs the checks one after the other and keeps what they found."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from avatar.doctor.apart import Apart
from avatar.doctor.finding import Finding, Status, failure
from avatar.doctor.roster import Check
from avatar.errors import AvatarError, Cancelled
from avatar.worker import Worker

log = logging.getLogger(__name__)

_POLL_S = 0.05
_GRACE_S = 2.0


@dataclass(frozen=True)
class Examined:
    """A check that was run.

    Attributes:
        check: which.
        findings: at least one.
        seconds: it took.
        complete: whether there was time for all of it.
    """

    check: Check
    findings: tuple[Finding, ...]
    seconds: float
    complete: bool = True

    @property
    def serves(self) -> bool:
        """Whether the main job has what it needs of it."""
        works = [finding.works for finding in self.findings]
        if self.check.needed == "all":
            return all(works)
        return any(works) if self.check.needed == "any" else True


def examine(
    checks: Sequence[Check], apart: Apart, begun: Callable[[Check], None] = lambda check: None
) -> Iterator[Examined]:
    """Run checks. None ends the others: one that crashes or hangs has found just that.

    Args:
        checks: in this order.
        apart: with the limit for everything and the user's wish to stop.
        begun: called before each.

    Raises:
        Cancelled: the user wants to stop.
    """
    for check in checks:
        if apart.left_s <= 0:
            yield Examined(check, (failure(check.name, apart.no_time()),), 0.0, complete=False)
            continue
        begun(check)
        start = monotonic()
        findings = _run(check, apart)
        seconds = round(monotonic() - start, 2)
        yield Examined(check, tuple(findings), seconds, complete=apart.left_s > 0)


def _run(check: Check, apart: Apart) -> list[Finding]:
    found: list[Finding] = []
    ended: list[Exception] = []
    done = threading.Event()

    def body(stop: threading.Event) -> None:
        try:
            for finding in check.run(apart):
                if stop.is_set():
                    return
                found.append(finding)
        except Exception as error:  # a bug of the check is a finding as well
            ended.append(error)
        finally:
            done.set()

    worker = Worker(f"doctor-{check.name}", body)
    worker.start()
    end = monotonic() + min(check.limit_s, apart.left_s)
    # Its own processes are ended a little earlier, and say more.
    while not done.wait(_POLL_S) and monotonic() < end + _GRACE_S and not apart.interrupted():
        pass
    if not worker.stop(_GRACE_S):
        log.warning("%s does not return", worker.name)
    if apart.interrupted():
        raise Cancelled("The doctor was stopped.")
    findings = list(found)
    if ended:
        findings.append(_crashed(check, ended[0]))
    elif not done.is_set() and apart.left_s <= 0:
        findings.append(failure(check.name, apart.no_time()))
    elif not done.is_set():
        findings.append(
            Finding(
                check.name,
                Status.FAILED,
                f"The check did not end within {check.limit_s:.0f} s.",
                "Try it alone: avatar doctor --only " + check.name,
            )
        )
    elif not findings:
        findings.append(Finding(check.name, Status.SKIPPED, "There is nothing to look at."))
    return findings


def _crashed(check: Check, error: Exception) -> Finding:
    if isinstance(error, AvatarError):
        return failure(check.name, error)
    log.warning("the check %s failed", check.name, exc_info=error)
    return Finding(
        check.name,
        Status.FAILED,
        f"The check itself failed: {type(error).__name__}: {error}.",
        "Report it; avatar doctor --bundle FILE.zip writes what is needed.",
    )
