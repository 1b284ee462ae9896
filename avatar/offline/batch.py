"""Batch: every portrait of a folder with every video of another, one after the other.

A summary beside the results says what became of each pair. It is also what a second run goes by:
only what it calls done, from the same files and with the same settings, is not rendered again.
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from avatar.errors import AvatarError, Cancelled, InputError, OutputError, UsageError
from avatar.footage import SUFFIXES
from avatar.offline.order import RenderConfig, RenderReport
from avatar.offline.render import render
from avatar.offline.sequence import READ, is_pattern
from avatar.opening import Progress

log = logging.getLogger(__name__)

SUMMARY = "summary.json"
"""Beside the results; a list of :class:`Entry` under "pairs", what each was made from beside it."""

VIDEOS = (*SUFFIXES, ".gif")
"""What counts as a driving video in a folder."""

DONE, SKIPPED, FAILED = "done", "skipped", "failed"


@dataclass(frozen=True)
class Entry:
    """What became of one pair.

    Attributes:
        portrait, driving, output: the files.
        state: "done", "skipped" (done by an earlier run) or "failed".
        frames, held, fps: as in a RenderReport; of the earlier run where it was skipped.
        note: what went wrong, or the warnings.
    """

    portrait: str
    driving: str
    output: str
    state: str
    frames: int = 0
    held: int = 0
    fps: float = 0.0
    note: str = ""


def is_batch(portrait: Path, driving: Path) -> bool:
    """Whether more than one rendering is meant: a folder of portraits, or of videos.

    A folder of pictures as ``driving`` is one driver, unless it holds videos too.
    """
    return portrait.is_dir() or (driving.is_dir() and bool(_files(driving, VIDEOS)))


def find_pairs(portrait: Path, driving: Path, folder: Path) -> list[tuple[Path, Path, Path]]:
    """Every (portrait, driving, output), portrait by portrait.

    Raises:
        InputError: a folder without portraits.
    """
    portraits = _files(portrait, READ) if portrait.is_dir() else [portrait]
    if not portraits:
        raise InputError(
            f"There is no portrait in {portrait}; expected files ending in {', '.join(READ)}.",
            hint="Name a folder of pictures, or one picture.",
        )
    videos = (_files(driving, VIDEOS) if driving.is_dir() else []) or [driving]
    left, right = _names(portraits), _names(videos)
    return [
        (p, v, folder / f"{a}--{b}.mp4")
        for p, a in zip(portraits, left, strict=True)
        for v, b in zip(videos, right, strict=True)
    ]


def render_batch(
    config: RenderConfig,
    progress: Progress,
    cancelled: Callable[[], bool] = lambda: False,
    begun: Callable[[int, int, Path], None] = lambda number, count, output: None,
    *,
    one: Callable[[RenderConfig, Progress, Callable[[], bool]], RenderReport] = render,
) -> list[Entry]:
    """Render every pair; one that fails does not stop the others.

    Args:
        config: its portrait and driving video may be folders, its output is one, made if need be.
        progress, cancelled: as for :func:`~avatar.offline.render.render`.
        begun: told the number of a pair from 1 on, how many there are, and the output.
        one: renders a pair.

    Raises:
        InputError, OutputError, UsageError: refused, nothing written.
        Cancelled: ``cancelled`` turned true; the summary is written.
    """
    folder = config.output
    pairs = find_pairs(config.portrait, config.driving, folder)
    _make(folder)
    before = _read(folder / SUMMARY)
    records: dict[str, dict[str, Any]] = dict(before)
    entries: list[Entry] = []
    for number, (portrait, driving, output) in enumerate(pairs, start=1):
        if cancelled():
            raise _stopped(entries, pairs, folder)
        begun(number, len(pairs), output)
        this = replace(config, portrait=portrait, driving=driving, output=output)
        made_from = _made_from(this)
        old = before.get(output.name, {})
        if old.get("state") == DONE and old.get("made_from") == made_from and output.is_file():
            known = {k: old[k] for k in ("frames", "held", "fps", "note") if k in old}
            entries.append(Entry(str(portrait), str(driving), str(output), SKIPPED, **known))
            continue
        # What is interrupted may leave its first frames under the final name: not done any more.
        if records.pop(output.name, None) is not None:
            _write(folder / SUMMARY, records)
        try:
            entry = _rendered(one(this, progress, cancelled), this)
        except (Cancelled, KeyboardInterrupt) as error:
            raise _stopped(entries, pairs, folder) from error
        except AvatarError as error:
            entry = Entry(str(portrait), str(driving), str(output), FAILED, note=str(error))
        except Exception as error:  # hours of work may follow; it is told in summary and exit code
            log.error("%s failed unexpectedly", output, exc_info=True)
            note = f"unexpected {type(error).__name__}: {error}"
            entry = Entry(str(portrait), str(driving), str(output), FAILED, note=note)
        entries.append(entry)
        records[output.name] = asdict(entry) | {"made_from": made_from}
        _write(folder / SUMMARY, records)
    return entries


def _rendered(report: RenderReport, config: RenderConfig) -> Entry:
    return Entry(
        str(config.portrait),
        str(config.driving),
        str(report.output),
        DONE,
        report.frames,
        report.held,
        round(report.fps, 2),
        " ".join(report.warnings),
    )


def _made_from(config: RenderConfig) -> dict[str, str]:
    """What a result depends on, as text that can be compared."""
    known = {}
    for name in ("portrait", "driving"):
        path: Path = getattr(config, name)
        if path.is_file():
            known[name] = f"{path.stat().st_size} bytes of {path.stat().st_mtime_ns}"
        elif path.is_dir():
            sizes = [p.stat().st_size for p in _files(path, READ)]
            known[name] = f"{len(sizes)} pictures of {sum(sizes)} bytes"
    others = set(config.__dataclass_fields__) - {"portrait", "driving", "output"}
    return known | {name: str(getattr(config, name)) for name in sorted(others)}


def _stopped(entries: list[Entry], pairs: Sequence[object], folder: Path) -> Cancelled:
    return Cancelled(
        f"Stopped; {len(entries)} of {len(pairs)} pairs are over, see {folder / SUMMARY}.",
        hint="The same command goes on from there.",
    )


def _files(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in suffixes)


def _names(paths: list[Path]) -> list[str]:
    stems = [p.stem for p in paths]
    return stems if len(set(stems)) == len(stems) else [p.name for p in paths]


def _make(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file.", hint="Name a folder for the results.")
    if is_pattern(folder) or (not folder.exists() and folder.suffix):
        raise UsageError(
            f"Many results need a folder, but {folder} was given.", hint="Name one: -o results"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be made: {error.strerror or error}.", hint="Choose another folder."
        ) from error


def _read(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        pairs = json.loads(path.read_text(encoding="utf-8"))["pairs"]
        return {Path(pair["output"]).name: pair for pair in pairs}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path} is no summary that this program wrote ({type(error).__name__}).",
            hint="Remove it to render everything anew, or choose another folder.",
        ) from error


def _write(path: Path, records: dict[str, dict[str, Any]]) -> None:
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        part.write_text(json.dumps({"pairs": list(records.values())}, indent=1), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}.", hint="Free some space."
        ) from error
