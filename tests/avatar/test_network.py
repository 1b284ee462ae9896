"""The whole app with the network forbidden: nothing even tries to reach it.

Each run has a guard that its child processes inherit. In Python an audit hook tells who made a
socket. Below, on Linux, the kernel (seccomp) ends any process that makes one of AF_INET or
AF_INET6, whichever library does it; other systems have the hook alone.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from avatar.assets import asset

pytestmark = pytest.mark.slow

GUARD = '''
import ctypes, os, platform, socket, struct, sys, traceback

SOCKET = {"x86_64": 41, "aarch64": 198}.get(platform.machine())

def watch(event, args):
    made = event == "socket.__new__" and args[1] in (socket.AF_INET, socket.AF_INET6)
    if made or event in ("socket.getaddrinfo", "socket.gethostbyname"):
        with open(os.environ["ATTEMPTS"], "a") as log:
            print(event, args[1:], "".join(traceback.format_stack()[-6:-1]), file=log)
        raise PermissionError("the network is forbidden in this test")

def forbid():
    """seccomp: if the call is socket() and its family AF_INET or AF_INET6, kill the process."""
    load, equal, give, allow, kill = 0x20, 0x15, 0x06, 0x7FFF0000, 0x80000000
    steps = [
        (load, 0, 0, 0), (equal, 0, 3, SOCKET),
        (load, 0, 0, 16), (equal, 2, 0, 2), (equal, 1, 0, 10),
        (give, 0, 0, allow), (give, 0, 0, kill),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    about = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    program = ctypes.create_string_buffer(about)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(38, 1, 0, 0, 0) or prctl(22, 2, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")

sys.addaudithook(watch)
if sys.platform == "linux" and SOCKET and "GUARDED" not in os.environ:
    try:
        forbid()
        os.environ["GUARDED"] = "1"
    except OSError:
        pass  # a container that allows no filters
'''

KERNEL = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")

Guarded = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def guarded(tmp_path: Path) -> Guarded:
    """Runs Python code in a process without network; fails the test if anything reached for it."""
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD)
    attempts = tmp_path / "attempts"

    def run(code: str, *, expected: int = 0) -> "subprocess.CompletedProcess[str]":
        env = {
            **os.environ,
            "PYTHONPATH": f"{tmp_path / 'guard'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
            "ATTEMPTS": str(attempts),
            "AVATAR_HOME": str(tmp_path / "home"),
            "HOME": str(tmp_path),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "QT_QPA_PLATFORM": "offscreen",
        }
        env.pop("ORT_DISABLE_TELEMETRY", None)  # the app has to do that itself
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=150
        )
        assert not attempts.exists(), attempts.read_text()
        assert done.returncode == expected, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


def avatar(guarded: Guarded, *words: str) -> "subprocess.CompletedProcess[str]":
    return guarded(f"import sys\nfrom avatar.cli import main\nsys.exit(main({list(words)!r}))")


def test_the_guard_sees_an_attempt_in_python(guarded: Guarded, tmp_path: Path) -> None:
    for code in (
        "import socket; socket.socket()",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; "
        'socket.create_connection(("127.0.0.1", 9))\'])',
    ):
        with pytest.raises(AssertionError, match="^socket"):
            guarded(code)
        (tmp_path / "attempts").unlink()


@pytest.mark.skipif(not KERNEL, reason="seccomp of Linux on x86_64 or aarch64")
def test_the_guard_sees_an_attempt_of_a_library(guarded: Guarded) -> None:
    done = guarded("import os; print(os.environ.get('GUARDED'))")
    if done.stdout != "1\n":
        pytest.skip("this machine allows no seccomp filters")
    with pytest.raises(AssertionError, match=r"^-31"):  # SIGSYS
        guarded("import av; av.open('tcp://127.0.0.1:9')")
    guarded("import socket; socket.socketpair(); socket.socket(socket.AF_UNIX)")


@pytest.mark.parametrize("engine", ["fake", "ov", "ort"])
def test_a_live_session(guarded: Guarded, engine: str) -> None:
    package = {"ov": "openvino", "ort": "onnxruntime"}.get(engine)
    if package and find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    live = ("run", "--headless", "--camera", "synthetic", "--duration", "1", "--json")
    done = avatar(guarded, *live, "--engine", engine)
    assert '"frames"' in done.stdout


def test_a_live_session_with_a_face_that_is_looked_for(guarded: Guarded) -> None:
    face = str(asset("driving.mp4"))
    avatar(guarded, "run", "--headless", "--camera", face, "--duration", "1", "--engine", "fake")


@pytest.mark.parametrize("engine", ["fake", "ov"])
def test_a_rendering(guarded: Guarded, engine: str, make_video, tmp_path: Path) -> None:
    if engine == "ov" and find_spec("openvino") is None:
        pytest.skip("openvino is not installed")
    video = make_video("in.mp4", frames=5, sound_s=0.2)
    output = tmp_path / "out.mp4"
    avatar(
        *(guarded, "render", "--engine", engine, "--no-crop", "-o", str(output)),
        *("--portrait", str(asset("portraits/astronaut.png")), "--driving", str(video)),
    )
    assert output.stat().st_size > 1000


@pytest.mark.parametrize(
    "words",
    [("bench", "--help"), ("engines",), ("weights", "list"), ("cameras",)],
    ids=" ".join,
)
def test_other_commands(guarded: Guarded, words: tuple[str, ...]) -> None:
    avatar(guarded, *words)


def test_the_window(guarded: Guarded) -> None:
    """A second of it, with a session in it."""
    pytest.importorskip("PyQt6")
    done = guarded(
        "import os, signal, threading\n"
        "from dataclasses import replace\n"
        "from ui.app import main\n"
        "timer = threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT))\n"
        "def over(config):\n"
        "    timer.start()\n"
        "    return replace(config, camera='synthetic', engine='fake')\n"
        "print('closed', main(over))\n"
    )
    assert "closed 0" in done.stdout
