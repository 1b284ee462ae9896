"""The camera through a fake VideoCapture: refusals with their cure, losing and regaining it."""

import threading
import time

import numpy as np
import pytest

from avatar.errors import SourceError, SourceLost
from avatar.sources import camera as module
from avatar.sources import denial
from avatar.sources.base import Source
from avatar.sources.camera import CameraSource
from avatar.sources.names import CameraInfo


class Device:
    """A make-believe camera that tests plug, unplug, block and cover."""

    def __init__(self, size=(320, 240), fps=30.0) -> None:
        self.size, self.fps = size, fps
        self.opens = True
        self.gives = True
        self.grey = False
        self.undecoded = False
        self.code = 0
        self.hang: threading.Event | None = None
        self.asked: dict[int, float] = {}
        self.made: list[tuple[int, int]] = []
        self.released = 0
        self.threads: set[str] = set()
        self.count = 0

    def __call__(self, index: int, api: int) -> "Device":
        self.made.append((index, api))
        self.threads.add(threading.current_thread().name)
        return self

    def isOpened(self) -> bool:
        return self.opens

    def get(self, prop: int) -> float:
        known = {3: self.size[0], 4: self.size[1], 5: self.fps, 6: self.code}
        return float(known.get(prop, 0))

    def set(self, prop: int, value: float) -> bool:
        self.asked[prop] = value
        return True

    def read(self):
        self.threads.add(threading.current_thread().name)
        if self.hang is not None:
            self.hang.wait(5)
        time.sleep(0.002)
        if not self.gives:
            return False, None
        self.count += 1
        if self.undecoded:
            return True, np.tile(np.array([1, 2, 3], np.uint8), self.size[0] * self.size[1])[None]
        if self.grey:
            return True, np.full((self.size[1], self.size[0]), 7, np.uint8)
        picture = np.zeros((self.size[1], self.size[0], 3), np.uint8)
        picture[:] = (1, 2, 3)  # blue, green, red
        picture[0, 1] = min(self.count, 255)
        return True, picture

    def release(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.released += 1


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    for name, value in (("_READ_S", 0.3), ("_RETRY_S", 0.02), ("_FIRST_FRAME_S", 5.0),
                        ("_STALL_S", 0.4), ("_MISS_PAUSE_S", 0.001),
                        ("_CLOSE_S", 0.1)):  # fmt: skip
        monkeypatch.setattr(module, name, value)


@pytest.fixture
def device():
    return Device()


@pytest.fixture
def plugged():
    """The cameras the system lists; tests change it."""
    return [CameraInfo(0, "Integrated Camera"), CameraInfo(4, "Logi C920")]


@pytest.fixture
def open_camera(device, plugged):
    opened = []

    def make(spec="0", **options):
        source = CameraSource(spec, capture=device, find=lambda: list(plugged), **options)
        opened.append(source)
        return source

    yield make
    for source in opened:
        source.close()


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.002)
    return False


