import json
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the guest is a Linux")

from avatar.errors import AvatarError  # noqa: E402
from tools.vm import __main__ as command  # noqa: E402
from tools.vm.guest.record import Record  # noqa: E402
from tools.vm.image import Image  # noqa: E402
from tools.vm.machine import EMULATED, STEADY, Machine  # noqa: E402


@pytest.fixture
def guest(tmp_path, monkeypatch):
    """A guest that starts nothing and claims what the test says; notes how it was started."""
    image = tmp_path / "image"
    image.mkdir()
    (image / "versions.txt").write_text("kernel 6.1\n")
    started = []

    def run(self, limit_s, tell):
        started.append(self)
        record = Record(self.results)
        with record.proof("cadence"):
            record.claim("it is upright", run.held)
        return 12.0

    run.held = True
    monkeypatch.setattr(command, "ready_image", lambda rebuild: Image(image))
    monkeypatch.setattr(command, "pack", lambda folder: None)
    monkeypatch.setattr(Machine, "run", run)
    run.started = started
    return run


@pytest.mark.parametrize(("held", "code"), [(True, 0), (False, 1)])
def test_the_verdict_is_kept_and_decides_the_exit_code(guest, tmp_path, capsys, held, code):
    guest.held = held
    results = tmp_path / "results"
    results.mkdir()
    (results / "mine.txt").touch()
    assert command.main(["cadence", "--results", str(results)]) == code
    verdict = json.loads((results / "verdict.json").read_text())
    assert verdict["passed"] is held and verdict["versions"] == {"kernel": "6.1"}
    assert verdict["claims"][0]["says"] == "it is upright"
    assert (results / "mine.txt").exists()  # others' files are left alone
    assert "it is upright" in capsys.readouterr().out


def test_claims_of_an_older_run_do_not_count(guest, tmp_path, monkeypatch):
    Record(tmp_path).claim("long ago", True)
    monkeypatch.setattr(Machine, "run", lambda self, limit_s, tell: 1.0)
    assert command.main(["--results", str(tmp_path)]) == 1


def test_time_is_the_guests_own_unless_asked_otherwise(guest, tmp_path):
    command.main(["--results", str(tmp_path)])
    command.main(["--results", str(tmp_path), "--host-time", "lost"])
    steady, free = guest.started
    assert (steady.accelerator, steady.words) == (STEADY, ())
    assert (free.accelerator, free.words) == (EMULATED, ("lost",))


def test_an_unknown_proof_is_bad_usage(capsys):
    with pytest.raises(SystemExit):
        command.main(["nonsense"])
    assert "nonsense" in capsys.readouterr().err


def test_what_stops_it_is_said_in_two_lines(guest, tmp_path, monkeypatch, capsys):
    def refuse(rebuild):
        raise AvatarError("No room.", hint="Make some.")

    monkeypatch.setattr(command, "ready_image", refuse)
    assert command.main([]) != 0
    assert capsys.readouterr().err == "error: No room.\n  what to do: Make some.\n"
