"""``avatar engines``: the table, what is measured, and what is taken by itself."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from avatar import cli
from avatar.engine import Installed
from avatar.gpu import Gpu
from engines.fake import FakeEngine


class Quick(FakeEngine):
    name, rank, precisions = "quick", 40, ("fp32", "int8")


class Plain(FakeEngine):
    name, rank = "plain", 10


class Rare(FakeEngine):
    name, rank = "rare", 20

    @classmethod
    def available(cls) -> str:
        return "it needs a quantum computer"


class Planned(FakeEngine):
    name, rank = "planned", 80

    def missing(self) -> str:
        return "a plan for this GPU"

    def build(self, progress: Any, cancelled: Callable[[], bool]) -> None:
        raise RuntimeError("no compiler")


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """These engines, no GPU, weights that are none and an empty memory."""
    machine = SimpleNamespace(
        engines=[Quick, Plain, Rare, Planned, FakeEngine], broken={}, gpu=None, models=[]
    )
    monkeypatch.setattr(
        "avatar.choosing.choice.find_engines",
        lambda: Installed({e.name: e for e in machine.engines}, machine.broken),
    )
    monkeypatch.setattr("avatar.choosing.choice.find_gpu", lambda: machine.gpu)
    monkeypatch.setattr("avatar.choosing.speeds.cache_folder", lambda: tmp_path)
    monkeypatch.setattr(
        "avatar.weights.describe",
        lambda name: machine.models.append(name) or SimpleNamespace(sha256="0" * 64),
    )
    return machine


def report(capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    assert cli.main(["engines", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_table_says_what_can_run_and_what_is_taken(
    machine: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.broken["odd"] = "its module cannot be imported: ImportError: x"
    assert cli.main(["engines"]) == 0
    out = capsys.readouterr().out
    lines = {line.split()[0] + " " + line.split()[1]: line for line in out.splitlines() if line}
    assert "ready" in lines["quick int8"] and "ready" in lines["plain none"]
    assert "cannot run here: it needs a quantum computer" in lines["rare none"]
    assert "no NVIDIA GPU was found" in lines["planned none"]
    assert "ImportError: x" in out and "only when asked for" in lines["fake none"]
    assert "the next start measures quick:int8, quick:fp32" in out
    assert "\n  not plain: " not in out.partition("compact, auto")[0]
    assert machine.models == ["compact"]


def test_measured_engines_show_their_figures(
    machine: SimpleNamespace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["engines", "--measure", "--model", "mine"]) == 0
    told = capsys.readouterr()
    assert "mine, auto: takes quick:" in told.out and "ms a frame, measured" in told.out
    assert "not plain:" in told.out and machine.models == ["mine"]
    assert (tmp_path / "speeds.json").is_file()
    found = report(capsys)
    assert found["auto"]["takes"] in ("quick:fp32", "quick:int8")
    ms = {entry["label"]: entry["ms"] for entry in found["engines"]}
    assert {name for name, value in ms.items() if value is not None} == {
        "quick:fp32",
        "quick:int8",
        "plain",
    }


def test_json_has_everything(machine: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    machine.gpu = Gpu("NVIDIA T4", "580.65")
    found = report(capsys)
    assert found["model"] == "compact" and found["gpu"]["name"] == "NVIDIA T4"
    assert found["auto"]["builds"] == "planned" and found["auto"]["takes"] is None
    assert found["auto"]["measures"] == ["quick:int8", "quick:fp32"]
    states = {entry["label"]: (entry["state"], entry["why"]) for entry in found["engines"]}
    assert states["planned"] == ("unbuilt", "a plan for this GPU")
    assert states["rare"] == ("unavailable", "it needs a quantum computer")
    failed = report(capsys, "--measure")
    planned = next(e for e in failed["engines"] if e["label"] == "planned")
    assert planned["failed"] == "cannot be built: RuntimeError: no compiler"
    assert failed["auto"]["builds"] is None


def test_a_machine_where_nothing_runs_is_still_listed(
    machine: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.engines = [Rare, FakeEngine]
    assert cli.main(["engines"]) == 0
    out = capsys.readouterr().out
    assert "No engine can run here" in out and "quantum computer" in out
    assert report(capsys)["auto"]["takes"] is None
