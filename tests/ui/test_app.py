import os
import signal
import sys
import threading
from time import monotonic, monotonic_ns, sleep

import numpy as np
import pytest
import scipy.spatial  # noqa: F401  # what the session imports first takes long to load
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from avatar.choosing.choice import Chooser
from avatar.config import RunConfig
from avatar.cropper import FaceCropper
from avatar.engine import Installed
from avatar.frame import Frame
from avatar.session import Session
from engines.fake import FakeEngine
from ui import app
from ui.controller import Controller
from ui.desk import Desk
from ui.window import CLOSE_S, MainWindow


class Ticking:
    """A camera of moving noise, 100 pictures a second."""

    name, live, fps, size = "ticking", True, 100.0, (64, 48)

    def open(self):
        self._index = 0

    def read(self):
        sleep(0.01)
        self._index += 1
        image = np.full((48, 64, 3), self._index % 256, np.uint8)
        return Frame(image, self._index, monotonic_ns())

    def close(self):
        pass


def real_session(portrait):
    return Session(
        Ticking(),
        lambda: FaceCropper(None, enabled=False),
        Chooser(lambda: None, installed=Installed({"fake": FakeEngine}), gpu=lambda: None),
        portrait,
        engine="fake",
    )


@pytest.fixture
def ports(ports):
    object.__setattr__(ports, "session", real_session(ports.session.portrait))
    return ports


def ours():
    return [t.name for t in threading.enumerate() if t is not threading.main_thread()]


def test_closing_the_window_ends_every_thread_of_a_real_session(qtbot, window):
    before = set(ours())
    window.controller.begin()
    qtbot.waitUntil(lambda: window.result.image is not None, timeout=20000)
    assert {"capture", "inference"} <= set(ours())
    start = monotonic()
    window.close()
    assert monotonic() - start < CLOSE_S
    assert window.survivors == [] and set(ours()) <= before


def test_closing_at_once_ends_every_thread(qtbot, window):
    before = set(ours())
    window.controller.begin()
    start = monotonic()
    window.close()
    assert monotonic() - start < CLOSE_S and window.survivors == []
    assert set(ours()) <= before


def test_main_shows_the_window_until_it_is_closed(qtbot, monkeypatch, ports):
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", "/opencv/plugins")
    monkeypatch.setenv("QT_QPA_FONTDIR", "/opencv/fonts")
    monkeypatch.setattr("ui.controller.Ports", lambda: ports)
    seen = []

    def look():
        (window,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        if window.isVisible() and window.result.image is not None:
            seen.append(window.result.slate)
            window.close()
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)
    assert app.main(lambda saved: RunConfig(camera="synthetic")) == 0
    assert seen == [""]
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert "QT_QPA_FONTDIR" not in os.environ
    qtbot.wait(1)
    QApplication.instance().setStyleSheet("")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window_and_a_second_one_would_end_it_at_once(
    qtbot, monkeypatch, ports, number
):
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr("ui.controller.Ports", lambda: ports)
    closed = []
    close = Desk.close

    def closing(desk):
        closed.append({signal.getsignal(each) for each in before})
        close(desk)

    def send():
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        if any(w.isVisible() and w.result.image is not None for w in windows):
            os.kill(os.getpid(), number)
        else:
            QTimer.singleShot(20, send)

    monkeypatch.setattr(Desk, "close", closing)
    QTimer.singleShot(20, send)
    assert app.main(lambda saved: RunConfig(camera="synthetic")) == 0
    assert closed == [{signal.SIG_DFL}]
    assert {each: signal.getsignal(each) for each in before} == before
    qtbot.wait(1)
    QApplication.instance().setStyleSheet("")


def test_a_controller_that_never_began_closes(qtbot, ports):
    assert Controller(RunConfig(camera="synthetic"), ports).close(1.0) == []


def test_closing_between_the_start_and_its_news_ends_every_thread(qtbot, window):
    before = set(ours())
    window.controller.begin()
    deadline = monotonic() + 20
    while ("inference" not in ours() or "ui-start" in ours()) and monotonic() < deadline:
        sleep(0.005)  # no event is handled meanwhile: the window has not heard of its session
    assert "inference" in ours() and "ui-start" not in ours()
    window.close()
    assert window.survivors == [] and set(ours()) <= before


def test_what_a_slot_raises_is_told_once_and_the_window_goes_on(qtbot, monkeypatch, ports):
    monkeypatch.setattr("ui.controller.Ports", lambda: ports)
    logged, told = [], []
    mine = lambda kind, error, trace: logged.append(error)  # noqa: E731  # compared below
    monkeypatch.setattr(sys, "excepthook", mine)

    def slot():
        raise ValueError("odd")

    def told_in(window):
        return [b for b in window.banners.shown() if "ValueError: odd" in b.message]

    def look(left=200):
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        windows = [w for w in windows if w.isVisible()]
        banners = told_in(windows[0]) if windows else []
        if not banners and left:
            if windows and not logged:
                QTimer.singleShot(0, slot)
            QTimer.singleShot(20, lambda: look(left - 1))
            return
        told.append(len(banners))
        for banner in banners:
            banner.close_banner()
        QTimer.singleShot(0, slot)
        QTimer.singleShot(50, lambda: end(windows[0]))

    def end(window):
        told.append(len(told_in(window)))
        window.close()

    QTimer.singleShot(20, look)
    assert app.main(lambda saved: RunConfig(camera="synthetic")) == 0
    assert [str(error) for error in logged] == ["odd", "odd"] and told == [1, 0]
    assert sys.excepthook is mine
    qtbot.wait(1)
    QApplication.instance().setStyleSheet("")
