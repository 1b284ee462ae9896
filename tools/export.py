"""Export the bundled weights for the light install: ``python -m tools.export``

Writes ``avatar/assets/compact.graphs/`` from ``avatar/assets/compact.safetensors``. Run it whenever
the weights, or what the graphs compute, change; a test holds the two equal.

With ``--int8 --clips FOLDER``, ``render`` is quantised too, and kept if it is good enough. Where
the folder has a ``manifest.json`` with a split of its clips, it is calibrated on ``train`` and
measured on ``val``.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from avatar.errors import AvatarError
from avatar.export import export
from avatar.graphs import FP32, MANIFEST
from avatar.weights import Weights, load


def main(argv: list[str] | None = None) -> int:
    """Export; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.export", description=__doc__)
    parser.add_argument("--model", default="compact", help="a bundled model (%(default)s)")
    parser.add_argument("--int8", action="store_true", help="quantise render too")
    parser.add_argument("--clips", type=Path, metavar="FOLDER", help="what to quantise it on")
    args = parser.parse_args(argv)
    if args.int8 != (args.clips is not None):
        parser.error("--int8 and --clips belong together")
    try:
        weights = load(args.model)
        assert weights.graphs is not None and weights.path is not None
        with tempfile.TemporaryDirectory() as temporary:
            files = export(weights, Path(temporary), lambda name: print(f"exporting {name}"))
            folder = weights.path.with_suffix(".graphs")
            weights.graphs.store(folder, {(name, FP32): [file] for name, file in files.items()})
        sound = _quantize(weights, args.clips, folder) if args.int8 else True
        _remove_unlisted(folder)
    except AvatarError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    total = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder}: {total / 1e6:.1f} MB")
    return 0 if sound else 1


def _quantize(weights: Weights, clips: Path, folder: Path) -> bool:
    """Whether the INT8 graph is good enough, and then stored."""
    from avatar.quantize import quantize

    calibration, held_out = [clips], list[Path]()
    if (manifest := clips / "manifest.json").is_file():
        entries = json.loads(manifest.read_text())
        parts = {"train": calibration, "val": held_out}
        calibration.clear()
        for entry in entries:
            parts[entry["split"]].append(clips / f"{entry['name']}.mp4")
    print("quantising render")
    made = quantize(
        weights, calibration, lambda *step: None, lambda: False, held_out=held_out, folder=folder
    )
    print(f"{made.parts}: {made.quality}")
    for objection in made.objections:
        print(f"not kept: {objection}", file=sys.stderr)
    return made.kept is not None


def _remove_unlisted(folder: Path) -> None:
    """Remove what is left of earlier weights."""
    listed = json.loads((folder / MANIFEST).read_text())["files"]
    names = {name for files in listed.values() for name in files} | {MANIFEST}
    for file in folder.iterdir():
        if file.name not in names:
            file.unlink()


if __name__ == "__main__":
    sys.exit(main())
