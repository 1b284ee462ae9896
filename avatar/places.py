"""Places: the four folders that anything of the user's is kept in. Nobody else asks the platform.

They are the platform's own, unless everything is to be kept in one folder, the home: the one that
the environment variable AVATAR_HOME names, else ``avatar-data`` beside the program where that
exists. ``avatar run --portable`` makes the latter once; from then on every command uses it, and the
whole folder can be carried elsewhere. The working directory never matters.

None of the folders need exist; whoever writes makes them.
"""

import os
import sys
from pathlib import Path

from avatar.errors import OutputError, UsageError

APP = "dagan-avatar"
HOME = "AVATAR_HOME"
PORTABLE = "avatar-data"


def config_dir() -> Path:
    """Settings and profiles: small files that a person may edit."""
    from platformdirs import user_config_dir

    home = _home()
    return home / "config" if home else Path(user_config_dir(APP, appauthor=False))


def data_dir() -> Path:
    """What the user made or fetched and would miss: weights, portraits, calibrations."""
    from platformdirs import user_data_dir

    home = _home()
    return home / "data" if home else Path(user_data_dir(APP, appauthor=False))


def cache_dir() -> Path:
    """What can be made again: exported graphs, compiled engines, measured speeds, encodings."""
    from platformdirs import user_cache_dir

    home = _home()
    return home / "cache" if home else Path(user_cache_dir(APP, appauthor=False))


def log_dir() -> Path:
    """What happened at the last starts (avatar/logs); nobody misses it."""
    from platformdirs import user_log_dir

    home = _home()
    return home / "logs" if home else Path(user_log_dir(APP, appauthor=False))


def go_portable() -> Path:
    """Keep everything beside the program from now on, and in every later run.

    Returns:
        The folder, which now exists.

    Raises:
        UsageError: the program runs in a Python that is not its own, so nothing is beside it.
        OutputError: the folder cannot be made.
    """
    folder = _beside()
    if folder is None:
        raise UsageError(
            "Nothing can be kept beside the program: it is installed in the system's Python.",
            hint=f"Install it in an environment of its own, or name a folder with {HOME}=FOLDER.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be made: {error.strerror or error}.",
            hint=f"Install where you may write, or name a folder with {HOME}=FOLDER.",
        ) from error
    os.environ[HOME] = str(folder)  # for the processes that engines are built in
    return folder


def _home() -> Path | None:
    """The one folder for everything; None = the platform's own."""
    named = os.environ.get(HOME, "").strip()
    if named:
        return Path(named).expanduser().absolute()
    beside = _beside()
    return beside if beside is not None and beside.is_dir() else None


def _beside() -> Path | None:
    """``avatar-data`` beside a packed program, or beside the environment it is installed in."""
    if getattr(sys, "frozen", False):
        return Path(sys.executable).resolve().parent / PORTABLE
    if sys.prefix != sys.base_prefix:
        return Path(sys.prefix).parent / PORTABLE
    return None
