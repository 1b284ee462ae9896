"""ViewBar: which view of the result is shown, and what lies over it."""

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QWidget,
)

from ui.icons import icon
from ui.theme import caption
from ui.views.view import View

STEP = 10
"""How much the overlay's keys change its opacity, in percent."""


class ViewBar(QWidget):
    """Buttons for the views; on the right the driver's opacity, the axes and the graph.

    Args:
        views: in this order.
    """

    view_chosen = pyqtSignal(str)
    opacity_changed = pyqtSignal(float)
    axes_changed = pyqtSignal(bool)
    graph_toggled = pyqtSignal(bool)

    def __init__(self, views: Sequence[View], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Views of the result"))
        self._views = list(views)
        self._why_not: dict[str, str] = {}
        self._group = QButtonGroup(self)
        self._left, self._right = QHBoxLayout(), QHBoxLayout()
        self._left.setSpacing(2)
        self._right.setSpacing(6)
        for number, view in enumerate(self._views):
            button = QToolButton()
            button.setObjectName("view")
            button.setText(view.title())
            button.setCheckable(True)
            button.setChecked(number == 0)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(view.title())
            self._group.addButton(button, number)
            self._left.addWidget(button)
            self._explain(view.name)
        self._left.addStretch(1)
        self.axes = self._toggle("axes", self.tr("Axes"), self.tr("Show how keypoints are turned"))
        self.axes.toggled.connect(self.axes_changed)
        self.driver = QLabel()
        self.driver.setFont(caption(self.driver))
        self.driver.setObjectName("muted")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setSingleStep(STEP)
        self.opacity.setPageStep(STEP)
        self.opacity.setFixedWidth(84)
        self.opacity.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.opacity.setAccessibleName(self.tr("Driver over the result"))
        self.opacity.setToolTip(self.tr("Lay the driver over the result (Z less, C more)"))
        self.driver.setBuddy(self.opacity)
        self.opacity.valueChanged.connect(self._tell_opacity)
        self.graph = self._toggle(
            "graph", "", self.tr("Show where the time between camera and screen goes (I)")
        )
        self.graph.setIcon(icon("graph"))
        self.graph.setAccessibleName(self.tr("Frame age by stage"))
        self.graph.toggled.connect(self.graph_toggled)
        for widget in (self.axes, self.driver, self.opacity, self.graph):
            self._right.addWidget(widget)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)
        self._rows.addLayout(self._left, 1)
        self._rows.addLayout(self._right)
        self._group.idClicked.connect(lambda number: self._choose(number))
        self._show_opacity(0)
        self.axes.setVisible(False)

    @property
    def view(self) -> str:
        """The name of the view that is chosen."""
        return self._views[self._group.checkedId()].name

    def button(self, name: str) -> QToolButton:
        """The button of a view."""
        button = self._group.button(self._number(name))
        assert isinstance(button, QToolButton)
        return button

    def show_view(self, name: str) -> None:
        """Choose a view; an unknown name changes nothing."""
        if any(view.name == name for view in self._views):
            self._choose(self._number(name))

    def next_view(self) -> None:
        """Choose the next view that can be shown."""
        count = len(self._views)
        start = self._group.checkedId()
        for number in ((start + step) % count for step in range(1, count + 1)):
            if self._views[number].name not in self._why_not:
                self._choose(number)
                return

    def set_unavailable(self, reasons: Mapping[str, str]) -> None:
        """Views that cannot be shown, by name, and why; all others can."""
        self._why_not = {name: why for name, why in reasons.items() if why}
        for view in self._views:
            self.button(view.name).setEnabled(view.name not in self._why_not)
            self._explain(view.name)

    def show_overlay(self, opacity: float) -> None:
        """Set the driver's opacity, in [0, 1]."""
        self.opacity.setValue(round(opacity * 100))

    def change_overlay(self, steps: int) -> None:
        """More or less of the driver, by steps of 10 %."""
        self.opacity.setValue((self.opacity.value() // STEP + steps) * STEP)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the wider of its rows: below each other they need no more."""
        widest = max(row.minimumSize().width() for row in (self._left, self._right))
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        room = self._left.minimumSize().width() + self._right.minimumSize().width() + 12
        beside = self.width() >= room
        way = QBoxLayout.Direction
        self._rows.setDirection(way.LeftToRight if beside else way.TopToBottom)

    def _choose(self, number: int) -> None:
        button = self._group.button(number)
        assert button is not None
        button.setChecked(True)
        name = self._views[number].name
        self.axes.setVisible(name == "keypoints")
        self.view_chosen.emit(name)

    def _number(self, name: str) -> int:
        return next(n for n, view in enumerate(self._views) if view.name == name)

    def _explain(self, name: str) -> None:
        why = self._why_not.get(name)
        button, words = self.button(name), self._views[self._number(name)].explain()
        words = words if why is None else self.tr("Cannot be shown: {why}").format(why=why)
        button.setToolTip(words)
        button.setAccessibleDescription(words)

    def _tell_opacity(self, percent: int) -> None:
        self._show_opacity(percent)
        self.opacity_changed.emit(percent / 100)

    def _show_opacity(self, percent: int) -> None:
        shown = self.tr("Driver {n} %").format(n=percent) if percent else self.tr("Driver off")
        widest = self.driver.fontMetrics().horizontalAdvance(self.tr("Driver {n} %").format(n=100))
        self.driver.setMinimumWidth(widest + 4)
        self.driver.setText(shown)
        self.driver.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _toggle(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName("view")
        button.setText(text)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(tip)
        button.setAccessibleName(text or name)
        button.setAccessibleDescription(tip)
        return button
