"""Preview: brings the newest pictures to the views as soon as they are there."""

from time import monotonic, monotonic_ns

from PyQt6.QtCore import QObject, Qt, QTimer

from avatar.frame import Animated, Crop, Frame
from avatar.stats import Series
from ui.camera.driving_view import DrivingView
from ui.controller import Controller, State
from ui.views.area import ResultArea

POLL_MS = 6
"""How often it looks; a picture waits half as long on average. Looking costs some microseconds."""

ALONE_S = 0.1
"""Without a result for so long, the camera's picture is shown without one."""

INPUT_S = 0.04
"""How often it is shown then."""

AGES = 300
"""How many pictures :meth:`Preview.age_ms` looks back."""


class Preview(QObject):
    """Polls the session: nothing is queued, so nothing can be late.

    The camera's picture is shown together with the result it led to; that saves painting it twice.

    Args:
        controller: where pictures come from.
        driving: shows what the camera sees.
        views: shows results.
    """

    def __init__(self, controller: Controller, driving: DrivingView, views: ResultArea) -> None:
        super().__init__(views)
        self._controller = controller
        self._driving = driving
        self._views = views
        self._shown: Frame | None = None
        self._input: tuple[Frame, Crop] | None = None
        self._input_at = 0.0
        self._age_ms = Series(AGES)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.look)
        self._timer.start(POLL_MS)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def restart(self) -> None:
        """Another run begins: ages are counted anew."""
        self._age_ms = Series(AGES)

    def age_ms(self) -> dict[str, float]:
        """Percentiles of how old results were when they were shown; empty before the first."""
        return self._age_ms.percentiles()

    def look(self) -> None:
        """Show what is new."""
        controller = self._controller
        if controller.state not in (State.LOADING, State.RUNNING):
            return
        animated, seen = controller.newest(), controller.newest_input()
        if animated is not None and animated.frame is not self._shown:
            self._shown = animated.frame
            self._show_input(seen, animated)
            self._age_ms.add((monotonic_ns() - animated.frame.t_ns) / 1e6)
            slate = animated.frame.image is controller.safety.slate  # its text is to be read
            result = self._views.result
            result.set_mirrored(self._driving.mirrored and not slate)
            self._views.show_result(animated, bare=slate)
            result.hide_slate()
        elif seen is not self._input:
            wait = ALONE_S if controller.state is State.RUNNING else INPUT_S
            if monotonic() - self._input_at >= wait:
                self._show_input(seen, animated)
        self._views.show_maps()

    def _show_input(self, seen: tuple[Frame, Crop] | None, animated: Animated | None) -> None:
        self._input, self._input_at = seen, monotonic()
        self._driving.show_input(seen, animated)
