"""``avatar run`` without a window, through fakes at the ports."""

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avatar import cli
from avatar.choosing.offer import Offer
from avatar.config import RunConfig
from avatar.errors import EngineError, SinkError, SourceError
from avatar.frame import Crop, Frame, Portrait
from avatar.motion.settings import MotionSettings
from avatar.rest import Rest
from avatar.session import Session
from avatar.sinks.null import NullSink
from avatar.stats import SessionStats
from engines.fake import FakeEngine

BOX = np.array([0, 0, 256, 256], np.float32)
GREY = np.full((256, 256, 3), 90, np.uint8)


class Clip:
    """Frames at 100 a second; ``frames`` of them, or without end."""

    live, fps, size, name = True, 100.0, (256, 256), "clip"

    def __init__(self, frames: int | None = None, broken: bool = False) -> None:
        self.left = frames
        self.given = 0
        self.broken = broken

    def open(self) -> None:
        if self.broken:
            raise SourceError("The camera is busy.", hint="Close the other program.")

    def read(self) -> Frame | None:
        time.sleep(0.01)
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                return None
        self.given += 1
        return Frame(GREY.copy(), self.given - 1, time.monotonic_ns())

    def close(self) -> None:
        pass


class Cropper:
    """Every frame is its own crop."""

    def crop(self, frame: Frame) -> Crop:
        return Crop(frame.image, BOX, None, False, frame.index, frame.t_ns)

    def close(self) -> None:
        pass


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """What open_session makes, and the configs it was asked for."""
    stage = SimpleNamespace(
        source=Clip(), engine=FakeEngine, better=None, sinks=[NullSink()], configs=[]
    )

    class Chooser:
        def asked(self, spec: str) -> Any:
            return stage.engine()

        def auto(self, failed: Any, progress: Any, cancelled: Any, *, measuring: bool) -> Offer:
            if failed:
                raise EngineError("No engine can run here.")
            return Offer(stage.engine(), "a fake", better=stage.better and stage.better())

        def unused_gpu(self, engine: Any, failed: Any) -> None:
            return None

    def open_session(config: Any) -> Session:
        stage.configs.append(config)
        return Session(
            stage.source, Cropper, Chooser(), Portrait(GREY, BOX, GREY, None, "grey"), stage.sinks
        )

    monkeypatch.setattr("avatar.session.open_session", open_session)
    monkeypatch.setattr("avatar.cli.run._REFRESH_S", 0.02)
    yield stage


def headless(*options: str) -> int:
    return cli.main(["run", "--headless", *options])


def last_json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return report


