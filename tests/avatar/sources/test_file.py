"""Videos and pictures as sources: rightly read, paced, and refused with a reason."""

import socket
import struct
import threading

import av
import numpy as np
import pytest
from PIL import Image as Pillow

from avatar.errors import InputError, SourceError, SourceLost
from avatar.offline.clip import read_clip
from avatar.sources.base import Source
from avatar.sources.file import FileSource


class Clock:
    """Time that passes only when somebody sleeps, or the test says so."""

    def __init__(self) -> None:
        self.now = 5_000_000_000
        self.slept: list[float] = []

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += round(seconds * 1e9)

    def pass_ms(self, ms: float) -> None:
        self.now += round(ms * 1e6)


def paced(path, **options):
    clock = Clock()
    source = FileSource(path, clock=clock, sleep=clock.sleep, **options)
    source.open()
    return source, clock


def read_all(source):
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def turned(path, matrix):
    """Write a display matrix into the mp4's track header, as telephones do."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    a, b, c, d, tx, ty = matrix
    struct.pack_into(
        ">9i", data, at + 40, a << 16, b << 16, 0, c << 16, d << 16, 0, tx << 16, ty << 16, 1 << 30
    )
    path.write_bytes(data)
    return path


def quarters(index):
    """64 x 32: left top red, the rest black."""
    image = np.zeros((32, 64, 3), np.uint8)
    image[:16, :32] = (255, 0, 0)
    return image


def red_corner(image):
    red = image[:, :, 0].astype(int)
    h, w = red.shape
    means = {
        "left top": red[: h // 2, : w // 2].mean(),
        "right top": red[: h // 2, w // 2 :].mean(),
        "left bottom": red[h // 2 :, : w // 2].mean(),
        "right bottom": red[h // 2 :, w // 2 :].mean(),
    }
    return max(means, key=means.__getitem__)


def test_every_frame_in_order_with_the_times_of_the_file(make_video, play):
    path = make_video("a.mp4", frames=12, rate=25)
    source = FileSource(path, paced=False)
    assert isinstance(source, Source) and not source.live
    source.open()
    assert (source.size, source.fps, source.frames) == ((64, 64), 25.0, 12)
    frames = read_all(source)
    assert [f.index for f in frames] == list(range(12))
    assert np.diff([f.t_ns for f in frames]).tolist() == [40_000_000] * 11
    for frame, wanted in zip(frames, play(path).pictures, strict=True):
        np.testing.assert_array_equal(frame.image, wanted)
        assert not frame.image.flags.writeable and frame.image.flags.c_contiguous


def test_it_can_be_opened_again(make_video):
    source = FileSource(make_video("a.mp4", frames=3), paced=False)
    for _ in range(2):
        source.open()
        assert len(read_all(source)) == 3
    source.close()
    with pytest.raises(SourceError, match="not open"):
        source.read()


def test_paced_frames_come_in_real_time(make_video):
    source, clock = paced(make_video("a.mp4", frames=5, rate=25))
    assert source.live
    start = clock.now
    due = [(frame.t_ns - start) / 1e6 for frame in read_all(source)]
    assert due == [0, 40, 80, 120, 160]
    assert source.dropped == 0


def test_a_slow_reader_loses_frames_and_stays_in_time(make_video):
    source, clock = paced(make_video("a.mp4", frames=50, rate=50))
    start, shown = clock.now, []
    while (frame := source.read()) is not None:
        shown.append(frame.index)
        assert frame.index * 20e6 >= frame.t_ns - start - 20e6
        clock.pass_ms(110)
    assert len(shown) < 12 and source.dropped == 50 - len(shown)
    assert shown == sorted(set(shown))


def test_after_a_long_pause_the_clock_is_set_anew(make_video):
    source, clock = paced(make_video("a.mp4", frames=20, rate=25))
    source.read()
    clock.pass_ms(60_000)
    assert source.read().index == 1
    assert source.read().index == 2
    assert clock.slept[-1] == pytest.approx(0.04)
    source.close()


def test_a_long_gap_repeats_the_last_picture(make_video):
    path = make_video("a.mp4", frames=3, times_ms=[0, 40, 1540])
    source, clock = paced(path)
    start = clock.now
    frames = read_all(source)
    assert max(clock.slept) <= 0.4
    assert [f.index for f in frames] == [0, 1, 1, 1, 1, 2]
    assert frames[-1].t_ns - start == 1_540_000_000


def test_variable_frame_rate_by_its_time_stamps(make_video):
    times = [0, 33, 133, 150, 400, 410]
    path = make_video("a.mp4", frames=6, times_ms=times, first_ms=700)
    source = FileSource(path, paced=False)
    source.open()
    frames = read_all(source)
    assert [round((f.t_ns - frames[0].t_ns) / 1e6) for f in frames] == times
    source, clock = paced(path)
    start = clock.now
    assert [round((f.t_ns - start) / 1e6) for f in read_all(source)] == times


@pytest.mark.parametrize("matrix, corner, size", [
    ((1, 0, 0, 1, 0, 0), "left top", (64, 32)),
    ((0, 1, -1, 0, 32, 0), "right top", (32, 64)),  # held upright: turn a quarter clockwise
    ((-1, 0, 0, -1, 64, 32), "right bottom", (64, 32)),
    ((0, -1, 1, 0, 0, 64), "left bottom", (32, 64)),
])  # fmt: skip
def test_rotation(make_video, matrix, corner, size):
    path = turned(make_video("a.mp4", frames=2, size=(64, 32), pictures=quarters), matrix)
    for live in (False, True):
        source = FileSource(path, paced=live)
        source.open()
        assert source.size == size
        image = source.read().image
        assert image.shape == (size[1], size[0], 3) and image.flags.c_contiguous
        assert red_corner(image) == corner
        source.close()


def test_odd_sizes(make_video):
    path = make_video("a.mkv", frames=2, size=(75, 41), codec="ffv1")
    source = FileSource(path, paced=False)
    source.open()
    assert source.size == (75, 41)
    assert source.read().image.shape == (41, 75, 3)
    source.close()


def test_huge_frames_are_scaled_down_when_live(make_video):
    path = make_video("a.mp4", frames=1, size=(2560, 320))
    source, _ = paced(path)
    assert source.size == (1920, 240)
    assert source.read().image.shape == (240, 1920, 3)
    source.close()
    source = FileSource(path, paced=False)
    source.open()
    assert source.read().image.shape == (320, 2560, 3)
    source.close()


@pytest.mark.parametrize("live", [True, False])
def test_loop(make_video, live):
    clock = Clock()
    path = make_video("a.mp4", frames=4, rate=25)
    source = FileSource(path, loop=True, paced=live, clock=clock, sleep=clock.sleep)
    source.open()
    frames = [source.read() for _ in range(10)]
    source.close()
    assert [f.index for f in frames] == list(range(10))
    assert np.diff([f.t_ns for f in frames]).tolist() == [40_000_000] * 9
    np.testing.assert_array_equal(frames[0].image, frames[4].image)
    assert np.abs(frames[0].image.astype(int) - frames[3].image).mean() > 10


def test_it_tells_how_far_it_is_and_may_stop_repeating(make_video):
    source = FileSource(make_video("a.mp4", frames=10, rate=25), loop=True, paced=False)
    assert source.length_s == source.position_s == 0
    source.open()
    assert source.length_s == pytest.approx(0.4, abs=0.05)
    places = [(source.read(), source.position_s)[1] for _ in range(14)]
    assert places[:10] == pytest.approx(np.arange(10) * 0.04)
    assert places[12] < 0.2  # begun again
    source.loop = False
    assert len(list(read_all(source))) == 6
    source.close()


def test_a_picture_once_or_without_end(tmp_path):
    Pillow.new("RGB", (50, 40), (9, 99, 199)).save(tmp_path / "a.png")
    source = FileSource(tmp_path / "a.png", paced=False)
    source.open()
    (frame,) = read_all(source)
    assert source.size == (50, 40) and tuple(frame.image[20, 25]) == (9, 99, 199)
    source, clock = paced(tmp_path / "a.png", fps=10)
    start = clock.now
    assert [(source.read().t_ns - start) // 10**6 for _ in range(4)] == [0, 100, 200, 300]
    source.close()


def test_an_animation_is_a_video(tmp_path):
    frames = [Pillow.new("RGB", (32, 32), (40 * k, 0, 0)) for k in range(4)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100)
    source = FileSource(tmp_path / "a.gif", paced=False)
    source.open()
    got = read_all(source)
    assert len(got) == 4 and int(got[3].image[5, 5, 0]) - int(got[0].image[5, 5, 0]) > 80


def test_missing_empty_and_folder(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        FileSource(tmp_path / "a.mp4")
    (tmp_path / "b.mp4").touch()
    with pytest.raises(InputError, match="empty"):
        FileSource(tmp_path / "b.mp4")
    with pytest.raises(InputError, match="folder"):
        FileSource(tmp_path)


def refused(path, match):
    source = FileSource(path)
    with pytest.raises(SourceError, match=match) as caught:
        source.open()
    assert caught.value.exit_code == 2 and caught.value.hint
    assert str(path) in caught.value.message
    source.close()


def test_sound_only(make_video):
    refused(make_video("a.m4a", frames=0, sound_s=0.2), "no video stream, only sound")


def test_not_a_media_file(tmp_path):
    (tmp_path / "a.mp4").write_text("this is not a film " * 40)
    refused(tmp_path / "a.mp4", "not a video or picture")


def test_a_title_that_is_not_utf8(make_video):
    path = make_video("a.mkv")
    content = path.read_bytes()
    assert content.count(b"Lavf") > 1
    path.write_bytes(content.replace(b"Lavf", b"L\xe9vf"))
    source = FileSource(path, paced=False)
    source.open()
    assert len(read_all(source)) == 10
    read_clip(path)


def test_pictures_in_an_unknown_format(make_video):
    path = make_video("a.avi", codec="mpeg4")
    path.write_bytes(path.read_bytes().replace(b"FMP4", b"ZZZZ"))
    refused(path, "format that is not known")


def test_a_rate_that_nobody_can_mean(make_video):
    path = make_video("a.avi", codec="mpeg4")
    content = bytearray(path.read_bytes())
    scale = content.index(b"strh") + 8 + 20
    content[scale : scale + 8] = struct.pack("<II", 2**32 - 1, 1)
    path.write_bytes(content)
    source = FileSource(path, paced=False)
    source.open()
    assert source.rate == 25
    source.close()


PLAY_LISTS = {
    "a.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{}x.ts\n#EXT-X-ENDLIST\n",
    "a.mp4": "ffconcat version 1.0\nfile {}x.mp4\n",
    "a.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
}


@pytest.mark.parametrize("name", PLAY_LISTS)
def test_a_play_list_leads_to_no_server(tmp_path, name):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        path = tmp_path / name
        path.write_text(PLAY_LISTS[name].format(f"http://127.0.0.1:{server.getsockname()[1]}/"))
        refused(path, "not a video or picture")
        with pytest.raises(InputError):
            read_clip(path)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_without_its_options_a_play_list_would_lead_to_a_server(tmp_path):
    """What the test above is worth: this FFmpeg could connect."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        path = tmp_path / "a.m3u8"
        path.write_text(
            PLAY_LISTS[path.name].format(f"http://127.0.0.1:{server.getsockname()[1]}/")
        )

        def answer():
            connection, _ = server.accept()
            connection.close()
            reached.set()

        reached = threading.Event()
        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(av.FFmpegError):
            av.open(str(path), options={"protocol_whitelist": "file,http,tcp"})
        if not reached.wait(1):
            socket.create_connection(server.getsockname()).close()
            thread.join()
            pytest.fail("nobody came")
        thread.join()


