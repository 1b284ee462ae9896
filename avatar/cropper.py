"""FaceCropper: the square the networks see, cut from each driving frame.

The box stands still while the head moves inside it: a box that followed the head would cancel the
very motion that drives the portrait. It moves only when the head has stayed away from its middle
for a while, and then slowly.

This module knows the FaceTracker port, not MediaPipe.
"""

import math
from collections.abc import Callable

import numpy as np

from avatar.errors import UsageError
from avatar.frame import Crop, Face, Frame, Image
from avatar.framing import Framing
from avatar.square import MIN_SIDE, Square, centre_square, cut, head_square
from avatar.tracker import FaceTracker, overlap

# In the training clips the centre of the face wanders inside its fixed box by a standard deviation
# of 0.03 (median clip) to 0.23 (95th percentile) of the face's height. That motion has to stay.
_DEAD_X, _DEAD_Y = 0.15, 0.10  # parts of the side; less downwards, where the chin is near the edge
_SETTLED = 0.03  # re-centring ends when the face is this near to its place
_DEAD_SCALE, _SETTLED_SCALE = math.log(1.25), math.log(1.05)
_DWELL_S = 0.7  # so long the face must have been away before the box begins to move
_URGENT = 1.5  # ... or this many dead zones away: the face is about to leave the crop
_EASE_S = 0.4  # the box reaches its speed over this time
MAX_SPEED = 0.30  # parts of the side per second
MAX_GROWTH = 0.25  # natural logarithm of the side per second
MAX_STEP_S = 0.10  # a gap between frames counts as at most this long, so that the box cannot jump
MAX_PASSED_S = 1.0  # frames that were passed over count as at most this long together
_AWAY_S = 0.5  # a face wholly outside the box for so long is jumped to
_LOST_S = 1.0  # after so long without the face, another one is taken, and jumped to


