"""The camera page: what is listed, shown and told, and that it watches only while it is seen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QComboBox

from avatar.config import SYNTHETIC
from avatar.errors import SourceRefused
from avatar.sources.names import CameraInfo
from avatar.sources.state import SourceState

BRIO = CameraInfo(2, "BRIO", sizes=((3840, 2160), (1280, 720), (640, 480)), ids=("id:usb-BRIO",))


@pytest.fixture
def page(qtbot, running):
    running.side.show_page("camera")
    qtbot.waitUntil(lambda: len(running.camera.list.rows) == 3, timeout=20000)
    return running.camera


def rows(page):
    return [(row.text(), row.detail, row.isChecked()) for row in page.list.rows]


def plug(qtbot, page, ports, *cameras):
    ports.plugged[:] = cameras
    with qtbot.waitSignal(page._cameras.found, timeout=20000):
        page.list.refresh.click()


def test_everything_that_can_drive_is_listed_and_what_drives_is_marked(page):
    assert rows(page) == [
        ("Front", "", False),
        ("Side", "", False),
        ("Bundled driver", "In use", True),
    ]


def test_two_of_one_name_are_told_apart_and_only_they(qtbot, page, ports, running):
    plug(qtbot, page, ports, CameraInfo(0, "Cam"), CameraInfo(4, "Cam"), CameraInfo(6, "Other"))
    assert [row.text() for row in page.list.rows][:3] == ["Cam (0)", "Cam (4)", "Other"]
    combo = running.bar.cameras
    assert [combo.itemText(i) for i in range(3)] == ["Cam (0)", "Cam (4)", "Other"]


def test_a_click_chooses_and_a_click_on_the_one_in_use_does_nothing(qtbot, page, session):
    qtbot.mouseClick(page.list.row("2"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(session.asked("set_source")) == 1, timeout=20000)
    assert [row.isChecked() for row in page.list.rows] == [False, True, False]
    qtbot.mouseClick(page.list.row("2"), Qt.MouseButton.LeftButton)
    assert page.list.row("2").isChecked() and len(session.asked("set_source")) == 1


def test_pictures_come_only_when_asked_for(qtbot, page, ports):
    assert page.list.row("0").picture is None and ports.pictured == []
    ports.errors["picture 2"] = SourceRefused("Side is in use by zoom.", cause="busy")
    page.list.pictures.click()
    qtbot.waitUntil(lambda: page.list.row("2").detail != "", timeout=20000)
    assert page.list.row("0").picture.shape == (108, 192, 3)
    assert page.list.row("2").detail == "In use by another program"
    assert "by zoom" in page.list.row("2").toolTip()
    qtbot.waitUntil(page.list.pictures.isEnabled, timeout=20000)


def test_the_one_in_use_shows_itself(qtbot, page, session):
    page._refresh()
    assert page.list.row(SYNTHETIC).picture is session.seen[0].image


def test_a_camera_that_was_unplugged_is_shown_as_lost(page, session):
    session.driving = SourceState("BRIO", "lost", (640, 480), 30.0)
    page._refresh()
    assert "Lost" in page.list.row(SYNTHETIC).detail
    assert page.capture.given.text() == "BRIO is lost"
    assert "picked up by itself" in page.capture.advice.text()


def test_a_camera_in_use_that_is_not_listed_keeps_its_row(qtbot, page, ports, running):
    running.controller.sources.choose("id:usb-Maker_Gone-video-index0")
    row = page.list.row("id:usb-Maker_Gone-video-index0")
    assert row.text() == "Maker Gone" and row.detail == "Not connected"
    assert running.bar.cameras.currentText() == "Maker Gone"


def test_without_a_camera_the_reason_is_said(qtbot, page, ports):
    plug(qtbot, page, ports)
    assert page.list.none.text() == "No camera was found. It is locked away."
    assert not page.list.none.isHidden()


def test_cameras_are_watched_only_while_the_page_is_seen(page, running):
    assert page._watch.isActive() and page._live.isActive()
    running.side.show_page("portrait")
    assert not page._watch.isActive() and not page._live.isActive()


def test_a_camera_plugged_in_appears_by_itself(qtbot, page, ports):
    ports.plugged.append(BRIO)
    page._watch.timeout.emit()
    qtbot.waitUntil(lambda: page.list.row(BRIO.spec) is not None, timeout=20000)
    assert page.list.row(BRIO.spec).detail == "Up to 3840 × 2160"


def test_the_keyboard_stays_where_it_is_when_the_list_changes(qtbot, page, ports, running):
    running.activateWindow()
    page.list.row("2").setFocus()
    plug(qtbot, page, ports, CameraInfo(1, "New"), CameraInfo(2, "Side"))
    assert page.list.row("2").hasFocus()


def test_videos_used_lately_are_listed(page, running):
    running.controller.change_look(recent_videos=(Path("/films/me.mp4"),))
    row = page.list.row("/films/me.mp4")
    assert (row.text(), row.detail) == ("me.mp4", "/films")
    assert running.bar.cameras.findText("me.mp4") >= 0


# -- size and rate ------------------------------------------------------------------------------


def test_only_a_camera_can_be_asked_and_it_is_asked_for_what_it_has(qtbot, page, ports, session):
    assert page.capture.asked.isHidden()
    plug(qtbot, page, ports, BRIO)
    page._sources.choose(BRIO.spec)
    qtbot.waitUntil(lambda: len(session.asked("set_source")) == 1, timeout=20000)
    box = page.capture.size_box
    assert not page.capture.asked.isHidden() and box.currentText() == "As the camera likes"
    assert [box.itemText(i) for i in range(1, box.count())] == ["640 × 480", "1280 × 720"]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    qtbot.waitUntil(lambda: len(session.asked("set_source")) == 2, timeout=20000)
    assert ports.opened[-1][0].size == (1280, 720)
    assert box.currentText() == "1280 × 720"


def test_what_it_really_gives_is_shown_beside_what_was_asked(qtbot, page, ports):
    page._sources.choose("2")
    page._sources.set_format((1280, 720), 30.0)
    page.capture.show_state(SourceState("Side", "open", (640, 480), 30.0, 29.7))
    assert page.capture.given.text() == "640 × 480, 29.7 fps"
    assert "1280 × 720" in page.capture.advice.text()
    assert "light" not in page.capture.advice.text()


def test_half_the_rate_is_put_down_to_the_light(page):
    page.capture.show_state(SourceState("Side", "open", (640, 480), 30.0, 15.1))
    assert "15.1 of 30" in page.capture.advice.text() and "66 ms" in page.capture.advice.text()
    assert "lamp" in page.capture.advice.text()


def test_a_black_picture_is_put_down_to_the_shutter(page, session):
    page._refresh()
    assert "black" not in page.capture.advice.text()
    frame, crop = session.seen
    session.seen = (replace(frame, image=np.full((120, 160, 3), 9, np.uint8)), crop)
    page._refresh()
    assert "The picture is black" in page.capture.advice.text()


def test_a_video_tells_where_it_is_and_can_be_repeated(qtbot, page, session, running):
    assert page.capture.repeat.isHidden()
    page._sources.choose("/films/me.mp4")
    qtbot.waitUntil(lambda: bool(session.asked("set_source")), timeout=20000)
    assert not page.capture.repeat.isHidden() and page.capture.repeat.isChecked()
    page.capture.show_state(SourceState("me.mp4", "open", (640, 480), 25.0, None, 12.3, 95.0, True))
    assert page.capture.given.text() == "0:12 of 1:35, 640 × 480, 25 fps"
    page.capture.repeat.click()
    assert session.asked("set_loop") == [(False,)] and not running.controller.config.loop


# -- crop ---------------------------------------------------------------------------------------


def test_buttons_zoom_and_pan_and_reset(page, running):
    framing = page.framing
    assert not framing.reset.isEnabled() and framing.value.text() == "100 %"
    framing.closer.click()
    framing.right.click()
    assert framing.value.text() == "105 %   +5, +0" and framing.reset.isEnabled()
    running.mirrors.preview.click()
    framing.right.click()  # as it is seen
    assert framing.value.text() == "105 %"
    framing.reset.click()
    assert framing.value.text() == "100 %" and not framing.reset.isEnabled()


def test_following_is_switched_live(page, session, running):
    assert page.framing.follow.isChecked()
    page.framing.follow.click()
    assert session.asked("set_following") == [(False,)] and not running.controller.config.follow


# -- mirrors ------------------------------------------------------------------------------------


def test_the_output_is_mirrored_by_itself(page, session, running):
    page.mirrors.output.click()
    assert session.asked("set_mirror") == [(True,)] and running.controller.config.mirror
    assert not running.driving.mirrored


def test_a_mirrored_preview_is_remembered(page, running):
    page.mirrors.preview.click()
    assert running.look.mirror_preview is True and running.driving.mirrored
    page._refresh()
    assert page.list.row(SYNTHETIC)._view.mirrored


def test_every_control_is_named_and_reached_by_tab(page):
    for control in page.findChildren((QAbstractButton, QComboBox)):
        assert control.accessibleName() or control.text(), control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control


def test_nothing_is_cut_off_at_the_width_of_the_sidebar(page):
    assert page.minimumSizeHint().width() <= 316
    assert np.all([row.width() > 200 for row in page.list.rows])
