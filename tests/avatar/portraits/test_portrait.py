"""Loading portraits: the face's square, or a clear refusal."""

import numpy as np
import pytest
from PIL import Image as Pillow

from avatar.errors import InputError, NoFaceError, UsageError
from avatar.frame import Face
from avatar.picture import read
from avatar.portraits.portrait import bundled, load_portrait
from avatar.square import FACE_SIDE
from avatar.tracker import MediaPipeTracker


def face(x: float, y: float, size: float) -> Face:
    box = np.array([x - 0.4 * size, y - size / 2, x + 0.4 * size, y + size / 2], np.float32)
    return Face(box=box, landmarks=np.zeros((478, 3), np.float32), score=1.0)


class FakeTracker:
    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)

    def track(self, image):
        return self.faces

    def close(self):
        raise AssertionError("whoever made the tracker closes it")


@pytest.fixture
def path(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    Pillow.fromarray(noise).save(tmp_path / "me.png")
    return tmp_path / "me.png"


def test_the_square_around_the_face(path):
    portrait = load_portrait(path, FakeTracker(face(300, 240, 120)))
    assert portrait.image.shape == (256, 256, 3) and portrait.full.shape == (480, 640, 3)
    assert portrait.box[2] - portrait.box[0] == pytest.approx(120 / FACE_SIDE, rel=1e-4)
    assert portrait.name == "me" and portrait.warnings == () and portrait.face is not None


def test_of_two_faces_the_largest_and_it_says_so(path):
    portrait = load_portrait(path, FakeTracker(face(150, 240, 80), face(450, 240, 140)))
    assert portrait.face.box[0] > 300
    assert "2 faces" in portrait.warnings[0] and "largest" in portrait.warnings[0]


def test_a_40_pixel_face_is_warned_about(path):
    portrait = load_portrait(path, FakeTracker(face(300, 240, 40)))
    assert "40 pixels" in portrait.warnings[0]


def test_no_face(path):
    with pytest.raises(NoFaceError, match="No face") as caught:
        load_portrait(path, FakeTracker())
    assert "--no-crop" in caught.value.hint and caught.value.exit_code == 2


def test_no_face_without_crop_goes_on_with_a_warning(path):
    portrait = load_portrait(path, FakeTracker(), crop=False)
    np.testing.assert_allclose(portrait.box, [80, 0, 560, 480])
    assert portrait.face is None and "No face" in portrait.warnings[0]


def test_no_face_with_a_box_goes_on_with_a_warning(path):
    portrait = load_portrait(path, FakeTracker(), box=(100, 100, 200, 160))
    np.testing.assert_allclose(portrait.box, [100, 80, 200, 180])
    assert portrait.face is None and "No face" in portrait.warnings[0]


def test_a_face_elsewhere_does_not_count_for_a_box(path):
    portrait = load_portrait(path, FakeTracker(face(500, 240, 120)), box=(0, 0, 200, 200))
    assert portrait.face is None


def test_without_crop_a_256_square_is_taken_as_it_is(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    Pillow.fromarray(noise).save(tmp_path / "a.png")
    portrait = load_portrait(tmp_path / "a.png", FakeTracker(), crop=False)
    np.testing.assert_array_equal(portrait.image, noise)


def test_a_box_counts_in_pixels_of_the_file(tmp_path):
    Pillow.new("L", (8192, 400)).save(tmp_path / "a.png")
    portrait = load_portrait(tmp_path / "a.png", FakeTracker(), box=(4000, 0, 4200, 200))
    np.testing.assert_allclose(portrait.box, [2000, 0, 2100, 100])


@pytest.mark.parametrize("box", [(10, 10, 10, 20), (20, 20, 10, 10), (700, 0, 800, 50), (1, 2, 3)])
def test_impossible_boxes(path, box):
    with pytest.raises(UsageError, match="box"):
        load_portrait(path, FakeTracker(), box=box)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        load_portrait(tmp_path / "a.png", FakeTracker())


def test_the_gallery_is_there_and_the_astronaut_comes_first():
    names = [p.name for p in bundled()]
    assert names[0] == "astronaut.png" and "drawn.png" in names
    for path in bundled():
        assert read(path).image.shape == (512, 512, 3)


@pytest.mark.parametrize("number", [0, 1])
def test_bundled_portraits_have_a_face(number, still_tracker):
    portrait = load_portrait(bundled()[number], still_tracker)
    assert portrait.face is not None and portrait.warnings == ()


def test_a_40_pixel_picture_is_used_with_a_warning(tmp_path, still_tracker):
    tight = load_portrait(bundled()[0], still_tracker).image
    Pillow.fromarray(tight).resize((40, 40), Pillow.Resampling.BOX).save(tmp_path / "a.png")
    portrait = load_portrait(tmp_path / "a.png", still_tracker)
    assert portrait.face is not None and "pixels high" in portrait.warnings[0]
    assert portrait.image.shape == (256, 256, 3)


@pytest.mark.parametrize("path", bundled(), ids=lambda path: path.name)
def test_the_known_square_of_a_bundled_portrait_is_the_one_found(path):
    known = load_portrait(path)
    assert known.face is None  # nobody looked
    with MediaPipeTracker(static=True, max_faces=5) as tracker:
        found = load_portrait(path, tracker)
    np.testing.assert_allclose(known.box, found.box, atol=0.5)
    assert np.abs(known.image.astype(int) - found.image).mean() < 0.5
