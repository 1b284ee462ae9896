"""Entry: a portrait of the gallery, and what becomes of it when it is added or removed."""

from dataclasses import dataclass, field
from pathlib import Path

from avatar.errors import AvatarError
from avatar.frame import Portrait
from avatar.portraits.album import Removed as Taken
from avatar.portraits.catalogue import Box


@dataclass(frozen=True, slots=True)
class Entry:
    """A portrait of the gallery.

    Attributes:
        path: its picture file; what it is known by.
        name: what it is called.
        own: whether it is the user's: can be renamed and removed.
        guest: whether it is only used from where it lies, and forgotten with this session.
        box: the square the user chose, x0 y0 x1 y1 in pixels of the file, upright; None = the
            face's.
        whole: the centre square is taken as it is, because there is no face to look for.
        found: the square that looking for the face gave; None where nobody looked.
        warnings: why it animates badly; empty also where nobody looked.
    """

    path: Path
    name: str
    own: bool = True
    guest: bool = False
    box: Box | None = None
    whole: bool = False
    found: Box | None = None
    warnings: tuple[str, ...] = ()

    @property
    def square(self) -> Box | None:
        """The square it is animated in, as far as it is known."""
        return self.box or self.found


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a picture the user brought.

    Attributes:
        entry: it, or the portrait that was there already with the same pixels.
        portrait: ready to be animated.
        new: whether it was added.
        refused: why it could not be kept, and is used from where it lies; None when it is kept.
    """

    entry: Entry
    portrait: Portrait
    new: bool
    refused: AvatarError | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """A portrait that was removed, and what :meth:`Library.restore` needs to bring it back."""

    entry: Entry
    taken: Taken = field(repr=False)