def read_again(source, seconds=5.0):
    """Read until a frame comes, as a session does after SourceLost."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return source.read()
        except SourceLost:
            if time.monotonic() > deadline:
                raise


def test_frames_are_rgb_numbered_and_fresh(open_camera, device):
    source = open_camera()
    assert isinstance(source, Source) and source.live
    source.open()
    assert source.size == (320, 240) and source.fps == 30.0
    first, second = source.read(), source.read()
    assert first.image.shape == (240, 320, 3) and tuple(first.image[0, 0]) == (3, 2, 1)
    assert (first.index, second.index) == (0, 1) and second.t_ns > first.t_ns
    assert not np.shares_memory(first.image, second.image)
    source.close()
    source.close()
    assert device.released == 1 and device.threads == {"camera"}


def test_the_newest_frame_is_given_whatever_has_queued(open_camera, device):
    source = open_camera()
    source.open()
    source.read()
    queued = device.count + 5
    assert until(lambda: device.count > queued)
    assert source.read().image[0, 1, 0] >= queued


def test_grey_cameras(open_camera, device):
    device.grey = True
    source = open_camera()
    source.open()
    assert source.read().image.shape == (240, 320, 3)


def test_bytes_that_opencv_could_not_convert_are_no_picture(open_camera, device):
    device.undecoded = True
    source = open_camera()
    with pytest.raises(SourceError, match=r"cannot convert \(230400 bytes each\)") as caught:
        source.open()
    assert "--size" in caught.value.hint
    assert until(lambda: device.released == 1)


def test_bgr_that_comes_without_its_shape_is_a_picture(open_camera, device):
    import cv2

    device.undecoded, device.code = True, cv2.VideoWriter.fourcc(*"BGR3")
    source = open_camera()
    source.open()
    image = source.read().image
    assert image.shape == (240, 320, 3) and image[-1, -1].tolist() == [3, 2, 1]
    assert source.size == (320, 240)


def test_size_and_rate_are_asked_for_and_large_ones_as_mjpg(open_camera, device):
    import cv2

    source = open_camera(size=(1280, 720), fps=25)
    source.open()
    assert device.asked[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert device.asked[cv2.CAP_PROP_FRAME_HEIGHT] == 720
    assert device.asked[cv2.CAP_PROP_FPS] == 25
    assert device.asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")
    assert device.asked[cv2.CAP_PROP_BUFFERSIZE] == 1
    assert source.size == (320, 240)  # what it gave
    device.asked.clear()
    small = open_camera(size=(640, 480))
    small.open()
    assert cv2.CAP_PROP_FOURCC not in device.asked


def test_nonsense_rates_are_not_believed(open_camera, device):
    device.fps = 0.0
    source = open_camera()
    source.open()
    assert source.fps == 30.0


@pytest.mark.parametrize("spec, index", [("4", 4), ("c920", 4), ("Integrated Camera", 0)])
def test_by_number_and_by_name(open_camera, device, spec, index):
    source = open_camera(spec)
    source.open()
    assert device.made[0][0] == index
    assert ("C920" in source.name) == (index == 4)


def test_a_camera_that_does_not_exist(open_camera):
    with pytest.raises(
        SourceError, match="no camera 7; there are: 0 .Integrated Camera."
    ) as caught:
        open_camera("7").open()
    assert "avatar cameras" in caught.value.hint


def test_no_camera_at_all(open_camera, plugged):
    plugged.clear()
    with pytest.raises(SourceError, match="none is connected"):
        open_camera("0").open()


def test_a_name_that_fits_two(open_camera):
    with pytest.raises(SourceError, match="fits 2 cameras"):
        open_camera("c").open()


def test_a_busy_camera_on_linux_names_the_program(
    open_camera, device, plugged, tmp_path, monkeypatch
):
    node = tmp_path / "video0"
    node.touch()
    plugged[:] = [CameraInfo(0, "Integrated Camera", str(node))]
    device.opens = False
    monkeypatch.setattr(denial, "holder", lambda path: "zoom (process 12)")
    with pytest.raises(SourceError, match=r"in use by zoom \(process 12\)") as caught:
        open_camera().open()
    assert "Close the program" in caught.value.hint
    assert device.released == 1


def test_a_camera_that_may_not_be_used_on_linux(
    open_camera, device, plugged, tmp_path, monkeypatch
):
    node = tmp_path / "video0"
    node.touch()
    plugged[:] = [CameraInfo(0, "Integrated Camera", str(node))]
    device.opens = False
    monkeypatch.setattr(denial.os, "access", lambda *args: False)
    monkeypatch.setattr(denial, "ROOT", tmp_path)  # no container, whatever the tests run in
    with pytest.raises(SourceError, match="may not be used") as caught:
        open_camera().open()
    assert "usermod -aG video" in caught.value.hint


@pytest.mark.parametrize(
    "system, cure", [("Darwin", "System Settings"), ("Windows", "desktop apps")]
)
def test_a_camera_that_cannot_be_opened_elsewhere(open_camera, device, monkeypatch, system, cure):
    device.opens = False
    monkeypatch.setattr(denial, "SYSTEM", system)
    with pytest.raises(SourceError, match="busy or not allowed") as caught:
        open_camera().open()
    assert cure in caught.value.hint


def test_the_holder_of_a_file_is_found_among_our_processes(tmp_path):
    import subprocess
    import sys

    node = tmp_path / "video0"
    node.touch()
    code = f"f = open({str(node)!r}); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline()
        holder = denial.holder(str(node))
        other.communicate("\n")
    if not denial.Path("/proc").is_dir():
        assert holder == ""
    else:
        assert str(other.pid) in holder


def test_opened_but_without_a_picture(open_camera, device):
    device.gives = False
    with pytest.raises(SourceError, match="gives no picture") as caught:
        open_camera().open()
    assert "shutter" in caught.value.hint and device.released == 1


def test_a_driver_that_hangs_does_not_hang_us(open_camera, device, monkeypatch):
    monkeypatch.setattr(module, "_FIRST_FRAME_S", 0.2)
    device.hang = threading.Event()
    source = open_camera()
    began = time.monotonic()
    with pytest.raises(SourceError, match="no picture within"):
        source.open()
    assert time.monotonic() - began < 1.0
    device.hang.set()


@pytest.mark.parametrize("end", ["close", "abort"])
def test_another_thread_ends_the_opening(open_camera, device, monkeypatch, end):
    monkeypatch.setattr(module, "_FIRST_FRAME_S", 30.0)
    device.hang = threading.Event()
    source = open_camera()
    closer = threading.Timer(0.05, lambda: (device.hang.set(), getattr(source, end)()))
    device.gives = False
    closer.start()
    with pytest.raises(SourceError):
        source.open()
    closer.join()


def test_it_disappears_and_returns(open_camera, device, plugged):
    source = open_camera("c920")
    source.open()
    source.read()
    device.gives = device.opens = False
    here = plugged.pop()
    assert until(lambda: device.released == 1)
    with pytest.raises(SourceLost) as caught:
        for _ in range(5):  # one picture may have been on its way
            source.read()
    assert "Plug it in again" in caught.value.hint
    with pytest.raises(SourceLost, match="unplugged"):
        source.read()
    device.gives = device.opens = True
    plugged.append(CameraInfo(6, here.name))  # another number after plugging in
    frame = read_again(source)
    assert frame.index >= 1 and device.made[-1][0] == 6


def test_a_hiccup_shows_the_last_picture(open_camera, device, monkeypatch):
    monkeypatch.setattr(module, "_STALL_S", 30.0)
    monkeypatch.setattr(module, "_READ_S", 0.02)
    source = open_camera()
    source.open()
    source.read()
    device.hang = threading.Event()
    frames = [source.read() for _ in range(6)]
    assert frames[-1].index == frames[-2].index and frames[-1].t_ns > frames[-2].t_ns
    np.testing.assert_array_equal(frames[-1].image, frames[-2].image)
    device.hang.set()
    device.hang = None
    assert until(lambda: source.read().index > frames[-1].index)


def test_a_stall_is_said_and_survived(open_camera, device):
    source = open_camera()
    source.open()
    device.hang = threading.Event()
    with pytest.raises(SourceLost, match="gives no pictures any more"):
        for _ in range(9):
            source.read()
    device.hang.set()
    device.hang = None
    assert read_again(source) is not None


def test_closed_and_opened_again_it_is_the_same_camera(open_camera, device, plugged):
    source = open_camera("0")
    source.open()
    index = source.read().index
    source.close()
    plugged[:] = [CameraInfo(0, "Logi C920"), CameraInfo(3, "Integrated Camera")]
    source.open()
    assert device.made[-1][0] == 3 and source.read().index > index
    source.close()
    plugged.clear()
    with pytest.raises(SourceError, match="no camera 0"):
        source.open()


def test_a_twin_is_not_taken_for_a_camera_that_was_unplugged(open_camera, device, plugged):
    plugged[:] = [CameraInfo(0, "Cam", ids=("id:a",)), CameraInfo(2, "Cam", ids=("id:b",))]
    source = open_camera("id:b")
    source.open()
    assert device.made[-1][0] == 2
    device.gives = False
    gone = plugged.pop()
    with pytest.raises(SourceLost):
        for _ in range(5):
            source.read()
    with pytest.raises(SourceLost, match="unplugged"):
        source.read()
    device.gives = True
    assert device.made[-1][0] == 2  # the other one was left alone
    plugged.append(CameraInfo(5, gone.name, ids=gone.ids))
    assert read_again(source) is not None and device.made[-1][0] == 5


def test_the_rate_that_is_really_given_is_counted(open_camera):
    source = open_camera()
    source.open()
    assert until(lambda: source.given.count > 10)
    assert source.fps == 30.0 and source.given.overall > 60  # the fake gives one every 2 ms


def test_reading_before_opening(open_camera):
    with pytest.raises(SourceError, match="not open"):
        open_camera().read()
