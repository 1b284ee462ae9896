"""Profiles: named sets of what drives a session, a file each, beside the settings.

A profile holds a RunConfig (portrait, camera, engine, motion and so on), not how the window looks.
Its name is its file's: two names that differ only in case, or in how accents are encoded, are one.
"""

import contextlib
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from avatar.config import RunConfig
from avatar.errors import OutputError, UsageError
from avatar.settings.file import OF_ONE_RUN, Loaded, Section, SettingsFile
from avatar.settings.migration import STEPS, Step

PROFILES = "profiles"
"""The folder beside the settings."""

SUFFIX = ".toml"
LONGEST = 60
"""Letters of a name."""

RUN = "run"
"""The section that a profile consists of."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}
"""What Windows takes for devices, with any suffix."""

_DAMAGED = re.compile(r"\.damaged-\d{8}-\d{6}(-\d+)?$")


class Profiles:
    """The profiles of a folder, which need not exist. Every method reads or writes it.

    Args:
        folder: that holds them.
        steps: migrations; tests bring their own.
    """

    def __init__(self, folder: Path, steps: Sequence[Step] = STEPS) -> None:
        self.folder = folder
        self._steps = steps

    def names(self) -> list[str]:
        """Every profile, by name."""
        try:
            found = [path.stem for path in self.folder.glob(f"*{SUFFIX}") if path.is_file()]
        except OSError:
            return []
        return sorted(
            (name for name in found if not name.startswith(".") and not _DAMAGED.search(name)),
            key=_key,
        )

    def find(self, name: str) -> str:
        """The name of a profile as it is written, however the case of ``name`` is.

        Raises:
            UsageError: there is none.
        """
        for known in self.names():
            if _key(known) == _key(name):
                return known
        listed = ", ".join(self.names())
        raise UsageError(
            f"There is no profile called {name!r}.",
            hint=f"There are: {listed}." if listed else "Save one in the window first.",
        )

    def file(self, name: str) -> SettingsFile:
        """The file of a profile that exists.

        Raises:
            UsageError: there is none.
        """
        path = self.folder / f"{self.find(name)}{SUFFIX}"
        return SettingsFile(path, {RUN: Section(RunConfig(), OF_ONE_RUN)}, self._steps)

    def load(self, name: str) -> Loaded:
        """Read a profile; see :meth:`SettingsFile.load`.

        Raises:
            UsageError: there is none.
        """
        return self.file(name).load()

    def add(self, name: str, config: RunConfig) -> str:
        """Make a profile; its name, tidied.

        Raises:
            UsageError: it cannot be a name, or is taken.
            OutputError: it cannot be written.
        """
        name = checked(name)
        self._refuse_taken(name)
        path = self.folder / f"{name}{SUFFIX}"
        SettingsFile(path, {RUN: Section(RunConfig(), OF_ONE_RUN)}, self._steps).save({RUN: config})
        return name

    def rename(self, old: str, new: str) -> str:
        """Give a profile another name; the new one, tidied. It may differ in case only.

        Raises:
            UsageError: no such profile, or a name that cannot be or is taken.
            OutputError: the folder cannot be written.
        """
        old, new = self.find(old), checked(new)
        if _key(old) != _key(new):
            self._refuse_taken(new)
        with _mapped(self.folder):
            (self.folder / f"{old}{SUFFIX}").rename(self.folder / f"{new}{SUFFIX}")
        return new

    def delete(self, name: str) -> None:
        """Remove a profile for good.

        Raises:
            UsageError: there is none.
            OutputError: the folder cannot be written.
        """
        with _mapped(self.folder):
            os.unlink(self.folder / f"{self.find(name)}{SUFFIX}")

    def _refuse_taken(self, name: str) -> None:
        for known in self.names():
            if _key(known) == _key(name):
                raise UsageError(
                    f"There is a profile called {known!r} already.", hint="Choose another name."
                )


def checked(name: str) -> str:
    """A name that any system can have as a file's, from what a person wrote.

    Raises:
        UsageError: it cannot be one.
    """
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not name:
        why = "it is empty"
    elif len(name) > LONGEST:
        why = f"it has {len(name)} letters, expected at most {LONGEST}"
    elif len(name.encode(errors="replace")) > 200:
        why = "it is too long for a file's name"
    elif found := _FORBIDDEN.search(name):
        why = f"{found[0]} is not allowed in it"
    elif not name.isprintable() or name != name.encode(errors="ignore").decode():
        why = "it has letters that cannot be shown"
    elif name.startswith(".") or name.endswith("."):
        why = "it begins or ends with a dot"
    elif name.partition(".")[0].strip().casefold() in _RESERVED:
        why = "Windows keeps it for a device"
    elif _DAMAGED.search(name):
        why = "it looks like that of a damaged file"
    else:
        return name
    raise UsageError(
        f"{name!r} cannot be the name of a profile: {why}.",
        hint="Use letters, digits and spaces.",
    )


def _key(name: str) -> str:
    """What is the same for two names that one file system or another takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@contextlib.contextmanager
def _mapped(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be changed: {error.strerror or error}.",
            hint="Check that the folder is writable.",
        ) from error
