"""Ctrl-C and SIGTERM, once and twice, to a real ``avatar run --headless``."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")

START_S = 60.0
END_S = 15.0
FRAGMENT = 8000  # bytes
HANGING = """
import sys, time
from avatar.cli import main
from avatar.sinks.recorder import Recorder

def close(self):
    print("closing", flush=True)
    time.sleep(60)

Recorder.close = close
sys.exit(main())
"""
"""A run whose end takes a minute, so that a second signal has something to end."""


def started(folder: Path, *, hanging: bool = False) -> "subprocess.Popen[str]":
    """A run that has recorded more than the first fragment of its video, about a second."""
    program = ["-c", HANGING] if hanging else ["-m", "avatar"]
    options = [
        "--headless",
        "--engine",
        "fake",
        "--camera",
        "synthetic",
        "--no-crop",
        "--json",
        "--record",
        "a.mp4",
    ]
    process = subprocess.Popen(
        [sys.executable, *program, "run", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    deadline = time.monotonic() + START_S
    part = folder / "a.part.mp4"
    while not (part.exists() and part.stat().st_size > FRAGMENT) and process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
            pytest.fail("nothing was recorded in time")
        time.sleep(0.02)
    return process


def playable(path: Path) -> int:
    with av.open(str(path)) as file:
        return sum(1 for _ in file.decode(video=0))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_it_and_completes_the_recording(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = started(tmp_path)
    process.send_signal(number)
    out, err = process.communicate(timeout=END_S)
    assert process.returncode == 0, err
    assert out.splitlines()[-1].startswith('{"fps_out"')
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert playable(tmp_path / "a.mp4") > 0


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -15)])
def test_a_second_one_ends_it_at_once_and_what_was_recorded_plays(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    process = started(tmp_path, hanging=True)
    process.send_signal(number)
    assert process.stdout is not None and process.stdout.readline() == "closing\n"
    process.send_signal(number)
    begun = time.monotonic()
    _, err = process.communicate(timeout=END_S)
    assert time.monotonic() - begun < END_S
    assert process.returncode == code, err
    assert "Traceback" not in err
    (part,) = tmp_path.iterdir()
    assert playable(part) >= 15


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_starts_ends_it_quietly(tmp_path: Path, number: signal.Signals) -> None:
    options = ["--headless", "--engine", "fake", "--camera", "synthetic", "--no-crop"]
    process = subprocess.Popen(
        [sys.executable, "-c", STARTING, "run", *options],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "starting\n"
    process.send_signal(number)
    _, err = process.communicate(timeout=END_S)
    assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGTERM), err
    assert "Traceback" not in err


STARTING = """
import sys, time
import avatar.session
from avatar.cli import main

def open_session(config):
    print("starting", flush=True)
    time.sleep(60)

avatar.session.open_session = open_session
sys.exit(main())
"""
