"""MediaPipe behind the port: real pictures, near and far, one face and two."""

import os
import subprocess
import sys
import threading

import cv2
import numpy as np
import pytest

from avatar.mesh import face_from_landmarks
from avatar.picture import read
from avatar.portraits.portrait import bundled
from avatar.square import FACE_CENTRE_Y, FACE_SIDE
from avatar.tracker import FaceTracker, MediaPipeTracker, overlap


@pytest.fixture(scope="module")
def astronaut():
    return read(bundled()[0]).image


@pytest.fixture(scope="module")
def video_tracker():
    with MediaPipeTracker() as tracker:
        yield tracker


def pasted(image, size, at, canvas=(720, 1280)):
    """The picture scaled to ``size`` px in a plain larger one."""
    wide = np.full((*canvas, 3), 140, np.uint8)
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    wide[at[1] : at[1] + size, at[0] : at[0] + size] = small
    return wide


def test_a_face_and_its_landmarks(astronaut, still_tracker):
    assert isinstance(still_tracker, FaceTracker)
    (face,) = still_tracker.track(astronaut)
    assert face.landmarks.shape == (478, 3) and face.landmarks.dtype == np.float32
    assert face.box.dtype == np.float32
    # eyes, nose tip and chin where the picture has them
    for number, x, y in ((468, 203, 110), (473, 247, 111), (1, 226, 133), (152, 226, 177)):
        np.testing.assert_allclose(face.landmarks[number, :2], [x, y], atol=9)


def test_landmarks_do_not_depend_on_where_in_a_wide_picture_the_face_is(astronaut, still_tracker):
    (alone,) = still_tracker.track(astronaut)
    (moved,) = still_tracker.track(pasted(astronaut, 512, (600, 150)))
    shift = moved.landmarks[:468, :2] - alone.landmarks[:468, :2]
    np.testing.assert_allclose(np.median(shift, 0), [600, 150], atol=2)
    assert np.abs(shift - [600, 150]).max() < 6


def test_a_face_far_away_in_a_still(astronaut, still_tracker):
    faces = still_tracker.track(pasted(astronaut, 200, (900, 420)))  # a face of 43 of 720 px
    assert len(faces) == 1
    x = (faces[0].box[0] + faces[0].box[2]) / 2
    assert x == pytest.approx(900 + 225 * 200 / 512, abs=6)


def test_a_face_far_away_in_a_video(astronaut, video_tracker):
    """63 of 720 pixels: the whole picture does not show it, the search finds it and keeps it."""
    found = [video_tracker.track(pasted(astronaut, 300, (700 + k, 300))) for k in range(30)]
    counts = [len(f) for f in found]
    first = counts.index(1)
    assert first < 25 and counts[first:] == [1] * (30 - first)
    assert found[-1][0].box[0] - found[first][0].box[0] == pytest.approx(29 - first, abs=2)


def test_texture_is_not_a_face(still_tracker):
    """Coins have noses, motorcycles have eyes; the mesh alone would find faces in both."""
    data = pytest.importorskip("skimage.data")
    assert still_tracker.track(data.cat()) == []
    assert still_tracker.track(np.ascontiguousarray(data.rocket())) == []


def test_two_faces_the_largest_first(astronaut, still_tracker):
    both = pasted(astronaut, 300, (50, 300), (720, 1280))
    both[100:612, 700:1212] = astronaut
    faces = still_tracker.track(both)
    assert len(faces) == 2
    assert faces[0].box[0] > 700 > faces[1].box[2]


def test_no_face(still_tracker, video_tracker):
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    assert still_tracker.track(noise) == []
    assert video_tracker.track(np.zeros((240, 320, 3), np.uint8)) == []


def test_tiny_pictures_have_no_face(still_tracker):
    assert still_tracker.track(np.zeros((1, 1, 3), np.uint8)) == []


def test_it_works_on_read_only_pictures_and_after_close(astronaut):
    tracker = MediaPipeTracker()
    frozen = astronaut.copy()
    frozen.flags.writeable = False
    assert tracker.track(frozen)
    tracker.close()
    tracker.close()
    assert tracker.track(frozen)
    tracker.close()


def test_the_box_spans_the_mesh_without_the_irises():
    points = np.zeros((478, 3), np.float32)
    points[:468, 0] = np.linspace(10, 20, 468)
    points[:468, 1] = np.linspace(30, 50, 468)
    points[468:] = 1000
    np.testing.assert_allclose(face_from_landmarks(points).box, [10, 30, 20, 50])


def test_overlap():
    a = np.array([0, 0, 10, 10], np.float32)
    assert overlap(a, a) == 1.0
    assert overlap(a, a + 20) == 0.0
    assert overlap(a, a + np.array([5, 0, 5, 0], np.float32)) == pytest.approx(1 / 3)


def test_stderr_is_given_back_whatever_threads_start_at_once():
    before = os.fstat(2)
    trackers = [MediaPipeTracker(), MediaPipeTracker(static=True)]
    picture = np.zeros((64, 64, 3), np.uint8)
    threads = [threading.Thread(target=t.track, args=(picture,)) for t in trackers]
    for thread in threads:
        thread.start()
    for thread, tracker in zip(threads, trackers, strict=True):
        thread.join()
        tracker.close()
    after = os.fstat(2)
    assert (before.st_dev, before.st_ino) == (after.st_dev, after.st_ino)


@pytest.mark.slow
def test_landmarks_and_margins_agree_with_the_training_clips(shared, still_tracker):
    """Our tracker sees what the clips' own landmarks say, and our ratios are those of the clips."""
    import av

    centres, sides, errors = [], [], []
    for number, path in enumerate(sorted((shared / "faces").glob("*.npz"))):
        with np.load(path) as stored:
            steps = stored["delta"].transpose(1, 2, 0).astype(np.int64)
            xyz = stored["first"] + np.concatenate([np.zeros((1, 478, 3), int), steps.cumsum(0)])
        boxes = np.concatenate([xyz[:, :468, :2].min(1), xyz[:, :468, :2].max(1)], 1) / 8 / 256
        centres.append(np.median((boxes[:, 1] + boxes[:, 3]) / 2))
        sides.append(np.median(np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])))
        if number % 20 == 0:
            with av.open(str(path.with_suffix(".mp4"))) as clip:
                image = next(clip.decode(video=0)).to_ndarray(format="rgb24")
            (face, *_) = still_tracker.track(image)
            errors.append(np.abs(face.landmarks[:, :2] - xyz[0, :, :2] / 8).mean())
    assert np.median(centres) == pytest.approx(FACE_CENTRE_Y, abs=0.01)
    assert np.median(sides) == pytest.approx(FACE_SIDE, abs=0.01)
    assert max(errors) < 3.0


@pytest.mark.slow
def test_nothing_is_said_on_stderr():
    """A fresh process, since the libraries say their lines once."""
    code = (
        "from avatar.tracker import MediaPipeTracker\n"
        "from avatar.picture import read\n"
        "from avatar.portraits.portrait import bundled\n"
        "import numpy as np\n"
        "t = MediaPipeTracker(); image = read(bundled()[0]).image\n"
        "t.track(np.zeros_like(image)); assert t.track(image); t.close()\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GLOG", "TF_"))}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=50, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
