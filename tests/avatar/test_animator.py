"""The Animator with the fake engine: calibration, lost faces, mirror."""

import numpy as np
import pytest

from avatar.animator import Animator
from avatar.errors import EngineError
from avatar.frame import Crop, Face, Floats, Image, Keypoints, Portrait
from avatar.motion.settings import MotionSettings
from avatar.motion.transfer import Motion
from avatar.rest import Rest
from engines.fake import FakeEngine

MS = 1_000_000


def spot(x: int, y: int = 128) -> Image:
    image = np.zeros((256, 256, 3), np.uint8)
    image[y - 8 : y + 8, x - 8 : x + 8] = 255
    return image


def face(yaw: float = 0.0) -> Face:
    landmarks = np.zeros((478, 3), np.float32)
    points = np.array([[-40, 0], [40, 0], [yaw * 40, 34], [0, 110]], np.float32)
    landmarks[[33, 263, 1, 152], :2] = points + 128
    return Face(np.array([88, 88, 168, 240], np.float32), landmarks, 1.0)


def crop(image: Image, t_ms: float, seen: Face | None, lost_ms: float = 0.0) -> Crop:
    held = lost_ms > 0
    box = np.array([0, 0, 256, 256], np.float32)
    return Crop(image, box, seen, held, int(t_ms), int(t_ms * MS), lost_ms)


def portrait(image: Image) -> Portrait:
    return Portrait(image, np.array([0, 0, 256, 256], np.float32), image, None, "spot")


class RecordingEngine(FakeEngine):
    """Remembers the poses it rendered."""

    def __init__(self) -> None:
        super().__init__()
        self.poses: list[Keypoints] = []

    def render(self, code: object, driving: Keypoints) -> Image:
        self.poses.append(driving)
        return super().render(code, driving)  # type: ignore[arg-type]


class Stage:
    """An Animator and where the portrait's mean keypoint went, in [-1, 1] from its own place."""

    def __init__(self, motion: Motion | None = None, mirror: bool = False) -> None:
        self.engine = RecordingEngine()
        self.animator = Animator(
            self.engine,
            motion or Motion(MotionSettings(adapt_scale=False, smoothing=0)),
            mirror=mirror,
        )
        self.animator.set_portrait(portrait(spot(128)))
        self.home = self.engine.detect(spot(128)).value.mean(axis=0)

    def shift(self, c: Crop) -> float:
        self.animator.animate(c)
        return float((self.engine.poses[-1].value.mean(axis=0) - self.home)[0])


def test_a_portrait_is_needed_first() -> None:
    with pytest.raises(RuntimeError, match="set_portrait"):
        Animator(FakeEngine(), Motion()).animate(crop(spot(128), 0, face()))


def test_result_keeps_index_time_and_stages() -> None:
    stage = Stage()
    out = stage.animator.animate(crop(spot(100), 40, face()))
    assert (out.frame.index, out.frame.t_ns) == (40, 40 * MS)
    assert set(out.stage_ms) == {"detect", "motion", "render"}
    assert not out.frame.image.flags.writeable


def test_the_first_frontal_face_is_neutral() -> None:
    stage = Stage()
    assert stage.shift(crop(spot(150), 0, face(yaw=0.6))) == 0
    assert stage.shift(crop(spot(140), 40, face(yaw=0.5))) == 0
    assert stage.shift(crop(spot(100), 80, face())) == pytest.approx(0, abs=1e-6)
    assert stage.shift(crop(spot(116), 120, face(yaw=0.6))) == pytest.approx(0.125, abs=0.02)


def test_after_two_seconds_any_pose_is_neutral() -> None:
    stage = Stage()
    assert stage.shift(crop(spot(150), 0, face(yaw=0.6))) == 0
    assert stage.shift(crop(spot(150), 1999, face(yaw=0.6))) == 0
    assert not stage.animator.motion.calibrated
    assert stage.shift(crop(spot(150), 2000, face(yaw=0.6))) == pytest.approx(0, abs=1e-6)
    assert stage.animator.motion.calibrated


def test_without_tracking_the_first_frame_is_neutral() -> None:
    stage = Stage()
    stage.shift(crop(spot(100), 0, None))
    assert stage.shift(crop(spot(116), 40, None)) == pytest.approx(0.125, abs=0.02)


def test_before_the_first_face_the_portrait_rests() -> None:
    stage = Stage()
    for t in range(0, 5000, 500):
        assert stage.shift(crop(spot(150), t, None, lost_ms=t + 1)) == 0
    assert not stage.animator.motion.calibrated


def test_calibrate_takes_the_next_frame_with_a_face() -> None:
    stage = Stage()
    stage.shift(crop(spot(100), 0, face()))
    stage.animator.calibrate()
    stage.shift(crop(spot(100), 40, None, lost_ms=40))
    stage.shift(crop(spot(120), 500, face(yaw=0.5)))
    assert stage.shift(crop(spot(120), 2000, face())) == pytest.approx(0, abs=1e-6)


def test_absolute_mode_needs_no_neutral_pose() -> None:
    stage = Stage(Motion(MotionSettings(relative=False, smoothing=0)))
    assert stage.shift(crop(spot(144), 0, face(yaw=0.9))) == pytest.approx(0.125, abs=0.02)


