"""Exporting graphs in a process of its own."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from avatar.aside import run_aside
from avatar.engine import Progress
from avatar.errors import EngineError
from avatar.graphs import FP32, NAMES, Graphs


def export_aside(graphs: Graphs, progress: Progress, cancelled: Callable[[], bool]) -> None:
    """Export the fp32 graphs of a weights file into the cache.

    Raises:
        Cancelled: ``cancelled()`` turned true; nothing is left behind.
        EngineError: the export failed.
        OutputError: the cache cannot be written.
    """

    def heard(name: str) -> None:
        if name in NAMES:
            progress(NAMES.index(name) / len(NAMES), f"Exporting the graph {name}")

    with tempfile.TemporaryDirectory(prefix="avatar-export-") as folder:
        command = [sys.executable, "-m", "avatar.export", str(graphs.weights), folder]
        ended = run_aside(command, heard, cancelled, "The export")
        if ended.code:
            raise EngineError(
                f"The graphs of {graphs.weights.stem} cannot be exported: {ended.why()}",
                hint="Leave --engine out to let the app choose another.",
            )
        made = {(name, FP32): [Path(folder) / f"{name}.onnx"] for name in NAMES}
        graphs.store(graphs.cached, made)
    progress(1.0, "The graphs are exported")
