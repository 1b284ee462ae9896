"""Views, overlay and graph in the window: keys, what a session is asked, what is remembered."""

import time

import numpy as np
from PyQt6.QtCore import QPoint, Qt

from avatar.config import RunConfig
from avatar.errors import EngineError
from avatar.maps import Maps
from ui.controller import Controller
from ui.look import Look
from ui.window import MainWindow


def asked(session):
    return session.asked("inspect")


def test_m_goes_through_the_views_and_only_maps_are_asked_for(qtbot, running, session):
    views = []
    for _ in range(6):
        qtbot.keyClick(running, Qt.Key.Key_M)
        views.append(running.views.bar.view)
    assert views == ["compare", "keypoints", "depth", "flow", "attention", "result"]
    assert running.result.view.name == "result" and running.look.view == "result"
    assert asked(session) == [
        (("depth",), None),
        (("flow", "occlusion"), None),
        (("attention",), (0.5, 0.5)),
        ((), None),
    ]


def test_z_and_c_change_the_overlay_and_it_is_remembered(qtbot, running):
    for _ in range(3):
        qtbot.keyClick(running, Qt.Key.Key_C)
    qtbot.keyClick(running, Qt.Key.Key_Z)
    assert running.result.scene.opacity == running.look.overlay_opacity == 0.2


def test_i_shows_the_graph_with_the_session_s_own_figures(qtbot, running, session):
    assert not running.views.graph.isVisible()
    qtbot.keyClick(running, Qt.Key.Key_I)
    assert running.views.graph.isVisible() and running.look.figures
    now = time.monotonic_ns()
    session.times.captured(3, now, 4.0, 6.0)
    session.times.animated(3, now, 40.0, {"render": 20.0})
    session.times.displayed(3, now, 52.0)
    running.views.show_figures(session.stats())
    assert running.views.graph.summary() == "21.4 fps, age 52 / 52 ms"
    qtbot.keyClick(running, Qt.Key.Key_I)
    assert not running.views.graph.isVisible()


def test_a_result_on_the_screen_is_told_to_the_session(qtbot, running, session):
    session.show(7)
    newest = session.animated.frame
    qtbot.waitUntil(
        lambda: any(frame is newest for (frame,) in session.asked("note_shown")), timeout=20000
    )


def test_maps_arrive_and_so_does_the_reason_why_not(qtbot, running, session):
    running.views.bar.show_view("depth")
    session.maps_error = EngineError("Out of memory.", hint="Close something.")
    qtbot.waitUntil(lambda: running.result.scene.trouble != "", timeout=20000)
    assert running.result.scene.trouble == "Out of memory.\nClose something."
    session.maps_error = None
    depth = np.zeros((8, 8), np.float32)
    session.maps = Maps(session.animated, session.portrait, {"depth": depth}, depth)
    qtbot.waitUntil(lambda: running.result.scene.maps is session.maps, timeout=20000)
    assert running.result.scene.trouble == ""


def test_a_click_asks_for_the_attention_of_that_point(qtbot, running, session):
    running.views.bar.show_view("attention")
    result = running.result
    area = result.view.result_rect(result.rect().toRectF(), result.scene)
    at = QPoint(int(area.left() + 0.25 * area.width()), int(area.top() + 0.75 * area.height()))
    qtbot.mouseClick(result, Qt.MouseButton.LeftButton, pos=at)
    (wanted, point) = asked(session)[-1]
    x, y = point if not result.mirrored else (1 - point[0], point[1])
    assert wanted == ("attention",) and abs(x - 0.25) < 0.01 and abs(y - 0.75) < 0.01


def test_views_that_cannot_be_shown_here_are_disabled_with_the_reason(qtbot, window, ports):
    ports.unmapped["flow"] = "No engine that can run here shows flow."
    window.controller.begin()
    flow = window.views.bar.button("flow")
    qtbot.waitUntil(lambda: not flow.isEnabled(), timeout=20000)
    assert "No engine that can run here shows flow." in flow.toolTip()
    assert window.views.bar.button("depth").isEnabled()


def test_a_second_session_is_asked_again(qtbot, running, session, ports):
    running.views.bar.show_view("depth")
    count = len(asked(session))
    qtbot.mouseClick(running.bar.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: running.bar.start.isEnabled(), timeout=20000)
    assert running.controller.inspection.newest() == (None, "")
    qtbot.mouseClick(running.bar.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(asked(session)) == count + 1, timeout=20000)
    assert asked(session)[-1] == (("depth",), None)


def test_what_was_shown_last_is_shown_again(qtbot, ports):
    look = Look(view="keypoints", overlay_opacity=0.3, figures=True, keypoint_axes=True)
    made = MainWindow(Controller(RunConfig(camera="synthetic"), ports, look))
    qtbot.addWidget(made)
    made.show()
    scene = made.result.scene
    assert made.result.view.name == made.views.bar.view == "keypoints"
    assert scene.opacity == 0.3 and scene.axes and made.views.graph.isVisible()
    assert made.look == look
    made.close()


def test_the_arrows_move_the_point_as_soon_as_attention_is_shown(qtbot, running, session):
    running.views.bar.button("depth").setFocus()
    running.views.bar.show_view("attention")
    qtbot.keyClick(running.result, Qt.Key.Key_Down)
    (wanted, (_, y)) = asked(session)[-1]
    assert wanted == ("attention",) and y > 0.5
