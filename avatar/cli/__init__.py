"""The ``avatar`` command: one subcommand a file, each with ``add_parser`` and ``run``.

Errors that a user can cause end as two lines on stderr and an exit code; never as a traceback.
"""

import argparse
import contextlib
import copy
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from avatar import __version__
from avatar.arenas import limit_arenas
from avatar.cli.given import given
from avatar.errors import AvatarError, UsageError
from avatar.extras import EXTRAS, lacking
from avatar.places import go_portable
from avatar.worker import still_running

if TYPE_CHECKING:
    from avatar.logs.log import Log

COMMANDS = ("run", "render", "weights", "bench", "cameras", "engines", "doctor")

LOGGED = ("run", "render", "weights", "bench", "engines")
"""Commands that keep a log file: what runs networks or writes files. The doctor reads them."""

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
        command.add_parser(subparsers).set_defaults(command=(name, command.run))
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 failed, 2 refused, 130 interrupted.

    Without ``argv`` it is the process's own command line, and the process ends with it even if a
    driver's thread hangs.
    """
    if argv is None:
        limit_arenas()
        _own_stderr()
    kept: list[Log] = []
    with contextlib.ExitStack() as ending:
        code = _run(argv, ending, kept)
        hanging = still_running() if argv is None else []
        hanging = [name for name in hanging if name != "log"]  # that one ends last
        if hanging:
            log.warning("left running: %s", ", ".join(hanging))
    hanging += [name for each in kept for name in each.hanging]
    if argv is None and hanging:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # C++ code on a thread that outlives the interpreter would abort the process
    return code


def _run(argv: Sequence[str] | None, ending: contextlib.ExitStack, kept: "list[Log]") -> int:
    """Run one command; ``ending`` closes its log, which is put into ``kept``."""
    try:
        parser = _parser()
        args = parser.parse_args(argv)
        args.given = given(parser, argv)
        if getattr(args, "portable", False):
            go_portable()  # first: the log is kept there too
        _show_logging(args.verbose)
        name, command = args.command
        if name in LOGGED:
            from avatar.logs.log import Log

            kept.append(ending.enter_context(Log(name, _warn)))
            log.info("avatar %s %s", name, _options(args) or "without options")
        code: int = command(args)
        log.info("ends with %d", code)
        return code
    except AvatarError as error:
        log.info("ends with %d: %s", error.exit_code, error, exc_info=error.__cause__)
        return _explained(error)
    except KeyboardInterrupt:
        log.info("ends by Ctrl-C")
        print("stopped", file=sys.stderr)
        return 130
    except Exception as error:
        log.error("unexpected error", exc_info=True, extra={"told": True})
        package = (getattr(error, "name", None) or "").partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and package in EXTRAS:
            return _explained(lacking(package))
        print(f"error: unexpected {type(error).__name__}: {error}", file=sys.stderr)
        path = kept[0].path if kept else None
        cure = f"report it with {path}" if path else "run it again with avatar -v"
        print(f"  what to do: {cure}", file=sys.stderr)
        return 1


def _own_stderr() -> None:
    """Have Python write its stderr to a descriptor of its own.

    The chatter of libraries is kept off the terminal by turning descriptor 2 away for a moment
    (avatar/mesh.py); what is said to the user meanwhile must not go with it.
    """
    try:
        own = os.dup(2)
    except OSError:  # no stderr at all, as under pythonw
        return
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    sys.stderr = open(own, "w", 1, encoding, "backslashreplace")  # noqa: SIM115  # for good


def _show_logging(verbose: bool) -> None:
    """Log to stderr: errors without their tracebacks, or everything from "info" on."""
    level = logging.INFO if verbose else logging.ERROR
    shown = logging.StreamHandler()
    shown.setLevel(level)
    # What the user is told is printed anyway; "-v" adds the traceback behind it, if there is one.
    shown.addFilter(
        lambda record: not getattr(record, "told", False) or bool(verbose and record.exc_info)
    )
    shown.setFormatter((logging.Formatter if verbose else _Brief)(_FORMAT))
    logging.basicConfig(level=level, handlers=[shown])


_FORMAT = "%(levelname)s %(name)s: %(message)s"


class _Brief(logging.Formatter):
    """Without tracebacks; they are in the log file."""

    def format(self, record: logging.LogRecord) -> str:
        bare = copy.copy(record)
        bare.exc_info = bare.exc_text = bare.stack_info = None
        return super().format(bare)


def _options(args: argparse.Namespace) -> str:
    """What was asked for on the command line, as "camera=0, headless=True"."""
    values = vars(args)
    names = sorted(args.given - {"command", "verbose"})
    return ", ".join(f"{name}={values[name]}" for name in names)


def _warn(sentence: str) -> None:
    print(f"warning: {sentence}", file=sys.stderr)


def _explained(error: AvatarError) -> int:
    """Print what is wrong and what to do; the exit code."""
    print(f"error: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"  what to do: {error.hint}", file=sys.stderr)
    return error.exit_code
