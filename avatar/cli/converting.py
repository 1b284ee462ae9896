"""``avatar weights convert``: official checkpoints become one weights file."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from avatar.errors import OutputError, UsageError


def run(args: argparse.Namespace) -> int:
    """Convert what was named and say how to use it; returns the exit code."""
    from avatar.shelf import SUFFIX

    output: Path | None = args.output
    if output is not None and output.suffix != SUFFIX:
        raise UsageError(
            f"The output {output} does not end with {SUFFIX}.",
            hint=f"Use for example: -o {output.with_suffix(SUFFIX)}",
        )
    written = write(args.paths, output, {}, half=args.half)
    print(f"Written {written} ({written.stat().st_size / 1e6:.1f} MB).")
    model = written.stem if output is None else written
    print(f"Use it with: avatar run --model {model}")
    return 0


def write(
    paths: list[Path], output: Path | None, metadata: Mapping[str, str], *, half: bool = False
) -> Path:
    """Convert ``paths`` to ``output``, or install it under its own name; returns where.

    Checks first that it can be written.

    Args:
        paths: of the official files.
        output: the weights file to write; None = install it.
        metadata: to keep in it.
        half: store float16.

    Raises:
        OutputError: it cannot be written.
        WeightsError: these are no official files, or damaged ones.
    """
    from avatar.convert import convert, installed_name
    from avatar.shelf import SUFFIX, user_folder
    from avatar.weights import save

    folder = output.parent if output else user_folder()
    if folder == user_folder():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The folder {folder} cannot be made: {error.strerror or error}.",
                hint="Check who owns the folders above it.",
            ) from error
    if not os.access(folder, os.W_OK):
        state = "is not writable" if folder.is_dir() else "is not a folder"
        raise OutputError(
            f"{output or 'The weights'} cannot be written: {folder} {state}.",
            hint="Choose another place.",
        )
    params, tensors = convert(paths)
    target = output or folder / f"{installed_name(params)}{SUFFIX}"
    origin = {"origin": f"official layout: {', '.join(path.name for path in paths)}"}
    save(target, params, tensors, origin | dict(metadata), half=half)
    return target
