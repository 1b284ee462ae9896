"""Speeds: how fast each engine was on this machine, remembered between starts.

One JSON file in the cache folder. A measurement counts only for the same weights, on the same
machine (CPU, usable cores, GPU and driver) with the same versions of the runtimes; everything else
in the file is kept for the day it counts again. A damaged or unwritable file costs a new
measurement and a warning in the log, never a start.
"""

import contextlib
import datetime
import hashlib
import json
import logging
import math
import os
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from avatar.gpu import Gpu
from avatar.graphs import cache_folder

log = logging.getLogger(__name__)

FORMAT = "avatar-speeds-1"
FILE = "speeds.json"

RUNTIMES = ("dagan-avatar", "onnxruntime", "openvino", "tensorrt", "torch", "torch-tensorrt")
"""Packages whose versions decide whether an old measurement still counts."""

LONGEST_MS = 600_000.0
"""No frame takes longer: a number above it is damage."""

KEPT = 64
"""How many pairs of machine and weights are remembered; the oldest go first."""


@dataclass(frozen=True)
class Speed:
    """What a frame (detect and render) took: ``ms``, the median; ``day`` (ISO) it was measured."""

    ms: float
    day: str

    def __str__(self) -> str:
        return f"{self.ms:.1f} ms a frame, measured {self.day}"


Book = dict[str, dict[str, Speed]]
"""Speeds by engine, by key of machine and weights; the one written last comes last."""


class Speeds:
    """The measurements of one machine.

    Args:
        machine: what they depend on beside the weights; :func:`this_machine`.
        path: the file; None = in the cache folder.
    """

    def __init__(self, machine: Mapping[str, str], path: Path | None = None) -> None:
        self._machine = json.dumps(dict(machine), sort_keys=True)
        self._path = path

    @property
    def path(self) -> Path:
        """The file; may not exist yet."""
        return cache_folder() / FILE if self._path is None else self._path

    def of(self, sha256: str) -> dict[str, Speed]:
        """What is remembered of the engines ("ov:int8") with the weights of that SHA-256."""
        return self._read().get(self._key(sha256), {})

    def remember(self, sha256: str, measured: Mapping[str, float]) -> dict[str, Speed]:
        """Keep measurements in ms; everything known now, even where the file cannot be written."""
        today = datetime.date.today().isoformat()
        book = self._read()
        key = self._key(sha256)
        known = book.pop(key, {}) | {name: Speed(ms, today) for name, ms in measured.items()}
        book[key] = known
        for oldest in list(book)[:-KEPT]:
            del book[oldest]
        try:
            _write(self.path, dump(book))
        except OSError as error:
            log.warning("speeds are not remembered: %s cannot be written (%s)", self.path, error)
        return known

    def _key(self, sha256: str) -> str:
        return hashlib.sha256(f"{self._machine}\n{sha256}".encode()).hexdigest()[:32]

    def _read(self) -> Book:
        try:
            return parse(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("remembered speeds are of no use (%s): %s", self.path, error)
            return {}


def this_machine(gpu: Gpu | None) -> dict[str, str]:
    """What speeds depend on: CPU, cores this process may use, GPU, driver, runtime versions."""
    found = {
        "cpu": _cpu(),
        "cores": str(_cores()),
        "gpu": "" if gpu is None else gpu.name,
        "driver": "" if gpu is None else gpu.driver,
    }
    for package in RUNTIMES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return found


def parse(content: bytes) -> Book:
    """The measurements in a file's content; single ones that make no sense are left out.

    Raises:
        ValueError: it is no JSON, or of another format.
    """
    try:
        found = json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    book: Book = {}
    speeds = found.get("speeds")
    for key, entries in speeds.items() if isinstance(speeds, dict) else ():
        if isinstance(entries, dict):
            good = {name: speed for name, entry in entries.items() if (speed := _speed(entry))}
            if good:
                book[key] = good
    return book


def dump(book: Book) -> bytes:
    """The content of a file, as :func:`parse` takes it."""
    speeds = {
        key: {name: {"ms": speed.ms, "day": speed.day} for name, speed in entries.items()}
        for key, entries in book.items()
    }
    return json.dumps({"format": FORMAT, "speeds": speeds}, indent=1).encode() + b"\n"


def _speed(entry: Any) -> Speed | None:
    if not isinstance(entry, dict):
        return None
    ms, day = entry.get("ms"), entry.get("day")
    if isinstance(ms, bool) or not isinstance(ms, int | float) or not isinstance(day, str):
        return None
    try:
        datetime.date.fromisoformat(day)
    except ValueError:
        return None
    if not (math.isfinite(ms) and 0 < ms <= LONGEST_MS):
        return None
    return Speed(float(ms), day)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # no Linux: Python knows a little
    return platform.processor() or platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
