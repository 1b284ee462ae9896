import errno
import logging
import shutil

import av
import numpy as np
import pytest

from avatar.errors import SinkError, SinkLost
from avatar.frame import Frame
from avatar.sinks.base import Sink, opened
from avatar.sinks.recorder import Recorder

T0 = 5_000_000_000
GREYS = [30, 90, 150, 210, 240]


def frame(index, ms, size=(64, 64), level=None):
    level = GREYS[index % 5] if level is None else level
    return Frame(np.full((size[1], size[0], 3), level, np.uint8), index, T0 + round(ms * 1e6))


def levels(path):
    """The grey level of each picture, rounded to the nearest of GREYS."""
    with av.open(str(path)) as container:
        pictures = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    return [min(GREYS, key=lambda g: abs(g - int(p[32, 32, 1]))) for p in pictures]


def test_it_is_a_sink_with_a_bounded_queue(tmp_path):
    recorder = Recorder(tmp_path / "a.mp4")
    assert isinstance(recorder, Sink)
    assert recorder.queue == 64


def test_frames_at_the_rate_are_all_there_once(tmp_path):
    path = tmp_path / "a.mp4"
    with opened(Recorder(path, fps=25)) as recorder:
        for index in range(25):
            recorder.write(frame(index, index * 40))
        assert not path.exists()
    assert levels(path) == [GREYS[i % 5] for i in range(25)]
    assert (recorder.frames, recorder.repeated, recorder.dropped) == (25, 0, 0)
    assert recorder.saved == path
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == 25
        assert container.duration == pytest.approx(1_000_000, abs=1000)
    assert list(tmp_path.iterdir()) == [path]


def test_slow_frames_are_repeated_and_jitter_does_not_matter(tmp_path):
    path = tmp_path / "a.mp4"
    with opened(Recorder(path, fps=10)) as recorder:
        for index, ms in enumerate([0, 290, 410, 500]):
            recorder.write(frame(index, ms))
    assert levels(path) == [30, 30, 30, 90, 150, 210]
    assert recorder.repeated == 2


def test_of_several_frames_in_a_slot_the_newest_stays(tmp_path):
    path = tmp_path / "a.mp4"
    with opened(Recorder(path, fps=10)) as recorder:
        for index, ms in enumerate([0, 100, 120, 140, 200]):
            recorder.write(frame(index, ms))
    assert levels(path) == [30, 210, 240]
    assert recorder.dropped == 2


def test_a_late_frame_is_dropped(tmp_path):
    with opened(Recorder(tmp_path / "a.mp4", fps=10)) as recorder:
        for index, ms in enumerate([0, 300, 100]):
            recorder.write(frame(index, ms))
    assert (recorder.frames, recorder.dropped) == (4, 1)


def test_another_size_is_fitted_in(tmp_path):
    path = tmp_path / "a.mp4"
    with opened(Recorder(path, fps=10)) as recorder:
        recorder.write(frame(0, 0, (63, 65)))
        recorder.write(frame(1, 100, (200, 100)))
    assert levels(path) == [30, 90]
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.width, context.height) == (64, 66)


def test_a_crash_leaves_a_playable_file(tmp_path):
    with opened(Recorder(tmp_path / "a.mp4", fps=10)) as recorder:
        for index in range(32):
            recorder.write(frame(index, index * 100))
        crashed = shutil.copy(tmp_path / "a.part.mp4", tmp_path / "crashed.mp4")
    assert levels(crashed) == [GREYS[i % 5] for i in range(30)]


def test_without_frames_there_is_no_file(tmp_path):
    with opened(Recorder(tmp_path / "a.mp4")) as recorder:
        pass
    assert recorder.saved is None
    assert list(tmp_path.iterdir()) == []


def test_close_is_idempotent_and_it_opens_again(tmp_path):
    recorder = Recorder(tmp_path / "a.mp4", fps=10)
    recorder.close()
    for _ in range(2):
        with opened(recorder):
            recorder.write(frame(0, 0))
        recorder.close()
        assert recorder.saved == recorder.path
        assert recorder.frames == 1


@pytest.mark.parametrize("name", ["missing/a.mp4", "a.gif"])
def test_a_bad_place_is_refused_at_open(tmp_path, name):
    recorder = Recorder(tmp_path / name)
    with pytest.raises(SinkError, match="recording cannot start") as error:
        recorder.open()
    assert error.value.hint
    recorder.close()
    assert list(tmp_path.iterdir()) == []


def test_writing_unopened_is_an_error(tmp_path):
    with pytest.raises(SinkLost, match="not open"):
        Recorder(tmp_path / "a.mp4").write(frame(0, 0))


class Full:
    """Delegates to a file until ``room`` bytes are written."""

    def __init__(self, file, room):
        self._file = file
        self.room = room

    def write(self, data):
        self.room -= len(data)
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(data)

    def __getattr__(self, name):
        return getattr(self._file, name)


def test_a_full_disk_ends_the_recording_and_keeps_it(tmp_path):
    path = tmp_path / "a.mp4"
    recorder = Recorder(path, fps=10)
    recorder.open()
    recorder._part._file = Full(recorder._part._file, 6_000)
    with pytest.raises(SinkLost, match="No space left on device.*s are in .*a.mp4") as error:
        for index in range(1000):
            recorder.write(frame(index, index * 100))
    assert error.value.hint
    assert recorder.saved == path
    kept = levels(path)
    assert kept[:10] == [GREYS[i % 5] for i in range(10)]
    assert len(kept) <= recorder.frames
    with pytest.raises(SinkLost, match="not open"):
        recorder.write(frame(0, 0))
    recorder.close()
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_fills_up_while_closing(tmp_path):
    path = tmp_path / "a.mp4"
    recorder = Recorder(path, fps=10)
    recorder.open()
    for index in range(21):
        recorder.write(frame(index, index * 100))
    recorder._part._file = Full(recorder._part._file, 0)
    with pytest.raises(SinkLost, match="No space left"):
        recorder.close()
    assert len(levels(path)) >= 10


def test_no_library_warnings(tmp_path, caplog):
    with caplog.at_level(logging.WARNING), opened(Recorder(tmp_path / "a.mp4")) as recorder:
        recorder.write(frame(0, 0))
    assert caplog.records == []


def test_a_folder_that_is_missing_is_made_only_if_asked(tmp_path):
    path = tmp_path / "new" / "folder" / "a.mp4"
    with pytest.raises(SinkError, match="does not exist"):
        Recorder(path).open()
    recorder = Recorder(path, make_folder=True)
    assert recorder.growing is None
    with opened(recorder):
        recorder.write(frame(0, 0))
        assert recorder.growing is not None and recorder.growing.exists()
        assert recorder.growing.parent == path.parent and not path.exists()
    assert recorder.growing is None and path.exists()
