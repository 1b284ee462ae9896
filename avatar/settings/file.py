"""Settings: one TOML file with a table for each record; read once, written in one step.

Reading a file never fails: what is wrong with it is told as SettingsErrors, and defaults stand in.

- No file: defaults, in silence.
- Damaged: it is set aside as ``settings.damaged-DATE.toml``, and defaults are used.
- One value wrong: named, and left at its default alone.
- Written by a newer version: read as far as it is understood, and never written.
- Unreadable, or damaged and impossible to set aside: defaults, and never written.
- Keys that are not known are kept, and written again. Comments are not: the app writes the file.

tomllib of the standard library reads; tomli_w writes: no more is needed, since nobody's layout has
to be preserved.
"""

import logging
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from avatar.atomic import write
from avatar.errors import SettingsError
from avatar.places import data_dir
from avatar.settings.migration import STEPS, Step, Table, migrate, schema_of
from avatar.settings.records import from_table, to_table

log = logging.getLogger(__name__)

FILE = "settings.toml"

OF_ONE_RUN = frozenset(
    {
        "headless",  # says that there is no window to choose anything in
        "duration_s",
        "json",
        "record",  # one file, which the next run would overwrite
        "virtual_camera",  # nothing is sent to others unless someone asks for it in this run
        "virtual_camera_device",  # has no meaning without it
    }
)
"""Fields of RunConfig that belong to one run and are never saved."""

DATA = "{data}/"
"""How paths in the data folder begin in the file: in a portable installation it may move."""

LARGEST = 1 << 20
"""Bytes; no settings are longer, and a file that is was never one."""

SPARE_NAMES = 100
"""Damaged files of the same second that are told apart."""


@dataclass(frozen=True)
class Section:
    """A table of the file.

    Attributes:
        default: a frozen dataclass; see avatar/settings/records.py for what its fields may be.
        skip: names of fields that are not saved.
    """

    default: Any
    skip: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Loaded:
    """What came of a file.

    Attributes:
        values: a record by the name of its section.
        problems: what is to be told; empty when all is well.
        writable: whether the file may be written over.
        unknown: keys that are kept.
    """

    values: Mapping[str, Any]
    problems: tuple[SettingsError, ...] = ()
    writable: bool = True
    unknown: Table = field(default_factory=dict)


