"""Running checks: one that crashes, hangs or has no time left ends no other."""

import sys
import threading
from collections.abc import Iterator

import pytest

from avatar.doctor import examination
from avatar.doctor.apart import Apart, NoAnswer
from avatar.doctor.examination import Examined, examine
from avatar.doctor.finding import Finding, Status, failure
from avatar.doctor.report import can_run, exit_code, report
from avatar.doctor.roster import NAMES, Check, roster
from avatar.errors import Cancelled, WeightsError

OK = Finding("thing", Status.OK, "fine")
BAD = Finding("thing", Status.FAILED, "broken", "mend it")
SKIPPED = Finding("thing", Status.SKIPPED, "not here")


def good(apart: Apart) -> Iterator[Finding]:
    yield OK


def crashing(apart: Apart) -> Iterator[Finding]:
    yield OK
    raise ZeroDivisionError("by zero")


def explained(apart: Apart) -> Iterator[Finding]:
    raise WeightsError("Missing.", hint="Get them.")
    yield


def empty(apart: Apart) -> list[Finding]:
    return []


def run(*checks: Check, apart: Apart | None = None) -> list[Examined]:
    return list(examine(checks, apart or Apart()))


def test_a_check_that_crashes_keeps_what_it_found_and_ends_no_other() -> None:
    one, two = run(Check("a", "A", crashing), Check("b", "B", good))
    assert one.findings[0] == OK and two.findings == (OK,)
    assert one.findings[1].status is Status.FAILED
    assert "ZeroDivisionError: by zero" in one.findings[1].found


def test_an_error_of_ours_is_told_with_its_cure() -> None:
    (examined,) = run(Check("a", "A", explained))
    assert (examined.findings[0].found, examined.findings[0].cure) == ("Missing.", "Get them.")


def test_nothing_found_is_said() -> None:
    (examined,) = run(Check("a", "A", empty))
    assert examined.findings[0].status is Status.SKIPPED


def test_a_check_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "_GRACE_S", 0.05)
    release = threading.Event()

    def hanging(apart: Apart) -> Iterator[Finding]:
        yield OK
        release.wait(30)

    one, two = run(Check("a", "A", hanging, limit_s=0.1), Check("b", "B", good))
    release.set()
    assert [f.status for f in one.findings] == [Status.OK, Status.FAILED]
    assert "did not end" in one.findings[1].found and two.findings == (OK,)


def test_what_there_is_no_time_for_is_said() -> None:
    times = iter([0.0, *[100.0] * 50])
    (examined,) = run(
        Check("a", "A", good, needed="all"), apart=Apart(limit_s=10, clock=lambda: next(times))
    )
    assert examined.findings[0].status is Status.SKIPPED and not examined.complete
    assert can_run([examined], ["a"]) is None
    assert exit_code([examined], None) == 1


def test_one_cut_off_by_the_limit_for_everything_is_not_called_broken() -> None:
    def check(apart: Apart) -> Iterator[Finding]:
        try:
            apart.run((sys.executable, "-c", "import time; time.sleep(60)"), print, 60)
        except NoAnswer as error:
            yield failure("engine x", error)

    (examined,) = run(Check("engines", "", check, needed="any"), apart=Apart(limit_s=0.2))
    assert [f.status for f in examined.findings] == [Status.SKIPPED]
    assert "--timeout 0.4" in examined.findings[0].cure
    assert can_run([examined], ["engines"]) is None
    fine = Examined(examined.check, (OK, SKIPPED), 1.0, complete=False)
    assert can_run([fine], ["engines"]) is True  # one engine is enough


def test_the_wish_to_stop_ends_it() -> None:
    stop = threading.Event()
    running = threading.Event()

    def waiting(apart: Apart) -> Iterator[Finding]:
        running.set()
        stop.set()
        yield OK

    with pytest.raises(Cancelled):
        run(Check("a", "A", waiting), Check("b", "B", good), apart=Apart(stop.is_set))
    assert running.is_set()


@pytest.mark.parametrize(
    ("engines", "face", "expected"),
    [
        ([OK, BAD], [OK, OK], True),
        ([BAD, SKIPPED], [OK, OK], False),
        ([OK], [OK, BAD], False),
        ([OK], None, None),
        ([SKIPPED], None, False),
    ],
)
def test_the_main_job_wants_one_engine_face_tracking_and_a_portrait(
    engines: list[Finding], face: list[Finding] | None, expected: bool | None
) -> None:
    examined = [Examined(Check("engines", "", good, needed="any"), tuple(engines), 1.0)]
    if face is not None:
        examined.append(Examined(Check("face", "", good, needed="all"), tuple(face), 1.0))
    assert can_run(examined, ["engines", "face"]) is expected


def test_the_exit_code() -> None:
    camera = Examined(Check("cameras", "", good), (BAD,), 1.0)
    assert exit_code([camera], True) == 0  # the app runs without
    assert exit_code([camera], False) == 1
    assert exit_code([camera], None) == 1  # it was asked for
    assert exit_code([Examined(camera.check, (OK,), 1.0)], None) == 0


def test_the_keys_of_the_report() -> None:
    made = report([Examined(Check("a", "", good), (BAD,), 1.5)], None, {"os": "x"})
    assert set(made) == {
        "format", "avatar", "can_run", "machine", "findings", "seconds"}  # fmt: skip
    assert made["findings"] == [
        {"check": "a", "name": "thing", "status": "failed", "found": "broken", "cure": "mend it",
         "details": {}}
    ]  # fmt: skip
    assert made["seconds"] == {"a": 1.5}


def test_what_the_main_job_needs_is_in_the_roster() -> None:
    assert len(set(NAMES)) == len(NAMES)
    needed = {check.name: check.needed for check in roster("compact") if check.needed}
    assert needed == {"engines": "any", "face": "all"}
