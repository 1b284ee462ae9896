"""The figures at the bottom of the window."""

from ui.status_bar import StatusBar


def test_drops_are_told_with_where_and_why(qtbot):
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_drops({"skipped": 7, "inference": 3, "sink-null": 0})
    assert bar.drops.text() == "10 dropped"
    lines = bar.drops.toolTip().splitlines()
    assert lines[1:] == ["7 skipped: engine slower than camera", "inference: 3", "sink-null: 0"]


def test_nothing_is_said_of_a_camera_that_is_slower_than_the_engine(qtbot):
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_drops({"skipped": 0, "inference": 3})
    assert bar.drops.text() == "3 dropped" and "skipped" not in bar.drops.toolTip()
