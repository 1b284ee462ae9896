"""Header: what a safetensors file says of itself, read without its tensors and without torch."""

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path

from avatar.errors import WeightsError

LIMIT = 8 * 2**20
"""Longest header in bytes that is read; ours has about 40 kB."""

WIDTHS = {"F32": 4, "F16": 2}
"""The number formats a weights file may hold, and their bytes."""

PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
"""How files of torch.save begin: a zip, or a bare pickle."""

CONVERT = "If it is from the official DaGAN: avatar weights convert FOLDER"
AGAIN = "Get the file again: it was cut off or changed on the way."


@dataclass(frozen=True)
class Header:
    """``metadata`` as written; ``shapes`` and ``formats`` (F32 or F16) of the tensors by name."""

    metadata: dict[str, str]
    shapes: dict[str, tuple[int, ...]]
    formats: dict[str, str]

    @property
    def numbers(self) -> int:
        """How many numbers the tensors hold together."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    @classmethod
    def read(cls, path: Path) -> "Header":
        """Read and check the header of ``path``, and that the file is as long as it says.

        Raises:
            WeightsError: it cannot be read, is empty, cut off, a pickle, or no safetensors at all.
        """
        try:
            size = path.stat().st_size
            with path.open("rb") as stream:
                start = stream.read(8)
                length = _length(path, size, start)
                text = stream.read(min(length, size))
        except FileNotFoundError as error:
            raise WeightsError(
                f"There is no weights file {path}.", hint="Check the path."
            ) from error
        except OSError as error:
            raise WeightsError(
                f"The weights file {path} cannot be read: {error.strerror or error}.",
                hint="Name a readable .safetensors file.",
            ) from error
        if len(text) < length:
            raise _cut_off(path, size, 8 + length)
        return cls._parse(path, text, size)

    @classmethod
    def _parse(cls, path: Path, text: bytes, size: int) -> "Header":
        shapes: dict[str, tuple[int, ...]] = {}
        formats: dict[str, str] = {}
        end = 0
        try:
            entries = json.loads(text)
            metadata = {str(k): str(v) for k, v in entries.pop("__metadata__", {}).items()}
            for name, entry in entries.items():
                shapes[name] = tuple(int(side) for side in entry["shape"])
                formats[name] = str(entry["dtype"])
                end = max(end, int(entry["data_offsets"][1]))
        except (
            *(ValueError, TypeError, KeyError, IndexError, AttributeError),
            *(OverflowError, RecursionError),
        ) as error:
            raise _not_safetensors(path) from error
        whole = 8 + len(text) + end
        if size < whole:
            raise _cut_off(path, size, whole)
        if size > whole:
            raise WeightsError(
                f"{path} is damaged: it has {size} bytes, its header describes {whole}.", hint=AGAIN
            )
        for name, kind in formats.items():
            if kind not in WIDTHS:
                raise WeightsError(
                    f"{path}: tensor {name} is stored as {kind}, expected {' or '.join(WIDTHS)}.",
                    hint="Use a file that avatar itself wrote.",
                )
        return cls(metadata, shapes, formats)


def _length(path: Path, size: int, start: bytes) -> int:
    """The length of the JSON header, after checks that this can be a safetensors file at all."""
    if size == 0:
        raise WeightsError(f"{path} is empty (0 bytes).", hint=AGAIN)
    if len(start) < 8:
        raise _not_safetensors(path)
    length: int = struct.unpack("<Q", start)[0]
    if length <= LIMIT:
        return length
    if start.startswith(PICKLES):
        raise WeightsError(
            f"{path} is a PyTorch checkpoint (a pickle), expected safetensors. Pickles can run "
            "code and are not loaded.",
            hint=CONVERT,
        )
    raise _not_safetensors(path)


def _not_safetensors(path: Path) -> WeightsError:
    return WeightsError(
        f"{path} is not a safetensors file.",
        hint="Name a .safetensors file that avatar wrote, or convert the official DaGAN files: "
        "avatar weights convert FOLDER",
    )


def _cut_off(path: Path, size: int, whole: int) -> WeightsError:
    return WeightsError(
        f"{path} is cut off: it has {size} bytes, expected {whole} or more.", hint=AGAIN
    )
