"""The output page, the strip that warns, and what stands behind them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QThread

from avatar.config import RunConfig
from avatar.errors import InputError, OutputError, SinkError
from avatar.rest import Rest
from ui.controller import Controller
from ui.output.hidden_bar import HiddenBar
from ui.output.page import OutputPage
from ui.output.recording_panel import _bytes


@pytest.fixture
def controller(ports: Any) -> Iterator[Controller]:
    made = Controller(RunConfig(camera="synthetic"), ports)
    yield made
    made.close(1.0)


@pytest.fixture
def page(qtbot: Any, controller: Controller) -> OutputPage:
    made = OutputPage(controller)
    qtbot.addWidget(made)
    return made


def started(qtbot: Any, controller: Controller, session: Any) -> None:
    controller.start()
    qtbot.waitUntil(lambda: ("start",) in session.calls, timeout=20000)
    session.show()
    session.emit("ready", "Engine eager: why.", origin="inference")
    qtbot.waitUntil(lambda: controller.newest() is not None, timeout=20000)


# -- hiding ---------------------------------------------------------------------------------------


def test_hiding_reaches_the_session_within_the_call(
    qtbot: Any, page: OutputPage, controller: Controller, session: Any
) -> None:
    started(qtbot, controller, session)
    page.privacy.hide_button.click()
    assert session.asked("panic")[-1] == (True,), "no event loop may be needed"
    assert controller.safety.hidden and page.privacy.hide_button.isChecked()
    assert "again" in page.privacy.hide_button.accessibleName()
    page.privacy.hide_button.click()
    assert session.asked("panic")[-1] == (False,)
    assert not page.privacy.hide_button.isChecked()


def test_a_session_started_while_hidden_is_hidden_before_it_gets_any_output(
    qtbot: Any, page: OutputPage, controller: Controller, session: Any
) -> None:
    controller.safety.hide(True)
    started(qtbot, controller, session)
    controller.outputs.record(Path("a.mp4"))
    names = [call[0] for call in session.calls]
    assert ("panic", True) in session.calls
    assert names.index("panic") < names.index("add_sink")


def test_the_strip_says_what_is_unusual_and_leads_back(
    qtbot: Any, controller: Controller, session: Any
) -> None:
    strip = HiddenBar(controller.safety)
    qtbot.addWidget(strip)
    assert strip.isHidden()
    started(qtbot, controller, session)
    controller.safety.hide(True)
    assert not strip.isHidden() and strip.words.text() == "Hidden: outputs show the slate (B)"
    strip.back.click()
    assert strip.isHidden() and session.asked("panic")[-1] == (False,)


# -- the raw camera -------------------------------------------------------------------------------


def test_the_raw_camera_is_off_and_asks_once_a_session(
    qtbot: Any, page: OutputPage, controller: Controller, session: Any
) -> None:
    safety = controller.safety
    asked: list[Any] = []
    safety.raw_asked.connect(asked.append)
    safety.toggle_raw()
    assert asked == [], "there is nothing to show yet"
    started(qtbot, controller, session)
    assert (True,) not in session.asked("set_raw")
    page.privacy.raw.click()
    assert len(asked) == 1 and not safety.raw and not page.privacy.raw.isChecked()
    safety.show_raw(True)
    assert not safety.raw, "it was not confirmed yet"
    safety.confirm_raw(asked[0])
    assert session.asked("set_raw")[-1] == (True,) and safety.raw
    assert page.privacy.raw.isChecked()
    safety.toggle_raw()
    assert session.asked("set_raw")[-1] == (False,) and not safety.raw
    safety.toggle_raw()
    assert safety.raw and len(asked) == 1, "asked once"
    safety.hide(True)
    assert not safety.raw
    safety.toggle_raw()
    assert not safety.raw and len(asked) == 1, "hidden is hidden"


def test_another_session_is_asked_about_again_and_an_old_answer_is_no_answer(
    qtbot: Any, controller: Controller, ports: Any, session: Any
) -> None:
    safety = controller.safety
    asked: list[Any] = []
    safety.raw_asked.connect(asked.append)
    started(qtbot, controller, session)
    safety.toggle_raw()
    safety.confirm_raw(asked[0])
    controller.stop()
    assert not safety.raw
    qtbot.waitUntil(lambda: controller.state.name == "STOPPED", timeout=20000)
    safety.confirm_raw(asked[0])
    assert not safety.raw
    second = type(session)()
    object.__setattr__(ports, "session", second)
    started(qtbot, controller, second)
    safety.confirm_raw(asked[0])
    assert not safety.raw and (True,) not in second.asked("set_raw")
    safety.toggle_raw()
    assert len(asked) == 2


# -- slate and rest state -------------------------------------------------------------------------


def test_an_own_slate_is_read_shown_kept_and_given_to_the_session(
    qtbot: Any, page: OutputPage, controller: Controller, ports: Any, session: Any
) -> None:
    controller.safety.read_slate()
    qtbot.waitUntil(lambda: page.privacy.preview.image is not None, timeout=20000)
    started(qtbot, controller, session)
    path = Path("a-very-long-name-of-a-picture-of-mine.png")
    controller.safety.choose_slate(path)
    qtbot.waitUntil(lambda: controller.config.slate == path, timeout=20000)
    assert session.asked("set_slate")[-1][0] is page.privacy.preview.image
    assert ports.slates == [None, path] and page.privacy.plain.isEnabled()
    page.privacy.plain.click()
    qtbot.waitUntil(lambda: controller.config.slate is None, timeout=20000)
    assert not page.privacy.plain.isEnabled()


def test_a_slate_that_cannot_be_read_leaves_the_old_one(
    qtbot: Any, page: OutputPage, controller: Controller, ports: Any
) -> None:
    controller.safety.read_slate()
    qtbot.waitUntil(lambda: controller.safety.slate is not None, timeout=20000)
    before = controller.safety.slate
    ports.errors["slate"] = InputError("No such file: a.png.", hint="Check the name.")
    with qtbot.waitSignal(controller.problem, timeout=20000):
        controller.safety.choose_slate(Path("a.png"))
    assert controller.safety.slate is before and controller.config.slate is None


def test_the_rest_state_goes_to_the_session_and_into_the_config(
    qtbot: Any, page: OutputPage, controller: Controller, session: Any
) -> None:
    started(qtbot, controller, session)
    rest = page.rest
    assert rest.modes["neutral"].isChecked() and rest.delay.value() == 2.0
    rest.modes["slate"].click()
    rest.delay.setValue(5.5)
    assert controller.config.rest == Rest(mode="slate", after_s=5.5)
    assert session.asked("set_rest")[-1] == (Rest(mode="slate", after_s=5.5),)
    rest.modes["hold"].click()
    assert not rest.delay.isEnabled() and controller.config.rest.mode == "hold"


def test_the_status_bar_says_what_the_outputs_show_without_a_face(controller: Controller) -> None:
    safety = controller.safety
    assert safety.words_at_rest(100).endswith("holding the last pose")
    assert safety.words_at_rest(2500).endswith("neutral pose")
    safety.set_rest(Rest(mode="slate", after_s=1))
    assert safety.words_at_rest(900).endswith("holding the last pose")
    assert safety.words_at_rest(1000).endswith("show the slate")


# -- virtual camera -------------------------------------------------------------------------------


def test_the_virtual_camera_tells_what_it_sends(
    qtbot: Any, page: OutputPage, controller: Controller, session: Any
) -> None:
    panel = page.broadcast
    assert not panel.button.isEnabled()
    started(qtbot, controller, session)
    assert panel.button.isEnabled()
    panel.button.click()
    qtbot.waitUntil(lambda: panel.state.text().startswith("On"), timeout=20000)
    assert panel.state.text().endswith("It sends the portrait.")
    controller.safety.hide(True)
    assert panel.state.text().endswith("It sends the slate.")
    controller.safety.hide(False)
    panel.button.click()
    assert panel.state.text().startswith("Off") and session.asked("remove_sink")


def test_without_a_driver_the_cure_stays_on_the_page(
    qtbot: Any, page: OutputPage, controller: Controller, session: Any
) -> None:
    started(qtbot, controller, session)
    session.refuse = SinkError("The virtual camera cannot be opened: no driver.", hint="Run: x")
    page.broadcast.button.click()
    qtbot.waitUntil(lambda: not page.broadcast.cure.isHidden(), timeout=20000)
    assert "no driver" in page.broadcast.state.text() and page.broadcast.cure.text() == "Run: x"
    assert not page.broadcast.button.isChecked()
    session.refuse = None
    page.broadcast.button.click()
    qtbot.waitUntil(lambda: page.broadcast.state.text().startswith("On"), timeout=20000)
    assert page.broadcast.cure.isHidden()


# -- recording and snapshots ----------------------------------------------------------------------


def test_a_recording_shows_its_size_and_what_is_free(
    qtbot: Any, page: OutputPage, controller: Controller, ports: Any, session: Any
) -> None:
    with qtbot.waitExposed(page):
        page.show()
    panel = page.recording
    qtbot.waitUntil(lambda: "41.0 GB free" in panel.state.text(), timeout=20000)
    assert ports.facts[-1] == (panel.folder, None)
    started(qtbot, controller, session)
    with qtbot.waitSignal(page.record_wanted) as wanted:
        panel.button.click()
    assert wanted.args == [True]
    controller.outputs.record(Path("/there/a.mp4"))
    qtbot.waitUntil(lambda: "2.5 MB" in panel.state.text(), timeout=20000)
    assert panel.state.text().startswith("0:00") and ports.facts[-1][0] == Path("/there")
    assert panel.button.isChecked() and panel.button.accessibleName() == "Stop recording"
    controller.outputs.record(None)
    qtbot.waitUntil(lambda: not panel.button.isChecked(), timeout=20000)


def test_nothing_is_measured_while_nobody_looks(page: OutputPage, ports: Any) -> None:
    page.recording._measure()
    assert ports.facts == []


def test_another_folder_is_remembered(page: OutputPage, controller: Controller) -> None:
    page.recording._choose(Path("/elsewhere"))
    assert controller.look.recordings == Path("/elsewhere") == page.recording.folder


def test_a_snapshot_is_what_the_outputs_show_written_off_the_gui_thread(
    qtbot: Any, page: OutputPage, controller: Controller, ports: Any, session: Any
) -> None:
    notes: list[str] = []
    controller.noted.connect(notes.append)
    controller.take_snapshot()
    assert notes and ports.snapshots == []
    started(qtbot, controller, session)
    controller.change_look(snapshots=Path("/pictures"))
    with qtbot.waitSignal(controller.snapshots.saved, timeout=20000) as saved:
        page.recording.snapshot.click()
    image, folder, thread = ports.snapshots[0]
    assert session.animated is not None and image is session.animated.frame.image
    assert folder == Path("/pictures") and saved.args == [Path("/pictures/avatar-1.png")]
    assert thread == "ui-snapshot" and QThread.currentThread() == controller.thread()
    controller.safety.hide(True)
    controller.take_snapshot()
    assert len(notes) == 2, "hidden: there is nothing to take"
    controller.safety.hide(False)
    ports.errors["snapshot"] = OutputError("The disk is full.", hint="Free some space.")
    with qtbot.waitSignal(controller.problem, timeout=20000):
        controller.take_snapshot()


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (2_500_000, "2.5 MB"), (41e9, "41.0 GB"), (5e15, "5000 TB")],
)
def test_bytes_are_told_as_people_read_them(count: float, text: str) -> None:
    assert _bytes(int(count)) == text


def test_every_control_has_a_name_and_is_reached_with_tab(page: OutputPage) -> None:
    from PyQt6.QtCore import Qt
    from PyQt6.QtWidgets import QAbstractButton, QDoubleSpinBox

    controls = [*page.findChildren(QAbstractButton), *page.findChildren(QDoubleSpinBox)]
    assert len(controls) >= 12
    for control in controls:
        assert control.accessibleName(), control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.accessibleName()


def test_the_page_is_not_wider_than_the_sidebar(page: OutputPage) -> None:
    assert page.minimumSizeHint().width() <= 310


def test_the_preview_is_the_slate(page: OutputPage, controller: Controller) -> None:
    controller.safety.slate = np.zeros((256, 256, 3), np.uint8)
    controller.safety.slate_changed.emit()
    assert page.privacy.preview.image is controller.safety.slate
