"""Frames in memory: a clip is decoded once for all the trials that need it, as far as memory
allows."""

from collections import OrderedDict
from collections.abc import Iterable

from avatar.frame import Image
from tools.evaluation.clips import Clip
from tools.evaluation.trials import Shot, Trial

MOST_BYTES = 2**30


class FrameStore:
    """The frames that trials need.

    Args:
        trials: all that will ask.
        most_bytes: clips used longest ago are forgotten beyond it, the newest never.
    """

    def __init__(self, trials: Iterable[Trial], most_bytes: int = MOST_BYTES) -> None:
        self._wanted: dict[Clip, set[int]] = {}
        for trial in trials:
            for shot in trial.shots():
                self._wanted.setdefault(shot.clip, set()).add(shot.index)
        self._loaded: OrderedDict[Clip, dict[int, Image]] = OrderedDict()
        self._most_bytes = most_bytes

    def __call__(self, shot: Shot) -> Image:
        """(256, 256, 3) uint8 RGB, read-only.

        Raises:
            InputError: its clip cannot be read.
        """
        frames = self._loaded.get(shot.clip)
        if frames is None:
            frames = shot.clip.frames(self._wanted[shot.clip])
            self._loaded[shot.clip] = frames
            while len(self._loaded) > 1 and self._bytes() > self._most_bytes:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(shot.clip)
        return frames[shot.index]

    def _bytes(self) -> int:
        return sum(image.nbytes for frames in self._loaded.values() for image in frames.values())
