"""Counted in processes of their own: arenas that exist stay."""

import os
import platform
import subprocess
import sys

import pytest

from avatar import arenas
from avatar.arenas import ARENAS, limit_arenas

glibc = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="the C library is not glibc: it has no such arenas"
)

COUNT = """
import ctypes, threading
from avatar.arenas import limit_arenas
{before}
together = threading.Barrier(17)
def allocate():
    block = bytearray(100_000)
    together.wait(30)
    together.wait(30)
threads = [threading.Thread(target=allocate) for _ in range(16)]
for thread in threads:
    thread.start()
together.wait(30)
ctypes.CDLL(None).malloc_stats()
together.wait(30)
"""


def counted(before: str, **env: str) -> int:
    """How many arenas 16 threads use."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC")}
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(before=before)],
        env=clean | env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.count("Arena ")


@glibc
def test_threads_share_few_arenas() -> None:
    assert counted("assert limit_arenas()") == ARENAS
    if (os.cpu_count() or 1) > 1:  # eight for each core, else
        assert counted("") > ARENAS


@glibc
def test_who_chose_by_the_environment_is_heeded() -> None:
    assert counted("assert not limit_arenas()", MALLOC_ARENA_MAX="5") == 5


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_another_c_library_is_left_alone(monkeypatch, error: type[Exception]) -> None:
    def refuse(name: object) -> None:
        raise error("no such library")

    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    monkeypatch.setattr(arenas.ctypes, "CDLL", refuse)
    assert not limit_arenas()
    monkeypatch.setattr(arenas.ctypes, "CDLL", lambda name: object())  # no mallopt of glibc's
    assert not limit_arenas()
