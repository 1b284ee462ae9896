"""The settings file: whether it can be read. It is looked at, never moved or written."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from avatar.config import RunConfig
from avatar.doctor.apart import Apart
from avatar.doctor.finding import Finding, Status
from avatar.places import config_dir
from avatar.settings.file import FILE, OF_ONE_RUN, Section, SettingsFile
from avatar.settings.profiles import RUN

NAME = "settings"
SECTIONS = {RUN: Section(RunConfig(), OF_ONE_RUN)}


def settings_file() -> Path:
    """Where the settings are; need not exist."""
    return config_dir() / FILE


def check(apart: Apart, path: Path | None = None) -> Iterator[Finding]:
    """One finding."""
    yield readable(path or settings_file())


def readable(path: Path) -> Finding:
    """The finding about a file of settings."""
    if not path.exists():
        return Finding(NAME, Status.OK, "There are none yet: defaults are used.")
    with TemporaryDirectory(prefix="avatar-doctor-") as folder:
        copy = Path(folder) / FILE  # a damaged one is moved away by who reads it
        try:
            copyfile(path, copy)
            tomllib.loads(copy.read_text(encoding="utf-8"))
        except OSError as error:
            return Finding(
                NAME,
                Status.FAILED,
                f"{path} cannot be read: {error.strerror or error}.",
                "Check who may read it; until then defaults are used and nothing is saved.",
            )
        except (ValueError, RecursionError) as error:
            return Finding(
                NAME,
                Status.FAILED,
                f"{path} is damaged: {str(error) or type(error).__name__}.",
                "Mend or delete it; else the next start sets it aside and uses defaults.",
            )
        problems = SettingsFile(copy, SECTIONS).load().problems
    if problems:
        found = " ".join(problem.message for problem in problems).replace(str(copy), str(path))
        return Finding(NAME, Status.WARNING, found, f"Mend these lines in {path}.")
    return Finding(NAME, Status.OK, f"{path} can be read.")
