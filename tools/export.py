"""Export the bundled weights for the light install: ``python -m tools.export``

Writes ``avatar/assets/compact.graphs/`` from ``avatar/assets/compact.safetensors``. Run it whenever
the weights, or what the graphs compute, change; a test holds the two equal.
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from avatar.errors import AvatarError
from avatar.export import export
from avatar.graphs import FP32
from avatar.weights import load


def main(argv: list[str] | None = None) -> int:
    """Export; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.export", description=__doc__)
    parser.add_argument("--model", default="compact", help="a bundled model (%(default)s)")
    args = parser.parse_args(argv)
    logging.disable(logging.WARNING)  # the exporter tells which optional packages it lacks
    try:
        weights = load(args.model)
        assert weights.graphs is not None and weights.path is not None
        with tempfile.TemporaryDirectory() as temporary:
            files = export(weights, Path(temporary), lambda name: print(f"exporting {name}"))
            folder = weights.path.with_suffix(".graphs")
            weights.graphs.store(folder, {(name, FP32): [file] for name, file in files.items()})
    except AvatarError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    total = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder}: {total / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
