"""Animator: one portrait, one engine, and the driver's crops turned into animated frames.

It holds all the state that changes from frame to frame (portrait code, neutral pose, the pose shown
last) and knows no thread: live and offline use the same one.
"""

from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np

from avatar.codes import CodeCache
from avatar.engine import Code, Engine
from avatar.errors import EngineError
from avatar.frame import Animated, Crop, Floats, Frame, Image, Keypoints, Portrait
from avatar.motion.absence import Absence
from avatar.motion.transfer import Motion
from avatar.pose.frontal import is_frontal
from avatar.pose.head import HeadPose, head_pose
from avatar.pose.neutral import Neutral
from avatar.rest import Rest

PATIENCE_NS = 2_000_000_000
"""How long the first face may take to look straight ahead before any pose is taken as neutral."""


class Animator:
    """Animates a portrait. One thread uses it, the one that opened the engine.

    Args:
        engine: open; the animator does not close it.
        motion: how driving keypoints become the portrait's.
        mirror: flip the driving crop before it is detected, so that the portrait moves like a
            mirror image.

    Attributes:
        rest: what happens to the pose once the face is lost.
        neutral_pose: of the head that is neutral; None where nothing is, or no face was tracked.
    """

    def __init__(self, engine: Engine, motion: Motion, *, mirror: bool = False) -> None:
        self.engine = engine
        self.motion = motion
        self.rest = Rest()
        self._mirror = mirror
        self._portrait: Portrait | None = None
        self._code: Code = None
        self._codes = CodeCache()
        self._source: Keypoints | None = None
        self.neutral_pose: HeadPose | None = None
        self._neutral: Crop | Neutral | None = None  # where it was seen, or remembered
        self._neutral_keypoints: Keypoints | None = None  # of it, as it is seen now
        self._asked: Callable[[HeadPose | None], None] | None = None  # wants the next
        self._first_face_ns: int | None = None
        self._detected: Keypoints | None = None
        self._shown: Keypoints | None = None  # last
        self._absence = Absence()

    def set_portrait(self, portrait: Portrait) -> None:
        """Animate another portrait; the driver's neutral pose is kept.

        Raises:
            EngineError: the engine failed.
        """
        encoded = self._codes.get(self.engine, portrait.image)
        if encoded is None:
            code, source = self.engine.encode(portrait.image)
            encoded = code, self._checked(source)
            self._codes.put(self.engine, portrait.image, encoded)
        self._code, self._source = encoded
        self._portrait = portrait
        self.motion.reset(self._source)
        self._shown = None
        self._absence.forget()

    def set_engine(self, engine: Engine) -> None:
        """Go on with another open engine: same portrait, same neutral pose, same pose shown.

        Raises:
            EngineError: the engine failed; everything is as it was.
        """
        before, self.engine = self.engine, engine
        encoded: tuple[Code, Keypoints] | None = None
        neutral: Keypoints | None = None
        try:
            if self._portrait is not None:
                code, source = engine.encode(self._portrait.image)
                encoded = code, self._checked(source)
            if self._neutral is not None:
                neutral = self._seen(self._neutral)
        except BaseException:
            self.engine = before
            raise
        if encoded is not None:
            if self._source is None or self._source.value.shape != encoded[1].value.shape:
                self._shown = self._detected = None  # other keypoints
                self._absence.forget()
            self._code, self._source = encoded
            self.motion.reset(encoded[1])
        self._codes.clear()  # those of the old engine, which may be on a GPU
        if encoded is not None and self._portrait is not None:
            self._codes.put(engine, self._portrait.image, encoded)
        self.motion.forget_past()
        if neutral is not None and self._fits(neutral):
            self._make_neutral(neutral)
        elif neutral is not None:  # a remembered one, of other weights
            self.motion.forget()
            self._neutral = self.neutral_pose = None

    def calibrate(self, told: Callable[[HeadPose | None], None] = lambda pose: None) -> None:
        """Make the next frame with a face (or the next at all, without face tracking) neutral.

        Args:
            told: called when one was taken, with its pose.
        """
        self._asked = told

    def stop_waiting(self) -> None:
        """Take no next face, whoever asked for it."""
        self._asked = None

    def calibrate_to(self, crop: Crop) -> None:
        """Make a crop neutral that was seen before, or is yet to come.

        Raises:
            EngineError: the engine failed.
        """
        self._take(crop, self._detect(crop))
        self._asked = None

    def set_neutral(self, neutral: Neutral) -> None:
        """Make a pose neutral of which only the keypoints are known.

        Raises:
            EngineError: they are not those of this engine's weights.
        """
        keypoints = neutral.seen(self._mirror)
        if not self._fits(keypoints):
            raise EngineError(
                f"The neutral pose has {len(keypoints.value)} keypoints, and engine "
                f"{self.engine.name} finds others.",
                hint="Press X to take a new one.",
            )
        self._make_neutral(self._checked(keypoints))
        self._neutral, self.neutral_pose, self._asked = neutral, neutral.pose, None

    def neutral(self) -> Neutral | None:
        """What is neutral now, to be kept; None before anything is.

        Raises:
            EngineError: the engine failed.
        """
        crop = self._neutral
        if crop is None or isinstance(crop, Neutral):
            return crop
        assert self._neutral_keypoints is not None  # they come and go with the crop
        image = crop.image if self._mirror else np.ascontiguousarray(crop.image[:, ::-1])
        seen, other = self._neutral_keypoints, self._checked(self.engine.detect(image))
        plain, mirrored = (other, seen) if self._mirror else (seen, other)
        return Neutral(plain, mirrored, self.neutral_pose)

    def forget_driver(self) -> None:
        """Another driver may follow: wait for a frontal face and take that as neutral."""
        self.motion.forget()
        self._neutral = self._detected = self._first_face_ns = None
        self.neutral_pose = self._asked = None
        self._absence.forget_pose()

    def set_mirror(self, mirror: bool) -> None:
        """Switch the mirror; the neutral pose is seen through it too."""
        if mirror == self._mirror:
            return
        self._mirror = mirror
        self.motion.forget_past()
        if self._neutral is not None:
            self._make_neutral(self._seen(self._neutral))

    def animate(self, crop: Crop) -> Animated:
        """The portrait in the pose of the crop.

        Until a neutral pose is known (relative mode), and some time after the face was lost, that
        is the portrait's own pose.

        Raises:
            EngineError: the engine failed.
            RuntimeError: no portrait yet.
        """
        if self._source is None:
            raise RuntimeError("Animator has no portrait yet: call set_portrait first")
        start = perf_counter()
        if not crop.held or self._detected is None:
            self._detected = self._detect(crop)
        detected = perf_counter()
        self._shown = self._choose_pose(crop, self._detected, self._source)
        moved = perf_counter()
        image = self.engine.render(self._code, self._shown)
        rendered = perf_counter()
        return Animated(
            frame=Frame(image, crop.index, crop.t_ns),
            driving=crop,
            keypoints=_mirrored(self._detected) if self._mirror else self._detected,
            stage_ms={
                "detect": (detected - start) * 1e3,
                "motion": (moved - detected) * 1e3,
                "render": (rendered - moved) * 1e3,
            },
            shown=self._shown,
            mirrored=self._mirror,
        )

    def inspect(self, image: Image, wanted: Sequence[str]) -> dict[str, np.ndarray]:
        """Maps of a driving crop (see :meth:`Engine.inspect`), the portrait in the pose shown last.

        Args:
            image: (256, 256, 3) uint8 RGB, not mirrored; nor are the maps turned back.
            wanted: their names.

        Raises:
            EngineError: the engine failed, or has no such map.
            RuntimeError: no portrait yet.
        """
        pose = self._shown or self._source
        if pose is None:
            raise RuntimeError("Animator has no portrait yet: call set_portrait first")
        if self._mirror:
            image = np.ascontiguousarray(image[:, ::-1])
        return self.engine.inspect(self._code, image, pose, wanted)

    def _detect(self, crop: Crop) -> Keypoints:
        image = np.ascontiguousarray(crop.image[:, ::-1]) if self._mirror else crop.image
        return self._checked(self.engine.detect(image))

    def _checked(self, found: Keypoints) -> Keypoints:
        """Keypoints as they are, if they are numbers: one NaN would stay in the smoothing for ever.

        Raises:
            EngineError: they are not.
        """
        if np.isfinite(found.value).all() and np.isfinite(found.jacobian).all():
            return found
        raise EngineError(f"Engine {self.engine.name} found keypoints that are no finite numbers.")

    def _choose_pose(self, crop: Crop, detected: Keypoints, source: Keypoints) -> Keypoints:
        if crop.held:
            if not self._absence.lasts:
                self.motion.forget_past()
            return self._absence.without_face(crop.lost_ms, self.rest, source)
        self._maybe_calibrate(crop, detected)
        if self.motion.settings.relative and not self.motion.calibrated:
            self._absence.forget_pose()
            return source
        return self._absence.with_face(self.motion(detected, crop.t_ns), crop.t_ns, self._shown)

    def _maybe_calibrate(self, crop: Crop, detected: Keypoints) -> None:
        if self._first_face_ns is None:
            self._first_face_ns = crop.t_ns
        wanted = self._asked is not None
        if not self.motion.calibrated:
            waited = crop.t_ns - self._first_face_ns >= PATIENCE_NS
            wanted = wanted or crop.face is None or waited or is_frontal(crop.face)
        if wanted:
            self._take(crop, detected)
            told, self._asked = self._asked, None
            if told is not None:
                told(self.neutral_pose)

    def _make_neutral(self, keypoints: Keypoints) -> None:
        self.motion.calibrate(keypoints)
        self._neutral_keypoints = keypoints

    def _take(self, crop: Crop, detected: Keypoints) -> None:
        self._make_neutral(detected)
        self._neutral = crop
        self.neutral_pose = None if crop.face is None else head_pose(crop.face, crop.box)

    def _seen(self, neutral: Crop | Neutral) -> Keypoints:
        """The neutral keypoints, through the mirror if there is one."""
        return neutral.seen(self._mirror) if isinstance(neutral, Neutral) else self._detect(neutral)

    def _fits(self, keypoints: Keypoints) -> bool:
        """Whether keypoints are as many as the portrait's."""
        return self._source is None or self._source.value.shape == keypoints.value.shape


_FLIP_X: Floats = np.array([-1, 1], np.float32)


def _mirrored(keypoints: Keypoints) -> Keypoints:
    """Keypoints found in a flipped picture, as they lie in the unflipped one."""
    return Keypoints(
        keypoints.value * _FLIP_X, keypoints.jacobian * (_FLIP_X[:, None] * _FLIP_X[None, :])
    )
