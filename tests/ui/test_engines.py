"""The engine in the window: what runs and why, another from the menu, a build that goes on, and the
red line of a GPU left unused."""

import pytest

from avatar.choosing.candidates import Candidate, State
from avatar.errors import Cancelled, EngineError
from ui.build_bar import BuildBar
from ui.controller import State as Running
from ui.engine_button import EngineButton

ENTRIES = [
    (Candidate("trt", "fp16", "trt:fp16", 80, State.UNBUILT, "a plan for this GPU"), None),
    (Candidate("ov", "int8", "ov:int8", 40, State.READY, default=False), 12.64),
    (Candidate("ov", "fp32", "ov:fp32", 40, State.READY), None),
    (Candidate("ort", "fp32", "ort", 30, State.UNAVAILABLE, "it is not installed"), None),
    (Candidate("fake", "none", "fake", -1, State.READY), None),
]


@pytest.fixture
def button(qtbot):
    made = EngineButton()
    qtbot.addWidget(made)
    made.show_entries(ENTRIES)
    return made


def messages(window):
    return [(banner.kind, banner.message, banner.hint) for banner in window.banners.shown()]


def test_the_menu_lists_every_engine_with_what_it_takes(button):
    actions = button.actions_by_spec
    assert list(actions) == ["auto", "trt:fp16", "ov:int8", "ov:fp32", "ort"]
    assert actions["ov:int8"].text() == "ov:int8\t12.6 ms"
    assert actions["trt:fp16"].text() == "trt:fp16\tneeds a build"
    assert "Builds a plan for this GPU first" in actions["trt:fp16"].toolTip()
    assert not actions["ort"].isEnabled()
    assert actions["ort"].toolTip() == "Cannot run here: it is not installed"
    assert [spec for spec, action in actions.items() if action.isChecked()] == ["auto"]


@pytest.mark.parametrize(("wanted", "ticked"), [("ov", "ov:fp32"), ("ov:int8", "ov:int8")])
def test_what_was_asked_for_is_ticked(button, wanted, ticked):
    button.show_wanted(wanted)
    assert [s for s, a in button.actions_by_spec.items() if a.isChecked()] == [ticked]


def test_a_fake_is_listed_only_for_those_who_named_it(button):
    button.show_wanted("fake")
    assert button.actions_by_spec["fake"].isChecked()


def test_choosing_from_the_menu_is_a_signal(qtbot, button):
    with qtbot.waitSignal(button.chosen) as asked:
        button.actions_by_spec["ov:int8"].trigger()
    assert asked.args == ["ov:int8"]


def test_the_tooltip_has_the_whole_reason_in_lines(button):
    rejected = ", ".join(f"engine{n} (not measured, avatar engines --measure does)" for n in "1234")
    button.show_engine("ov:int8", f"12.6 ms a frame, measured 2026-11-21; rejected: {rejected}")
    lines = button.toolTip().split("\n")
    assert button.text() == "ov:int8" and lines[0] == "12.6 ms a frame, measured 2026-11-21"
    assert lines[1].startswith("Rejected: engine1") and max(map(len, lines)) <= 72
    assert "engine4" in button.accessibleDescription()
    button.show_engine("", "")
    assert button.text() == "no engine" and button.toolTip() == ""


def test_a_build_is_shown_until_it_is_over_and_can_be_cancelled(qtbot):
    bar = BuildBar()
    qtbot.addWidget(bar)
    assert bar.isHidden()
    bar.show_build("Making the plan", 0.34)
    assert (bar.words.text(), bar.progress.value(), bar.percent.text()) == (
        "Making the plan",
        34,
        "34 %",
    )
    with qtbot.waitSignal(bar.cancel_wanted):
        bar.cancel.click()
    assert not bar.cancel.isEnabled()
    bar.finish()
    bar.show_build("Making another", 7.0)
    assert bar.cancel.isEnabled() and bar.progress.value() == 100


def test_the_window_shows_a_build_and_cancels_it(qtbot, running, session):
    session.emit("building", "Making the plan", share=0.5, origin="build")
    qtbot.waitUntil(lambda: running.build.isVisible(), timeout=20000)
    assert running.build.progress.value() == 50
    running.build.cancel.click()
    assert session.asked("cancel_build") == [()]
    session.emit("built", "Building trt was cancelled; ov goes on.", origin="inference")
    qtbot.waitUntil(lambda: running.build.isHidden(), timeout=20000)
    assert "was cancelled" in running.status.words.text()


def test_a_stop_ends_the_line_of_a_build(qtbot, running, session):
    session.emit("building", "Making the plan", share=0.5, origin="build")
    qtbot.waitUntil(lambda: running.build.isVisible(), timeout=20000)
    running.bar.start.click()
    qtbot.waitUntil(lambda: running.controller.state is Running.STOPPED, timeout=20000)
    assert running.build.isHidden()


def test_another_engine_is_chosen_in_the_window(qtbot, running, session, ports):
    ports.entries.extend(ENTRIES)
    running.controller.engines.find()
    button = running.status.engine
    qtbot.waitUntil(lambda: "ov:int8" in button.actions_by_spec, timeout=20000)
    button.actions_by_spec["ov:int8"].trigger()
    assert session.asked("set_engine") == [("ov:int8",)]
    assert running.controller.config.engine == "ov:int8"
    assert button.actions_by_spec["ov:int8"].isChecked()


@pytest.mark.parametrize(
    ("error", "told"),
    [(EngineError("It cannot run here.", hint="Choose another."), 1), (Cancelled("Given up."), 0)],
)
def test_an_engine_that_is_refused_leaves_the_old_choice(
    qtbot, running, session, ports, error, told
):
    session.refuse = error
    running.controller.engines.choose("trt")
    qtbot.waitUntil(lambda: running.controller.config.engine == "auto", timeout=20000)
    assert len(messages(running)) == told
    assert running.status.engine.actions_by_spec["auto"].isChecked()
    assert running.controller.state is Running.RUNNING


def test_an_engine_chosen_while_it_loads_reaches_the_session(qtbot, window, session, ports):
    ports.held.append(True)
    window.controller.begin()
    window.controller.engines.choose("ov")
    ports.hold.set()
    qtbot.waitUntil(lambda: session.asked("set_engine") == [("ov",)], timeout=20000)


def test_a_gpu_left_unused_is_a_red_line_with_the_cure(qtbot, running, session):
    cure = "make setup TORCH=cuda"
    session.emit("warning", "NVIDIA T4 is not used.", hint=cure, origin="gpu")
    qtbot.waitUntil(lambda: running.status.engine.alarmed, timeout=20000)
    assert messages(running) == [("error", "NVIDIA T4 is not used.", cure)]
    assert running.controller.state is Running.RUNNING
    assert running.status.engine.toolTip().startswith("NVIDIA T4 is not used. make setup")
    qtbot.wait(1)
    session.emit("ready", "Engine trt: it is there now.", origin="inference")
    qtbot.waitUntil(lambda: not running.status.engine.alarmed, timeout=20000)


def test_engines_that_cannot_be_listed_disturb_nobody(qtbot, running, ports, session):
    ports.errors["engines"] = EngineError("The weights are gone.")
    running.controller.engines.find()
    qtbot.wait(20)
    assert not messages(running) and "auto" in running.status.engine.actions_by_spec
