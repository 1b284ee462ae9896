"""Reference: the driver's frame that is most like the portrait, found within a few seconds.

That frame becomes neutral, as with avatarify's key F: nobody can hold a portrait's pose and press a
key at the same moment.
"""

from concurrent.futures import Future
from dataclasses import dataclass, replace

from avatar.errors import NoFaceError
from avatar.frame import Crop, Face
from avatar.pose.head import HeadPose
from avatar.pose.match import Match, Target, match_crop

WINDOW_S = 3.0
"""How long it is looked for, in seconds."""

VERY_GOOD = 94.0
"""A match this good, in its place, ends the search early."""

# How far the face may be from the portrait's place in the square, in parts of its side. A square
# that has yet to follow the head will, and everything after that would be seen shifted.
_PLACE = (0.06, 0.40)


@dataclass(frozen=True)
class Progress:
    """How far a search is.

    Attributes:
        share: of the time that is over, in [0, 1].
        best: the best score so far; None before the first face.
        match: of the frame seen last; None while no face is seen.
    """

    share: float
    best: float | None = None
    match: Match | None = None


@dataclass(frozen=True)
class Choice:
    """What became neutral.

    Attributes:
        crop: the frame's square.
        match: how near it is to the portrait; light was not compared.
        seen: among how many frames with a face it was chosen.
        after_s: how long after the search began it was taken.
    """

    crop: Crop
    match: Match
    seen: int
    after_s: float


class Finder:
    """One search. :meth:`offer` is called by one thread; the rest by any.

    A face that the tracker has not looked for again is older than its frame, so only frames whose
    face is new count: every third one in a live run.

    Args:
        target: the portrait's pose, mirrored already where it moves like a mirror image.
        window_s: how long it takes at most, from the first offer on.

    Attributes:
        found: the choice; an error where no face came; cancelled with the search.
        progress: for a view that polls.
    """

    def __init__(self, target: Target, window_s: float = WINDOW_S) -> None:
        self.found: Future[Choice] = Future()
        self.progress = Progress(0.0)
        self._target = replace(target, light=None)  # nothing that a choice of frames can change
        self._begun_s: float | None = None
        self._window_s = window_s
        self._face: Face | None = None
        self._best: Choice | None = None
        self._rank = -1.0
        self._seen = 0

    @property
    def over(self) -> bool:
        """Whether it has found, failed or been cancelled."""
        return self.found.done()

    def cancel(self) -> None:
        """Give it up; what was neutral stays so."""
        self.found.cancel()

    def offer(self, crop: Crop | None, now_s: float) -> None:
        """Look at the newest frame, or, with None, at the clock alone. About 0.1 ms."""
        if self.over:
            return
        if self._begun_s is None:
            self._begun_s = now_s
        after_s = now_s - self._begun_s
        match = self.progress.match
        if crop is not None and crop.face is None:
            match = self._face = None
        elif crop is not None and crop.face is not self._face:
            self._face = crop.face
            match = match_crop(crop, self._target)
            if match is not None:
                self._seen += 1
                rank = match.score * self._placed(match.pose)
                if rank > self._rank:
                    self._rank, self._best = rank, Choice(crop, match, self._seen, after_s)
        best = self._best
        share = 1.0 if after_s >= self._window_s else max(0.0, after_s / self._window_s)
        self.progress = Progress(share, None if best is None else best.match.score, match)
        if share >= 1 or self._rank >= VERY_GOOD:
            self._finish(best)

    def _placed(self, pose: HeadPose) -> float:
        """1 where the portrait's face is, less the further away."""
        wanted, (free, limit) = self._target.pose, _PLACE
        away = max(abs(pose.x - wanted.x), abs(pose.y - wanted.y))
        return min(1.0, max(0.1, 1 - (away - free) / (limit - free)))

    def _finish(self, best: Choice | None) -> None:
        if not self.found.set_running_or_notify_cancel():
            return
        if best is None:
            self.found.set_exception(
                NoFaceError(
                    f"No face was seen for {self._window_s:g} seconds; the neutral pose stays.",
                    hint="Come into the picture and press F again.",
                )
            )
        else:
            self.found.set_result(Choice(best.crop, best.match, self._seen, best.after_s))
