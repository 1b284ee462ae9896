"""``python -m tools.vm``: prove the virtual camera on a real kernel, in a Debian under qemu."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from avatar.assets import asset
from avatar.errors import AvatarError
from avatar.places import cache_dir
from tools.vm import likeness
from tools.vm.guest import PROOFS
from tools.vm.guest.puppet import CLIP, ENGINE, PORTRAIT
from tools.vm.guest.record import read
from tools.vm.image import ready_image
from tools.vm.machine import EMULATED, STEADY, Machine
from tools.vm.share import pack, revision
from tools.vm.verdict import Verdict, judged


def main(argv: Sequence[str] | None = None) -> int:
    """Build the image where there is none, run the proofs: 0 when all of it held, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m tools.vm", description=__doc__)
    parser.add_argument("proofs", nargs="*", metavar="PROOF", help=f"of {', '.join(PROOFS)}")
    parser.add_argument("--rebuild", action="store_true", help="build the image anew")
    parser.add_argument("--limit", type=float, default=90, metavar="MIN", help="%(default)g")
    parser.add_argument(
        "--host-time",
        action="store_true",
        help="by the host's clock, which a busy host takes too much of (the guest's own)",
    )
    parser.add_argument("--results", type=Path, help="where pictures and logs go (the cache)")
    args = parser.parse_args(argv)
    if unknown := set(args.proofs) - set(PROOFS):
        parser.error(f"got {', '.join(sorted(unknown))}, expected of {', '.join(PROOFS)}")
    console = Console()
    try:
        verdict = _run(args, console)
    except AvatarError as error:
        print(f"error: {error.message}\n  what to do: {error.hint}", file=sys.stderr)
        return error.exit_code
    verdict.show(console)
    return 0 if verdict.passed else 1


def _run(args: argparse.Namespace, console: Console) -> Verdict:
    image = ready_image(args.rebuild)
    results: Path = args.results or cache_dir() / "vm-results"
    results.mkdir(parents=True, exist_ok=True)
    for pattern in ("claims.json", "verdict.json", "avatar_*.png"):  # of the last run
        for old in results.glob(pattern):
            old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        pack(project)
        accelerator = EMULATED if args.host_time else STEADY
        machine = Machine(image, project, results, tuple(args.proofs), accelerator=accelerator)
        seconds = machine.run(60 * args.limit, lambda line: console.print(line, markup=False))
        claims = read(results)
        if any(results.glob("avatar_*.png")):
            rendered = likeness.render(
                asset("portraits") / PORTRAIT, asset(CLIP), ENGINE, Path(folder) / "rendered"
            )
            sent = [likeness.as_sent(picture) for picture in rendered]
            seen = likeness.load(results, "avatar_*.png")
            claims += judged([likeness.nearest(likeness.small(each), sent) for each in seen])
    verdict = Verdict(tuple(claims), image.versions, seconds, revision())
    verdict.write(results / "verdict.json")
    console.print(f"Pictures, logs and verdict.json: {results}")
    return verdict


if __name__ == "__main__":
    sys.exit(main())
