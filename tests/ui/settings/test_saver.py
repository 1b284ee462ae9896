import threading
from dataclasses import replace

import pytest

from avatar.config import RunConfig
from avatar.errors import OutputError
from ui.bridge import Bridge
from ui.controller import Controller
from ui.look import Look
from ui.settings import saver
from ui.settings.saver import Saver


class Slate:
    """A memory that notes what is saved, and on which thread."""

    def __init__(self):
        self.saved = []
        self.threads = []
        self.refuse = None

    def save(self, config, look):
        self.threads.append(threading.current_thread())
        self.saved.append((config, look))
        if self.refuse is not None:
            raise self.refuse


@pytest.fixture
def slate():
    return Slate()


@pytest.fixture
def made(qtbot, ports, slate, monkeypatch):
    monkeypatch.setattr(saver, "LOOK_MS", 5)
    monkeypatch.setattr(saver, "REST_S", 0.05)
    controller = Controller(RunConfig(camera="synthetic"), ports)
    made = Saver(controller, slate, Bridge(controller), controller)
    made.controller = controller
    yield made
    made.close(1.0)
    controller.close(1.0)


def test_nothing_is_written_while_nothing_changes(qtbot, made, slate):
    qtbot.wait(120)
    assert slate.saved == []
    made.close(1.0)
    assert slate.saved == []


def test_many_changes_are_written_once_and_not_in_the_gui_thread(qtbot, made, slate):
    for number in range(5):
        made.controller.change_look(overlay_opacity=number / 10)
        qtbot.wait(8)
    qtbot.waitUntil(lambda: bool(slate.saved), timeout=20000)
    qtbot.wait(80)
    assert slate.saved == [(made.controller.config, Look(overlay_opacity=0.4))]
    assert slate.threads[0] is not threading.main_thread()


def test_a_setting_that_nobody_announced_is_noticed(qtbot, made, slate):
    made.controller.config = replace(made.controller.config, mirror=True)
    qtbot.waitUntil(lambda: bool(slate.saved), timeout=20000)
    assert slate.saved[0][0].mirror


def test_closing_writes_what_is_left(made, slate):
    made.controller.change_look(figures=True)
    assert made.close(1.0) == []
    assert slate.saved == [(made.controller.config, Look(figures=True))]
    assert slate.threads[0] is not threading.main_thread()


def test_closing_with_a_disk_that_is_full_ends(made, slate):
    slate.refuse = OutputError("Full.", hint="Delete something.")
    made.controller.change_look(figures=True)
    assert made.close(1.0) == []


def test_what_cannot_be_saved_is_told_once(qtbot, made, slate):
    told = []
    made.problem.connect(told.append)
    slate.refuse = OutputError("Full.", hint="Delete something.")
    for number in range(3):
        made.controller.change_look(page=f"page {number}")
        qtbot.waitUntil(lambda number=number: len(slate.saved) == number + 1, timeout=20000)
        qtbot.wait(20)
    assert [(p.kind, p.message, p.hint) for p in told] == [("error", "Full.", "Delete something.")]