class SettingsFile:
    """A file of settings. :meth:`load` comes first; any thread may call, one at a time.

    Args:
        path: of the file; it and its folder need not exist.
        sections: by name.
        steps: the migrations; tests bring their own.
    """

    def __init__(
        self, path: Path, sections: Mapping[str, Section], steps: Sequence[Step] = STEPS
    ) -> None:
        self.path = path
        self.writable = True
        self._sections = dict(sections)
        self._steps = tuple(steps)
        self._unknown: Table = {}
        self._written: bytes | None = None

    def load(self) -> Loaded:
        """Read the file. Raises nothing."""
        loaded = self._load()
        self.writable, self._unknown = loaded.writable, loaded.unknown
        for problem in loaded.problems:
            log.warning("%s", problem)
        return loaded

    def save(self, values: Mapping[str, Any]) -> None:
        """Write a record of every section; nothing is written if nothing would change.

        Raises:
            SettingsError: the file is kept as it is, as :meth:`load` told.
            OutputError: it cannot be written.
        """
        if not self.writable:
            raise SettingsError(
                f"{self.path} is kept as it is: nothing was saved.",
                hint="Move it away to start a new one.",
            )
        import tomli_w

        table: Table = {"schema": len(self._steps) + 1}
        for name, section in self._sections.items():
            known = _moved(to_table(values[name], section.default, section.skip), _carried)
            table[name] = _joined(self._unknown.get(name, {}), known)
        for key, value in self._unknown.items():
            table.setdefault(key, value)
        content = tomli_w.dumps(table).encode()
        if content != self._written:
            write(self.path, content)
            self._written = content

    def _load(self) -> Loaded:
        defaults = {name: section.default for name, section in self._sections.items()}
        try:
            content = _read(self.path)
        except FileNotFoundError:
            return Loaded(defaults)
        except OSError as error:
            problem = SettingsError(
                f"{self.path} cannot be read: {error.strerror or error}.",
                hint="Defaults are used, and nothing is saved. Check who may read it.",
            )
            return Loaded(defaults, (problem,), writable=False)
        try:
            table = tomllib.loads(content.decode())
            newer = schema_of(table) > len(self._steps) + 1
            if not newer:
                table = migrate(table, self._steps)
        except RecursionError:
            return self._set_aside(defaults, "it is nested too deep")
        except (ValueError, KeyError, TypeError, AttributeError) as error:  # a step's too
            return self._set_aside(defaults, str(error) or type(error).__name__)
        problems = []
        if newer:
            problems.append(
                SettingsError(
                    f"{self.path} was written by a newer version of the app.",
                    hint="It is used as far as it is understood, and nothing is saved to it.",
                )
            )
        values, unknown, refused = self._pick(table)
        if refused:
            problems.append(
                SettingsError(
                    f"Some settings cannot be used: {'; '.join(refused[:5])}"
                    f"{f'; and {len(refused) - 5} more' if len(refused) > 5 else ''}.",
                    hint=f"The defaults of these are used. The file is {self.path}.",
                )
            )
        return Loaded(values, tuple(problems), not newer, unknown)

    def _pick(self, table: Table) -> tuple[dict[str, Any], Table, list[str]]:
        """The records of a table, what is unknown in it, and what is wrong with it."""
        values: dict[str, Any] = {}
        refused: list[str] = []
        known = {"schema", *self._sections}
        unknown = {key: value for key, value in table.items() if key not in known}
        for name, section in self._sections.items():
            found = _moved(table.get(name, {}), _here)
            read = from_table(found, section.default, section.skip, name)
            values[name] = read.value
            refused += read.refused
            if read.unknown:
                unknown[name] = read.unknown
        if unknown:
            log.info("%s: unknown keys are kept: %s", self.path, unknown)
        return values, unknown, refused

    def _set_aside(self, defaults: Mapping[str, Any], why: str) -> Loaded:
        try:
            kept = set_aside(self.path)
        except OSError as error:
            problem = SettingsError(
                f"{self.path} is damaged ({why}) and cannot be moved away: "
                f"{error.strerror or error}.",
                hint="Defaults are used, and nothing is saved until it is gone.",
            )
            return Loaded(defaults, (problem,), writable=False)
        problem = SettingsError(
            f"The settings were damaged ({why}); defaults are used.",
            hint=f"What was there is kept as {kept}.",
        )
        return Loaded(defaults, (problem,))


def set_aside(path: Path) -> Path:
    """Move a damaged file out of the way, over no other; its new path. Raises OSError."""
    stem = f"{path.stem}.damaged-{datetime.now():%Y%m%d-%H%M%S}"
    for number in range(SPARE_NAMES):
        kept = path.with_name(f"{stem}{f'-{number}' if number else ''}{path.suffix}")
        if not kept.exists():
            path.rename(kept)
            return kept
    raise FileExistsError(f"{stem} and others are there")


def _read(path: Path) -> bytes:
    """The content of a file; of a longer one, what is enough to be no settings."""
    with path.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    return content if len(content) <= LARGEST else b"\xff"


def _moved(plain: Any, move: Callable[[str], str]) -> Any:
    """A TOML value with every text in it passed through ``move``."""
    if isinstance(plain, str):
        return move(plain)
    if isinstance(plain, list):
        return [_moved(item, move) for item in plain]
    if isinstance(plain, dict):
        return {key: _moved(item, move) for key, item in plain.items()}
    return plain


def _carried(text: str) -> str:
    """A path in the data folder as the file has it, so that the folder can be carried elsewhere."""
    path, data = Path(text), data_dir()
    return f"{DATA}{path.relative_to(data).as_posix()}" if path.is_relative_to(data) else text


def _here(text: str) -> str:
    """The reverse of :func:`_carried`, where the data folder is now."""
    return str(data_dir() / text.removeprefix(DATA)) if text.startswith(DATA) else text


def _joined(kept: Any, known: Table) -> Table:
    """``known`` with the keys that are kept and that it does not have, at every depth."""
    if not isinstance(kept, dict):
        return known
    joined = dict(known)
    for key, value in kept.items():
        if key not in joined:
            joined[key] = value
        elif isinstance(joined[key], dict):
            joined[key] = _joined(value, joined[key])
    return joined
