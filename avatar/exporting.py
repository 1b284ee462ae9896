"""Exporting graphs in a process of its own, so that it can be cancelled and cannot hurt the app."""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from avatar.engine import Progress
from avatar.errors import Cancelled, EngineError
from avatar.graphs import FP32, NAMES, Graphs

POLL_S = 0.1


def export_aside(graphs: Graphs, progress: Progress, cancelled: Callable[[], bool]) -> None:
    """Export the fp32 graphs of a weights file into the cache.

    Raises:
        Cancelled: ``cancelled()`` turned true; nothing is left behind.
        EngineError: the export failed.
        OutputError: the cache cannot be written.
    """
    with (
        tempfile.TemporaryDirectory(prefix="avatar-export-") as temporary,
        tempfile.TemporaryFile("w+", errors="replace") as complaints,
    ):
        folder = Path(temporary)
        process = subprocess.Popen(
            [sys.executable, "-m", "avatar.export", str(graphs.weights), temporary],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,  # a file: nobody has to read it for the process to go on
            text=True,
        )
        told = threading.Thread(target=_follow, args=(process, progress), daemon=True)
        told.start()
        try:
            while process.poll() is None:
                if cancelled():
                    raise Cancelled("The export was cancelled.")
                told.join(POLL_S)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            told.join(1.0)
        assert process.stdout is not None
        process.stdout.close()
        if process.returncode:
            complaints.seek(0)
            complaint = complaints.read().strip().splitlines()
            raise EngineError(
                f"The graphs of {graphs.weights.stem} cannot be exported: "
                f"{complaint[-1] if complaint else f'exit code {process.returncode}'}",
                hint="Leave --engine out to let the app choose another.",
            )
        made = {(name, FP32): [folder / f"{name}.onnx"] for name in NAMES}
        graphs.store(graphs.cached, made)
    progress(1.0, "The graphs are exported")


def _follow(process: "subprocess.Popen[str]", progress: Progress) -> None:
    """Pass on what the process says."""
    assert process.stdout is not None
    for line in process.stdout:
        if (name := line.strip()) in NAMES:
            progress(NAMES.index(name) / len(NAMES), f"Exporting the graph {name}")