def test_mp4_without_its_index(make_video):
    """A recording that was cut off, or a copy that stopped: the index comes last in the file."""
    path = make_video("a.mp4", frames=20)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"moov") - 4])
    refused(path, "cut off")


def noise(index):
    return np.random.default_rng(index).integers(0, 256, (64, 64, 3), np.uint8)


def faststart(path):
    """The same file with its index first, as files for the web have it."""
    import av

    out = path.with_name("fast.mp4")
    with (
        av.open(str(path)) as source,
        av.open(str(out), "w", options={"movflags": "faststart"}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return out


def test_mp4_cut_off_behind_its_index(make_video):
    path = faststart(make_video("a.mp4", frames=20, pictures=noise))
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    path.write_bytes(data[: int(len(data) * 0.6)])
    refused(path, "cut off: the last [0-9]+ bytes")


def test_truncated_picture(tmp_path):
    Pillow.fromarray(noise(0)).save(tmp_path / "whole.png")
    data = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[: len(data) // 2])
    refused(tmp_path / "a.png", "damaged or cut off")


def test_a_video_of_garbage_breaks_off_with_a_reason(make_video):
    """Everything behind the first pictures is destroyed, the index is whole."""
    path = make_video("a.mp4", frames=220, pictures=noise)
    data = bytearray(path.read_bytes())
    begin = data.index(b"mdat") + 4
    end = data.rindex(b"moov") - 4
    middle = begin + (end - begin) // 20
    data[middle:end] = bytes(end - middle)
    path.write_bytes(data)
    source = FileSource(path, paced=False)
    source.open()
    got = 0
    with pytest.raises(SourceLost, match="breaks off after"):
        while source.read() is not None:
            got += 1
    assert 0 < got < 40
    source.close()
