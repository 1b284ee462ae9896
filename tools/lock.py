"""The release's packages with hashes: ``python -m tools.lock`` makes tools/locks/*.txt anew.

A lock holds every package that an installation needs, and the SHA-256 of every file of it in the
package index, for Python 3.11 and 3.12 on Linux (x86-64), Windows and macOS (Apple silicon). The
versions are those of constraints.txt; what that does not name (other systems', CUDA's) stays as
locked before unless --upgrade is given. Making needs uv and the network; --check needs neither.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.setup import LEFT_OUT, ROOT, expanded

FOLDER = ROOT / "tools" / "locks"
CONSTRAINTS = ROOT / "tools" / "constraints.txt"

LOCKS: dict[str, tuple[str, ...]] = {"light": ("cpu", "vcam"), "torch": ("cpu", "vcam", "torch")}
"""The extras of each. The index's torch for Linux is CUDA's; the CPU's is in PyTorch's own index
only, so that no lock has it."""

PYTHONS = ("3.11", "3.12")
PLATFORMS = {"x86_64-manylinux_2_34": "Linux", "windows": "Windows", "macos": "macOS"}
"""uv's names of the oldest systems with a built file of every package: PyQt6 wants glibc 2.34."""
OLDEST_MACOS = "14.0"  # onnxruntime and av have none for older ones

ENVIRONMENTS: tuple[dict[str, str], ...] = tuple(
    {"sys_platform": name, "platform_system": system, "platform_machine": machine, "os_name": kind}
    | {"python_version": python, "python_full_version": f"{python}.0"}
    for name, system, machine, kind in (
        ("linux", "Linux", "x86_64", "posix"),
        ("win32", "Windows", "AMD64", "nt"),
        ("darwin", "Darwin", "arm64", "posix"),
    )
    for python in PYTHONS
)

_PIN = re.compile(r"^(\S+?)==(\S+)(?:\s*;\s*(.+?))?$")
_HASH = re.compile(r"^--hash=sha256:[0-9a-f]{64}$")


class LockError(Exception):
    """A lock cannot be made or read; the message says why and what to do."""


@dataclass(frozen=True)
class Pin:
    """One package of a lock: its only version, where it is wanted, and the hashes of its files."""

    version: str
    marker: str
    hashes: tuple[str, ...]

    def wanted(self, environment: Mapping[str, str]) -> bool:
        """Whether it is installed there; ``environment`` as packaging's markers name it."""
        return not self.marker or Marker(self.marker).evaluate(dict(environment))


def parse(text: str) -> dict[str, Pin]:
    """The pins of a lock by canonical name.

    Raises:
        LockError: a line is neither a pin nor a comment, has no hash, or names a package again.
    """
    found: dict[str, Pin] = {}
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in filter(str.strip, "\n".join(lines).replace("\\\n", "\x1f").splitlines()):
        head, *hashes = (part.strip() for part in line.split("\x1f"))
        match = _PIN.match(head)
        if match is None:
            raise LockError(f"expected NAME==VERSION, got {head!r}")
        name = canonicalize_name(match[1])
        if not hashes or not all(map(_HASH.match, hashes)):
            raise LockError(f"expected a sha256 for every file of {name}, got {hashes or 'none'}")
        if name in found:
            raise LockError(f"{name} is there twice")
        found[name] = Pin(match[2], match[3] or "", tuple(hashes))
    return found


def constraints() -> dict[str, str]:
    """The versions of constraints.txt by canonical name."""
    found: dict[str, str] = {}
    for line in CONSTRAINTS.read_text().splitlines():
        name, equal, version = line.partition("==")
        if equal and not line.startswith("#"):
            found[canonicalize_name(name.strip())] = version.strip()
    return found


