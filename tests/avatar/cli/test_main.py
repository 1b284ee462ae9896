"""The command itself: exit codes, no traceback, and an end even when a thread hangs."""

import subprocess
import sys

import pytest

from avatar import cli

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
