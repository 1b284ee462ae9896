"""CapturePanel: what the source gives, and what is asked of it."""

from collections.abc import Iterable

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from avatar.config import RunConfig
from avatar.sources.names import CameraInfo
from avatar.sources.state import SourceState
from ui.camera.cameras import Cameras
from ui.camera.sources import Sources
from ui.combo import Combo
from ui.theme import caption, heading

SIZES = ((640, 480), (800, 600), (1280, 720), (1920, 1080))
"""Sizes worth asking for; the head square that is cut out has 256 pixels."""

RATES = (15.0, 24.0, 25.0, 30.0, 60.0)
"""Frames per second worth asking for."""


class CapturePanel(QFrame):
    """Size and rate, asked and given; how far a video is."""

    def __init__(
        self,
        cameras: Cameras,
        sources: Sources,
        config: RunConfig,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._cameras, self._sources = cameras, sources
        self._size, self._fps, self._loop = config.size, config.fps, config.loop
        title = QLabel(self.tr("Picture"))
        title.setFont(heading(title))
        self.given = QLabel()
        self.given.setAccessibleName(self.tr("What the source gives"))
        self.advice = QLabel()
        self.advice.setObjectName("muted")
        for label in (self.given, self.advice):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.advice.setFont(caption(self.advice))
        self.size_box = self._combo(self.tr("Resolution"))
        self.rate_box = self._combo(self.tr("Rate"))
        for box in (self.size_box, self.rate_box):
            box.activated.connect(self._choose)
        self.repeat = QCheckBox(self.tr("Repeat the video"))
        self.repeat.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.repeat.toggled.connect(sources.set_loop)
        self.asked = QWidget()
        grid = QGridLayout(self.asked)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for number, (text, box) in enumerate(
            ((self.tr("&Resolution"), self.size_box), (self.tr("R&ate"), self.rate_box))
        ):
            label = QLabel(text)
            label.setBuddy(box)
            grid.addWidget(label, number, 0)
            grid.addWidget(box, number, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self.given)
        column.addWidget(self.advice)
        column.addWidget(self.asked)
        column.addWidget(self.repeat)
        sources.changed.connect(self._keep)
        sources.used.connect(lambda _: self._fill())
        cameras.found.connect(lambda _: self._fill())
        self._fill()
        self.show_state(None)

    def show_state(self, state: SourceState | None, *, black: bool = False) -> None:
        """Show what the source does; None while nothing runs.

        Args:
            state: of the source.
            black: whether its picture is.
        """
        advice = ""
        if state is None or state.phase == "closed":
            text = self.tr("Not running")
        elif state.phase == "lost":
            text = self.tr("{name} is lost").format(name=state.name)
            advice = self.tr("Plug it in again; it is picked up by itself.")
        elif state.length_s is not None:
            text = self.tr("{at} of {length}, {w} × {h}, {fps} fps").format(
                at=_clock(state.position_s or 0.0),
                length=_clock(state.length_s),
                w=state.size[0],
                h=state.size[1],
                fps=_rate(state.promised),
            )
        else:
            text, advice = self._about_camera(state)
        if black and not advice:
            advice = self.tr(
                "The picture is black. Is the shutter closed, or the camera forbidden in the "
                "system's privacy settings?"
            )
        self.given.setText(text)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))

    def _about_camera(self, state: SourceState) -> tuple[str, str]:
        width, height = state.size
        rate = state.promised if state.given is None else state.given
        text = self.tr("{w} × {h}, {fps} fps").format(w=width, h=height, fps=_rate(rate))
        advice = []
        if self._size is not None and self._size != state.size:
            advice.append(
                self.tr("It was asked for {w} × {h} and gives what it can.").format(
                    w=self._size[0], h=self._size[1]
                )
            )
        if state.slow and state.given:
            advice.append(
                self.tr(
                    "It gives {given} of {promised} fps, {ms} ms a frame. Poor light? "
                    "Cameras expose longer in the dark: a lamp helps."
                ).format(
                    given=_rate(state.given),
                    promised=_rate(state.promised),
                    ms=round(1000 / state.given),
                )
            )
        return text, " ".join(advice)

    def _fill(self) -> None:
        spec = self._sources.in_use
        is_camera, is_file = self._sources.is_camera(spec), self._sources.is_file(spec)
        camera = next((c for c in self._cameras.offered if c.spec == spec), None)
        likes = self.tr("As the camera likes")
        self._offer(
            self.size_box,
            likes,
            [(f"{w} × {h}", (w, h)) for w, h in _sizes(camera, self._size)],
            self._size,
        )
        rates = sorted({*RATES, *([self._fps] if self._fps else [])})
        self._offer(
            self.rate_box,
            likes,
            [(self.tr("{fps} fps").format(fps=_rate(fps)), fps) for fps in rates],
            self._fps,
        )
        self.asked.setVisible(is_camera)  # nothing else can be asked for another picture
        self.repeat.setVisible(is_file)
        with QSignalBlocker(self.repeat):
            self.repeat.setChecked(self._loop)

    def _offer(
        self, box: Combo, likes: str, choices: list[tuple[str, object]], chosen: object
    ) -> None:
        with QSignalBlocker(box):
            box.clear()
            box.addItem(likes, None)
            for text, value in choices:
                box.addItem(text, value)
            values = [value for _, value in choices]
            box.setCurrentIndex(values.index(chosen) + 1 if chosen in values else 0)

    def _choose(self) -> None:
        size = self.size_box.currentData()
        self._sources.set_format(None if size is None else tuple(size), self.rate_box.currentData())

    def _keep(self, changes: dict[str, object]) -> None:
        """The settings have changed, by whomever."""
        before = self._size, self._fps, self._loop
        self._size = changes.get("size", self._size)  # type: ignore[assignment]  # as in RunConfig
        self._fps = changes.get("fps", self._fps)  # type: ignore[assignment]
        self._loop = changes.get("loop", self._loop)  # type: ignore[assignment]
        if before != (self._size, self._fps, self._loop):
            self._fill()

    def _combo(self, name: str) -> Combo:
        box = Combo()
        box.setAccessibleName(name)
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return box


def _sizes(camera: CameraInfo | None, asked: tuple[int, int] | None) -> Iterable[tuple[int, int]]:
    """The sizes to offer: the sensible ones the camera has, and the one asked for."""
    known = set(camera.sizes) if camera is not None else set()
    # A driver may tell a range by its largest size alone.
    offered = known & set(SIZES) if len(known) > 1 else set(SIZES)
    if len(known) > 1:
        offered |= {size for size in known if 320 * 240 <= size[0] * size[1] <= 1920 * 1200}
    if asked is not None:
        offered.add(asked)
    return sorted(offered, key=lambda size: (size[0] * size[1], size))


def _rate(fps: float) -> str:
    return f"{fps:.1f}".rstrip("0").rstrip(".")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