def declared(name: str) -> list[str]:
    """What pyproject.toml requires of the installation that a lock is for."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = ",".join(LOCKS[name])
    return expanded([*project["dependencies"], f"{project['name']}[{extras}]"], project)


def problems(
    pins: Mapping[str, Pin], required: Sequence[str], pinned: Mapping[str, str]
) -> list[str]:
    """Where a lock disagrees with what is required and with the tested versions.

    Args:
        pins: of the lock.
        required: as in pyproject.toml.
        pinned: versions by canonical name, as in constraints.txt.
    """
    found = [
        f"{name}: locked {pin.version}, tested {pinned[name]}"
        for name, pin in pins.items()
        if pin.version != pinned.get(name, pin.version)
    ]
    found += [f"{name}: is left out on purpose" for name in LEFT_OUT if name in pins]
    for line in required:
        need = Requirement(line)
        pin = pins.get(canonicalize_name(need.name))
        if pin is None:
            found.append(f"{need.name}: required, not locked")
            continue
        if not need.specifier.contains(pin.version, prereleases=True):
            found.append(f"{need.name}: locked {pin.version}, required {need.specifier}")
        for environment in ENVIRONMENTS:
            wanted = need.marker is None or need.marker.evaluate(dict(environment))
            if wanted and not pin.wanted(environment):
                where = "{sys_platform}, Python {python_version}".format(**environment)
                found.append(f"{need.name}: required and not locked on {where}")
    return found


def check() -> list[str]:
    """The problems of all locks."""
    pinned = constraints()
    found = []
    for name in LOCKS:
        path = FOLDER / f"{name}.txt"
        try:
            pins = parse(path.read_text())
        except (OSError, LockError) as error:
            found.append(f"{path.name}: {error}")
            continue
        found += [f"{path.name}: {line}" for line in problems(pins, declared(name), pinned)]
    return found


def make(uv: str, upgrade: bool) -> None:
    """Write every lock, once all of them could be made and every system has a file of each package.

    Raises:
        LockError: uv found no solution, or a system has no built file of some package.
    """
    with tempfile.TemporaryDirectory() as folder:
        left_out = Path(folder) / "left-out"
        left_out.write_text("".join(f"{name}\n" for name in LEFT_OUT))
        for name, extras in LOCKS.items():
            path = Path(folder) / f"{name}.txt"
            before = FOLDER / path.name
            if before.exists() and not upgrade:
                shutil.copy(before, path)
            _run(
                *(uv, "pip", "compile", "-q", "--universal", "--generate-hashes", "--no-annotate"),
                *("--python-version", PYTHONS[0], "-c", str(CONSTRAINTS)),
                *("--excludes", str(left_out), "--custom-compile-command", "python -m tools.lock"),
                *(word for extra in extras for word in ("--extra", extra)),
                *("-o", str(path), str(ROOT / "pyproject.toml")),
            )
            for platform, system in PLATFORMS.items():
                for python in PYTHONS:
                    print(f"{name}: {system}, Python {python}", flush=True)
                    _run(
                        *(uv, "pip", "install", "-q", "--dry-run", "--no-deps", "--require-hashes"),
                        *("--only-binary", ":all:", "--target", f"{folder}/nowhere"),
                        *("--python-platform", platform, "--python-version", python),
                        *("-r", str(path)),
                    )
        FOLDER.mkdir(exist_ok=True)
        for name in LOCKS:
            shutil.copy(Path(folder) / f"{name}.txt", FOLDER)


def _run(*argv: str) -> None:
    environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": OLDEST_MACOS}
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise LockError(f"uv could not make the lock:\n{done.stderr.strip()}")


def main(argv: Sequence[str] | None = None) -> int:
    """Make the locks, or check them: 0 when they are right."""
    parser = argparse.ArgumentParser(prog="python -m tools.lock", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether they are right")
    parser.add_argument(
        "--upgrade", action="store_true", help="also what is not in constraints.txt"
    )
    args = parser.parse_args(argv)
    try:
        if not args.check:
            uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
            if uv is None:
                raise LockError("expected uv on PATH; got none. pip install uv")
            make(uv, args.upgrade)
    except LockError as error:
        print(f"lock: {error}", file=sys.stderr)
        return 1
    found = check()
    for line in found:
        print(f"lock: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
