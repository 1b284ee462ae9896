"""``python -m tools.fuzz``: damaged files through every reader; fails on crashes, hangs and bugs.

Linux only. A find is kept as a file; reading it again: ``--again FILE``.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from tools.fuzz.guided import Explored, explore
from tools.fuzz.run import Result, fuzz


def main(argv: Sequence[str] | None = None) -> int:
    """Fuzz as asked: 0 when nothing was found, 1 when something was, 2 on bad usage."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the damages (%(default)s)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="at most so long")
    parser.add_argument(
        "--only", action="append", default=[], metavar="ENDING", help="such as .png; repeatable"
    )
    parser.add_argument(
        "--guided",
        action="store_true",
        help="led by coverage (needs atheris): --cases and --minutes are for each kind of file",
    )
    parser.add_argument("--keep", type=Path, default=Path("fuzz-finds"), metavar="FOLDER")
    parser.add_argument("--again", type=Path, metavar="FILE", help="read this one file, here")
    parser.add_argument("--json", action="store_true", help="the result as JSON on the last line")
    args = parser.parse_args(argv)
    if sys.platform != "linux":
        parser.error("runs on Linux only: it limits time and memory as Linux does")
    if args.again is not None:
        return _again(args.again)
    if args.cases < 1 or not args.minutes > 0:
        parser.error("expected at least one case and some minutes")
    if args.guided:
        if find_spec("atheris") is None:
            parser.error("--guided needs atheris: pip install 'atheris>=3' (Linux)")
        return _guided(args)
    began = time.monotonic()
    result = fuzz(
        *(args.cases, args.seed, args.keep),
        seconds=args.minutes * 60,
        kinds=tuple(args.only),
        tell=_tell,
    )
    _show(result, time.monotonic() - began)
    if args.json:
        print(json.dumps(_plain(result)), flush=True)
    return 1 if result.finds else 0


def _tell(result: Result) -> None:
    if result.cases % 500 == 0:
        print(f"{result.cases} cases, {len(result.finds)} finds", file=sys.stderr, flush=True)


def _guided(args: argparse.Namespace) -> int:
    found = explore(
        *(args.cases, args.seed, args.keep),
        seconds=args.minutes * 60,
        kinds=tuple(args.only),
        tell=_show_kind,
    )
    if args.json:
        print(json.dumps([asdict(one) for one in found], default=str), flush=True)
    return 1 if any(one.finds for one in found) else 0


def _show_kind(one: Explored) -> None:
    print(
        f"{one.kind}: {one.cases} cases in {one.took_s:.0f} s, {one.read} read, branches "
        f"{one.covered[0]} -> {one.covered[1]}, most work {one.slowest_s:.2f} s, most memory "
        f"{one.grown_mb} MB, {len(one.finds)} finds",
        flush=True,
    )
    for find in one.finds:
        print(f"  {find.kind}: {find.what[:300]}\n      {find.kept}", flush=True)


def _again(path: Path) -> int:
    """A kept file is called SEED-NUMBER-NAME; it is read under the name alone."""
    from tools.fuzz.readers import read

    with tempfile.TemporaryDirectory() as folder:
        print(read(Path(shutil.copy(path, Path(folder) / path.name.split("-", 2)[-1]))))
    return 0


def _show(result: Result, took_s: float) -> None:
    print(
        f"{result.cases} cases in {took_s:.0f} s: {result.read} read, "
        f"{result.cases - result.read - len(result.finds)} refused, {len(result.finds)} finds; "
        f"most work {result.slowest_s:.2f} s, most memory {result.grown_mb} MB"
    )
    counted = Counter((find.kind, find.what[:160]) for find in result.finds)
    for (kind, what), count in counted.most_common():
        example = next(f for f in result.finds if (f.kind, f.what[:160]) == (kind, what))
        print(f"  {count} x {kind}: {what}\n      {example.kept}")


def _plain(result: Result) -> dict[str, object]:
    return {
        "cases": result.cases,
        "read": result.read,
        "finds": [[f.seed, f.kind, f.what, str(f.kept)] for f in result.finds],
        "slowest_s": result.slowest_s,
        "grown_mb": result.grown_mb,
        "by_seed": dict(result.by_seed),
    }


if __name__ == "__main__":
    sys.exit(main())
