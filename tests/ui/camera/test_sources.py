"""What drives the portrait: chosen, remembered, refused with a way out, framed."""

from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton

from avatar.assembly import Driver
from avatar.config import RunConfig
from avatar.errors import SourceError, SourceRefused, UsageError
from avatar.events import Event
from avatar.framing import Framing
from avatar.sources.names import CameraInfo
from ui.camera.framing_panel import PAN
from ui.controller import Controller, State

BRIO = CameraInfo(2, "BRIO", "/dev/video2", ids=("id:usb-BRIO",))


@pytest.fixture
def controller(qtbot, ports):
    made = Controller(RunConfig(), ports)
    yield made
    ports.hold.set()
    made.close(2.0)


def begin(qtbot, controller, session):
    controller.begin()
    qtbot.waitUntil(lambda: ("start",) in session.calls, timeout=20000)
    session.emit("ready", "Engine", origin="inference")
    qtbot.waitUntil(lambda: controller.state is State.RUNNING, timeout=20000)


def banners(window):
    return [(b.kind, b.message, [p.text() for p in b.findChildren(QPushButton)])
            for b in window.banners.shown()]  # fmt: skip


def press(window, text):
    (banner,) = window.banners.shown()
    next(b for b in banner.findChildren(QPushButton) if b.text() == text).click()


def test_the_camera_found_is_remembered_by_what_it_is(qtbot, controller, session, ports):
    ports.drivers.append(Driver(BRIO.spec, BRIO, (Event("info", "Driven by camera 2, BRIO."),)))
    noted = []
    controller.noted.connect(noted.append)
    begin(qtbot, controller, session)
    assert controller.config.camera == controller.sources.in_use == "id:usb-BRIO"
    assert "Driven by camera 2, BRIO." in noted


def test_without_a_camera_none_is_remembered(qtbot, controller, session):
    begin(qtbot, controller, session)
    assert controller.sources.in_use == "synthetic"
    assert controller.config.camera is None  # the next start looks for a camera again


def test_a_camera_that_is_not_there_is_said_and_still_remembered(qtbot, controller, session, ports):
    controller.config = replace(controller.config, camera="id:usb-GONE")
    told = Event("warning", "GONE is not connected: driven by BRIO instead.", "Plug it in.")
    ports.drivers.append(Driver(BRIO.spec, BRIO, (told,), instead=True))
    problems = []
    controller.problem.connect(problems.append)
    begin(qtbot, controller, session)
    assert controller.sources.in_use == BRIO.spec and controller.config.camera == "id:usb-GONE"
    assert [(p.kind, p.message, p.hint) for p in problems] == [
        ("warning", told.message, "Plug it in.")
    ]


def test_a_source_is_found_off_the_gui_thread_and_not_while_it_is_our_output(
    qtbot, controller, session, ports, monkeypatch
):
    begin(qtbot, controller, session)
    monkeypatch.setattr(type(controller.outputs), "device", property(lambda _: "/dev/video9"))
    controller.choose_source("2")
    qtbot.waitUntil(lambda: bool(session.asked("set_source")), timeout=20000)
    ((config, taken, thread),) = ports.opened
    assert (config.camera, taken, thread) == ("2", "/dev/video9", "ui-source")


def test_a_video_that_drives_is_remembered_newest_first(qtbot, controller, session):
    begin(qtbot, controller, session)
    for name in ("/v/a.mp4", "/v/b.mp4", "/v/a.mp4"):
        controller.choose_source(name)
        qtbot.waitUntil(
            lambda n=name: controller.look.recent_videos[:1] == (Path(n),), timeout=20000
        )
    assert controller.look.recent_videos == (Path("/v/a.mp4"), Path("/v/b.mp4"))
    assert controller.config.loop
    controller.sources.set_loop(False)
    assert session.asked("set_loop") == [(False,)] and not controller.config.loop


def test_size_and_rate_are_applied_at_once_and_keep_the_neutral_pose(
    qtbot, controller, session, ports
):
    begin(qtbot, controller, session)
    controller.choose_source("2")
    qtbot.waitUntil(lambda: len(session.asked("set_source")) == 1, timeout=20000)
    controller.sources.set_format((1280, 720), 30.0)
    qtbot.waitUntil(lambda: len(session.asked("set_source")) == 2, timeout=20000)
    assert session.asked("set_source")[1][1] == ("same_driver", True)
    assert (ports.opened[-1][0].size, ports.opened[-1][0].fps) == ((1280, 720), 30.0)
    controller.sources.set_format((1280, 720), 30.0)  # nothing new
    controller.choose_source("0")
    qtbot.waitUntil(lambda: len(session.asked("set_source")) == 3, timeout=20000)
    assert controller.config.size is None  # another camera, another choice


def test_a_size_that_is_refused_is_taken_back(qtbot, controller, session, ports):
    begin(qtbot, controller, session)
    controller.choose_source("2")
    qtbot.waitUntil(lambda: len(session.asked("set_source")) == 1, timeout=20000)
    ports.errors["source"] = SourceError("No picture of that size.")
    problems = []
    controller.problem.connect(problems.append)
    controller.sources.set_format((1920, 1080), None)
    qtbot.waitUntil(lambda: bool(problems), timeout=20000)
    assert controller.config.size is None and controller.config.camera == "2"


def test_what_makes_no_sense_is_refused_at_once(qtbot, controller, session):
    begin(qtbot, controller, session)
    controller.config = replace(controller.config, record=Path("/v/a.mp4"))
    problems = []
    controller.problem.connect(problems.append)
    controller.choose_source("/v/a.mp4")
    assert "overwritten" in problems[0].message and controller.config.camera is None
    with pytest.raises(UsageError):
        replace(controller.config, camera="/v/a.mp4")


