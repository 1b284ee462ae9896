"""Which options were given, and how they go over saved settings.

An option that was given decides for this run, also where it says what is the default anyway; every
other setting is as saved. What an option decided is not saved as the user's choice: the window
saves only what was changed in it (avatar/settings/records.py: merge). Without a window nothing
saved counts, so that a script does the same on every machine, unless it names a profile.
"""

import argparse
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from avatar.config import RunConfig
from avatar.motion.settings import SET_BY_PRESETS, MotionSettings
from avatar.settings.file import OF_ONE_RUN

DECIDES: dict[str, tuple[str, ...]] = {
    "portrait": ("portrait",),
    "camera": ("camera", "loop", "size", "fps"),  # the others were those of another camera
    "loop": ("loop",),
    "size": ("size",),
    "fps": ("fps",),
    "model": ("model",),
    "engine": ("engine",),
    "mirror": ("mirror",),
    "no_crop": ("crop",),
    "rest": ("rest.mode",),
    "rest_after": ("rest.after_s",),
    "slate": ("slate",),
    "zoom": ("framing.zoom",),
    "pan": ("framing.dx", "framing.dy"),
    "relative": ("motion.relative",),
    "absolute": ("motion.relative",),
    "motion": tuple(f"motion.{name}" for name in SET_BY_PRESETS),
    **{field.name: (f"motion.{field.name}",) for field in fields(MotionSettings)[1:]},
}
"""What each option of ``avatar run`` decides, as fields of RunConfig; what belongs to one run
(:data:`avatar.settings.file.OF_ONE_RUN`) is always as the command line says."""


def given(parser: argparse.ArgumentParser, argv: Sequence[str] | None) -> frozenset[str]:
    """The names of the options that a command line has; the parser is of no use afterwards.

    Args:
        parser: that has parsed it without an error.
        argv: the command line; None = the process's own.
    """
    _forget_defaults(parser)
    return frozenset(vars(parser.parse_args(argv)))


def over(saved: RunConfig, asked: RunConfig, options: frozenset[str]) -> RunConfig:
    """Saved settings with the options that were given.

    Args:
        saved: settings.
        asked: what the command line alone asks for.
        options: names of those that were given.

    Raises:
        UsageError: an option contradicts what is saved.
    """
    changes: dict[str, Any] = {name: getattr(asked, name) for name in OF_ONE_RUN}
    inner: dict[str, dict[str, Any]] = {}
    for option in options & DECIDES.keys():
        for path in DECIDES[option]:
            name, _, part = path.partition(".")
            if part:
                inner.setdefault(name, {})[part] = getattr(getattr(asked, name), part)
            else:
                changes[name] = getattr(asked, name)
    for name, parts in inner.items():
        changes[name] = replace(getattr(saved, name), **parts)
    return replace(saved, **changes)


def _forget_defaults(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:
        action.default = argparse.SUPPRESS
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                _forget_defaults(inner)
