"""``avatar bench``: what it prints, writes and refuses, and that it leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from avatar.bench.row import Row
from avatar.bench.subject import Subject
from avatar.cli import main

KEYS = {
    "model", "engine", "precision", "stages_ms", "fps", "ratio_to_reference", "psnr_db",
    "frame_age_ms", "startup_s", "peak_rss_mb", "reason",
}  # fmt: skip


def report(**about: Any) -> dict[str, Any]:
    row = Row(Subject("compact", None, "fake", "none"))
    row.add_networks({"frame": [10.0, 20.0]})
    row.add_pipeline({"decode": [1.0], "crop": [2.0], "sink": [0.01], "frame": [3.01]})
    absent = Row(Subject("compact", None, "trt", "fp16"))
    absent.reason = "There is no NVIDIA GPU [here]."
    machine = {
        "cpu": "A", "cores": 2, "busy": 0.5, "memory_gb": 8.0, "os": "Linux", "gpu": None,
        "avatar": "0", "python": "3.11", "versions": {"numpy": "1.26"},
        "matmul": {"by": "numpy", "cpu": {"fp32": 50.0}},
    }  # fmt: skip
    results = [row.to_json(None, None), absent.to_json(None, None)]
    return {"machine": machine, "results": results, "notes": ["noisy"], "complete": True} | about


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    configs: list[Any] = []

    def bench(config: Any, tell: Any, cancelled: Any) -> dict[str, Any]:
        tell("[eager] a sentence " * 20)
        configs.append(config)
        return report()

    monkeypatch.setattr("avatar.bench.run.bench", bench)
    return configs


def test_the_last_line_is_the_report(asked: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--json"]) == 0
    out = capsys.readouterr().out
    found = json.loads(out.splitlines()[-1])
    assert set(found) >= {"machine", "results"}
    assert all(set(result) >= KEYS for result in found["results"])
    table = out.splitlines()[:-1]
    assert max(map(len, table)) <= 80
    assert any("no NVIDIA GPU [here]" in line for line in table)


def test_options_reach_the_bench(asked: Any) -> None:
    line = "bench --engine ov:int8 --engine eager --model vox256 --rounds 2 --seconds 9 --live"
    assert main([*line.split(), "--no-crop", "--clip", "a.mp4"]) == 0
    (config,) = asked
    assert config.engines == ["ov:int8", "eager"] and config.models == ["vox256"]
    assert (config.rounds, config.seconds) == (2, 9)
    assert config.live_only and not config.crop and config.clip == "a.mp4"


def test_quick_is_quicker_and_still_gives_way_to_what_is_named(asked: Any) -> None:
    main(["bench"])
    main(["bench", "--quick"])
    main(["bench", "--quick", "--rounds", "9"])
    usual, quick, named = asked
    assert quick.seconds < usual.seconds <= 120 and quick.rounds < usual.rounds
    assert named.rounds == 9 and named.seconds == quick.seconds


def test_a_report_is_written_and_compared(
    asked: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old.json"
    assert main(["bench", "--out", str(old)]) == 0
    values = json.loads(old.read_text())
    values["results"][0]["fps"] *= 2
    values["machine"]["cores"] = 64
    old.write_text(json.dumps(values))
    capsys.readouterr()
    assert main(["bench", "--compare", str(old), "--out", str(old), "--json"]) == 0
    out = capsys.readouterr().out
    (fps,) = (r for r in json.loads(out.splitlines()[-1])["comparison"] if r["figure"] == "fps")
    assert fps["ratio"] == 0.5
    assert "machines differ" in out and "cores: 64, now 2" in out
    assert json.loads(old.read_text())["comparison"]
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--compare", "none.json"], "none.json cannot be read"),
        (["--compare", "text.json"], "no JSON"),
        (["--out", "none/new.json"], "does not exist"),
        (["--out", "new.txt"], "'.txt'"),
        (["--rounds", "0"], "0 rounds"),
        (["--seconds", "-1"], "-1 seconds"),
        (["--seconds", "nan"], "nan seconds"),
    ],
)
def test_what_cannot_be_done_is_refused_before_measuring(
    asked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.json").write_text("a text")
    assert main(["bench", *options]) == 2
    err = capsys.readouterr().err
    assert said in err.replace("\n", " ") and "what to do" in err
    assert asked == []


def test_nothing_measured_and_stopped_early_are_told_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = [{**result, "reason": "no"} for result in report()["results"]]
    monkeypatch.setattr("avatar.bench.run.bench", lambda *a: report(results=failed))
    assert main(["bench"]) == 1
    monkeypatch.setattr("avatar.bench.run.bench", lambda *a: report(complete=False))
    assert main(["bench"]) == 130
    assert "Stopped before the end" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_it_and_all_its_processes(number: signal.Signals) -> None:
    mark = f"bench-{os.getpid()}-{number}"
    command = [
        sys.executable,
        "-m",
        "avatar",
        "-v",
        "bench",
        "--engine",
        "fake",
        "--no-crop",
        "--json",
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "BENCH_MARK": mark},
    )  # fmt: skip
    while not marked(mark, b"avatar.bench.worker") and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    if number == signal.SIGKILL:
        assert process.returncode == -number
    else:
        assert process.returncode == 130
        assert json.loads(out.splitlines()[-1])["complete"] is False
    # At the end of their stdin workers end by themselves, once they have imported what they need.
    end = time.monotonic() + 60
    while marked(mark) and time.monotonic() < end:
        time.sleep(0.05)
    assert marked(mark) == []


def marked(mark: str, command: bytes = b"") -> list[int]:
    """Processes that inherited the mark, and have this in their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = f"BENCH_MARK={mark}".encode() in (folder / "environ").read_bytes()
            if ours and command in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found