def test_a_lost_face_is_held_then_eased_to_neutral_and_recovers() -> None:
    stage = Stage()
    stage.shift(crop(spot(128), 0, face()))
    pose = stage.shift(crop(spot(160), 40, face()))
    assert pose == pytest.approx(0.25, abs=0.02)
    for lost in (40, 1000, 2000):
        assert stage.shift(crop(spot(20), 40 + lost, None, lost_ms=lost)) == pytest.approx(pose)
    way = [
        stage.shift(crop(spot(20), 40 + lost, None, lost_ms=lost))
        for lost in range(2000, 3400, 100)
    ]
    assert way[-1] == 0 and all(a >= b for a, b in zip(way, way[1:], strict=False))
    assert max(a - b for a, b in zip(way, way[1:], strict=False)) < 0.25 * pose  # no jump
    back = [stage.shift(crop(spot(160), 3400 + t, face())) for t in range(0, 600, 50)]
    assert back[0] == pytest.approx(0, abs=1e-6) and back[-1] == pytest.approx(pose)
    assert max(b - a for a, b in zip(back, back[1:], strict=False)) < 0.35 * pose


@pytest.mark.parametrize("mode", ["hold", "slate"])
def test_without_easing_the_last_pose_is_held_for_good(mode: str) -> None:
    stage = Stage()
    stage.animator.rest = Rest(mode=mode, after_s=0.5)
    stage.shift(crop(spot(128), 0, face()))
    pose = stage.shift(crop(spot(160), 40, face()))
    for lost in (40, 600, 60_000):
        assert stage.shift(crop(spot(20), 40 + lost, None, lost_ms=lost)) == pytest.approx(pose)


def test_delay_and_way_of_the_rest_state_are_kept_and_can_change_meanwhile() -> None:
    stage = Stage()
    stage.animator.rest = Rest(after_s=0.5, ease_s=0.2)
    stage.shift(crop(spot(128), 0, face()))
    pose = stage.shift(crop(spot(160), 40, face()))
    assert stage.shift(crop(spot(20), 540, None, lost_ms=500)) == pytest.approx(pose)
    assert stage.shift(crop(spot(20), 640, None, lost_ms=600)) == pytest.approx(pose / 2)
    assert stage.shift(crop(spot(20), 740, None, lost_ms=700)) == pytest.approx(0, abs=1e-6)
    stage.animator.rest = Rest(mode="hold")
    assert stage.shift(crop(spot(20), 840, None, lost_ms=800)) == pytest.approx(pose)


def test_a_face_lost_for_a_moment_costs_no_delay() -> None:
    stage = Stage()
    stage.shift(crop(spot(128), 0, face()))
    stage.shift(crop(spot(130), 40, face()))
    stage.shift(crop(spot(130), 80, None, lost_ms=40))
    stage.shift(crop(spot(160), 120, face()))
    assert stage.shift(crop(spot(160), 170, face())) == pytest.approx(0.25, abs=0.02)


def test_mirror_turns_the_movement_round_and_keeps_the_neutral_pose() -> None:
    stage = Stage(mirror=True)
    stage.shift(crop(spot(100), 0, face()))
    assert stage.shift(crop(spot(116), 40, face())) == pytest.approx(-0.125, abs=0.02)
    stage.animator.set_mirror(False)
    assert stage.shift(crop(spot(116), 80, face())) == pytest.approx(0.125, abs=0.02)
    assert stage.shift(crop(spot(100), 120, face())) == pytest.approx(0, abs=1e-6)


def test_mirrored_keypoints_are_told_in_the_unflipped_crop() -> None:
    plain, mirrored = Stage(), Stage(mirror=True)
    a = plain.animator.animate(crop(spot(60), 0, face())).keypoints
    b = mirrored.animator.animate(crop(spot(60), 0, face())).keypoints
    assert b.value.mean(axis=0) == pytest.approx(a.value.mean(axis=0), abs=0.1)
    assert b.value.dtype == np.float32 and np.linalg.det(b.jacobian).min() > 0


def test_another_driver_is_calibrated_anew() -> None:
    stage = Stage()
    stage.shift(crop(spot(100), 0, face()))
    stage.animator.forget_driver()
    assert stage.shift(crop(spot(150), 40, face(yaw=0.6))) == 0
    assert stage.shift(crop(spot(150), 80, face())) == pytest.approx(0, abs=1e-6)


def test_another_portrait_keeps_the_neutral_pose() -> None:
    stage = Stage()
    stage.shift(crop(spot(100), 0, face()))
    stage.animator.set_portrait(portrait(spot(128, 100)))
    assert stage.shift(crop(spot(116), 40, face())) == pytest.approx(0.125, abs=0.02)


def test_floats_stay_float32() -> None:
    stage = Stage(Motion())
    stage.shift(crop(spot(100), 0, face()))
    stage.shift(crop(spot(120), 40, face()))
    stage.shift(crop(spot(120), 2600, None, lost_ms=2500))
    values: list[Floats] = [p.value for p in stage.engine.poses]
    assert {v.dtype for v in values} == {np.dtype(np.float32)}


def test_keypoints_that_are_no_numbers_are_an_engine_failure() -> None:
    class Nan(RecordingEngine):
        def detect(self, driving: Image) -> Keypoints:
            found = super().detect(driving)
            return Keypoints(found.value * np.float32("nan"), found.jacobian)

    stage = Stage()
    stage.animator.engine = Nan()
    with pytest.raises(EngineError, match="finite"):
        stage.shift(crop(spot(100), 0, face()))
    stage.animator.set_engine(stage.engine)
    assert stage.shift(crop(spot(100), 40, face())) == pytest.approx(0, abs=1e-6)
