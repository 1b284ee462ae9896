"""Line icons drawn from SVG, in the colour of the text they stand beside.

An icon asks for its colour whenever it is painted, so it follows palette changes and the checked or
disabled state of its button by itself.
"""

from PyQt6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QApplication

from ui.theme import tokens

_SHAPES = {
    "avatar": '<rect x="1" y="1" width="22" height="22" rx="6" fill="{c}" stroke="none"/>'
    '<g stroke="#fff"><circle cx="12" cy="9.5" r="3.6"/><path d="M5.5 19c.8-3.6 3.3-5.2 6.5-5.2'
    's5.7 1.6 6.5 5.2"/></g>',
    "camera": '<path d="M3 7.5h11.5v9H3z"/><path d="M14.5 11l6-3v8l-6-3"/>',
    "refresh": '<path d="M19 12a7 7 0 1 1-2-4.9"/><path d="M19.5 3.5v4.2h-4.2"/>',
    "start": '<path d="M7.5 5l11 7-11 7z" fill="{c}"/>',
    "stop": '<rect x="6.5" y="6.5" width="11" height="11" rx="1.5" fill="{c}"/>',
    "calibrate": '<circle cx="12" cy="12" r="6.5"/><circle cx="12" cy="12" r="1.2" fill="{c}"/>'
    '<path d="M12 2.5v4M12 17.5v4M2.5 12h4M17.5 12h4"/>',
    "broadcast": '<rect x="3" y="5" width="18" height="11.5" rx="2"/><path d="M8 20h8"/>'
    '<circle cx="12" cy="10.7" r="2.2" fill="{c}"/>',
    "record": '<circle cx="12" cy="12" r="8"/><circle cx="12" cy="12" r="4" fill="{c}"/>',
    "graph": '<path d="M4 4v16h16"/><path d="M7 15l4-5 3.5 3L20 6.5"/>',
    "picture": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/>'
    '<circle cx="8.7" cy="9.5" r="1.6"/><path d="M4 17l5-4.5 3.5 3 3.5-4 4.5 5"/>',
    "down": '<path d="M6 9.5l6 6 6-6"/>',
    "hide": '<path d="M4 4.5l16 15"/><path d="M9.7 6.2A10 10 0 0 1 12 6c5 0 8.3 3.8 9.5 6'
    '-.5 1-1.5 2.3-2.9 3.5M6.2 7.6C4.3 8.9 3 10.8 2.5 12c1.2 2.2 4.5 6 9.5 6 1.5 0 2.8-.3 4-.8"/>'
    '<path d="M10 10a2.9 2.9 0 0 0 4 4"/>',
    "menu": '<path d="M4.5 7h15M4.5 12h15M4.5 17h15"/>',
    "up": '<path d="M6 14.5l6-6 6 6"/>',
    "left": '<path d="M14.5 6l-6 6 6 6"/>',
    "right": '<path d="M9.5 6l6 6-6 6"/>',
    "plus": '<path d="M12 5.5v13M5.5 12h13"/>',
    "minus": '<path d="M5.5 12h13"/>',
    "close": '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
    "help": '<circle cx="12" cy="12" r="8.5"/><path d="M9.6 9.7a2.5 2.5 0 1 1 3.6 2.2c-.8.4'
    '-1.2.9-1.2 1.8"/><circle cx="12" cy="16.6" r=".7" fill="{c}"/>',
    "error": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5v5.5"/>'
    '<circle cx="12" cy="16.3" r=".7" fill="{c}"/>',
    "warning": '<path d="M12 4l9 15.5H3z"/><path d="M12 10v4.5"/>'
    '<circle cx="12" cy="17" r=".6" fill="{c}"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5"/>'
    '<circle cx="12" cy="7.8" r=".7" fill="{c}"/>',
}


class _Engine(QIconEngine):
    def __init__(self, name: str, colour: str, checked_colour: str) -> None:
        super().__init__()
        self._name, self._colour, self._checked = name, colour, checked_colour

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._colour, self._checked)

    def paint(
        self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State
    ) -> None:
        if painter is None:
            return
        name = self._checked if state == QIcon.State.On else self._colour
        if mode == QIcon.Mode.Disabled:
            name = "muted"
        colour = getattr(tokens(QApplication.palette()), name)
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
            f'stroke="{colour}" stroke-width="1.8" stroke-linecap="round" '
            f'stroke-linejoin="round">{_SHAPES[self._name].format(c=colour)}</svg>'
        )
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap


def icon(name: str, colour: str = "text", checked: str = "on_accent") -> QIcon:
    """An icon by name.

    Args:
        name: one of :func:`names`.
        colour, checked: names of :class:`~ui.theme.Tokens` colours for its button off and on.
    """
    if name not in _SHAPES:
        raise KeyError(f"no icon is called {name!r}; there are: {', '.join(_SHAPES)}")
    return QIcon(_Engine(name, colour, checked))


def names() -> tuple[str, ...]:
    """Every icon there is."""
    return tuple(_SHAPES)
