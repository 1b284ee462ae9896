"""The command itself: exit codes, no traceback, and an end even when a thread hangs."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from avatar import cli
from avatar.errors import AvatarError, UsageError
from avatar.logs.folder import newest
from avatar.places import HOME

HANGING = """
import sys, time
from avatar import cli
from avatar.worker import Worker
def run(args):
    Worker("stuck", lambda stop: time.sleep(60)).start()
    print("done")
    return 3
import avatar.cli.cameras
avatar.cli.cameras.run = run
sys.argv = ["avatar", "cameras"]
sys.exit(cli.main())
"""


def test_a_hanging_thread_does_not_keep_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGING], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout) == (3, "done\n")
    assert "Traceback" not in done.stderr


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "what to do" in capsys.readouterr().err


def test_ctrl_c_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("avatar.cli.cameras.run", interrupted)
    assert cli.main(["cameras"]) == 130
    assert capsys.readouterr().err == "stopped\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME, str(tmp_path))
    return tmp_path


def logged() -> str:
    (path,) = newest()
    return path.read_text()


def raising(error: Exception, monkeypatch: pytest.MonkeyPatch, command: str = "engines") -> None:
    def run(args: object) -> int:
        raise error

    monkeypatch.setattr(f"avatar.cli.{command}.run", run)


def test_an_unexpected_error_names_the_log_which_has_the_traceback(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(ZeroDivisionError("odd"), monkeypatch)
    assert cli.main(["engines"]) == 1
    (path,) = newest()
    assert path.parent == home / "logs"
    assert capsys.readouterr().err.splitlines() == [
        "error: unexpected ZeroDivisionError: odd", f"  what to do: report it with {path}",
    ]  # fmt: skip
    assert "Traceback" in logged() and "ERROR" in logged()


def test_without_a_log_it_names_the_option(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(ZeroDivisionError("odd"), monkeypatch, "cameras")
    assert cli.main(["cameras"]) == 1
    assert "avatar -v" in capsys.readouterr().err and newest() == []


def test_a_log_that_cannot_be_written_is_said_and_the_command_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "logs").touch()  # no folder
    monkeypatch.setattr("avatar.cli.engines.run", lambda args: 0)
    assert cli.main(["engines"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: the log cannot be written")


def test_what_was_asked_and_how_it_ended_are_logged(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        raise UsageError("Too much.", hint="Take less.") from OSError("too large")
    except AvatarError as error:
        raising(error, monkeypatch)
    assert cli.main(["engines", "--model", "compact"]) == 2
    assert "avatar engines model=compact" in logged()
    assert "ends with 2: Too much. Take less." in logged() and "OSError: too large" in logged()


@pytest.mark.parametrize("verbose", [False, True])
def test_stderr_has_errors_without_tracebacks_unless_more_is_asked_for(
    verbose: bool, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(args: object) -> int:
        log = logging.getLogger("avatar.test")
        log.info("some news")
        try:
            raise ValueError("odd")
        except ValueError:
            log.exception("it failed")
            log.error("told", extra={"told": True})
        return 0

    monkeypatch.setattr("avatar.cli.engines.run", run)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's, which were there first
    assert cli.main([*(["-v"] if verbose else []), "engines"]) == 0
    told = capsys.readouterr().err
    assert "ERROR avatar.test: it failed" in told and "ERROR avatar.test: told" not in told
    assert ("Traceback" in told) is verbose and ("some news" in told) is verbose
    assert "Traceback" in logged() and "some news" in logged() and "told" in logged()
    logging.getLogger().setLevel(logging.WARNING)


def test_portable_keeps_the_log_beside_the_program_from_the_first_run_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME, "")
    monkeypatch.setattr(sys, "prefix", str(home / "app" / "env"))
    monkeypatch.setattr("avatar.cli.run.run", lambda args: 0)
    assert cli.main(["run", "--portable"]) == 0
    assert newest()[0].parent == home / "app" / "avatar-data" / "logs"
