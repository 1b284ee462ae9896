"""PortraitCache: portraits that were read lately, so that going back to one waits for nothing."""

from collections import OrderedDict
from pathlib import Path

from avatar.frame import Portrait
from avatar.portraits.catalogue import Box
from avatar.portraits.entry import Entry

ENTRIES = 12
MOST_BYTES = 192 * 1024 * 1024

_Key = tuple[Path, Box | None, bool]


class PortraitCache:
    """The least recently used goes first.

    Args:
        entries: how many are kept at most.
        most_bytes: how much their pictures take together; the newest stays, whatever it takes.
    """

    def __init__(self, entries: int = ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._entries, self._most_bytes = entries, most_bytes
        self._portraits: OrderedDict[_Key, Portrait] = OrderedDict()

    def __len__(self) -> int:
        return len(self._portraits)

    @property
    def bytes(self) -> int:
        """What is kept takes so much."""
        return sum(_size(portrait) for portrait in self._portraits.values())

    def get(self, entry: Entry) -> Portrait | None:
        """The portrait of an entry, cut as it says now; None if it is not here."""
        found = self._portraits.get(_key(entry))
        if found is not None:
            self._portraits.move_to_end(_key(entry))
        return found

    def put(self, entry: Entry, portrait: Portrait) -> None:
        """Keep a portrait."""
        self._portraits[_key(entry)] = portrait
        self._portraits.move_to_end(_key(entry))
        while len(self._portraits) > self._entries or (
            len(self._portraits) > 1 and self.bytes > self._most_bytes
        ):
            self._portraits.popitem(last=False)

    def drop(self, path: Path) -> None:
        """Forget what was read from a file."""
        for key in [key for key in self._portraits if key[0] == path]:
            del self._portraits[key]


def _key(entry: Entry) -> _Key:
    return entry.path, entry.box, entry.whole


def _size(portrait: Portrait) -> int:
    return int(portrait.full.nbytes + portrait.image.nbytes)
