"""ResultView: the result in one of its views, large; a slate while there is nothing to show."""

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PyQt6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from avatar.frame import Animated, Image
from avatar.maps import Maps
from ui.picture import RADIUS, PictureView
from ui.theme import caption, heading, tokens
from ui.views.every import every_view
from ui.views.view import Scene, View, place_in

COARSE_STEP = 1 / 32
"""How far an arrow key moves the point of attention while the size of its cells is unknown."""

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class ResultView(PictureView):
    """The result, with a slate for "stopped" and "loading", and pills for what is going on.

    Views that explain a result need :meth:`show_result`; of a bare picture there is only the
    picture, whichever view is chosen.
    """

    point_chosen = pyqtSignal(float, float)
    """Where attention is asked for: x and y in [0, 1] of the result, never flipped."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.views: list[View] = every_view()
        self._view = self.views[0]
        self._scene = Scene()
        self.setAccessibleName(self.tr("Result"))
        self.setAccessibleDescription(self.tr("The portrait, moving like the face in the camera"))
        self.setMinimumSize(320, 180)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pills: list[tuple[str, str]] = []
        self._slate = QWidget(self)
        self._title = QLabel(self._slate)
        self._title.setFont(heading(self._title))
        self._detail = QLabel(self._slate)
        self._bar = QProgressBar(self._slate)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(220, 6)
        self._bar.setAccessibleName(self.tr("Loading"))
        column = QVBoxLayout(self._slate)
        column.setSpacing(10)
        column.addStretch(1)
        for label in (self._title, self._detail):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def sizeHint(self) -> QSize:
        return QSize(640, 640)

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """The view that is shown."""
        return self._view

    @property
    def scene(self) -> Scene:
        """What it shows."""
        return self._scene

    def show_view(self, name: str) -> None:
        """Show another view; an unknown name changes nothing."""
        for view in self.views:
            if view.name == name and view is not self._view:
                self._view = view
                self._scene.maps, self._scene.trouble = None, ""
                self.setAccessibleDescription(view.explain())
                self.update()

    def show_image(self, image: Image | None) -> None:
        """Show a picture that is no result, or the empty canvas for None."""
        if image is not self._scene.image:
            self._scene.image, self._scene.animated = image, None
        super().show_image(image)

    def show_result(self, animated: Animated) -> None:
        """Show a result, with what it was made from."""
        self._scene.image, self._scene.animated = animated.frame.image, animated
        super().show_image(animated.frame.image)

    def show_maps(self, maps: Maps | None, trouble: str = "") -> None:
        """Show the newest maps, or why there are none."""
        if maps is not None and not set(self._view.wanted) - {"attention"} <= set(maps.maps):
            return  # of the view before
        if maps is not self._scene.maps or trouble != self._scene.trouble:
            self._scene.maps, self._scene.trouble = maps, trouble
            self.update()

    def set_opacity(self, opacity: float) -> None:
        """How strongly the driver covers the result, in [0, 1]."""
        self._scene.opacity = opacity
        self.update()

    def set_axes(self, shown: bool) -> None:
        """Whether keypoints show their jacobians."""
        self._scene.axes = shown
        self.update()

    def set_mirrored(self, mirrored: bool) -> None:
        self._scene.mirrored = mirrored
        super().set_mirrored(mirrored)

    # -- the slate --------------------------------------------------------------------------------

    def show_slate(self, title: str, detail: str = "", share: float | None = None) -> None:
        """Cover the picture with a text.

        Args:
            title, detail: what is going on, and what the user can do.
            share: the part done in [0, 1]; below 0 for "busy, nobody knows how long"; None for no
                progress bar.
        """
        self.show_image(None)
        self._title.setText(title)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._bar.setVisible(share is not None)
        if share is not None:
            self._bar.setRange(0, 0 if share < 0 else 100)
            self._bar.setValue(max(0, round(share * 100)))
        self._slate.show()

    def hide_slate(self) -> None:
        """Uncover the picture."""
        self._slate.hide()

    @property
    def slate(self) -> str:
        """The title of the slate, or an empty string while the picture is uncovered."""
        return "" if self._slate.isHidden() else self._title.text()

    @property
    def progress(self) -> int:
        """Percent shown by the slate's progress bar."""
        return self._bar.value()

    def set_pills(self, pills: list[tuple[str, str]]) -> None:
        """Notes in the corner of the picture: (colour name of the theme, text) each."""
        if pills != self._pills:
            self._pills = pills
            self.update()

    # -- painting and pointing --------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(caption(self))
        area = QRectF(self.rect())
        outline = QPainterPath()
        outline.addRoundedRect(area, RADIUS, RADIUS)
        painter.fillPath(outline, QColor(tokens(self.palette()).canvas))
        if self._scene.image is not None and self._slate.isHidden():
            view = self._painted_view()
            if view.wanted and self._scene.maps is None and not view.pointed:
                self.views[0].paint(painter, area, self._scene)  # the result until there are maps
            view.paint(painter, area, self._scene)
            self._paint_pills(painter, area)
            if self.hasFocus() and self._painted_view().pointed:  # the arrow keys come here
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(tokens(self.palette()).accent), 2))
                painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        super().mousePressEvent(event)
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._point_at(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        super().mouseMoveEvent(event)
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._point_at(event)

    def event(self, event: QEvent | None) -> bool:
        if (
            event is not None
            and event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._view.pointed
            and event.key() in _ARROWS
        ):
            event.accept()  # the arrows move the point here, whatever they do elsewhere
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        step = None if event is None else _ARROWS.get(Qt.Key(event.key()))
        if step is None or not self._view.pointed:
            super().keyPressEvent(event)
            return
        maps, scene = self._scene.maps, self._scene
        cell = 1 / maps.cells if maps is not None and maps.cells else COARSE_STEP
        right = -step[0] if scene.mirrored else step[0]
        x, y = scene.point
        self._choose_point(x + right * cell, y + step[1] * cell)

    def _point_at(self, event: QMouseEvent) -> None:
        view = self._painted_view()
        if not view.pointed or not self._slate.isHidden():
            return
        rect = view.result_rect(QRectF(self.rect()), self._scene)
        place = place_in(rect, event.position(), self._scene.mirrored)
        if place is not None:
            self._choose_point(*place)

    def _choose_point(self, x: float, y: float) -> None:
        point = min(max(x, 0.0), 0.999), min(max(y, 0.0), 0.999)
        self._scene.point = point
        self.update()
        self.point_chosen.emit(*point)

    def _painted_view(self) -> View:
        return self._view if self._scene.animated is not None else self.views[0]

    def _paint_pills(self, painter: QPainter, rect: QRectF) -> None:
        look = tokens(self.palette())
        right = rect.right() - 12
        for colour, text in self._pills:
            width = painter.fontMetrics().horizontalAdvance(text) + 34
            pill = QRectF(right - width, rect.top() + 12, width, 26)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 170))
            painter.drawRoundedRect(pill, 13, 13)
            painter.setBrush(QColor(getattr(look, colour)).lighter(115))
            painter.drawEllipse(QRectF(pill.left() + 10, pill.center().y() - 4, 8, 8))
            painter.setPen(QColor("#ffffff"))
            painter.drawText(
                pill.adjusted(24, 0, 0, 0),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                text,
            )
            right -= width + 8

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._slate.setGeometry(self.rect())
