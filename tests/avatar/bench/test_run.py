"""The whole bench with engines that need no network, each in a real process."""

import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from avatar.bench.report import show
from avatar.bench.run import BenchConfig, bench
from avatar.errors import AvatarError, UsageError, WeightsError
from engines.fake import FakeEngine

WORKER = """
import os, sys
from avatar.bench import measured, worker
from avatar.errors import EngineError
from engines.fake import FakeEngine

class Broken(FakeEngine):
    name = "broken"
    fail_open = True

class Dying(FakeEngine):
    name = "dying"
    def render(self, code, driving):
        os._exit(9)

class Absent(FakeEngine):
    name = "absent"
    @classmethod
    def available(cls):
        return "there is no such GPU"

class Loud(FakeEngine):
    name = "loud"
    def open(self):
        print("a library prints to stdout")

found = {kind.name: kind for kind in (FakeEngine, Broken, Dying, Absent, Loud)}
measured.engines = lambda: found
sys.exit(worker.main())
"""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avatar.bench.rounds.PACED_S", (1.0, 1.0))
    monkeypatch.setattr("avatar.bench.rounds.FREE_S", (0.5, 0.5))


class Named(FakeEngine):
    """Stands for the engines that the worker above knows."""


def names(*wanted: str) -> dict[str, Any]:
    return {name: type(name, (Named,), {"name": name}) for name in wanted}


@pytest.fixture
def worker(tmp_path: Path) -> tuple[str, str]:
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    return sys.executable, str(script)


def run(config: BenchConfig, cancelled: Any = lambda: False) -> dict[str, Any]:
    told: list[str] = []
    return bench(config, told.append, cancelled)


@pytest.mark.slow
def test_a_fake_engine_from_start_to_report(capsys: pytest.CaptureFixture[str]) -> None:
    report = run(BenchConfig(engines=["fake"], rounds=2, seconds=4, crop=False, reference=False))
    line = json.dumps(report, allow_nan=False)
    (result,) = json.loads(line)["results"]
    assert report["complete"] and result["reason"] == ""
    assert (result["model"], result["engine"], result["precision"]) == ("compact", "fake", "none")
    assert set(result["stages_ms"]) == {
        "decode", "crop", "detect", "motion", "render", "colour", "sink"
    }  # fmt: skip
    for stage in result["stages_ms"].values():
        assert 0 <= stage["p50"] <= stage["p95"] <= stage["p99"]
    assert result["fps"] > 0 and result["pipeline_fps"] > 0
    assert result["frame_age_ms"]["p50"] > 0
    assert 0 < result["live"]["fps"] < 33 and result["live"]["free_run"]["fps"] > 0
    for phase in (result["live"], result["live"]["free_run"]):
        ages = [age["p50"] for age in phase["stage_age_ms"].values()]
        assert list(phase["stage_age_ms"])[:1] == ["capture"] and ages == sorted(ages)
        assert phase["frame_age_ms"]["p50"] > 0
    assert result["startup_s"] > 0 and result["first_frame_s"] > 0 and result["peak_rss_mb"] > 10
    assert result["ratio_to_reference"] is result["psnr_db"] is None
    assert report["machine"]["cores"] >= 1 and report["machine"]["matmul"]["cpu"]["fp32"] > 0

    from rich.console import Console

    show(report, Console(width=80))
    shown = capsys.readouterr().out
    assert "fake:none" in shown and "p95" in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.slow
def test_what_fails_is_a_row_with_its_reason(
    worker: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = names("broken", "dying", "absent", "loud")
    monkeypatch.setattr("avatar.bench.run.engines", lambda: known)
    report = run(
        BenchConfig(
            engines=list(known), rounds=1, seconds=1, crop=False, reference=False, worker=worker
        )
    )
    reasons = {row["engine"]: row["reason"] for row in report["results"]}
    assert "told not to open" in reasons["broken"]
    assert "died" in reasons["dying"] and "exit code 9" in reasons["dying"]
    assert reasons["absent"] == "There is no such GPU."
    loud = next(row for row in report["results"] if row["engine"] == "loud")
    assert loud["fps"] > 0  # the others did not end the bench, nor do prints
    assert report["complete"]


@pytest.mark.slow
@pytest.mark.parametrize("when", ["round 1", "Recording"])
def test_stopping_gives_what_there_is_so_far(when: str) -> None:
    stop = threading.Event()

    def tell(text: str) -> None:
        if text.startswith(when):
            stop.set()

    config = BenchConfig(engines=["fake"], rounds=9, crop=False, reference=False)
    report = bench(config, tell, stop.is_set)
    assert not report["complete"]
    (result,) = report["results"]
    assert result["live"] is None
    assert (result["first_frame_s"] is not None) == (when == "round 1")
    json.dumps(report, allow_nan=False)


def test_unusable_wishes_are_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("avatar.bench.rounds.WorkerProcess", None)  # nothing may start
    with pytest.raises(UsageError, match="'warp'"):
        run(BenchConfig(engines=["warp"]))
    with pytest.raises(WeightsError, match="nothing-of-the-kind"):
        run(BenchConfig(models=["nothing-of-the-kind"]))
    with pytest.raises(UsageError, match="0 rounds"):
        BenchConfig(rounds=0)
    with pytest.raises(UsageError, match="seconds"):
        BenchConfig(seconds=float("nan"))


@pytest.mark.slow
def test_a_clip_that_is_none_ends_it(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_text("no video")
    with pytest.raises(AvatarError, match="clip.mp4"):
        run(BenchConfig(engines=["fake"], clip=str(clip), crop=False, reference=False))
