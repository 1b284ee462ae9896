import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ui.views.bar import ViewBar
from ui.views.every import every_view


@pytest.fixture
def bar(qtbot):
    made = ViewBar(every_view())
    qtbot.addWidget(made)
    made.resize(900, 40)
    made.show()
    return made


def test_every_view_has_a_button_with_a_name_and_an_explanation(bar):
    views = every_view()
    assert len({view.name for view in views}) == 6
    for view in views:
        button = bar.button(view.name)
        assert button.accessibleName() == view.title() == button.text()
        assert button.accessibleDescription() == view.explain() == button.toolTip()


def test_a_click_chooses_a_view(qtbot, bar):
    with qtbot.waitSignal(bar.view_chosen) as chosen:
        qtbot.mouseClick(bar.button("depth"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["depth"] and bar.view == "depth"
    assert bar.button("depth").isChecked() and not bar.button("result").isChecked()


def test_next_goes_round_and_passes_over_what_cannot_be_shown(bar):
    bar.set_unavailable({"flow": "PyTorch is not installed.", "depth": ""})
    seen = []
    bar.view_chosen.connect(seen.append)
    for _ in range(6):
        bar.next_view()
    assert seen == ["compare", "keypoints", "depth", "attention", "result", "compare"]


def test_a_view_that_cannot_be_shown_says_why(bar):
    bar.set_unavailable({"flow": "PyTorch is not installed."})
    flow = bar.button("flow")
    assert not flow.isEnabled() and bar.button("depth").isEnabled()
    assert "PyTorch is not installed." in flow.toolTip()
    assert "PyTorch is not installed." in flow.accessibleDescription()
    bar.set_unavailable({})
    assert flow.isEnabled() and "PyTorch" not in flow.toolTip()


def test_the_overlay_goes_by_tens_and_is_off_at_nothing(qtbot, bar):
    heard = []
    bar.opacity_changed.connect(heard.append)
    assert bar.driver.text() == "Driver off"
    bar.change_overlay(-1)
    assert heard == []
    bar.change_overlay(1)
    bar.change_overlay(1)
    assert heard == [0.1, 0.2] and bar.driver.text() == "Driver 20 %"
    for _ in range(12):
        bar.change_overlay(1)
    assert heard[-1] == 1.0
    bar.show_overlay(0.37)
    assert bar.driver.text() == "Driver 37 %"
    bar.change_overlay(-1)
    assert heard[-1] == 0.2


def test_axes_belong_to_the_keypoints(bar):
    assert not bar.axes.isVisible()
    bar.show_view("keypoints")
    assert bar.axes.isVisible()
    bar.show_view("depth")
    assert not bar.axes.isVisible()


def test_a_narrow_bar_has_two_rows_and_cuts_nothing_off(qtbot):
    room = QWidget()  # as a window of its own it would stay as wide as one row
    qtbot.addWidget(room)
    bar = ViewBar(every_view(), room)
    bar.show_view("keypoints")
    room.show()
    narrowest = bar.minimumSizeHint().width()  # depends on the font and the style
    for width, rows in ((2 * narrowest, 1), (narrowest, 2)):
        bar.resize(width, 80)
        lower = rows == 2
        qtbot.waitUntil(
            lambda lower=lower: (bar.opacity.y() > bar.button("depth").y() + 10) == lower,
            timeout=20000,
        )
    assert bar.width() == narrowest