class FaceCropper:
    """Cuts a stable head square out of each frame.

    The face followed is the largest at first, then the one nearest to where it was. While it is
    lost the last box is held (``Crop.held``, ``Crop.lost_ms``); when a face is back inside the box,
    the box goes on as it was; when it is elsewhere, the box jumps there. Before the first face the
    crop is the centre square, held.

    Args:
        tracker: finds faces; closed by :meth:`close`.
        framing: how close the box is, and how far it is moved aside.
        enabled: False cuts the centre square of every frame and looks for no face.
        look_again_s: a face that was found is taken to be where it was for so long. The box hardly
            moves in that time and looking costs as much as half the networks; 0 looks at every
            frame.
        make_tracker: makes an open tracker once one is needed, where none was given.

    Attributes:
        framing: as given; takes effect with the next frame.
        enabled: whether faces are followed.
    """

    def __init__(
        self,
        tracker: FaceTracker | None,
        framing: Framing = Framing(),  # noqa: B008  (frozen)
        enabled: bool = True,
        look_again_s: float = 0.0,
        make_tracker: Callable[[], FaceTracker] | None = None,
    ) -> None:
        self._make_tracker = make_tracker
        if enabled and tracker is None and make_tracker is not None:
            tracker = make_tracker()
        if enabled and tracker is None:
            raise UsageError(
                "A cropper that follows faces needs a face tracker, got none.",
                hint="Pass a tracker, or enabled=False for the centre square.",
            )
        self._tracker = tracker
        self.enabled = enabled
        self._look_again_ns = int(look_again_s * 1e9)
        self._looked_ns: int | None = None  # when a face was last found by looking
        self.framing = framing
        self._square: Square | None = None
        self._face: Face | None = None
        self._size = (0, 0)
        self._first_ns: int | None = None
        self._last_ns = 0
        self._passed_s = 0.0  # since the last frame cut, by frames that were not
        self._seen_ns = 0
        self._outside_ns: int | None = None  # since when the face is outside the box
        self._off_ns: int | None = None  # since when the face is past the dead zone
        self._moving = False
        self._speed = np.zeros(3)  # x and y in sides per second, then growth per second

    def follow(self, on: bool) -> None:
        """Follow the face from the next frame on, or keep to the centre square.

        Raises:
            UsageError: there is no tracker, and no way to make one.
            AvatarError: the tracker cannot be opened.
        """
        if on and self._tracker is None:
            if self._make_tracker is None:
                raise UsageError("This crop cannot follow faces: it has no face tracker.")
            self._tracker = self._make_tracker()
        if on and not self.enabled:
            self._first_ns = self._looked_ns = None  # a face may have come and gone meanwhile
            self.recentre()
        self.enabled = on

    def recentre(self) -> None:
        """Jump to the face in the next frame that shows one."""
        self._square = None
        self._face = None

    def close(self) -> None:
        """Close the tracker; idempotent."""
        if self._tracker is not None:
            self._tracker.close()

    def pass_over(self, frame: Frame) -> None:
        """A frame that is not cut goes by. The box moves on as if it had been looked at."""
        if self._first_ns is not None:
            passed_s = self._passed_s + self._since_last(frame.t_ns)
            self._passed_s = min(passed_s, MAX_PASSED_S)

    def crop(self, frame: Frame) -> Crop:
        """Cut the square out of a frame; the crop's image is its own."""
        height, width = frame.image.shape[:2]
        if not self.enabled or self._tracker is None:
            return self._cut(frame, self._view(centre_square(width, height)), None, False, 0.0)
        now = frame.t_ns
        if self._first_ns is None:
            self._first_ns = self._last_ns = self._seen_ns = now
        if self._size != (width, height):  # another camera or format: the old box means nothing
            self._size = (width, height)
            self.recentre()
        step_s, self._passed_s = self._passed_s + self._since_last(now), 0.0
        face = self._find(self._tracker, frame.image, now)
        if face is not None:
            self._update(head_square(face, width, height), face, now, step_s)
            self._face, self._seen_ns = face, now
        else:
            self._rest()
        square = self._square or centre_square(width, height)
        lost_ms = max(0.0, (now - self._seen_ns) / 1e6)
        return self._cut(frame, self._view(square), face, face is None, lost_ms)

    def _since_last(self, now: int) -> float:
        """Seconds since the last frame, as far as they count."""
        last, self._last_ns = self._last_ns, now
        return min(max((now - last) / 1e9, 0.0), MAX_STEP_S)

    def _find(self, tracker: FaceTracker, image: Image, now: int) -> Face | None:
        fresh = self._looked_ns is not None and 0 <= now - self._looked_ns < self._look_again_ns
        if fresh and self._face is not None:
            return self._face
        face = self._choose(tracker.track(image), now)
        self._looked_ns = None if face is None else now
        return face

    def _choose(self, faces: list[Face], now: int) -> Face | None:
        if not faces:
            return None
        largest = max(faces, key=lambda f: _size(f))
        known = self._face
        if known is None:
            return largest
        near = min(faces, key=lambda f: (-overlap(f.box, known.box), _distance(f, known)))
        same = overlap(near.box, known.box) > 0.1 or _distance(near, known) < 0.75 * _size(known)
        if same:
            return near
        # someone else, or the same one moved fast: wait a little before believing it
        return largest if now - self._seen_ns > _LOST_S * 1e9 else None

    def _update(self, goal: Square, face: Face, now: int, step_s: float) -> None:
        box = self._square
        if box is None:
            self._jump(goal)
            return
        cx, cy = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        if max(abs(cx - box.x), abs(cy - box.y)) <= box.side / 2:
            self._outside_ns = None
        elif self._outside_ns is None:
            self._outside_ns = now
        was_lost = now - self._seen_ns > _LOST_S * 1e9
        away = self._outside_ns is not None and now - self._outside_ns > _AWAY_S * 1e9
        resized = abs(math.log(goal.side / box.side)) > _URGENT * _DEAD_SCALE
        if away or (was_lost and (self._outside_ns is not None or resized)):
            self._jump(goal)
            return
        while self._square is not None:  # in steps as if frames that were passed over had been cut
            self._recentre_slowly(self._square, goal, now, min(step_s, MAX_STEP_S))
            step_s -= MAX_STEP_S
            if step_s <= 0:
                break

    def _recentre_slowly(self, box: Square, goal: Square, now: int, step_s: float) -> None:
        dx, dy = (goal.x - box.x) / box.side, (goal.y - box.y) / box.side
        grow = math.log(goal.side / box.side)
        off = max(abs(dx) / _DEAD_X, abs(dy) / _DEAD_Y, abs(grow) / _DEAD_SCALE)
        if off <= 1:
            self._off_ns = None
        elif self._off_ns is None:
            self._off_ns = now
        waited = self._off_ns is not None and now - self._off_ns > _DWELL_S * 1e9
        if waited or off > _URGENT:
            self._moving = True
        elif max(abs(dx), abs(dy)) < _SETTLED and abs(grow) < _SETTLED_SCALE:
            self._moving = False
        # the speed is the distance per second: less and less towards the end
        wanted = np.array([dx, dy, grow]) if self._moving else np.zeros(3)
        limit = np.array([MAX_SPEED, MAX_SPEED, MAX_GROWTH])
        ease = min(1.0, step_s / _EASE_S)
        self._speed += (np.clip(wanted, -limit, limit) - self._speed) * ease
        move = self._speed * step_s
        self._square = Square(
            box.x + move[0] * box.side,
            box.y + move[1] * box.side,
            max(MIN_SIDE, box.side * math.exp(move[2])),
        )

    def _jump(self, goal: Square) -> None:
        self._square = goal
        self._rest()

    def _rest(self) -> None:
        self._speed[:] = 0.0
        self._moving = False
        self._outside_ns = self._off_ns = None

    def _view(self, square: Square) -> Square:
        framing = self.framing
        side = max(MIN_SIDE, square.side / (1.0 + framing.zoom))
        return Square(square.x + framing.dx * side, square.y + framing.dy * side, side)

    def _cut(
        self, frame: Frame, square: Square, face: Face | None, held: bool, lost_ms: float
    ) -> Crop:
        return Crop(
            image=cut(frame.image, square),
            box=square.box,
            face=face,
            held=held,
            index=frame.index,
            t_ns=frame.t_ns,
            lost_ms=lost_ms,
        )


def _size(face: Face) -> float:
    return float(max(face.box[2] - face.box[0], face.box[3] - face.box[1]))


def _distance(a: Face, b: Face) -> float:
    return math.hypot(
        float(a.box[0] + a.box[2] - b.box[0] - b.box[2]) / 2,
        float(a.box[1] + a.box[3] - b.box[1] - b.box[3]) / 2,
    )
