"""The stable box: stands still, re-centres slowly, never jumps without a reason."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avatar.cropper import MAX_GROWTH, MAX_SPEED, MAX_STEP_S, FaceCropper
from avatar.errors import UsageError
from avatar.frame import Face, Frame
from avatar.framing import Framing

FPS = 25
IMAGE = np.zeros((480, 640, 3), np.uint8)


def face(x: float, y: float, size: float = 100.0) -> Face:
    box = np.array([x - 0.4 * size, y - size / 2, x + 0.4 * size, y + size / 2], np.float32)
    return Face(box=box, landmarks=np.zeros((478, 3), np.float32), score=1.0)


class FakeTracker:
    """Finds the faces it was told to."""

    def __init__(self) -> None:
        self.faces: list[Face] = []
        self.calls = 0
        self.closed = 0

    def track(self, image):
        self.calls += 1
        return sorted(self.faces, key=lambda f: -(f.box[3] - f.box[1]))

    def close(self):
        self.closed += 1


class Film:
    """Feeds a cropper frame after frame at 25 fps."""

    def __init__(self, **options) -> None:
        self.tracker = FakeTracker()
        self.cropper = FaceCropper(self.tracker, **options)
        self.index = 0

    def show(self, *faces: Face, seconds: float = 1 / FPS, image=IMAGE):
        """Show the same faces for a while; every crop made."""
        self.tracker.faces = list(faces)
        crops = []
        for _ in range(max(1, round(seconds * FPS))):
            t_ns = 1_000_000_000 + round(self.index * 1e9 / FPS)
            crops.append(self.cropper.crop(Frame(image, self.index, t_ns)))
            self.index += 1
        return crops


def centre(crop):
    return (crop.box[:2] + crop.box[2:]) / 2


def side(crop):
    return float(crop.box[2] - crop.box[0])


def test_before_any_face_the_centre_square_is_held():
    crops = Film().show(seconds=1.0)
    np.testing.assert_allclose(crops[-1].box, [80, 0, 560, 480])
    assert crops[-1].held and crops[-1].face is None
    assert crops[-1].lost_ms == pytest.approx(960)


def test_the_first_face_is_jumped_to():
    film = Film()
    film.show(seconds=0.2)
    (crop,) = film.show(face(200, 300))
    assert not crop.held and crop.face is not None and crop.lost_ms == 0
    assert centre(crop)[0] == pytest.approx(200, abs=0.01)


def test_small_head_movements_leave_the_box_alone():
    film = Film()
    first = film.show(face(320, 240))[0]
    for k in range(100):
        x, y = 320 + 20 * np.sin(k / 5), 240 + 12 * np.cos(k / 4)
        np.testing.assert_array_equal(film.show(face(x, y, 100 + 8 * np.sin(k)))[0].box, first.box)


def test_a_short_large_movement_leaves_the_box_alone():
    film = Film()
    first = film.show(face(320, 240))[0]
    film.show(face(352, 240), seconds=0.5)
    np.testing.assert_array_equal(film.show(face(325, 240))[0].box, first.box)


def test_it_recentres_after_a_while_and_stops_in_place():
    film = Film()
    film.show(face(320, 240))
    crops = film.show(face(370, 250), seconds=12.0)
    assert centre(crops[0])[0] == pytest.approx(320, abs=0.5)
    assert centre(crops[-1])[0] == pytest.approx(370, abs=0.05 * side(crops[-1]))
    np.testing.assert_array_equal(crops[-1].box, crops[-2].box)


def test_scale_has_hysteresis_and_follows_slowly():
    film = Film()
    first = film.show(face(320, 240, 100))[0]
    np.testing.assert_array_equal(film.show(face(320, 240, 115), seconds=3)[-1].box, first.box)
    grown = film.show(face(320, 240, 150), seconds=12)
    assert side(grown[-1]) == pytest.approx(1.5 * side(first), rel=0.06)


def test_zoom_and_pan():
    plain = Film().show(face(320, 240))[0]
    film = Film(framing=Framing(0.25, 0.1, -0.2))
    crop = film.show(face(320, 240))[0]
    assert side(crop) == pytest.approx(side(plain) / 1.25)
    shift = (centre(crop) - centre(plain)) / side(crop)
    np.testing.assert_allclose(shift, [0.1, -0.2], atol=1e-5)
    film.cropper.framing = Framing()
    np.testing.assert_allclose(film.show(face(320, 240))[0].box, plain.box)


def test_a_lost_face_holds_the_box():
    film = Film()
    seen = film.show(face(300, 250))[0]
    lost = film.show(seconds=3.0)
    np.testing.assert_array_equal(lost[-1].box, seen.box)
    assert lost[0].held and lost[0].lost_ms == pytest.approx(40)
    assert lost[-1].lost_ms == pytest.approx(3000)


def test_back_inside_the_box_it_goes_on_without_a_jump():
    film = Film()
    seen = film.show(face(300, 250))[0]
    film.show(seconds=3.0)
    back = film.show(face(310, 250))[0]
    assert not back.held and back.lost_ms == 0
    np.testing.assert_array_equal(back.box, seen.box)


def test_back_elsewhere_the_box_jumps_there():
    film = Film()
    film.show(face(150, 250))
    film.show(seconds=1.5)
    back = film.show(face(500, 200))[0]
    assert not back.held and centre(back)[0] == pytest.approx(500, abs=0.5)


def test_the_largest_face_is_taken_and_kept():
    film = Film()
    assert centre(film.show(face(150, 240, 80), face(450, 240, 110))[0])[0] > 400
    # the other one comes nearer: still the first
    crops = film.show(face(150, 240, 200), face(455, 240, 105), seconds=3.0)
    assert all(c.face.box[0] > 380 for c in crops)


def test_another_face_is_taken_only_after_a_while():
    film = Film()
    film.show(face(450, 240, 110), face(150, 240, 80))
    alone = film.show(face(150, 240, 80), seconds=2.0)
    assert alone[0].held
    assert not alone[-1].held and centre(alone[-1])[0] == pytest.approx(150, abs=0.5)


def test_a_face_that_ran_out_of_the_box_is_jumped_to():
    film = Film()
    film.show(face(100, 240, 90))
    for x in range(110, 500, 20):  # fast, but seen all the time
        film.show(face(x, 240, 90))
    crops = film.show(face(500, 240, 90), seconds=1.0)
    assert centre(crops[-1])[0] == pytest.approx(500, abs=25)


def test_recentre_jumps():
    film = Film()
    film.show(face(300, 240))
    film.cropper.recentre()
    assert centre(film.show(face(330, 240))[0])[0] == pytest.approx(330, abs=0.1)


def test_another_frame_size_starts_afresh():
    film = Film()
    film.show(face(300, 240))
    crop = film.show(image=np.zeros((100, 100, 3), np.uint8))[0]
    np.testing.assert_allclose(crop.box, [0, 0, 100, 100])


def test_disabled_takes_the_centre_square_and_tracks_nothing():
    tracker = FakeTracker()
    cropper = FaceCropper(tracker, enabled=False)
    image = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    crop = cropper.crop(Frame(image, 7, 99))
    np.testing.assert_array_equal(crop.image, image)
    assert (crop.held, crop.index, crop.t_ns, tracker.calls) == (False, 7, 99, 0)
    cropper.close()
    assert tracker.closed == 1


def test_a_tracker_is_needed_to_follow_faces():
    with pytest.raises(UsageError, match="tracker"):
        FaceCropper(None)
    with pytest.raises(UsageError, match="tracker"):
        FaceCropper(None, enabled=False).follow(True)


def test_following_can_be_switched_off_and_on():
    film = Film()
    followed = film.show(face(200, 300))[0]
    film.cropper.follow(False)
    fixed = film.show(face(200, 300))[0]
    np.testing.assert_allclose(fixed.box, [80, 0, 560, 480])
    assert not fixed.held and fixed.face is None
    film.show(seconds=3.0)
    film.cropper.follow(True)
    again = film.show(face(200, 300))[0]
    np.testing.assert_allclose(again.box, followed.box)
    assert again.lost_ms == 0


def test_a_tracker_is_made_when_one_is_first_needed():
    made = []

    def make():
        made.append(FakeTracker())
        return made[-1]

    cropper = FaceCropper(None, enabled=False, make_tracker=make)
    assert not made
    cropper.follow(True)
    cropper.follow(False)
    cropper.follow(True)
    cropper.close()
    assert len(made) == 1 and made[0].closed == 1


def test_crops_own_their_pixels():
    film = Film()
    first, second = film.show(face(320, 240), seconds=2 / FPS)
    assert first.image.shape == (256, 256, 3) and first.image.dtype == np.uint8
    assert not np.shares_memory(first.image, second.image)
    assert not np.shares_memory(first.image, IMAGE)


positions = st.tuples(st.floats(200, 440), st.floats(180, 300), st.floats(70, 140))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(positions, st.integers(1, 40), st.integers(1, 200)), min_size=1, max_size=8)
)
def test_the_box_never_jumps_while_the_face_stays_in_it(path):
    """Whatever the head does inside the box and however uneven the frames, steps stay small."""
    tracker = FakeTracker()
    cropper = FaceCropper(tracker)
    small = np.zeros((480, 640, 3), np.uint8)
    t_ns, before = 0, None
    place = np.array([320.0, 240.0, 100.0])
    for goal, frames, step_ms in path:
        for _ in range(frames):
            t_ns += step_ms * 1_000_000
            toward = np.array(goal) - place
            place = place + np.clip(toward, -12, 12)
            tracker.faces = [face(*place)]
            crop = cropper.crop(Frame(small, 0, t_ns))
            assert side(crop) == pytest.approx(float(crop.box[3] - crop.box[1]), abs=0.01)
            seen = crop.face is not None
            middle = (crop.face.box[:2] + crop.face.box[2:]) / 2 if seen else centre(crop)
            if before is not None and np.abs(middle - centre(before)).max() < side(before) / 2:
                step_s = min(step_ms / 1000, MAX_STEP_S)
                reach = MAX_SPEED * step_s * side(before)
                assert np.abs(centre(crop) - centre(before)).max() <= reach + 0.01
                growth = abs(np.log(side(crop) / side(before)))
                assert growth <= MAX_GROWTH * step_s + 1e-4
            before = crop


def test_a_found_face_is_looked_for_again_after_a_while_only():
    film = Film(look_again_s=0.09)
    film.show(face(320, 240), seconds=1.0)
    assert film.tracker.calls == 9  # at 0, 0.12, 0.24 ... 0.96 s
    crops = film.show(seconds=1.0)
    lost = [crop.held for crop in crops].index(True)
    assert lost <= 2 and all(crop.held for crop in crops[lost:])
    assert film.tracker.calls >= 9 + 23  # while it is lost, every frame is looked at
    before = film.tracker.calls
    film.cropper.recentre()
    film.show(face(200, 200))
    assert film.tracker.calls == before + 1


def test_the_box_follows_as_fast_when_frames_are_passed_over():
    """A slow engine gets one frame in ten; the box it sees moves as if all had been cut."""

    def boxes(every: int) -> list[np.ndarray]:
        tracker = FakeTracker()
        tracker.faces = [face(320, 240)]
        cropper = FaceCropper(tracker)
        small = np.zeros((480, 640, 3), np.uint8)
        cropper.crop(Frame(small, 0, 0))
        tracker.faces = [face(380, 250)]
        found = []
        for index in range(1, 121):
            frame = Frame(small, index, index * 33_333_333)
            if index % every:
                cropper.pass_over(frame)
            else:
                found.append(cropper.crop(frame).box)
        return found

    all_cut, few = boxes(1), boxes(10)
    assert np.abs(all_cut[-1] - all_cut[0]).max() > 20  # it did move
    apart = [np.abs(few[i] - all_cut[10 * i + 9]).max() for i in range(12)]
    assert max(apart) < 4  # pixels
