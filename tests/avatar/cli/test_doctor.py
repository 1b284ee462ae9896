"""``avatar doctor``: table, JSON, zip, exit codes, and Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from avatar import cli
from avatar.cli.doctor import NAMES
from avatar.doctor import roster as module
from avatar.doctor.apart import Apart
from avatar.doctor.finding import Finding, Status
from avatar.doctor.roster import Check


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Findings of the checks; tests change them."""
    findings = {
        "engines": [Finding("engine ov", Status.OK, "12 ms a frame")],
        "face": [Finding("face tracking", Status.OK, "finds it")],
        "cameras": [Finding("cameras", Status.WARNING, "None.", "Plug one in.")],
    }

    def roster(model: str) -> tuple[Check, ...]:
        needed = {"engines": "any", "face": "all"}
        return tuple(
            Check(name, name, lambda apart, f=f: f, needed=needed.get(name, ""))
            for name, f in findings.items()
        )

    monkeypatch.setattr(module, "roster", roster)
    return findings


def test_the_names_are_those_of_the_checks() -> None:
    assert NAMES == module.NAMES


def test_people_get_a_table_with_cures(
    checks: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "warning" in out and "-> Plug one in." in out and "12 ms a frame" in out
    assert out.strip().endswith("The app can run here.")


@pytest.mark.parametrize("broken", ["engines", "face"])
def test_without_what_the_main_job_needs_it_ends_with_1(
    checks: dict[str, Any], broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checks[broken] = [Finding("thing", Status.FAILED, "broken", "mend it")]
    assert cli.main(["doctor"]) == 1
    assert "cannot run here" in capsys.readouterr().out


def test_json_is_one_line(checks: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    report = json.loads(line)
    assert report["can_run"] is True and report["format"] == 1
    assert [finding["status"] for finding in report["findings"]] == ["ok", "ok", "warning"]


def test_only_some(checks: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--only", "cameras", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["can_run"] is None
    assert [finding["check"] for finding in report["findings"]] == ["cameras"]


def test_an_unknown_check_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--only", "toaster"]) == 2
    assert "toaster" in capsys.readouterr().err


@pytest.mark.parametrize("seconds", ["0", "-1", "nan"])
def test_no_time_at_all_is_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--timeout", seconds]) == 2
    assert "more than 0" in capsys.readouterr().err


def test_a_zip_is_written(
    checks: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("AVATAR_HOME", str(tmp_path))

    def crashing(apart: Apart) -> Iterator[Finding]:
        raise ZeroDivisionError
        yield

    before = module.roster
    monkeypatch.setattr(module, "roster", lambda m: (*before(m), Check("qt", "Qt", crashing)))
    logs = tmp_path / "logs"
    logs.mkdir()
    said = "a line of the last run in /home/anna/x\n"
    (logs / "avatar-20260101-000000-run-1.log").write_text(said)
    path = tmp_path / "report.zip"
    assert cli.main(["doctor", "--bundle", str(path)]) == 0
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == {"report.json", "report.txt", "log.txt"}
        log = archive.read("log.txt").decode()
    assert "ZeroDivisionError" in log and "a line of the last run in ~/x" in log
    told = capsys.readouterr().err
    assert "Look through it first" in told
    assert "Traceback" not in told  # it is in the zip


def test_without_weights_it_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AVATAR_HOME", str(tmp_path))
    assert cli.main(["doctor", "--only", "engines", "--model", "vox256", "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["status"] == "failed" and "weights fetch dagan" in finding["cure"]


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal as a terminal on POSIX does")
def test_ctrl_c_leaves_cleanly(tmp_path: Path) -> None:
    stuck = tmp_path / "stuck.py"
    stuck.write_text(
        "import sys\nfrom avatar import cli\nfrom avatar.doctor import roster as module\n"
        "def hang(apart):\n"
        "    print('now', file=sys.stderr, flush=True)\n"
        "    apart.run((sys.executable, '-c', 'import time; time.sleep(60)'), print, 60)\n"
        "module.roster = lambda model: (module.Check('qt', 'Qt', hang),)\n"
        "sys.argv = ['avatar', 'doctor']\nsys.exit(cli.main())\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(stuck)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "now" in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130 and "Traceback" not in told
    assert "stopped" in told
    deadline = monotonic() + 5
    while _left(process.pid) and monotonic() < deadline:
        sleep(0.05)
    assert not _left(process.pid)


def _left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
