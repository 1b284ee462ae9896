"""Damage as files suffer it, and as somebody would do it on purpose; told by a seed."""

import random
from collections.abc import Callable

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
"""What lengths, counts and sizes are set to."""

WORDS = (b"9" * 9, b"-1", b"1e999", b"NaN", b"[" * 3000, b'"', b"null", b"{}", b"../../x", b"\0")
"""What text is replaced by."""

LONGEST = 2**21
"""No damaged file is longer than this, in bytes."""

Damage = Callable[[random.Random, bytearray], bytearray]


def mutated(data: bytes, seed: str) -> bytes:
    """``data`` with one to six damages; the same ones for the same seed."""
    draw = random.Random(seed)
    found = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 3, 6))):
        found = draw.choice(DAMAGES)(draw, found)
    return bytes(found[:LONGEST])


def _place(draw: random.Random, data: bytearray) -> int:
    """Somewhere; half of the time among the first bytes, where headers are."""
    end = len(data) if draw.random() < 0.5 else min(len(data), 600)
    return draw.randrange(end + 1)


def _cut(draw: random.Random, data: bytearray) -> bytearray:
    return data[: draw.randrange(len(data) + 1)]


def _flip(draw: random.Random, data: bytearray) -> bytearray:
    for _ in range(draw.choice((1, 1, 4, 40))):
        if data:
            data[_place(draw, data) % len(data)] ^= 1 << draw.randrange(8)
    return data


def _number(draw: random.Random, data: bytearray) -> bytearray:
    size = draw.choice((1, 2, 4, 8))
    value = draw.choice(NUMBERS) & (256**size - 1)
    at = _place(draw, data)
    data[at : at + size] = value.to_bytes(size, draw.choice(("big", "little")))
    return data


def _word(draw: random.Random, data: bytearray) -> bytearray:
    at = _place(draw, data)
    data[at : at + draw.choice((0, 1, 4, 12))] = draw.choice(WORDS)
    return data


def _remove(draw: random.Random, data: bytearray) -> bytearray:
    at = _place(draw, data)
    del data[at : at + draw.choice((1, 4, 100, 3000))]
    return data


def _repeat(draw: random.Random, data: bytearray) -> bytearray:
    at = _place(draw, data)
    piece = data[at : at + draw.choice((1, 8, 200, 5000))]
    data[at:at] = piece * draw.choice((1, 2, 50))
    return data


def _noise(draw: random.Random, data: bytearray) -> bytearray:
    at = _place(draw, data)
    size = draw.choice((4, 16, 256, 4096))
    data[at : at + size] = draw.randbytes(size)
    return data


def _zero(draw: random.Random, data: bytearray) -> bytearray:
    """What a copy that broke off leaves: the right length, nothing in it."""
    at = _place(draw, data)
    size = len(data[at : at + draw.choice((16, 512, 4096, LONGEST))])
    data[at : at + size] = bytes(size)
    return data


def _move(draw: random.Random, data: bytearray) -> bytearray:
    """A piece of the file somewhere else in it."""
    source, at, size = _place(draw, data), _place(draw, data), draw.choice((4, 64, 2000))
    data[at : at + size] = data[source : source + size]
    return data


DAMAGES: tuple[Damage, ...] = (
    *(_cut, _flip, _flip, _number, _number, _word, _remove, _repeat, _noise, _zero, _move),
)
