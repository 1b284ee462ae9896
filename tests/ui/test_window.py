from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QPushButton, QWidget

from avatar.errors import InputError, NoFaceError, SinkError, SourceError
from avatar.motion.settings import MotionSettings
from ui.controller import State
from ui.theme import MIN_POINT_SIZE


def messages(window):
    return [(banner.kind, banner.message, banner.hint) for banner in window.banners.shown()]


def drop(window, path):
    """Drop a file as a file manager does; True when the window took it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(400, 300), copy, data, left, none)
    QApplication.sendEvent(window, enter)
    event = QDropEvent(QPointF(400, 300), copy, data, left, none)
    QApplication.sendEvent(window, event)
    return enter.isAccepted() and event.isAccepted()


def test_starts_and_shows_the_newest_pictures(qtbot, running, session):
    assert running.controller.state is State.RUNNING
    assert running.result.slate == ""
    assert running.driving.image is session.seen[0].image
    assert running.bar.start.accessibleName() == "Stop"
    session.show(1)
    qtbot.waitUntil(lambda: running.result.image is session.animated.frame.image, timeout=20000)


def test_opening_a_session_that_takes_its_time_does_not_stop_the_window(
    qtbot, window, ports, session
):
    ports.held.append(True)
    ticks = []
    timer = QTimer(window)
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start(5)
    window.controller.begin()
    assert window.result.slate == "Loading networks…"
    qtbot.waitUntil(lambda: len(ticks) > 5, timeout=20000)
    timer.stop()
    assert window.controller.state is State.LOADING
    ports.hold.set()
    qtbot.waitUntil(lambda: ("start",) in session.calls, timeout=20000)


def test_shows_how_far_loading_is(qtbot, window, session):
    window.controller.begin()
    qtbot.waitUntil(lambda: ("start",) in session.calls, timeout=20000)
    with qtbot.waitSignal(window.controller.loading):
        session.emit("loading", "Starting engine eager", share=0.7)
    assert window.result.slate == "Loading networks…"
    assert window.result.progress == 70


def test_the_first_start_uses_the_config_and_leaves_outputs_for_later(qtbot, running, ports):
    (config,) = ports.configs
    assert config.camera == "synthetic" and config.record is None and not config.virtual_camera


def test_stop_and_start_again(qtbot, running, session, ports):
    qtbot.mouseClick(running.bar.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: running.controller.state is State.STOPPED, timeout=20000)
    assert ("stop",) in session.calls
    assert running.result.slate == "Stopped" and running.driving.image is None
    assert not running.bar.record.isEnabled()
    qtbot.keyClick(running, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(ports.configs) == 2, timeout=20000)


def test_stopping_while_it_loads_ends_the_session_that_arrives(qtbot, window, ports, session):
    ports.held.append(True)
    window.controller.begin()
    qtbot.waitUntil(lambda: bool(ports.configs), timeout=20000)
    window.bar.start.click()
    assert window.controller.state is State.STOPPING
    ports.hold.set()
    qtbot.waitUntil(lambda: window.controller.state is State.STOPPED, timeout=20000)
    assert ("start",) not in session.calls


@pytest.mark.parametrize(
    ("key", "asked"), [("X", "calibrate"), ("V", "add_sink"), ("T", "set_mirror")]
)
def test_keys_reach_the_session(qtbot, running, session, key, asked):
    qtbot.keyClick(running, getattr(Qt.Key, f"Key_{key}"))
    qtbot.waitUntil(lambda: bool(session.asked(asked)), timeout=20000)


def test_r_mirrors_what_is_shown_and_nothing_else(qtbot, running, session):
    before = len(session.calls)
    qtbot.keyClick(running, Qt.Key.Key_R)
    assert running.result.mirrored and running.driving.mirrored
    assert len(session.calls) == before


def test_motion_settings_reach_the_session(qtbot, running, session):
    running.motion.absolute.click()
    assert session.asked("set_motion") == [(MotionSettings(relative=False),)]
    assert running.controller.config.motion == MotionSettings(relative=False)


def test_f5_records_to_the_videos_folder_and_stops(qtbot, running, session, monkeypatch, tmp_path):
    monkeypatch.setattr("ui.window.default_recording", lambda _: tmp_path / "v" / "avatar-1.mp4")
    qtbot.keyClick(running, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: running.bar.record.isChecked(), timeout=20000)
    ((recorder,),) = session.asked("add_sink")
    assert recorder.path == tmp_path / "v" / "avatar-1.mp4"
    recorder.path.parent.mkdir()  # as the recorder does when it is opened
    recorder.path.write_bytes(b"video")
    qtbot.keyClick(running, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: bool(running.banners.shown()), timeout=20000)
    assert session.asked("remove_sink") == [(recorder,)]
    assert not running.bar.record.isChecked()
    assert messages(running) == [("info", "Recording saved", str(recorder.path))]


def test_a_recording_is_announced_when_stopping_completed_it(
    qtbot, running, session, monkeypatch, tmp_path
):
    path = tmp_path / "avatar-1.mp4"
    monkeypatch.setattr("ui.window.default_recording", lambda _: path)
    running.bar.record.click()
    qtbot.waitUntil(lambda: running.bar.record.isChecked(), timeout=20000)
    monkeypatch.setattr(session, "stop", lambda _: path.write_bytes(b"video") and [], raising=False)
    running.bar.start.click()
    qtbot.waitUntil(lambda: bool(messages(running)), timeout=20000)
    assert messages(running) == [("info", "Recording saved", str(path))]


def test_only_a_camera_is_mirrored_unless_the_user_says_otherwise(qtbot, running):
    running.controller.choose_source("2")
    assert running.result.mirrored and running.mirrors.preview.isChecked()
    running.controller.choose_source("synthetic")
    assert not running.result.mirrored
    running.mirrors.preview.click()
    running.controller.choose_source("2")
    running.controller.choose_source("synthetic")
    assert running.result.mirrored


def test_a_virtual_camera_that_cannot_be_opened_switches_its_button_back(qtbot, running, session):
    session.refuse = SinkError("No driver.", hint="Run this.")
    running.bar.virtual_camera.click()
    qtbot.waitUntil(lambda: bool(session.asked("remove_sink")), timeout=20000)
    session.emit("error", "No driver.", hint="Run this.", origin="sink-virtual-camera")
    qtbot.waitUntil(lambda: bool(messages(running)), timeout=20000)
    assert messages(running) == [("error", "No driver.", "Run this.")]
    assert not running.bar.virtual_camera.isChecked()
    assert running.controller.state is State.RUNNING


def test_a_virtual_camera_that_opens_is_shown(qtbot, running, session):
    running.bar.virtual_camera.click()
    qtbot.waitUntil(lambda: bool(session.asked("add_sink")), timeout=20000)
    qtbot.waitUntil(lambda: running.bar.virtual_camera.isChecked(), timeout=20000)
    running.bar.virtual_camera.click()
    assert len(session.asked("remove_sink")) == 1


def test_a_dropped_picture_becomes_the_portrait(qtbot, running, session, ports):
    assert drop(running, Path("/pictures/aunt_may.png"))
    qtbot.waitUntil(lambda: bool(session.asked("set_portrait")), timeout=20000)
    assert ports.loaded == [(Path("/pictures/aunt_may.png"), True)]
    assert running.portrait.name.text() == "Aunt may"
    assert Path("/library/aunt_may.png") in running.portrait.paths


def test_a_dropped_video_drives_the_portrait(qtbot, running, session):
    assert drop(running, Path("/videos/me.MP4"))
    qtbot.waitUntil(lambda: bool(session.asked("set_source")), timeout=20000)
    assert running.bar.cameras.currentText() == "me.MP4"


def test_a_picture_without_a_face_can_be_used_anyway(qtbot, running, session, ports):
    ports.errors["portrait"] = NoFaceError("No face was found in cat.png.")
    drop(running, Path("cat.png"))
    qtbot.waitUntil(lambda: bool(messages(running)), timeout=20000)
    assert running.portrait.name.text() == "Someone"
    (banner,) = running.banners.shown()
    next(b for b in banner.findChildren(QPushButton) if b.text() == "Use it anyway").click()
    qtbot.waitUntil(lambda: bool(session.asked("set_portrait")), timeout=20000)
    assert ports.loaded[-1][1] is False and not messages(running)


def test_a_picture_that_is_none_is_refused_and_the_portrait_stays(qtbot, running, session, ports):
    ports.errors["portrait"] = InputError("notes.txt is not a picture.", hint="Choose another.")
    drop(running, Path("notes.txt"))
    qtbot.waitUntil(lambda: bool(messages(running)), timeout=20000)
    assert messages(running) == [("error", "notes.txt is not a picture.", "Choose another.")]
    assert not session.asked("set_portrait") and running.portrait.name.text() == "Someone"


def test_gallery_by_mouse_and_by_number(qtbot, running, session, ports):
    qtbot.waitUntil(lambda: len(running.portrait.paths) == 3, timeout=20000)
    qtbot.keyClick(running, Qt.Key.Key_2)
    qtbot.keyClick(running, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: bool(session.asked("set_portrait")), timeout=20000)
    assert {path.name for path, _ in ports.loaded} == {"two.png", "three.png"}
    qtbot.waitUntil(lambda: running.portrait.name.text() == "Three", timeout=20000)


def test_another_camera_is_chosen_by_name(qtbot, running, session):
    qtbot.waitUntil(lambda: running.bar.cameras.findText("Side") >= 0, timeout=20000)
    row = running.bar.cameras.findText("Side")
    running.bar.cameras.setCurrentIndex(row)
    running.bar.cameras.activated.emit(row)
    qtbot.waitUntil(lambda: bool(session.asked("set_source")), timeout=20000)
    ((source,),) = session.asked("set_source")
    assert source.name == "2"


def test_a_camera_that_is_refused_leaves_the_old_one_selected(qtbot, running, session, ports):
    ports.errors["source"] = SourceError("Camera 2 is busy.", hint="Close the other program.")
    running.controller.choose_source("2")
    qtbot.waitUntil(lambda: bool(messages(running)), timeout=20000)
    assert running.bar.spec == "synthetic" and running.controller.config.camera == "synthetic"
    assert running.controller.state is State.RUNNING


def test_errors_are_banners_that_can_be_dismissed_and_never_dialogs(qtbot, running, session):
    session.emit("warning", "Camera lost.", hint="Plug it in.", origin="capture")
    qtbot.waitUntil(lambda: bool(messages(running)), timeout=20000)
    assert messages(running) == [("warning", "Camera lost.", "Plug it in.")]
    assert QApplication.activeModalWidget() is None
    running.banners.shown()[0].dismiss.click()
    assert not messages(running) and running.banners.isHidden()


def test_an_error_of_the_engine_stops_the_session(qtbot, running, session):
    session.emit("error", "No engine is left.", origin="inference")
    qtbot.waitUntil(lambda: running.controller.state is State.STOPPED, timeout=20000)
    assert messages(running)[0][:2] == ("error", "No engine is left.")


def test_after_a_camera_failed_the_next_choice_starts_by_itself(qtbot, running, session, ports):
    session.emit("error", "Camera 0 is busy.", origin="capture")
    qtbot.waitUntil(lambda: running.controller.state is State.STOPPED, timeout=20000)
    running.controller.choose_source("2")
    qtbot.waitUntil(lambda: len(ports.configs) == 2, timeout=20000)
    assert ports.configs[1].camera == "2"


def test_a_session_that_cannot_be_opened_says_why(qtbot, window, ports):
    ports.errors["session"] = InputError("No such file: x.png.", hint="Check the path.")
    window.controller.begin()
    qtbot.waitUntil(lambda: bool(messages(window)), timeout=20000)
    assert window.controller.state is State.STOPPED and window.result.slate == "Stopped"


def test_an_unexpected_error_shows_no_traceback(qtbot, window, ports):
    ports.errors["session"] = ZeroDivisionError("division by zero")
    window.controller.begin()
    qtbot.waitUntil(lambda: bool(messages(window)), timeout=20000)
    ((kind, message, hint),) = messages(window)
    assert kind == "error" and "Traceback" not in message and "division by zero" in message
    assert "newest log" in hint


@pytest.mark.parametrize(("left", "told"), [(["capture"], 1), (["inference"], 0)])
def test_a_device_that_hangs_is_told(qtbot, running, session, monkeypatch, left, told):
    monkeypatch.setattr(session, "stop", lambda _: left, raising=False)
    running.bar.start.click()
    qtbot.waitUntil(lambda: running.controller.state is State.STOPPED, timeout=20000)
    assert len(messages(running)) == told


def test_a_file_that_ends_can_be_played_again(qtbot, running, session, ports):
    session.emit("ended", "clip.mp4 is over.", origin="capture")
    qtbot.waitUntil(lambda: running.controller.state is State.STOPPED, timeout=20000)
    (banner,) = running.banners.shown()
    banner.findChildren(QPushButton)[0].click()
    qtbot.waitUntil(lambda: len(ports.configs) == 2, timeout=20000)


def test_the_list_of_shortcuts_does_not_block(qtbot, running):
    qtbot.keyClicks(running, "?")
    sheet = running.findChild(QWidget, "shortcuts")
    assert sheet.isVisible() and not sheet.isModal()
    shown = {label.text() for label in sheet.findChildren(QLabel)}
    assert {"X", "R", "V", "F5", "Space", "Esc, Ctrl+Q"} <= shown


def test_controls_have_names_and_no_text_is_small(qtbot, running):
    running.banners.show_message("error", "Something.", "Do this.")
    for control in running.findChildren((QAbstractButton, QComboBox)):
        if control.isVisible():
            assert control.accessibleName() or control.text(), control
    for widget in running.findChildren(QWidget):
        if widget.isVisible():
            assert widget.font().pointSizeF() >= MIN_POINT_SIZE, widget


def test_everything_fits_at_the_smallest_size(qtbot, running):
    running.resize(running.minimumSize())
    qtbot.waitUntil(lambda: running.width() == 960, timeout=20000)
    assert running.centralWidget().minimumSizeHint().width() <= 960
    assert running.centralWidget().minimumSizeHint().height() <= 600 - running.status.height()


def test_escape_closes(qtbot, running, session):
    qtbot.keyClick(running, Qt.Key.Key_Escape)
    assert running.isHidden() and ("stop",) in session.calls
