"""MotionPanel, its sliders and MotionControls: everything live, nothing flooded."""

from concurrent.futures import Future

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QSlider

from avatar.motion.settings import PRESETS, RANGES, MotionSettings
from ui.bridge import Bridge
from ui.motion.controls import MotionControls
from ui.motion.panel import MotionPanel


class SlowSession:
    """Takes settings only when told to."""

    def __init__(self, labelled=True):
        self.labelled = labelled
        self.asked = []
        self.futures = []

    def set_motion(self, settings):
        self.asked.append(settings)
        self.futures.append(Future())
        return self.futures[-1]


@pytest.fixture
def controls(qapp):
    bridge = Bridge()
    yield MotionControls(bridge, MotionSettings())
    bridge.closing.set()


@pytest.fixture
def panel(qtbot, controls):
    made = MotionPanel(controls)
    qtbot.addWidget(made)
    made.show()
    return made


def pick(panel, name):
    index = panel.presets.findData(name)
    panel.presets.setCurrentIndex(index)
    panel.presets.activated.emit(index)


def test_every_slider_sets_what_it_is_named_after(panel, controls):
    for name, slider in panel.sliders.items():
        slider.slider.setValue(slider.slider.maximum())
        assert getattr(controls.settings, name) == RANGES[name][1]
        assert slider.text == f"{round(RANGES[name][1] * 100)} %"
    panel.sliders["smoothing"].slider.setValue(0)
    assert controls.settings.smoothing == 0 and panel.sliders["smoothing"].text == "Off"


def test_checks_and_modes(panel, controls):
    panel.absolute.click()
    assert controls.settings == MotionSettings(relative=False)
    assert not panel.adapt_scale.isEnabled()
    panel.relative.click()
    panel.adapt_scale.click()
    panel.pose_limit.click()
    assert controls.settings == MotionSettings(adapt_scale=False, pose_limit=True)


def test_presets_show_and_are_shown(panel, controls):
    assert panel.presets.currentData() == "natural"
    panel.absolute.click()
    pick(panel, "calm")
    assert controls.settings == PRESETS["calm"].like(MotionSettings(relative=False), "relative")
    assert panel.sliders["head"].value == PRESETS["calm"].head and panel.pose_limit.isChecked()
    panel.sliders["mouth"].slider.setValue(200)
    assert panel.presets.currentData() == ""
    before = controls.settings
    pick(panel, "")
    assert controls.settings == before
    panel.sliders["mouth"].slider.setValue(100)
    assert panel.presets.currentData() == "calm"


@pytest.mark.parametrize("group", ["movement", "expression", "smoothing"])
def test_a_group_is_reset_alone(panel, controls, group):
    changed = MotionSettings(
        movement=0.5, head=0.5, pose_limit=True, expression=2, eyes=2, mouth=2, smoothing=1
    )
    controls.choose(changed)
    panel.resets[group].click()
    usual = MotionSettings()
    names = {
        "movement": ("movement", "head", "pose_limit"),
        "expression": ("expression", "eyes", "mouth"),
        "smoothing": ("smoothing",),
    }[group]
    assert controls.settings == changed.like(usual, *names)
    assert [g for g, reset in panel.resets.items() if not reset.isEnabled()] == [group]


def test_a_double_click_sets_the_usual_value(qtbot, panel, controls):
    head = panel.sliders["head"]
    head.slider.setValue(50)
    qtbot.mouseDClick(head.slider, Qt.MouseButton.LeftButton)
    assert controls.settings.head == 1


def test_the_keyboard_moves_a_slider_and_the_wheel_only_one_in_focus(qtbot, panel, controls):
    slider = panel.sliders["expression"].slider
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert controls.settings.expression == pytest.approx(1.05)
    panel.presets.setFocus()

    def roll():
        none = Qt.KeyboardModifier.NoModifier
        wheel = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            none,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(slider, wheel)

    roll()
    assert controls.settings.expression == pytest.approx(1.05)


def test_values_between_the_steps_are_shown_and_kept(panel, controls):
    controls.choose(MotionSettings(head=0.333))
    assert panel.sliders["head"].text == "33 %"
    panel.pose_limit.click()
    assert controls.settings.head == 0.333


def test_unlabelled_keypoints_disable_eyes_and_mouth_and_say_why(panel, controls):
    controls.attach(SlowSession(labelled=False), MotionSettings())
    for name in ("eyes", "mouth"):
        slider = panel.sliders[name]
        assert not slider.isEnabled()
        assert "unknown" in slider.toolTip() == slider.slider.accessibleDescription()
    assert panel.sliders["expression"].isEnabled()
    assert "roll" in panel.sliders["head"].slider.accessibleDescription()
    controls.attach(SlowSession(), MotionSettings())
    assert panel.sliders["eyes"].isEnabled() and "eyelids" in panel.sliders["eyes"].toolTip()


def test_dragging_does_not_flood_and_the_newest_wins(qtbot, panel, controls):
    session = SlowSession()
    controls.attach(session, MotionSettings())
    assert session.asked == []  # it was made with these
    for value in range(105, 200, 5):
        panel.sliders["head"].slider.setValue(value)
    assert [s.head for s in session.asked] == [1.05]
    session.futures[0].set_result(None)
    qtbot.waitUntil(lambda: len(session.asked) == 2, timeout=20000)
    assert session.asked[1].head == pytest.approx(1.95)
    session.futures[1].set_result(None)
    panel.pose_limit.click()
    qtbot.waitUntil(lambda: len(session.asked) == 3, timeout=20000)


def test_a_session_made_before_a_change_learns_of_it(controls):
    controls.choose(MotionSettings(mouth=2))
    session = SlowSession()
    controls.attach(session, MotionSettings())
    assert session.asked == [MotionSettings(mouth=2)]
    controls.forget()
    controls.choose(MotionSettings(mouth=1.5))
    assert len(session.asked) == 1


def test_what_is_chosen_is_kept_in_the_config(qtbot, running, session):
    running.motion.sliders["mouth"].slider.setValue(150)
    assert running.controller.config.motion == MotionSettings(mouth=1.5)
    qtbot.waitUntil(lambda: session.asked("set_motion") != [], timeout=20000)
    assert session.asked("set_motion")[-1] == (MotionSettings(mouth=1.5),)


def test_everything_is_named_and_reached_by_tab(panel):
    controls = panel.findChildren((QSlider, QAbstractButton, QComboBox))
    assert len(controls) == 6 + 7 + 1
    for control in controls:
        assert control.accessibleName() and control.accessibleDescription()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
