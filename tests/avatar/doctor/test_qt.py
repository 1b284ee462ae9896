"""Qt: starts, dies without its libraries, is missing, hangs; with and without a display."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from avatar.aside import Ended
from avatar.doctor.apart import Apart, NoAnswer
from avatar.doctor.finding import Status
from avatar.doctor.qt import MARK, check


class Command(Apart):
    """Ends as told, once for each run."""

    def __init__(self, *ends: Any) -> None:
        super().__init__()
        self.ends = list(ends)
        self.commands: list[str] = []

    def run(self, command: Sequence[str], heard: Callable[[str], None], limit_s: float) -> Ended:
        self.commands.append(command[-1])
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        if isinstance(end, str):
            heard(f"{MARK} {end} 6.9 6.10")
            return Ended(0, ())
        return end


def test_with_a_display_both_are_tried() -> None:
    apart = Command("offscreen", "xcb")
    one, two = check(apart, {"DISPLAY": ":0"}, "linux")
    assert (one.status, two.status) == (Status.OK, Status.OK) and "on xcb" in two.found
    assert "offscreen" in apart.commands[0] and "offscreen" not in apart.commands[1]


def test_missing_system_libraries_are_told_with_the_cure() -> None:
    died = Ended(-6, ("Could not load the Qt platform plugin xcb",))
    _, display = check(Command("offscreen", died), {"WAYLAND_DISPLAY": "w"}, "linux")
    assert display.status is Status.FAILED
    assert "signal 6" in display.found and "libxcb-cursor0" in display.cure


@pytest.mark.parametrize("environment", [{}, {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}])
def test_without_a_display_that_is_all(environment: dict[str, str]) -> None:
    _, display = check(Command("offscreen"), environment, "linux")
    assert display.status is Status.SKIPPED and "headless" in display.cure


def test_elsewhere_there_is_always_a_display() -> None:
    _, display = check(Command("offscreen", "windows"), {}, "win32")
    assert display.status is Status.OK


def test_missing_pyqt_names_what_to_install() -> None:
    ended = Ended(1, ("ModuleNotFoundError: No module named 'PyQt6'",))
    finding = next(check(Command(ended, "xcb"), {}, "linux"))
    assert finding.cure == "pip install PyQt6"


def test_a_hang_is_a_finding() -> None:
    (finding,) = check(Command(NoAnswer("It hangs.")), {}, "linux")
    assert finding.status is Status.FAILED


def test_the_real_one_starts_without_a_display() -> None:
    finding = next(check(Apart(), {}, "linux"))
    assert finding.status is Status.OK and finding.details["platform"] == "offscreen"
