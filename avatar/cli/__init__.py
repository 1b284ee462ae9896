"""The ``avatar`` command: one subcommand a file, each with ``add_parser`` and ``run``.

Errors that a user can cause end as two lines on stderr and an exit code; never as a traceback.
"""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from avatar import __version__
from avatar.cli.given import given
from avatar.errors import AvatarError, UsageError
from avatar.extras import EXTRAS, lacking
from avatar.worker import still_running

COMMANDS = ("run", "render", "weights", "bench", "cameras", "engines", "doctor")

log = logging.getLogger(__name__)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in the same two lines as every other error."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", hint=f"See {self.prog} --help.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="avatar", description="A still portrait, puppeteered live by a webcam.")
    parser.add_argument("--version", action="version", version=f"avatar {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what it does")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        command = importlib.import_module(f"avatar.cli.{name}")
        command.add_parser(subparsers).set_defaults(command=command.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 failed, 2 refused, 130 interrupted.

    Without ``argv`` it is the process's own command line, and the process ends with it even if a
    driver's thread hangs.
    """
    code = _run(argv)
    if argv is None and (hanging := still_running()):
        log.warning("left running: %s", ", ".join(hanging))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # C++ code on a thread that outlives the interpreter would abort the process
    return code


def _run(argv: Sequence[str] | None) -> int:
    try:
        parser = _parser()
        args = parser.parse_args(argv)
        args.given = given(parser, argv)
        logging.basicConfig(
            level=logging.INFO if args.verbose else logging.ERROR,
            format="%(levelname)s %(name)s: %(message)s",
        )
        code: int = args.command(args)
        return code
    except AvatarError as error:
        return _explained(error)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except Exception as error:
        log.info("unexpected error", exc_info=True)
        package = (getattr(error, "name", None) or "").partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and package in EXTRAS:
            return _explained(lacking(package))
        print(f"error: unexpected {type(error).__name__}: {error}", file=sys.stderr)
        print("  what to do: run it again with avatar -v and report what it says", file=sys.stderr)
        return 1


def _explained(error: AvatarError) -> int:
    """Print what is wrong and what to do; the exit code."""
    print(f"error: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"  what to do: {error.hint}", file=sys.stderr)
    return error.exit_code
