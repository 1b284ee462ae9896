"""CodeCache: what an engine made of the portraits used last, so that going back to one is instant.

Encoding takes the networks as long as several frames; a code is a few megabytes. Codes belong to
the engine that made them, so another engine begins with an empty cache.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from avatar.engine import Code, Engine
from avatar.frame import Image, Keypoints

ENTRIES = 12
"""How many portraits are kept at most."""

MOST_BYTES = 256 * 1024 * 1024
"""How much their codes may take together, where engines let it be seen."""

Encoded = tuple[Code, Keypoints]


class CodeCache:
    """The newest codes of one engine; the least recently used goes first.

    Portraits are told apart by their pixels: one that is read again from its file is the same one,
    one that was cropped anew is not. The thread that owns the engine owns this too.

    Args:
        entries: how many are kept at most; 0 keeps none.
        most_bytes: how much their codes take at most. The newest stays, whatever it takes.
    """

    def __init__(self, entries: int = ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._entries = entries
        self._most_bytes = most_bytes
        self._engine: Engine | None = None
        self._codes: OrderedDict[bytes, tuple[Encoded, int]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._codes)

    def get(self, engine: Engine, portrait: Image) -> Encoded | None:
        """What the engine made of these pixels, (256, 256, 3) uint8; None if it is not known."""
        if engine is not self._engine:
            return None
        key = _key(portrait)
        found = self._codes.get(key)
        if found is None:
            return None
        self._codes.move_to_end(key)
        return found[0]

    def put(self, engine: Engine, portrait: Image, encoded: Encoded) -> None:
        """Keep what the engine made; of another engine than before, as the only one."""
        if engine is not self._engine:
            self.clear()
            self._engine = engine
        key, size = _key(portrait), size_of(encoded)
        if (old := self._codes.pop(key, None)) is not None:
            self.bytes -= old[1]
        if self._entries < 1:
            return
        self._codes[key] = (encoded, size)
        self.bytes += size
        while len(self._codes) > self._entries or (
            self.bytes > self._most_bytes and len(self._codes) > 1
        ):
            _, (_, gone) = self._codes.popitem(last=False)
            self.bytes -= gone

    def clear(self) -> None:
        """Forget every code and the engine."""
        self._codes.clear()
        self._engine, self.bytes = None, 0


def size_of(value: Any) -> int:
    """Bytes of the arrays and tensors in a code; what cannot be looked into counts nothing."""
    if isinstance(value, Keypoints):
        return int(value.value.nbytes + value.jacobian.nbytes)
    if isinstance(size := getattr(value, "nbytes", None), int):
        return size
    if isinstance(value, Mapping):
        return sum(size_of(part) for part in value.values())
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return sum(size_of(part) for part in value)
    return 0


def _key(portrait: Image) -> bytes:
    return blake2b(portrait.data if portrait.flags.c_contiguous else portrait.tobytes()).digest()
