import builtins
import threading
import time

import numpy as np
import pytest

from avatar.delivery import Deliveries
from avatar.errors import SinkError, SinkLost
from avatar.frame import Frame
from avatar.gate import Gate
from avatar.sinks import device, virtualcam
from avatar.sinks.base import Sink, opened
from avatar.sinks.device import device_path
from avatar.sinks.virtualcam import HD, SQUARE, VirtualCamera
from avatar.sources.v4l2 import Capabilities


class FakeCamera:
    """Keeps what it is sent; ``gone`` makes the next send fail."""

    def __init__(self, width, height, fps, device=None):
        self.size = (width, height)
        self.fps = fps
        self._device = device or "/dev/video7"
        self.sent = []
        self.closed = 0
        self.gone = False
        self.opener = threading.current_thread()
        self.threads = set()
        self.news = threading.Condition()

    @property
    def device(self):
        assert not self.closed, "pyvirtualcam forgets the device when it is closed"
        return self._device

    def send(self, frame):
        assert frame.shape == (self.size[1], self.size[0], 3)
        assert frame.dtype == np.uint8 and frame.flags.c_contiguous
        if self.gone:
            raise RuntimeError("device unplugged")
        with self.news:
            self.sent.append(frame.copy())
            self.threads.add(threading.current_thread())
            self.news.notify_all()

    def wait(self, count):
        """Until ``count`` more pictures have come."""
        with self.news:
            wanted = len(self.sent) + count
            assert self.news.wait_for(lambda: len(self.sent) >= wanted, 5.0)

    def close(self):
        self.threads.add(threading.current_thread())
        self.closed += 1


class Maker:
    """Opens a FakeCamera and remembers it; or fails."""

    def __init__(self, error=None):
        self.error = error
        self.camera = None

    def __call__(self, *args, **kwargs):
        if self.error is not None:
            raise self.error
        self.camera = FakeCamera(*args, **kwargs)
        return self.camera


@pytest.fixture
def on_linux(monkeypatch):
    monkeypatch.setattr(virtualcam.platform, "system", lambda: "Linux")


