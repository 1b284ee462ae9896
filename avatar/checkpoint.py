"""Reads files of ``torch.save`` without ever running code from them.

Only tensors, numbers, strings and plain containers are accepted (``weights_only=True``).
"""

import re
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avatar.errors import WeightsError
from avatar.extras import need_torch

if TYPE_CHECKING:
    import torch

STARTS = (b"PK\x03\x04", b"\x80")
"""How files of torch.save begin: a zip, or (before 2020) a bare pickle."""

BROKEN: tuple[type[Exception], ...] = (
    *(RuntimeError, EOFError, ValueError, LookupError, TypeError, AttributeError, AssertionError),
    *(ArithmeticError, MemoryError, struct.error, zipfile.BadZipFile),
)
"""What torch and zipfile raise at files that are damaged; tools/fuzz found them."""

SAFETENSORS = ".safetensors"

GLOBAL = re.compile(r"GLOBAL ([\w.]+)")


def read(path: Path) -> Mapping[str, Any]:
    """The dictionary in a checkpoint; tensors stay in the file until used, where its format allows.

    Raises:
        WeightsError: it cannot be read, is cut off, would need code to run, or holds no dictionary.
    """
    need_torch("Reading PyTorch's checkpoints")
    import pickle

    import torch

    try:
        with path.open("rb") as stream:
            start = stream.read(4)
        if not start:
            raise _broken(path, "it is empty (0 bytes)")
        if not start.startswith(STARTS):
            raise _broken(path, "it does not begin like one")
        if path.suffix.lower() == SAFETENSORS:  # torch.load would go by the name
            raise WeightsError(
                f"{path} was refused: by its name it is a safetensors file, by its first bytes a "
                "PyTorch checkpoint.",
                hint="Ask where it came from. If it is a checkpoint, its name should end in .pth.",
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's remarks on old formats help no user
            found = torch.load(
                path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path)
            )
    except pickle.UnpicklingError as error:
        raise _needs_code(path, GLOBAL.findall(str(error))) from error
    except FileNotFoundError as error:
        raise WeightsError(f"There is no file {path}.", hint="Check the path.") from error
    except OSError as error:
        raise _broken(path, error.strerror or _first_line(error)) from error
    except BROKEN as error:
        # torch and pickle complain in many ways about bytes that are not a checkpoint
        raise _broken(path, _first_line(error)) from error
    if not isinstance(found, Mapping):
        raise WeightsError(
            f"{path} holds a {type(found).__name__}, expected a dictionary of tensors.",
            hint="Name the official DaGAN files, or the folder with them.",
        )
    return found


def tensors(entries: Mapping[str, Any]) -> "dict[str, torch.Tensor]":
    """The tensors among the entries, with ``module.`` (left by parallel training) taken out.

    Plain entries beside them (``height``, ``use_stereo``) are left out.
    """
    import torch

    return {
        str(name).replace("module.", ""): value
        for name, value in entries.items()
        if isinstance(value, torch.Tensor)
    }


def _needs_code(path: Path, names: list[str]) -> WeightsError:
    what = f": it asks for {', '.join(sorted(set(names)))}" if names else ""
    return WeightsError(
        f"{path} was refused: it holds more than plain tensors, and reading it could run code "
        f"from the file{what}.",
        hint="Nothing of it was run. The official DaGAN files do not need this: get them from the "
        "authors (avatar weights fetch dagan). If you trust the file, save its state_dict() anew "
        "with torch.save where it was made, and convert that.",
    )


def _broken(path: Path, why: str) -> WeightsError:
    return WeightsError(
        f"{path} cannot be read as a PyTorch checkpoint: {why}.",
        hint="It may be cut off or be something else; get it again.",
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
