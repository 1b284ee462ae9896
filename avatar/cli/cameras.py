"""``avatar cameras``: what can drive the avatar."""

import argparse
from typing import Any

_SHOWN_SIZES = 6


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
    """Describe ``avatar cameras``; it has no options."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "cameras",
        help="list the cameras",
        description="List the cameras: number, name, device and sizes. "
        "Number, name, device and id can be given to avatar run --camera; the id stays the same "
        "when the number changes.",
    )
    return parser


def run(args: argparse.Namespace) -> int:
    """List them."""
    from avatar.sources.names import cameras

    found = cameras()
    for camera in found:
        note = "  (virtual)" if camera.virtual else ""
        device = f"  {camera.device}" if camera.device else ""
        print(f"{camera.index}  {camera.name}{device}{note}")
        if camera.ids:
            print(f"   {camera.ids[0]}")
        if camera.sizes:
            sizes = [f"{width}x{height}" for width, height in camera.sizes[:_SHOWN_SIZES]]
            more = len(camera.sizes) - len(sizes)
            print(f"   {' '.join(sizes)}" + (f" and {more} more" if more > 0 else ""))
    if not found:
        from avatar.sources.denial import why_none

        print(" ".join(("No camera was found. avatar run --camera synthetic needs none.",
                        why_none())).strip())  # fmt: skip
    return 0
