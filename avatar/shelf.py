"""The shelf: where weights files lie, by name. Some are bundled, others are the user's."""

from pathlib import Path

from avatar.errors import WeightsError
from avatar.places import data_dir

SUFFIX = ".safetensors"
ALWAYS = ("compact", "vox256")
"""Names that can be asked for even where the file is not there: bundled, and fetched."""

BUNDLED = Path(__file__).parent / "assets"


def user_folder() -> Path:
    """Where fetched and converted weights are installed; may not exist yet."""
    return data_dir() / "weights"


def installed() -> dict[str, Path]:
    """Every weights file known by name: the bundled ones, then those in the user's folder."""
    found: dict[str, Path] = {}
    for folder in (BUNDLED, user_folder()):
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            found.setdefault(path.stem, path)
    return found


def locate(name_or_path: str) -> Path:
    """The file of a name (``compact``, ``vox256``, any installed one) or of a path.

    Raises:
        WeightsError: there is none; the hint says how to get it.
    """
    if found := installed().get(name_or_path):
        return found
    path = Path(name_or_path).expanduser()
    if path.is_file():
        return path
    if path.is_dir() and name_or_path not in ALWAYS:
        raise WeightsError(
            f"{path} is a folder, expected a weights file.",
            hint=f"If it holds the official DaGAN files: avatar weights convert {path}",
        )
    if path.suffix or len(path.parts) > 1:
        raise WeightsError(
            f"There is no weights file {path}.",
            hint=f"Check the path, or use a name: {names()}.",
        )
    if name_or_path == "vox256":
        raise WeightsError(
            f"The official DaGAN weights (vox256) are not installed in {user_folder()}.",
            hint="Get them with: avatar weights fetch dagan  (387 MB, non-commercial licence)",
        )
    if name_or_path == "fomm256":
        raise WeightsError(
            f"The first order motion model (fomm256) is not installed in {user_folder()}.",
            hint="Get vox-adv-cpk.pth.tar from its authors, then: "
            "avatar weights convert vox-adv-cpk.pth.tar",
        )
    if name_or_path == "compact":
        raise WeightsError(
            f"The bundled weights {BUNDLED / ('compact' + SUFFIX)} are missing.",
            hint="The installation is incomplete; install the package again.",
        )
    raise WeightsError(
        f"There are no weights called {name_or_path!r}.",
        hint=f"Installed are: {names()}. Or give the path of a {SUFFIX} file.",
    )


def names() -> str:
    """Every name that :func:`locate` may know, for messages."""
    return ", ".join(sorted(set(installed()) | set(ALWAYS)))
