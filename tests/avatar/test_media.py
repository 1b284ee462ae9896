import errno
import shutil
from fractions import Fraction

import av
import numpy as np
import pytest

from avatar.media import VideoWriter
from avatar.output import PartFile

COLOURS = [(200, 30, 40), (20, 180, 60), (30, 60, 220), (128, 128, 128), (250, 250, 250)]


def plain(colour, size=(64, 64)):
    return np.full((size[1], size[0], 3), colour, np.uint8)


def read(path):
    """Average rate, seconds, and every picture as (H, W, 3) uint8 RGB."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        pictures = [f.to_ndarray(format="rgb24") for f in container.decode(stream)]
        return stream.average_rate, container.duration / 1e6, pictures


class Full:
    """A disk with room for ``room`` bytes."""

    def __init__(self, path, room):
        self.file = open(path, "x+b")  # noqa: SIM115
        self.room = room

    def write(self, data):
        self.room -= len(data)
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.file.write(data)

    def __getattr__(self, name):
        return getattr(self.file, name)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".MP4"])
def test_round_trip(tmp_path, suffix, live):
    path = tmp_path / f"a{suffix}"
    writer = VideoWriter(path, (64, 64), rate=Fraction(25), live=live)
    for index in range(50):
        writer.write(writer.picture(plain(COLOURS[index // 10])), index, 1)
    assert writer.finish() == path
    rate, seconds, pictures = read(path)
    assert rate == 25
    assert seconds == pytest.approx(2.0, abs=0.002)
    assert len(pictures) == 50
    for index in (0, 9, 10, 25, 49):
        assert np.abs(pictures[index].astype(int) - COLOURS[index // 10]).max() <= 4
    assert list(tmp_path.iterdir()) == [path]


def test_odd_sizes_are_padded_with_the_last_row_and_column(tmp_path):
    path = tmp_path / "a.mp4"
    writer = VideoWriter(path, (63, 65), rate=Fraction(25))
    writer.write(writer.picture(plain((200, 30, 40), (63, 65))), 0, 1)
    writer.finish()
    picture = read(path)[2][0]
    assert picture.shape == (66, 64, 3)
    assert np.abs(picture.astype(int) - (200, 30, 40)).max() <= 4


def test_time_stamps_and_durations_are_kept(tmp_path):
    path = tmp_path / "a.mp4"
    writer = VideoWriter(path, (64, 64), rate=Fraction(25), time_base=Fraction(1, 1000))
    times = [0, 40, 55, 200, 1000]
    for pts, end in zip(times, [*times[1:], 1500], strict=True):
        writer.write(writer.picture(plain(COLOURS[0])), pts, end - pts)
    writer.finish()
    with av.open(str(path)) as container:
        assert [round(f.time * 1000) for f in container.decode(video=0)] == times
        assert container.duration == pytest.approx(1_500_000, abs=1000)


def test_the_file_on_disk_is_playable_at_any_time(tmp_path):
    writer = VideoWriter(tmp_path / "a.mp4", (64, 64), rate=Fraction(10), live=True)
    for index in range(35):
        writer.write(writer.picture(plain(COLOURS[index // 10])), index, 1)
    crashed = shutil.copy(writer.part.path, tmp_path / "crashed.mp4")
    writer.discard()
    pictures = read(crashed)[2]
    assert len(pictures) == 30  # whole seconds
    assert np.abs(pictures[29].astype(int) - COLOURS[2]).max() <= 4
    assert [p.name for p in tmp_path.iterdir()] == ["crashed.mp4"]


@pytest.mark.parametrize("room", [3_000, 20_000, 40_000, 60_000])
def test_a_full_disk_leaves_a_playable_file(tmp_path, room):
    rng = np.random.default_rng(0)
    path = tmp_path / "a.mp4"
    part = PartFile(path, opener=lambda p: Full(p, room))
    writer = VideoWriter(path, (64, 64), rate=Fraction(10), live=True, part=part)
    with pytest.raises(OSError, match="No space left"):
        for index in range(100):
            noise = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
            writer.write(writer.picture(noise), index, 1)
        writer.finish()
    assert writer.keep() == path
    assert path.stat().st_size <= room
    if room > 20_000:
        pictures = read(path)[2]
        assert 10 <= len(pictures) <= writer.frames


def test_a_disk_that_fills_up_at_the_very_end(tmp_path):
    path = tmp_path / "a.mp4"
    part = PartFile(path, opener=lambda p: Full(p, 1 << 30))
    writer = VideoWriter(path, (64, 64), rate=Fraction(10), live=True, part=part)
    for index in range(21):
        writer.write(writer.picture(plain(COLOURS[index % 5])), index, 1)
    part._file.room = 0
    with pytest.raises(OSError, match="No space left"):
        writer.finish()
    assert writer.keep() == path
    assert len(read(path)[2]) == 20


def test_nothing_written_leaves_nothing(tmp_path):
    writer = VideoWriter(tmp_path / "a.mp4", (64, 64), rate=Fraction(25))
    assert writer.keep() is None
    assert list(tmp_path.iterdir()) == []


def test_keeping_does_not_replace_an_older_file(tmp_path):
    old = tmp_path / "a.mp4"
    old.write_bytes(b"old")
    writer = VideoWriter(old, (64, 64), rate=Fraction(25))
    writer.write(writer.picture(plain(COLOURS[0])), 0, 1)
    kept = writer.keep()
    assert kept == tmp_path / "a.part.mp4"
    assert len(read(kept)[2]) == 1
    assert old.read_bytes() == b"old"


def test_a_picture_of_another_size_is_refused(tmp_path):
    writer = VideoWriter(tmp_path / "a.mp4", (64, 64), rate=Fraction(25))
    with pytest.raises(ValueError, match=r"\(64, 64, 3\), got \(32, 64, 3\)"):
        writer.picture(plain(COLOURS[0], (64, 32)))
    writer.discard()
