"""Wire: how two processes of the app hand each other words, numbers and arrays through a pipe.

A message is ``AVW1``, the length of a header (4 bytes, little-endian), the header, which is JSON,
and the bytes of its arrays one after another. In the header an array is ``{"": [format, shape]}``.
Reading a message makes text, numbers, lists, dictionaries and arrays of numbers, and nothing else:
unlike a pickle it cannot run code, whoever wrote it.
"""

import json
import math
import struct
from typing import IO, Any

import numpy as np

MAGIC = b"AVW1"
PREFIX = struct.Struct("<4sI")
LONGEST_HEADER = 2**20
"""Bytes; ours have some hundred."""

MOST_BYTES = 2**30
"""Of all arrays of a message together; the largest map has 64 MB."""

FORMATS = ("|u1", "|b1", "<i4", "<i8", "<f2", "<f4", "<f8")
"""NumPy's names of the number formats that are sent."""


class WireError(Exception):
    """What was read is no message, or what was to be sent cannot be one."""


def packed(value: Any) -> list[bytes]:
    """A message, in pieces to write one after another.

    Args:
        value: None, bool, int, float, str, arrays of numbers, and lists, tuples and dictionaries
            with words as keys of these. Tuples arrive as lists.

    Raises:
        WireError: it holds something else.
    """
    arrays: list[bytes] = []
    try:
        header = json.dumps(_plain(value, arrays)).encode()
    except ValueError as error:  # it contains itself
        raise WireError(str(error)) from error
    if len(header) > LONGEST_HEADER:
        raise WireError(f"a header of {len(header)} bytes, expected at most {LONGEST_HEADER}")
    return [PREFIX.pack(MAGIC, len(header)) + header, *arrays]


def send(value: Any, stream: IO[bytes]) -> None:
    """Write a message and flush.

    Raises:
        WireError: see :func:`packed`; nothing was written.
        OSError: nobody reads any more.
    """
    for piece in packed(value):
        stream.write(piece)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next message; arrays are writable and its own.

    Raises:
        EOFError: the other end is gone, between two messages or in one.
        WireError: it is no message.
    """
    magic, length = PREFIX.unpack(_exactly(stream, PREFIX.size))
    if magic != MAGIC or length > LONGEST_HEADER:
        raise WireError(f"a message begins with {magic!r} and a header of {length} bytes")
    text = _exactly(stream, length)
    left = MOST_BYTES

    def array(entry: dict[str, Any]) -> Any:
        nonlocal left
        if "" not in entry:
            return entry
        kind, shape = _described(entry)
        size = math.prod(shape) * kind.itemsize
        if size > left:
            raise WireError(f"arrays of more than {MOST_BYTES} bytes")
        left -= size
        return np.frombuffer(_exactly(stream, size), kind).reshape(shape)

    try:
        # objects are made in the order of their closing braces, which is that of their arrays
        return json.loads(text, object_hook=array)
    except (ValueError, RecursionError) as error:
        raise WireError(f"the header cannot be read: {error}") from error


def _described(entry: dict[str, Any]) -> "tuple[np.dtype[Any], list[int]]":
    about = entry[""]
    if not (isinstance(about, list) and len(about) == 2 and about[0] in FORMATS):
        raise WireError(f"an array is described as {about!r}")
    shape = about[1]
    if not (isinstance(shape, list) and all(type(n) is int and n >= 0 for n in shape)):
        raise WireError(f"an array has the shape {shape!r}")
    return np.dtype(about[0]), shape


def _plain(value: Any, arrays: list[bytes]) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray):
        kind = value.dtype.str
        if kind not in FORMATS:
            raise WireError(f"an array of {value.dtype}, expected one of {', '.join(FORMATS)}")
        arrays.append(np.ascontiguousarray(value).tobytes())
        return {"": [kind, list(value.shape)]}
    if isinstance(value, list | tuple):
        return [_plain(item, arrays) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) and key for key in value):
        return {key: _plain(item, arrays) for key, item in value.items()}
    raise WireError(f"a {type(value).__name__} cannot be sent")


def _exactly(stream: IO[bytes], size: int) -> bytearray:
    """The next ``size`` bytes; memory grows with what arrives, not with what was announced."""
    found = bytearray()
    while len(found) < size:
        piece = stream.read(min(size - len(found), 2**22))
        if not piece:
            raise EOFError
        found += piece
    return found
