"""Share: the folder by which the guest gets the project, this very working tree."""

import shutil
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PARTS = ("avatar", "engines", "ui", "tools", "pyproject.toml", "README.md", "LICENSE", "Makefile")
"""What a copy of the project needs to be set up and run."""

TARBALL = "project.tar"

FIRST = "tools/vm/guest/init.sh"

UNUSED = shutil.ignore_patterns("docs")
"""Compiled files go along: compiling takes the guest a minute, and Python checks their times."""


def fill(folder: Path, root: Path = ROOT) -> None:
    """Make ``folder`` a copy of the project as it lies there, committed or not."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name in PARTS:
        part = root / name
        if part.is_dir():
            shutil.copytree(part, folder / name, ignore=UNUSED)
        else:
            shutil.copy2(part, folder / name)


def pack(folder: Path, root: Path = ROOT) -> None:
    """Put into ``folder`` what the guest mounts: the project in one file, and its first script.

    One file, since each of hundreds would cost the guest several waits for its host.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fill(folder / "copy", root)
    with tarfile.open(folder / TARBALL, "w") as tarball:
        tarball.add(folder / "copy", ".")
    (folder / FIRST).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(root / FIRST, folder / FIRST)
    shutil.rmtree(folder / "copy")


def revision(root: Path = ROOT) -> str:
    """The commit of the working tree, with "+" where it has changes; "unknown" outside git."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--exclude=*"],
            capture_output=True,
            text=True,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() or "unknown"