def test_json_is_the_last_line(stage: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    assert headless("--duration", "0.3", "--json") == 0
    report = last_json(capsys)
    assert report["fps_out"] > 0 and report["frames"] == stage.sinks[0].frames
    assert set(report["frame_age_ms"]) == {"p50", "p95", "p99"}
    assert set(report["sink_age_ms"]["sink-null"]) == {"p50", "p95", "p99"}
    stages = report["stage_age_ms"]
    assert list(stages) == ["capture", "crop", "wait", "detect", "motion", "render"]
    for percentile in ("p50", "p95", "p99"):  # a frame only gets older
        ages = [stage[percentile] for stage in stages.values()]
        assert ages == sorted(ages) and ages[-1] > 0
    assert set(report["drops"]) == {"skipped", "inference", "sink-null"}
    assert (report["engine"], report["engine_reason"]) == ("fake", "a fake")
    assert report["rss_mb"] >= 0 and report["seconds"] > 0 and not stage.sinks[0].is_open


def test_a_better_engine_built_meanwhile_is_told(
    stage: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    class Better(FakeEngine):
        name = "better"
        built = False

        def missing(self) -> str:
            return "" if self.built else "a plan"

        def build(self, progress: Any, cancelled: Any) -> None:
            progress(0.5, "Half of the plan")
            self.built = True

    stage.better = Better
    assert headless("--duration", "0.4", "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out.splitlines()[-1])["engine"] == "better"
    assert "better is built and runs." in told.err


def test_options_become_a_config(stage: SimpleNamespace) -> None:
    stage.source = Clip(frames=1)
    words = (
        "--portrait p.png --camera clip.mp4 --loop --model m --engine fake --absolute "
        "--mirror --no-smoothing --no-crop --virtual-camera /dev/video9"
    )
    assert headless(*words.split()) == 0
    config = stage.configs[0]
    assert (config.portrait, config.camera, config.loop) == (Path("p.png"), "clip.mp4", True)
    assert config.motion == MotionSettings(relative=False, smoothing=0)
    assert config.crop is False
    assert (config.rest, config.slate) == (Rest(), None)
    assert (config.model, config.engine, config.mirror) == ("m", "fake", True)
    assert (config.virtual_camera, config.virtual_camera_device) == (True, "/dev/video9")
    headless("--virtual-camera", "--size", "640x480", "--fps", "15")
    words = "--rest slate --rest-after 4 --slate me.png"
    headless(*words.split())
    config = stage.configs[2]
    assert (config.rest, config.slate) == (Rest(mode="slate", after_s=4), Path("me.png"))
    config = stage.configs[1]
    assert (config.virtual_camera, config.virtual_camera_device) == (True, None)
    assert (config.size, config.fps) == ((640, 480), 15)


def test_a_file_that_ends_ends_the_run(
    stage: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.source = Clip(frames=5)
    assert headless() == 0
    assert "clip is over" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_stop_cleanly(stage: SimpleNamespace, number: signal.Signals) -> None:
    before = signal.getsignal(number)

    def kill() -> None:
        deadline = time.monotonic() + 5
        while not stage.sinks[0].frames and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=kill)
    thread.start()
    assert headless() == 0
    thread.join()
    assert not stage.sinks[0].is_open
    assert signal.getsignal(number) is before


def test_failures_set_the_exit_code_and_say_what_to_do(
    stage: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.source = Clip(broken=True)
    assert headless("--json") == 2
    out = capsys.readouterr()
    assert "error: The camera is busy." in out.err and "what to do: Close the other" in out.err
    assert json.loads(out.out)["frame_age_ms"] == {"p50": None, "p95": None, "p99": None}

    class Broken(FakeEngine):
        fail_open = True

    stage.source, stage.engine = Clip(), Broken
    assert headless() == 1
    assert "Traceback" not in capsys.readouterr().err


def test_a_run_whose_only_sink_fails_ends(stage: SimpleNamespace) -> None:
    class NoDriver(NullSink):
        def open(self) -> None:
            raise SinkError("There is no driver.")

    stage.sinks = [NoDriver()]
    assert headless() == 2
    stage.sinks = [NoDriver("one"), NullSink("two")]
    assert headless("--duration", "0.1") == 2
    assert stage.sinks[1].frames > 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--relative", "--absolute"], "not allowed with"),
        (["--camera", "0", "--loop"], "cannot be looped"),
        (["--duration", "0"], "makes no sense"),
        (["--size", "12"], "1280x720"),
        (["--size", "1x1"], "16 to 8192"),
        (["--fps", "1000"], "1 to 240"),
        (["--camera", "{file}", "--fps", "30"], "own size and frame rate"),
        (["--camera", "{file}", "--record", "{file}"], "overwritten"),
        (["--camera", "/dev/video7", "--virtual-camera", "/dev/video7"], "at once"),
        (["--record", "{folder}/missing/out.mp4"], "does not exist"),
        (["--record", "{folder}/out.txt"], "ending"),
        (["--engine", "warp"], "No engine is called"),
        (["--engine", "fake:int8"], "no precision 'int8'"),
        (["--model", "{folder}/none.safetensors"], "none.safetensors"),
        (["--rest", "sleep"], "invalid choice"),
        (["--rest-after", "-1"], "expected 0 to 600 s"),
        (["--slate", "{folder}/missing.png"], "No such file"),
        (["--nonsense"], "nonsense"),
    ],
)
def test_what_cannot_work_is_refused_before_it_starts(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"not much of a video")
    options = [o.format(file=file, folder=tmp_path) for o in options]
    engine = [] if {"--engine", "--model"} & set(options) else ["--engine", "fake"]
    assert cli.main(["run", "--headless", *engine, *options]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ") and words in err and "Traceback" not in err
    assert file.read_bytes() == b"not much of a video"


def test_without_a_display_a_demo_is_recorded(
    stage: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.chdir(tmp_path)
    stage.source = Clip(frames=3)
    Path("avatar-demo.mp4").write_bytes(b"")  # what the recorder would have written
    assert cli.main(["run"]) == 0
    config = stage.configs[0]
    assert config.headless and config.duration_s == 10
    assert config.record == Path("avatar-demo.mp4")
    err = capsys.readouterr().err
    assert "no display" in err and str(tmp_path / "avatar-demo.mp4") in err


def test_with_a_display_the_window_gets_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ui.app")
    seen: list[Any] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("ui.app.main", lambda over, profile: seen.append((over, profile)) or 7)
    assert cli.main(["run", "--mirror", "--profile", "Work"]) == 7
    over, profile = seen[0]
    assert over(RunConfig(engine="ov")) == RunConfig(engine="ov", mirror=True)
    assert profile == "Work"
    assert cli.main(["run", "--json"]) == 2


def test_a_bug_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(config: Any) -> Any:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("avatar.session.open_session", broken)
    assert headless() == 1
    err = capsys.readouterr().err
    assert "oops" in err and "Traceback" not in err


def test_help_is_instant_because_nothing_heavy_is_imported() -> None:
    import subprocess
    import sys

    code = (
        "import sys, contextlib\nfrom avatar.cli import main\n"
        "with contextlib.suppress(SystemExit): main(['run', '--help'])\n"
        "heavy = {'torch', 'mediapipe', 'cv2', 'av', 'PyQt6', 'scipy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    with contextlib.suppress(SystemExit):
        cli.main(["--version"])


def test_the_figures_tell_that_pictures_are_skipped() -> None:
    from avatar.cli.run import _figures

    drops = {"skipped": 63, "inference": 2, "sink-null": 1}
    told = _figures(SessionStats(fps=8, drops=drops, engine="ov"), 12, None)
    assert "63 skipped: engine slower than camera  3 dropped" in told
    assert "skipped" not in _figures(SessionStats(drops={"skipped": 0, "inference": 2}), 12, None)