def test_framing_waits_for_nothing_and_only_the_newest_is_sent(qtbot, controller, session):
    begin(qtbot, controller, session)
    for _ in range(20):
        controller.sources.zoom(1.05)
    qtbot.waitUntil(
        lambda: session.asked("set_framing")[-1:] == [(controller.config.framing,)], timeout=20000
    )
    assert len(session.asked("set_framing")) == 2  # the first, and the newest of the others
    assert controller.config.framing.zoom == pytest.approx(1.05**20 - 1, rel=1e-2)
    controller.sources.reset_view()
    assert controller.config.framing == Framing()


def test_what_was_chosen_while_loading_reaches_the_session(qtbot, controller, session, ports):
    ports.held.append(True)
    controller.begin()
    qtbot.waitUntil(lambda: bool(ports.configs), timeout=20000)
    controller.sources.pan(0.1, 0.0)
    controller.sources.set_following(False)
    controller.choose_source("2")
    ports.hold.set()
    qtbot.waitUntil(lambda: bool(session.asked("set_source")), timeout=20000)
    assert session.asked("set_framing") == [(Framing(0.0, 0.1, 0.0),)]
    assert session.asked("set_following") == [(False,)]
    assert controller.config.camera == "2" and not controller.config.follow


def test_following_that_cannot_begin_is_taken_back(qtbot, controller, session):
    begin(qtbot, controller, session)
    controller.sources.set_following(False)
    session.refuse = SourceError("No tracker.")
    controller.sources.set_following(True)
    qtbot.waitUntil(lambda: not controller.config.follow, timeout=20000)


def test_a_busy_camera_offers_to_try_again_or_to_choose_another(qtbot, running, session, ports):
    ports.errors["source"] = SourceRefused(
        "BRIO is in use by zoom.", hint="Close it.", cause="busy"
    )
    running.controller.choose_source("2")
    qtbot.waitUntil(lambda: bool(banners(running)), timeout=20000)
    ((kind, message, buttons),) = banners(running)
    assert (kind, message) == ("error", "BRIO is in use by zoom.")
    assert sorted(buttons) == ["Choose another", "Try again"]
    assert running.controller.sources.in_use == "synthetic"  # the old one goes on
    del ports.errors["source"]
    press(running, "Try again")
    qtbot.waitUntil(lambda: bool(session.asked("set_source")), timeout=20000)
    assert running.controller.config.camera == "2" and not banners(running)


def test_choosing_another_leads_to_the_page(qtbot, running, session, ports):
    error = SourceRefused("Not allowed.", cause="unknown", settings="ms-settings:privacy-webcam")
    running.side.show_page("motion")
    session.emit("error", error.message, error=error, origin="capture")
    qtbot.waitUntil(lambda: running.controller.state is State.STOPPED, timeout=20000)
    ((_, _, buttons),) = banners(running)
    assert "Open the settings" in buttons
    press(running, "Choose another")
    assert running.side.page == "camera"


def test_what_was_said_of_a_lost_camera_goes_when_it_is_back(qtbot, running, session):
    session.emit("warning", "Brio was unplugged.", hint="Plug it in.", origin="capture")
    session.emit("warning", "Something else.", origin="inference")
    qtbot.waitUntil(lambda: len(banners(running)) == 2, timeout=20000)
    session.emit("info", "Brio is back.", origin="capture")
    qtbot.waitUntil(lambda: len(banners(running)) == 1, timeout=20000)
    assert banners(running)[0][1] == "Something else."
    session.emit("info", "Brio is back.", origin="capture")  # its banner is long gone


def test_the_settings_of_the_system_are_opened(qtbot, running, monkeypatch):
    opened = []
    monkeypatch.setattr(
        "ui.camera.sources.QDesktopServices.openUrl",
        lambda url: opened.append(url.toString()) or True,
    )
    error = SourceRefused("Not allowed.", settings="ms-settings:privacy-webcam")
    problem = running.controller.sources.problem_of(error, lambda: None)
    dict(problem.others)["Open the settings"]()
    assert opened == ["ms-settings:privacy-webcam"]


def test_keys_zoom_and_pan_as_it_is_seen(qtbot, running):
    sources = running.controller.sources
    qtbot.keyClicks(running, "w")
    assert sources.framing.zoom == pytest.approx(0.05)
    qtbot.keyClicks(running, "s")
    qtbot.keyClicks(running, "hj")
    assert sources.framing == Framing(0.0, -PAN, PAN)
    qtbot.keyClicks(running, "ku")
    assert sources.framing == Framing()
    running.mirrors.preview.click()  # in a mirror, left is the camera's right
    qtbot.keyClicks(running, "h")
    assert sources.framing.dx == PAN
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(running, Qt.Key.Key_K, shift)
    assert sources.framing.dx == pytest.approx(PAN * 0.8)
    qtbot.keyClick(running, Qt.Key.Key_Z, shift)
    assert sources.framing == Framing()


def test_the_wheel_and_the_mouse_on_the_picture_do_the_same(running):
    running.driving.wheeled.emit(2.0)
    running.driving.dragged.emit(0.25, -0.1)
    framing = running.controller.sources.framing
    assert framing.zoom == pytest.approx(1.05**2 - 1, abs=1e-3)
    assert (framing.dx, framing.dy) == (0.25, -0.1)
    running.driving.reset_wanted.emit()
    assert running.controller.sources.framing == Framing()
