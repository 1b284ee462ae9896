"""``avatar weights``: fetch official weights, convert checkpoints, quantise, list and verify."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from avatar.cli import converting, fetching
from avatar.errors import WeightsError


def add_parser(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> argparse.ArgumentParser:
    """Add ``weights`` and its own commands."""
    parser = subparsers.add_parser("weights", help="fetch, convert, list and verify model weights")
    actions = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    fetch = actions.add_parser("fetch", help="download published weights and install them")
    fetch.add_argument("release", nargs="?", default="dagan", help="which (default: dagan)")
    fetch.add_argument("--yes", action="store_true", help="accept the licence without being asked")
    fetch.add_argument(
        "--to", type=Path, metavar="FOLDER", help="where the original files are kept"
    )
    fetch.set_defaults(action=fetching.run)

    convert = actions.add_parser("convert", help="official DaGAN or FOMM files -> one weights file")
    convert.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="folder with generator.pt, kp_detector.pt, encoder.pth and depth.pth; a training "
        "checkpoint (.pth.tar) and the depth folder; or vox-adv-cpk.pth.tar",
    )
    convert.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="default: install it by its name (vox256, fomm256)",
    )
    convert.add_argument(
        "--half", action="store_true", help="store float16: half the size, slightly rounded"
    )
    convert.set_defaults(action=converting.run)

    quantizing = actions.add_parser(
        "quantize", help="make an INT8 version for OpenVINO, by means of your own clips"
    )
    quantizing.add_argument("name", metavar="NAME", help="weights: a name or a file")
    quantizing.add_argument(
        "--clips",
        nargs="+",
        type=Path,
        required=True,
        metavar="PATH",
        help="videos of faces such as webcam recordings, or folders of them",
    )
    quantizing.add_argument(
        "--frames",
        type=int,
        default=120,
        metavar="N",
        help="driving frames to calibrate on (%(default)s)",
    )
    quantizing.add_argument(
        "--force", action="store_true", help="keep it even where it is not worth using"
    )
    quantizing.set_defaults(action=_quantize)

    listing = actions.add_parser("list", help="the bundled and installed weights")
    listing.add_argument("--json", action="store_true", help="one JSON array instead of text")
    listing.set_defaults(action=_list)

    verify = actions.add_parser("verify", help="read weights whole and check every number")
    verify.add_argument("names", nargs="*", metavar="NAME", help="names or files (default: all)")
    verify.set_defaults(action=_verify)
    return parser


def run(args: argparse.Namespace) -> int:
    """Do what was asked; returns the exit code."""
    code: int = args.action(args)
    return code


def _quantize(args: argparse.Namespace) -> int:
    from avatar.cli.bar import Bar
    from avatar.cli.interrupt import interruptible
    from avatar.quantize import quantize
    from avatar.weights import describe

    weights = describe(args.name)
    with Bar() as bar, interruptible() as stop:
        made = quantize(
            weights, args.clips, bar.show, stop.is_set, frames=args.frames, force=args.force
        )
    for warning in made.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    quality = made.quality
    print(
        f"{args.name}: {made.convolutions} convolutions of {made.parts} in INT8, "
        f"calibrated on {made.calibrated} frames."
    )
    print(f"  measured on {quality.frames} other frames, against FP32:")
    print(
        f"  pictures   {quality.psnr_db:.1f} dB PSNR, the worst {quality.least_psnr_db:.1f} dB\n"
        f"  keypoints  {quality.shift_px:.2f} px apart, at worst {quality.most_shift_px:.2f}\n"
        f"  render     {quality.int8_ms:.1f} ms instead of {quality.fp32_ms:.1f} ms"
    )
    if made.kept is None:
        print(f"error: not kept: {'; '.join(made.objections)}.", file=sys.stderr)
        print(
            "  what to do: use clips that move as you do live, or more of them; stay with FP32; "
            "or keep it all the same with --force",
            file=sys.stderr,
        )
        return 1
    for objection in made.objections:
        print(f"warning: kept although {objection}", file=sys.stderr)
    print(f"Kept {made.kept}.")
    print(f"Use it with: avatar run --model {args.name} --engine ov:int8")
    return 0


def _list(args: argparse.Namespace) -> int:
    from avatar.releases import RELEASES
    from avatar.shelf import installed

    entries = [_describe(name, path) for name, path in installed().items()]
    known = {entry["name"] for entry in entries}
    offers = [release for release in RELEASES.values() if release.installs_as not in known]
    if args.json:
        print(json.dumps(entries))
        return 0
    for entry in entries:
        print(f"{entry['name']}  ({entry['place']})  {entry['path']}")
        if "error" in entry:
            print(f"  cannot be used: {entry['error']}")
            continue
        print(
            f"  {entry['keypoints']} keypoints, {entry['image_size']}x{entry['image_size']}, "
            f"depth {'on' if entry['depth'] else 'off'}, "
            f"attention {'on' if entry['attention'] else 'off'}"
        )
        print(f"  {entry['numbers'] / 1e6:.1f} million numbers ({entry['format']}), ", end="")
        print(f"{entry['bytes'] / 1e6:.1f} MB")
        for key in ("sha256", "licence", "origin", "card"):
            if entry.get(key):
                print(f"  {key} {entry[key]}")
    for release in offers:
        print(f"{release.installs_as}  (not installed)  {release.title}, {release.licence}")
        print(f"  get it with: avatar weights fetch {release.name}")
    return 0


def _describe(name: str, path: Path) -> dict[str, Any]:
    """What ``list`` tells of one file; ``error`` instead of details where it cannot be used."""
    from avatar.header import Header
    from avatar.shelf import BUNDLED
    from avatar.weights import file_sha256, read_params

    place = "bundled" if path.parent == BUNDLED else "installed"
    entry: dict[str, Any] = {"name": name, "place": place, "path": str(path)}
    try:
        header = Header.read(path)
        params = read_params(path, header)
    except WeightsError as error:
        return entry | {"error": error.message}
    card = next(iter(sorted(path.parent.glob(f"{path.stem}*.md"))), None)
    return entry | {
        "architecture": params.name,
        "keypoints": params.num_keypoints,
        "image_size": params.image_size,
        "depth": params.use_depth,
        "attention": params.use_attention,
        "numbers": header.numbers,
        "format": "float16" if set(header.formats.values()) == {"F16"} else "float32",
        "bytes": path.stat().st_size,
        "sha256": file_sha256(path),
        "licence": header.metadata.get("licence", ""),
        "origin": header.metadata.get("origin", ""),
        "card": str(card) if card else "",
    }


def _verify(args: argparse.Namespace) -> int:
    from avatar.shelf import installed
    from avatar.weights import load

    for name in args.names or list(installed()):
        weights = load(name, verify=True)
        print(f"{name}: sound ({len(weights.tensors)} tensors, sha256 {weights.sha256})")
    return 0
