"""Blobs: what OpenVINO compiled, kept in the cache folder so that opening is quick, up to a size.

OpenVINO writes a file for each graph, file date, version and setting, and never deletes one: each
new model, update or copy of the program would leave its own for good.
"""

import contextlib
import logging
import os
from pathlib import Path

from avatar.graphs import cache_folder

log = logging.getLogger(__name__)

KEPT_BYTES = 2 * 2**30
"""The graphs of three full networks, 0.6 GB each, or of over a hundred compact ones of 13 MB."""


def blob_folder() -> Path | None:
    """Where OpenVINO may keep blobs, made if need be; None where it cannot be written, which is
    logged."""
    folder = cache_folder() / "openvino"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.warning("OpenVINO keeps no compiled models: %s cannot be made (%s)", folder, error)
        return None
    if not os.access(folder, os.W_OK):
        log.warning("OpenVINO keeps no compiled models: %s is not writable", folder)
        return None
    return folder


def prune(folder: Path, keep: int = KEPT_BYTES) -> None:
    """Delete the blobs longest unused until at most ``keep`` bytes are left.

    Systems note when a file was read only about once a day, which is near enough. A blob that
    another process just deleted, or that Windows holds open, is passed over.
    """
    found = []
    for path in folder.glob("*.blob"):
        with contextlib.suppress(OSError):
            seen = path.stat()
            found.append((max(seen.st_atime, seen.st_mtime), seen.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= keep:
            return
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size
            log.info("deleted %s, long unused (%.0f MB)", path.name, size / 1e6)
