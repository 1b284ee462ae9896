"""The bundle: a zip for an issue report, redacted.

report.json     as ``avatar doctor --json`` prints it
report.txt      the same for people
settings.toml   the settings, where there are some
log.txt         what the doctor logged, and the end of the app's log files where there are some
"""

import io
import json
import logging
import tomllib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from avatar.atomic import write
from avatar.doctor.redaction import Redaction, of_this_user
from avatar.portraits.library import user_folder

log = logging.getLogger(__name__)

LARGEST = 1 << 20
"""Bytes of a settings file; a larger one is none."""
LOG_END = 256 * 1024
"""Bytes of each log file that are taken, from its end."""


class Notes(logging.Handler):
    """Keeps what is logged meanwhile, for the bundle."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record as a line."""
        self.lines.append(self.format(record))


def portrait_names() -> list[str]:
    """Names of the user's portraits, with their endings and without."""
    try:
        found = sorted(user_folder().iterdir())
    except OSError:
        return []  # no folder, no portraits
    return [name for path in found for name in (path.name, path.stem)]


def bundle(
    path: Path,
    report: Mapping[str, Any],
    settings: Path,
    notes: Sequence[str] = (),
    logs: Iterable[Path] = (),
) -> list[str]:
    """Write the zip, whole or not at all.

    Args:
        path: of the zip.
        report: see avatar/doctor/report.py.
        settings: the settings file; need not exist.
        notes: lines that were logged.
        logs: log files, the oldest first.

    Returns:
        The names of the files in it.

    Raises:
        OutputError: it cannot be written.
    """
    # The report names no portrait, and "face" or "portrait" may be what one is called.
    files = report_files(report, of_this_user())
    private = of_this_user(portrait_names())
    if (text := _settings(settings, private)) is not None:
        files["settings.toml"] = text
    files["log.txt"] = "".join(f"{private.text(line)}\n" for line in _log(notes, logs))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    write(path, buffer.getvalue())
    return list(files)


def report_files(report: Mapping[str, Any], redaction: Redaction) -> dict[str, str]:
    """report.json and report.txt, redacted; the keys stay as they are documented."""
    clean = redaction.plain(dict(report), keys=False)
    lines = [f"avatar {clean['avatar']}, can run: {clean['can_run']}", ""]
    lines += [f"{key}: {value}" for key, value in clean["machine"].items()] + [""]
    for finding in clean["findings"]:
        lines.append(f"{finding['status']:8} {finding['name']}: {finding['found']}")
        if finding["cure"]:
            lines.append(f"         -> {finding['cure']}")
    return {
        "report.json": json.dumps(clean, indent=1) + "\n",
        "report.txt": "\n".join(lines) + "\n",
    }


def _settings(path: Path, redaction: Redaction) -> str | None:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST).decode(errors="replace")
    except OSError as error:
        log.debug("no settings in the bundle: %s", error)
        return None
    try:
        import tomli_w

        return tomli_w.dumps(redaction.plain(tomllib.loads(content)))
    except (ValueError, TypeError, RecursionError):  # damaged: as it is
        return redaction.text(content)


def _log(notes: Sequence[str], logs: Iterable[Path]) -> Iterable[str]:
    for path in logs:
        try:
            with path.open("rb") as stream:
                stream.seek(max(0, path.stat().st_size - LOG_END))
                yield from stream.read(LOG_END).decode(errors="replace").splitlines()
        except OSError as error:
            yield f"{path.name} cannot be read: {error.strerror or error}"
    yield from notes
