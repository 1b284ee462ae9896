"""``avatar engines``: how the networks can be run here, and which way is chosen."""

import argparse
from typing import Any


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
    """Describe ``avatar engines``; it has no options."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "engines",
        help="list the engines",
        description="List the engines (ways of running the networks), whether each can run here, "
        "and which one is taken by itself.",
    )
    return parser


def run(args: argparse.Namespace) -> int:
    """List them.

    Raises:
        EngineError: none can run here.
    """
    from avatar.engine import choose, engines

    found = engines()
    for engine in sorted(found.values(), key=lambda e: -e.rank):
        missing = engine.available()
        state = f"cannot run here: {missing}" if missing else "ready"
        only_named = ", only when asked for" if engine.rank < 0 else ""
        print(f"{engine.name:10} {state}{only_named}")
    choice = choose(found=found)
    print(f"\nauto takes {choice.engine.name}: {choice.reason}.")
    return 0
