"""An audit that got no answer never passes for one that found nothing."""

import json
import subprocess
from typing import Any

import pytest

from tools import audit

UNKNOWN = {"name": "b", "skip_reason": "Dependency not found on PyPI"}
FINE = {"name": "a", "version": "1", "vulns": []}
HOLE = {"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": [], "description": ""}
HOLED = {"name": "c", "version": "2", "vulns": [HOLE, HOLE | {"fix_versions": []}]}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([FINE], 0, ["0 known holes in 1 of 1 packages"]),
        ([FINE, UNKNOWN], 0, ["0 known holes in 1 of 2 packages; not known to the list: b"]),
        (
            [FINE, HOLED],
            1,
            [
                "c 2: PYSEC-1, mended in 2.1",
                "c 2: PYSEC-1, mended in no version yet",
                "2 known holes in 2 of 2 packages",
            ],
        ),
    ],
)
def test_holes_are_told(packages: list[Any], code: int, said: list[str]) -> None:
    assert audit.lines({"dependencies": packages}) == (code, said)


def test_no_answer_is_not_no_hole() -> None:
    """pip-audit itself ends with 0 and "No known vulnerabilities found" here."""
    code, (said,) = audit.lines({"dependencies": [UNKNOWN, UNKNOWN]})
    assert code == 2 and "any of 2 packages" in said and "nothing was audited" in said


def test_every_pinned_package_is_asked_about() -> None:
    packages = audit.pinned()
    assert len(packages) == len(set(packages)) > 100
    assert any(line.startswith("numpy==") for line in packages)
    assert any(line.startswith("pyobjc-core==") for line in packages)  # macOS's, in the locks only


def answers(monkeypatch, answer: Any) -> None:
    def run(argv, **kwargs) -> subprocess.CompletedProcess[str]:
        assert kwargs["timeout"] == 7
        if isinstance(answer, Exception):
            raise answer
        return subprocess.CompletedProcess(argv, 1, *answer)

    monkeypatch.setattr(audit, "find_spec", lambda name: object())
    monkeypatch.setattr(audit.subprocess, "run", run)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (subprocess.TimeoutExpired("pip-audit", 7), "no answer within 7 s: nothing was audited"),
        (("", "Traceback\nConnectionError: no such host\n"), "no such host: nothing was audited"),
        (("", ""), "pip-audit said nothing: nothing was audited"),
    ],
)
def test_a_list_out_of_reach_is_said(monkeypatch, capsys, answer: Any, says: str) -> None:
    answers(monkeypatch, answer)
    assert audit.main(["--seconds", "7"]) == 2
    assert says in capsys.readouterr().out


def test_a_report_is_printed(monkeypatch, capsys) -> None:
    answers(monkeypatch, (json.dumps({"dependencies": [HOLED], "fixes": []}), ""))
    assert audit.main(["--seconds", "7"]) == 1
    assert "audit: c 2: PYSEC-1, mended in 2.1" in capsys.readouterr().out


def test_without_pip_audit_nothing_is_claimed(monkeypatch, capsys) -> None:
    monkeypatch.setattr(audit, "find_spec", lambda name: None)
    assert audit.main([]) == 2
    assert "nothing was audited" in capsys.readouterr().out