def frame(index=0, size=(256, 256)):
    image = np.empty((size[1], size[0], 3), np.uint8)
    image[:, : size[0] // 2] = (200, 0, 0)
    image[:, size[0] // 2 :] = (0, 0, 200)
    return Frame(image, index, time.monotonic_ns())


def make(maker, **options):
    return VirtualCamera(make=maker, **{"fps": 200.0, "size": (128, 72), "find": dict, **options})


def test_it_is_a_sink():
    camera = VirtualCamera()
    assert isinstance(camera, Sink)
    assert (camera.name, camera.queue) == ("virtual-camera", 1)


def test_defaults_are_what_every_program_accepts():
    maker = Maker()
    with opened(VirtualCamera(make=maker, find=dict)):
        assert maker.camera.size == HD == (1280, 720)
        assert maker.camera.fps == 30


def test_slate_then_the_letterboxed_frame_unmirrored():
    maker = Maker()
    with opened(make(maker)) as sink:
        maker.camera.wait(1)
        assert 10 < maker.camera.sent[0].mean() < 60
        sink.write(frame())
        maker.camera.wait(2)
        shown = maker.camera.sent[-1]
    assert (shown[:, :28] == 0).all() and (shown[:, -28:] == 0).all()
    assert (shown[36, 32] == (200, 0, 0)).all()
    assert (shown[36, 96] == (0, 0, 200)).all()


def test_once_hidden_the_device_repeats_the_slate_and_nothing_else():
    maker, gate = Maker(), Gate(np.full((256, 256, 3), 7, np.uint8), patience_s=5)
    deliveries = Deliveries(gate, lambda event: None)
    deliveries.add(make(maker, size=SQUARE, fps=100.0)).opened.result(5)
    gate.publish(frame())
    maker.camera.wait(3)
    gate.hide(True)
    maker.camera.wait(3)  # the picture on its way, and the sink's thread has to wake up
    count = len(maker.camera.sent)
    for _ in range(20):
        gate.publish(frame())
    maker.camera.wait(10)
    assert all((sent == 7).all() for sent in maker.camera.sent[count:])
    assert deliveries.stop(5) == []


def test_the_square_itself():
    maker = Maker()
    with opened(make(maker, size=SQUARE)) as sink:
        picture = frame()
        sink.write(picture)
        maker.camera.wait(2)
        assert np.array_equal(maker.camera.sent[-1], picture.image)


def test_the_last_frame_is_repeated_at_the_rate():
    maker = Maker()
    with opened(make(maker, fps=100.0)) as sink:
        sink.write(frame())
        maker.camera.wait(2)
        begun, count = time.perf_counter(), len(maker.camera.sent)
        maker.camera.wait(15)
        rate = (len(maker.camera.sent) - count) / (time.perf_counter() - begun)
    assert 30 < rate < 125
    assert sink.repeated >= 14
    assert sink.sent == len(maker.camera.sent)


def test_a_stall_is_not_made_up_for_by_a_burst():
    maker = Maker()
    with opened(make(maker, fps=100.0)):
        camera = maker.camera
        camera.wait(1)
        with camera.news:  # send() blocks meanwhile
            time.sleep(0.15)
            count = len(camera.sent)
        time.sleep(0.05)
        assert len(camera.sent) - count <= 9


def test_frames_of_another_shape_leave_no_trace():
    maker = Maker()
    with opened(make(maker)) as sink:
        sink.write(frame(size=(128, 72)))
        maker.camera.wait(2)
        assert maker.camera.sent[-1][36, 2].tolist() == [200, 0, 0]
        sink.write(frame(1))
        maker.camera.wait(2)
        assert maker.camera.sent[-1][36, 2].tolist() == [0, 0, 0]


def test_one_thread_opens_sends_and_closes_and_none_is_left():
    maker = Maker()
    sink = make(maker)
    for _ in range(2):
        with opened(sink):
            maker.camera.wait(1)
            assert sink.device == "/dev/video7"
        sink.close()
        assert maker.camera.closed == 1
        assert maker.camera.threads == {maker.camera.opener}
        assert not maker.camera.opener.is_alive()
    assert sink.device is None


def test_a_lost_device_is_told_at_the_next_write():
    maker = Maker()
    with opened(make(maker)) as sink:
        sink.write(frame())
        maker.camera.gone = True
        maker.camera.opener.join(5.0)
        with pytest.raises(SinkLost, match="/dev/video7 was lost: device unplugged") as error:
            sink.write(frame(1))
        assert error.value.hint
    assert maker.camera.closed == 1


def test_writing_unopened_is_an_error():
    with pytest.raises(SinkLost, match="not open"):
        VirtualCamera().write(frame())


@pytest.mark.parametrize("spelling", ["/dev/video7", "7", 7])
@pytest.mark.parametrize("device", [None, "/dev/video7", "7"])
def test_it_refuses_its_own_input(on_linux, spelling, device):
    maker = Maker()
    sink = make(maker, device=device, input_device=spelling)
    with pytest.raises(SinkError, match="drives the avatar") as error:
        sink.open()
    sink.close()
    assert error.value.hint
    assert maker.camera is None or (maker.camera.closed == 1 and not maker.camera.sent)


def test_names_reach_the_driver_as_they_are(monkeypatch):
    monkeypatch.setattr(virtualcam.platform, "system", lambda: "Windows")
    maker = Maker()
    with opened(make(maker, device="OBS Virtual Camera")):
        assert maker.camera.device == "OBS Virtual Camera"
    sink = make(maker, device="OBS Virtual Camera", input_device="obs virtual camera")
    with pytest.raises(SinkError, match="drives the avatar"):
        sink.open()
    sink.close()


def test_another_input_is_fine(on_linux):
    with opened(make(Maker(), input_device="/dev/video0")):
        pass


def test_cameras_are_compared_by_name_too(on_linux, tmp_path, monkeypatch):
    (tmp_path / "video7").mkdir()
    (tmp_path / "video7" / "name").write_text("Avatar Camera\n")
    monkeypatch.setattr(device, "_V4L2", tmp_path)
    assert device_path("avatar camera") == "/dev/video7"
    sink = make(Maker(), input_device="Avatar Camera")
    with pytest.raises(SinkError, match="drives the avatar"):
        sink.open()
    sink.close()


def loopback(output):
    return Capabilities("v4l2 loopback", not output, (), output)


def test_a_device_in_use_is_said_to_be_and_never_opened(on_linux):
    maker = Maker(RuntimeError("Device /dev/video1 is not a video output device."))
    sink = make(maker, device="/dev/video1", find=lambda: {"/dev/video1": loopback(False)})
    with pytest.raises(SinkError, match="another program sends to /dev/video1") as refused:
        sink.open()
    sink.close()
    assert refused.value.hint.startswith("Close the other program")


def test_without_a_name_the_first_free_device_is_opened_and_no_other(on_linux):
    found = {f"/dev/video{n}": loopback(output=n > 0) for n in range(3)}
    maker = Maker()
    with opened(make(maker, find=lambda: found, input_device="/dev/video1")):
        assert maker.camera.device == "/dev/video2"


def test_once_closed_the_device_is_given_back(on_linux, monkeypatch):
    maker, given = Maker(), []
    monkeypatch.setattr(
        virtualcam, "give_back", lambda path: given.append((path, maker.camera.closed))
    )
    with opened(make(maker)):
        assert given == []
    assert given == [("/dev/video7", 1)]


NO_DRIVER = RuntimeError("'v4l2loopback' backend: No v4l2 loopback device found.")


@pytest.mark.parametrize(
    ("system", "error", "device", "hint"),
    [
        (
            "Linux",
            NO_DRIVER,
            None,
            "sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback devices=1 "
            'exclusive_caps=1 card_label="Avatar Camera"',
        ),
        ("Linux", RuntimeError("Device /dev/video9 does not exist."), "9", "video_nr=9"),
        ("Linux", RuntimeError("missing permissions. Did you"), None, "usermod -a -G video"),
        ("Linux", OSError("Device or resource busy"), None, "Close the other program"),
        ("Windows", RuntimeError("'obs' backend: not installed"), None, "OBS Studio"),
        ("Darwin", RuntimeError("'obs' backend: not installed"), None, "OBS Studio"),
        ("Linux", ImportError("No module named 'pyvirtualcam'"), None, "pip install pyvirtualcam"),
    ],
)
def test_what_to_do_on_each_system(monkeypatch, system, error, device, hint):
    monkeypatch.setattr(virtualcam.platform, "system", lambda: system)
    sink = make(Maker(error), device=device)
    with pytest.raises(SinkError) as refused:
        sink.open()
    sink.close()
    assert hint in refused.value.hint
    assert str(error).rstrip(".") in refused.value.message
    assert refused.value.exit_code == 2


def test_without_the_package_the_error_says_so(monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name == "pyvirtualcam":
            raise ModuleNotFoundError("No module named 'pyvirtualcam'", name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    sink = VirtualCamera()
    with pytest.raises(SinkError, match="needs the Python package pyvirtualcam"):
        sink.open()
    sink.close()


def test_a_device_that_never_answers_does_not_block(monkeypatch):
    monkeypatch.setattr(virtualcam, "_OPEN_TIMEOUT_S", 0.05)
    release = threading.Event()

    def slow(*args, **kwargs):
        release.wait(5.0)
        return FakeCamera(*args, **kwargs)

    sink = make(slow)
    with pytest.raises(SinkError, match="did not answer"):
        sink.open()
    release.set()
    sink.close()
