from fractions import Fraction

import numpy as np
import pytest

from avatar.media import VideoWriter
from avatar.offline.clip import read_clip
from avatar.offline.soundtrack import Soundtrack


def carry(source, target, frames=25, rate=25, upto=None):
    """Write ``frames`` grey pictures with the sound of ``source``; the soundtrack."""
    clip = read_clip(source)
    writer = VideoWriter(target, (64, 64), rate=Fraction(rate))
    track = Soundtrack(source, writer, clip.origin)
    for index in range(frames):
        track.feed(Fraction(index, rate))
        writer.write(writer.picture(np.full((64, 64, 3), 90, np.uint8)), index, 1)
    track.feed(upto)
    track.close()
    writer.finish()
    return track


@pytest.mark.parametrize(
    ("source", "sound", "target", "how", "codec"),
    [
        ("a.mp4", "aac", "o.mp4", "copied", "aac"),
        ("a.mp4", "aac", "o.mkv", "copied", "aac"),
        ("a.mov", "aac", "o.mov", "copied", "aac"),
        ("a.mkv", "flac", "o.mp4", "re-encoded", "aac"),
        ("a.mkv", "libopus", "o.mp4", "copied", "opus"),
        ("a.avi", "mp3", "o.mp4", "copied", "mp3"),
        ("a.mov", "pcm_s16le", "o.mp4", "re-encoded", "aac"),
        ("a.mov", "pcm_s16le", "o.mov", "copied", "pcm_s16le"),
        ("a.ts", "aac", "o.mp4", None, "aac"),
        ("a.webm", "libopus", "o.mov", "re-encoded", "aac"),
    ],
)
def test_sound_of_the_same_length_and_pitch(
    make_video, play, tmp_path, source, sound, target, how, codec
):
    video_codec = "libvpx" if source.endswith("webm") else "libx264"
    made = make_video(source, frames=25, sound_s=1.0, sound=sound, codec=video_codec)
    before = play(made)
    track = carry(made, tmp_path / target)
    after = play(tmp_path / target)
    assert how is None or track.how == how
    assert track.warning == ""
    assert after.sound_codec is not None and after.sound_codec.startswith(codec)
    assert after.pitch_hz == pytest.approx(440, abs=2)
    assert after.sound_s == pytest.approx(before.sound_s, abs=0.05)
    assert len(after.pictures) == 25


def test_a_copy_starts_and_ends_when_the_original_does(make_video, play, tmp_path):
    made = make_video(frames=50, sound_s=2.0)
    carry(made, tmp_path / "o.mp4", frames=50)
    before, after = play(made), play(tmp_path / "o.mp4")
    assert after.sound_s == pytest.approx(before.sound_s, abs=0.001)
    assert after.sound_start_s == pytest.approx(before.sound_start_s, abs=0.001)
    assert after.seconds == pytest.approx(before.seconds, abs=0.03)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_a_common_offset_is_removed_and_a_difference_kept(make_video, play, tmp_path, name):
    made = make_video(name, frames=25, sound_s=1.0, first_ms=500)
    carry(made, tmp_path / "o.mp4")
    after = play(tmp_path / "o.mp4")
    assert read_clip(made).origin == 0
    assert after.sound_start_s == pytest.approx(0.0, abs=0.03)


def test_sound_longer_than_the_pictures_is_kept(make_video, play, tmp_path):
    made = make_video(frames=10, sound_s=2.0)
    carry(made, tmp_path / "o.mp4", frames=10)
    assert play(tmp_path / "o.mp4").sound_s == pytest.approx(2.0, abs=0.05)


def test_sound_shorter_than_the_pictures(make_video, play, tmp_path):
    made = make_video(frames=50, sound_s=0.5)
    carry(made, tmp_path / "o.mp4", frames=50)
    after = play(tmp_path / "o.mp4")
    assert after.sound_s == pytest.approx(0.5, abs=0.05)
    assert len(after.pictures) == 50


def test_an_early_end_ends_the_sound_there(make_video, play, tmp_path):
    made = make_video(frames=75, sound_s=3.0)
    carry(made, tmp_path / "o.mp4", frames=25, upto=Fraction(1))
    assert play(tmp_path / "o.mp4").sound_s == pytest.approx(1.0, abs=0.1)
