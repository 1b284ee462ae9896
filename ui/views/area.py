"""ResultArea: the result with its bar of views and its graph of the frame age."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from avatar.frame import Animated
from avatar.stats import SessionStats
from ui.look import Look
from ui.views.age_graph import SECONDS, AgeGraph
from ui.views.bar import ViewBar
from ui.views.inspection import Inspection
from ui.views.result_view import ResultView

_MARGIN = 12


class ResultArea(QWidget):
    """Brings together what is shown of a result and what has to be asked for it.

    Args:
        inspection: where maps and stage times come from.
        look: what was shown last.
        change_look: remembers it, by fields of Look.
    """

    def __init__(
        self,
        inspection: Inspection,
        look: Look,
        change_look: Callable[..., None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._inspection = inspection
        self._change_look = change_look
        self.result = ResultView()
        self.bar = ViewBar(self.result.views)
        self.graph = AgeGraph(self.result)
        self.graph.hide()
        self.result.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.bar)
        column.addWidget(self.result, 1)
        self.bar.view_chosen.connect(self._show_view)
        self.bar.opacity_changed.connect(self._show_overlay)
        self.bar.axes_changed.connect(self._show_axes)
        self.bar.graph_toggled.connect(self._show_graph)
        self.result.point_chosen.connect(lambda x, y: self._ask())
        inspection.unavailable.connect(self._tell_unavailable)
        self.bar.axes.setChecked(look.keypoint_axes)
        self.bar.show_overlay(look.overlay_opacity)
        self.bar.graph.setChecked(look.figures)
        self.bar.show_view(look.view)

    def show_result(self, animated: Animated, *, bare: bool = False) -> None:
        """Show a new result; ``bare``: its picture alone, since it is a slate."""
        if bare:
            self.result.show_image(animated.frame.image)
        else:
            self.result.show_result(animated)
        self._inspection.note_shown(animated.frame)

    def show_maps(self) -> None:
        """Show the newest maps if the view has some; costs nothing when they are the same."""
        if self.result.view.wanted:
            self.result.show_maps(*self._inspection.newest())

    def show_figures(self, figures: SessionStats) -> None:
        """Show where the time goes, while the graph is wanted."""
        if self.graph.isVisible():
            times = self._inspection.stage_times(SECONDS)
            self.graph.show_times(times, figures.fps, figures.sink_age_ms)
            self._place_graph()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize:
            self._place_graph()
        return super().eventFilter(watched, event)

    # -- inside -----------------------------------------------------------------------------------

    def _show_view(self, name: str) -> None:
        self.result.show_view(name)
        self._ask()
        if self.result.view.pointed and not self.bar.button(name).hasFocus():
            self.result.setFocus()  # its arrow keys work at once
        self._change_look(view=name)

    def _ask(self) -> None:
        view = self.result.view
        point = self.result.scene.point if view.pointed else None
        self._inspection.want(view.wanted, point, view.colour if view.wanted else None)

    def _show_overlay(self, opacity: float) -> None:
        self.result.set_opacity(opacity)
        self._change_look(overlay_opacity=opacity)

    def _show_axes(self, shown: bool) -> None:
        self.result.set_axes(shown)
        self._change_look(keypoint_axes=shown)

    def _show_graph(self, shown: bool) -> None:
        self.graph.setVisible(shown)
        self._change_look(figures=shown)

    def _tell_unavailable(self, missing: dict[str, str]) -> None:
        reasons = {
            view.name: next((missing[name] for name in view.wanted if missing.get(name)), "")
            for view in self.result.views
        }
        self.bar.set_unavailable(reasons)

    def _place_graph(self) -> None:
        self.graph.move(_MARGIN, max(0, self.result.height() - self.graph.height() - _MARGIN))
