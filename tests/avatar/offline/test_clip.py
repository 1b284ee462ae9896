from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from avatar.errors import InputError
from avatar.offline.clip import read_clip


def test_a_silent_video(make_video):
    clip = read_clip(make_video(frames=10, rate=25))
    assert clip.sound_start is None
    assert clip.start == clip.origin == 0
    assert clip.seconds == Fraction(10, 25)
    assert clip.tick <= Fraction(1, 1000)


def test_pictures_that_begin_after_the_sound(make_video):
    clip = read_clip(make_video(frames=10, sound_s=0.4, first_ms=200))
    assert clip.start == Fraction(1, 5)
    assert clip.sound_start == 0
    assert clip.origin == 0


def test_a_matroska_says_only_the_whole_length(make_video):
    clip = read_clip(make_video("a.mkv", frames=10))
    assert clip.seconds == 0
    assert float(clip.length) == pytest.approx(0.4, abs=0.01)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp"])
def test_a_picture_is_refused(tmp_path, name):
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / name)
    with pytest.raises(InputError, match="is a picture; expected a video"):
        read_clip(tmp_path / name)


def test_no_video_is_refused(make_video, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"not a video at all")
    for path in (tmp_path / "a.mp4", make_video("a.m4a", frames=0, sound_s=0.2)):
        with pytest.raises(InputError, match="not a video"):
            read_clip(path)


def test_sound_in_an_unknown_format_is_left_out(make_video, caplog):
    path = make_video("a.mkv", sound_s=0.4)
    path.write_bytes(path.read_bytes().replace(b"A_AAC", b"A_XXX"))
    assert read_clip(path).sound_start is None
    assert "format that is not known" in caplog.text
