import json
from fractions import Fraction

import av
import numpy as np
import pytest

from avatar.errors import InputError
from avatar.frame import Face
from avatar.media import VideoWriter
from tools.crop_video import crop_videos, find_shots, main, write_shots
from tools.training.data.sources import find_sources


class SpotTracker:
    """The bright square is the face."""

    def track(self, image):
        y, x = np.nonzero(image[:, :, 0] > 150)
        if len(x) < 50:
            return []
        box = np.array([x.min(), y.min(), x.max() + 1, y.max() + 1], np.float32)
        return [Face(box, np.zeros((478, 3), np.float32), 1.0)]

    def close(self):
        pass


def film(path, places, size=60):
    """10 frames a second of 640 x 360; a face at each (x, y), none at None."""
    writer = VideoWriter(path, (640, 360), rate=Fraction(10))
    for index, place in enumerate(places):
        image = np.full((360, 640, 3), 30, np.uint8)
        if place is not None:
            x, y = place
            image[y : y + size, x : x + size] = 220
        writer.write(writer.picture(image), index, 1)
    return writer.finish()


def spans(shots):
    return [(shot.first, shot.last) for shot in shots]


def test_shots_end_where_the_face_goes_jumps_or_wanders_off(tmp_path):
    still = [(200, 150)] * 12
    video = film(tmp_path / "v.mp4", [*still, None, *still, *[(400, 150)] * 10])
    shots = find_shots(video, SpotTracker(), 0.5, 50)
    assert spans(shots) == [(0, 11), (13, 24), (25, 34)]
    # 60 px of face are a square of 102; 0.15 of that is passed with the fourth step of 4
    video = film(tmp_path / "w.mp4", [(200 + 4 * i, 150) for i in range(8)])
    assert spans(find_shots(video, SpotTracker(), 0.1, 50)) == [(0, 3), (4, 7)]


def test_short_and_small_ones_are_left_out(tmp_path):
    video = film(tmp_path / "v.mp4", [*[(200, 150)] * 4, None, *[(200, 150)] * 9])
    assert spans(find_shots(video, SpotTracker(), 0.5, 50)) == [(5, 13)]
    assert find_shots(video, SpotTracker(), 0.1, 128) == []


def test_the_square_stands_still_and_holds_the_head(tmp_path):
    places = [(200 + (i % 3) * 4, 150) for i in range(9)]
    video = film(tmp_path / "v.mp4", [None, *places])
    clips = write_shots(video, find_shots(video, SpotTracker(), 0.5, 50), tmp_path)
    assert [clip.name for clip in clips] == ["v_0.mp4"]
    with av.open(str(clips[0])) as file:
        assert file.streams.video[0].average_rate == 10
        pictures = [f.to_ndarray(format="rgb24") for f in file.decode(video=0)]
    assert len(pictures) == 9 and pictures[0].shape == (256, 256, 3)
    centres = [np.nonzero(p[:, :, 0] > 125)[1].mean() for p in pictures]
    # 4 pixels of the video are 10 of the clip, and stay in it
    assert np.diff(centres[:3]) == pytest.approx([10, 10], abs=1.5)
    assert centres[1] == pytest.approx(127.5, abs=2)


def test_one_that_cannot_be_read_does_not_stop_the_rest(tmp_path, capsys):
    good = film(tmp_path / "good.mp4", [(200, 150)] * 9)
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no video")
    out = tmp_path / "deep" / "out"
    assert crop_videos([bad, good], out, 0.5, 50, SpotTracker()) == 1
    printed = capsys.readouterr()
    assert "bad.mp4" in printed.err and "good.mp4: 1 clips, 9 frames" in printed.out
    assert sorted(p.name for p in out.iterdir()) == ["good_0.mp4", "manifest.json"]


def test_manifest_says_whose_clips_they_are(tmp_path, capsys):
    places = [*[(200, 150)] * 6, None, *[(200, 150)] * 6]
    first = film(tmp_path / "a.mp4", places)
    second = film(tmp_path / "id10283#x.mp4", places)
    out = tmp_path / "out"
    assert crop_videos([first], out, 0.5, 50, SpotTracker()) == 0
    written = json.loads((out / "manifest.json").read_text())
    assert [(e["name"], e["person"]) for e in written] == [("a_0", "a"), ("a_1", "a")]
    assert [e["frames"] for e in written] == [6, 6]
    written[0]["person"], written[0]["split"] = "Ada", "val"  # somebody knows better
    (out / "manifest.json").write_text(json.dumps(written))
    assert crop_videos([first, second], out, 0.5, 50, SpotTracker()) == 0
    found = {s.name: (s.identity, s.split) for s in find_sources(out)}
    assert found == {
        "a_0": ("Ada", "val"),
        "a_1": ("a", None),
        "id10283#x_0": ("id10283", None),
        "id10283#x_1": ("id10283", None),
    }
    (out / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="manifest"):
        crop_videos([first], out, 0.5, 50, SpotTracker())


def test_refused(tmp_path, capsys):
    with pytest.raises(InputError, match="called v"):
        crop_videos([tmp_path / "v.mp4", tmp_path / "v.mkv"], tmp_path, 1, 1, SpotTracker())
    assert main([str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "no clip" in capsys.readouterr().err
