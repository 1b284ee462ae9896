"""The face without a camera."""

import numpy as np
import pytest

from avatar.errors import InputError, SourceError
from avatar.sources import synthetic
from avatar.sources.base import Source
from avatar.sources.synthetic import SyntheticSource, head_motion


@pytest.fixture
def photograph(monkeypatch):
    """As if the driving video were not bundled."""
    real = synthetic.asset

    def asset(name):
        if name == synthetic.DRIVING:
            raise InputError("not there")
        return real(name)

    monkeypatch.setattr(synthetic, "asset", asset)


def test_the_photograph_moves_smoothly(photograph):
    source = SyntheticSource(paced=False)
    assert isinstance(source, Source) and not source.live
    source.open()
    frames = [source.read() for _ in range(20)]
    source.close()
    source.close()
    assert frames[0].image.shape == (480, 640, 3) and source.size == (640, 480)
    assert [f.index for f in frames] == list(range(20))
    assert frames[3].t_ns - frames[0].t_ns == pytest.approx(100_000_000, abs=5)
    steps = [np.abs(b.image.astype(int) - a.image).mean()
             for a, b in zip(frames[:-1], frames[1:], strict=True)]  # fmt: skip
    assert min(steps) > 0.2 and max(steps) < 12


def test_it_is_the_same_every_time(photograph):
    images = []
    for _ in range(2):
        source = SyntheticSource(paced=False)
        source.open()
        images.append([source.read().image for _ in range(3)][-1])
        source.close()
    np.testing.assert_array_equal(images[0], images[1])


def test_a_head_moves_a_few_pixels_a_frame_and_not_for_ever_the_same_way():
    eyes = np.array([[203, 247], [110, 111], [1, 1]], np.float64)
    places = np.stack([(head_motion(k / 30) @ eyes)[:2] for k in range(600)])
    assert np.abs(np.diff(places, axis=0)).max() < 4
    assert np.ptp(places[:, 0], axis=0).max() > 40
    assert places[:, 0].min() > 150 and places[:, 0].max() < 500


def test_the_tracker_finds_the_face(photograph, still_tracker):
    source = SyntheticSource(paced=False)
    source.open()
    faces = still_tracker.track(source.read().image)
    source.close()
    assert len(faces) == 1


def test_paced_by_the_clock(photograph):
    now, slept = [7_000_000_000], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += round(seconds * 1e9)

    source = SyntheticSource(clock=lambda: now[0], sleep=sleep)
    source.open()
    assert source.live
    first, second = source.read(), source.read()
    assert second.t_ns - first.t_ns == pytest.approx(1e9 / 30, abs=2)
    now[0] += 500_000_000
    late = source.read()
    assert late.index == 16 and len(slept) == 1
    source.close()


def test_the_driving_video_goes_to_and_fro(make_video):
    path = make_video("drive.mp4", frames=4, size=(64, 64))  # shades 40, 60, 80, 100
    source = SyntheticSource(paced=False, driving=path)
    source.open()
    frames = [source.read().image for _ in range(9)]
    source.close()
    shades = [int(f[240, 320, 0]) for f in frames]
    np.testing.assert_allclose(shades, [40, 60, 80, 100, 80, 60, 40, 60, 80], atol=4)
    assert frames[0].shape == (480, 640, 3)


def test_one_frame_of_driving_stands_still(make_video):
    source = SyntheticSource(paced=False, driving=make_video("drive.mp4", frames=1))
    source.open()
    np.testing.assert_array_equal(source.read().image, source.read().image)
    source.close()


def test_reading_before_opening():
    with pytest.raises(SourceError, match="not open"):
        SyntheticSource().read()
