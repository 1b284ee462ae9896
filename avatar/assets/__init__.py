"""What is shipped with the app: weights, portraits, a driving motion; origins in CREDITS.md."""

from pathlib import Path

from avatar.errors import InputError

_FOLDER = Path(__file__).parent


def asset(name: str) -> Path:
    """The path of a bundled file, for example ``asset("portraits/astronaut.png")``.

    Raises:
        InputError: it is not there, which means a damaged installation.
    """
    path = _FOLDER / name
    if not path.exists():
        raise InputError(
            f"The bundled file {name} is missing from {_FOLDER}.",
            hint="Install the package again.",
        )
    return path
