"""Sidebar: what drives the portrait, above, and pages of controls, one at a time."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

WIDTH = 324
"""Of the whole sidebar, in pixels."""


class Sidebar(QWidget):
    """Pages with a row of tabs.

    Args:
        top: stays above the pages, whichever is shown, and shrinks with the window.
        below: under it, as high as they need.
    """

    def __init__(self, top: QWidget, *below: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self._names: list[str] = []
        self._tabs = QButtonGroup(self)
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._pages = QStackedWidget()
        top.setMaximumHeight(WIDTH * 3 // 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(top, 1)
        for widget in below:
            column.addWidget(widget)
        column.addLayout(self._row)
        column.addWidget(self._pages, 2)
        self._tabs.idClicked.connect(self._pages.setCurrentIndex)

    def add_page(self, name: str, title: str, *panels: QWidget) -> None:
        """Add a page of panels, from top to bottom; the first page is shown.

        Args:
            name: of the page, for :meth:`show_page` and settings; never shown.
            title: of its tab.
            panels: what is on it.
        """
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for panel in panels:
            column.addWidget(panel)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setAccessibleName(title)
        scroll.setWidget(content)
        tab = QToolButton()
        tab.setText(title)
        tab.setAccessibleName(title)
        tab.setCheckable(True)
        tab.setChecked(not self._names)
        tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = tab.sizePolicy()
        policy.setHorizontalPolicy(policy.Policy.Expanding)
        tab.setSizePolicy(policy)
        tab.setObjectName("tab")
        self._tabs.addButton(tab, len(self._names))
        self._row.addWidget(tab)
        self._pages.addWidget(scroll)
        self._names.append(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all pages, from left to right."""
        return tuple(self._names)

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self._names[self._pages.currentIndex()]

    def show_page(self, name: str) -> None:
        """Show a page; an unknown name changes nothing."""
        if name in self._names:
            number = self._names.index(name)
            tab = self._tabs.button(number)
            assert tab is not None
            tab.setChecked(True)
            self._pages.setCurrentIndex(number)
