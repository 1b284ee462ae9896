"""The footage as training sees it: frames by row number, those of a clip being neighbours."""

import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.training.data.frames import Picture
from tools.training.data.points import Points
from tools.training.data.store import InMemory, Kept

log = logging.getLogger(__name__)

MOST_OPEN = 512
"""Clips whose files are mapped at once; systems limit how many maps a process may have."""


@dataclass(frozen=True)
class KeptClip:
    """What was kept of one clip. ``path`` is the clip itself, where there is one."""

    name: str
    identity: str
    fps: float
    kept: Kept
    path: Path | None = None


class Footage:
    """The clips of one split. It pickles: worker processes map the same files.

    Attributes:
        clip, frame, identity: (N,) int32, of each row: index in ``names``, number of the frame in
            its clip, index in ``identities``.
        names: of the clips.
        identities: their names.
        fps: (clips,) float64, frames a second of the clips, before frames were left out.
        paths: of the clips; None for those in memory.
        has_landmarks: whether every row has landmarks.
    """

    def __init__(self, clips: Sequence[KeptClip]) -> None:
        self._kept = [clip.kept for clip in clips]
        self.names = tuple(clip.name for clip in clips)
        self.paths = tuple(clip.path for clip in clips)
        self.identities = tuple(sorted({clip.identity for clip in clips}))
        self.fps = np.array([clip.fps for clip in clips], np.float64)
        lengths = np.array([len(clip.kept.numbers) for clip in clips], np.int64)
        self._starts = np.concatenate([[0], np.cumsum(lengths)])
        self.clip = np.repeat(np.arange(len(clips)), lengths).astype(np.int32)
        order = {name: i for i, name in enumerate(self.identities)}
        who = np.array([order[clip.identity] for clip in clips], np.int32)
        self.identity: NDArray[np.int32] = np.repeat(who, lengths)
        numbers = [clip.kept.numbers for clip in clips] or [np.zeros(0, np.int32)]
        self.frame: NDArray[np.int32] = np.concatenate(numbers).astype(np.int32)
        self.has_landmarks = bool(clips) and all(clip.kept.marked for clip in clips)
        self._open: OrderedDict[int, Kept] = OrderedDict()

    def __len__(self) -> int:
        """Rows: frames of all clips."""
        return int(self._starts[-1])

    def image(self, row: int) -> Picture:
        """(S, S, 3) uint8 RGB; it may be a view of a file and is not to be written to.

        Raises:
            InputError: the cache, or uncached a clip, was changed or damaged.
        """
        kept, at = self._find(row)
        return kept.image(at)

    def landmarks(self, row: int) -> Points | None:
        """(478, 3) float32 px of a 256-wide picture; None where there are none.

        Raises:
            InputError: as :meth:`image`.
        """
        kept, at = self._find(row)
        found = kept.landmarks()
        return None if found is None else np.array(found[at])

    def clip_landmarks(self, clip: int) -> NDArray[np.float32] | None:
        """Those of all kept frames of a clip, (n, 478, 3)."""
        first = int(self._starts[clip])
        return self._find(first)[0].landmarks()

    def spans(self) -> Iterator[tuple[int, int]]:
        """First row and one past the last row of every clip."""
        edges = self._starts.tolist()
        yield from zip(edges[:-1], edges[1:], strict=True)

    def __getstate__(self) -> dict[str, Any]:
        """All but which clips are open."""
        return {**self.__dict__, "_open": OrderedDict()}

    def _find(self, row: int) -> tuple[Kept, int]:
        row = int(row)
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of footage with {len(self)} rows")
        clip = int(self.clip[row])
        kept = self._kept[clip]
        self._open[clip] = kept
        self._open.move_to_end(clip)
        if len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        return kept, row - int(self._starts[clip])


def in_memory(
    images: Sequence[NDArray[np.uint8]],
    landmarks: Sequence[NDArray[np.float32]] | None = None,
    identities: Sequence[str] | None = None,
) -> Footage:
    """Footage of arrays, one (n, S, S, 3) for each clip; for tests and experiments."""
    clips = []
    for i, each in enumerate(images):
        kept = InMemory(each, None if landmarks is None else landmarks[i])
        clips.append(KeptClip(f"clip{i}", identities[i] if identities else f"clip{i}", 25.0, kept))
    return Footage(clips)
