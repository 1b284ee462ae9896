"""SourceList: the cameras with a picture of each, the videos used lately, the bundled driver."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avatar.config import SYNTHETIC
from avatar.errors import AvatarError, SourceRefused
from avatar.frame import Image
from avatar.sources.identity import is_id, spoken_id
from avatar.sources.names import labels
from avatar.sources.state import SourceState
from ui.camera.cameras import Cameras
from ui.camera.source_row import SourceRow
from ui.camera.sources import Sources
from ui.icons import icon
from ui.theme import caption, heading
from ui.wrap_row import WrapRow


class SourceList(QFrame):
    """Choosing a row chooses what drives.

    No camera is switched on to show its picture unless the user asks for it; the one in use shows
    what it sees anyway.

    Signals:
        browse_wanted: the user wants to open a video.
    """

    browse_wanted = pyqtSignal()

    def __init__(self, cameras: Cameras, sources: Sources, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._cameras, self._sources = cameras, sources
        self._videos: list[Path] = []
        # by spec; the error is why there is none
        self._pictures: dict[str, tuple[Image | None, AvatarError | None]] = {}
        self._alone = ""  # why there is no camera
        self.rows: list[SourceRow] = []
        title = QLabel(self.tr("Camera"))
        title.setFont(heading(title))
        self.refresh = self._button("refresh", self.tr("Look for cameras again"))
        self.refresh.clicked.connect(cameras.find)
        self.pictures = QPushButton(self.tr("Show pictures"))
        self.pictures.setToolTip(
            self.tr("Switches each camera on for a moment to take a picture of what it sees")
        )
        self.pictures.setAccessibleDescription(self.pictures.toolTip())
        self.pictures.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pictures.clicked.connect(lambda: cameras.take_pictures(sources.in_use))
        self.browse = QPushButton(self.tr("Open a video…"))
        self.browse.setToolTip(self.tr("Let a video or a picture drive the portrait"))
        self.browse.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.browse.clicked.connect(self.browse_wanted)
        self.none = QLabel()
        self.none.setObjectName("muted")
        self.none.setFont(caption(self.none))
        self.none.setWordWrap(True)
        self.none.setTextFormat(Qt.TextFormat.PlainText)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.refresh)
        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.none)
        column.addLayout(self._column)
        column.addWidget(WrapRow(self.pictures, self.browse))
        cameras.found.connect(lambda _: self._fill())
        cameras.none_because.connect(self._tell_none)
        cameras.pictured.connect(self._keep_picture)
        cameras.taking.connect(self._show_taking)
        sources.used.connect(lambda _: self._fill())
        self._fill()

    def show_videos(self, videos: Sequence[Path]) -> None:
        """List the videos used lately."""
        self._videos = list(videos)
        self._fill()

    def show_live(
        self, image: Image | None, mirrored: bool, state: SourceState | None = None
    ) -> None:
        """Show what the source in use sees, and that it is lost if it is."""
        row = self.row(self._sources.in_use)
        if row is None:
            return
        if image is not None:
            row.set_picture(image)
            row.set_mirrored(mirrored)
        if state is not None and state.phase == "lost":
            row.set_detail(self.tr("Lost; waiting for it to come back"), alarm=True)
        elif state is not None and state.phase == "open":
            row.set_detail(self.tr("In use"))
        else:
            self._describe(row)

    def row(self, spec: str) -> SourceRow | None:
        """The row of a source."""
        return next((row for row in self.rows if row.spec == spec), None)

    def _fill(self) -> None:
        """Make the rows anew where they differ; pictures and the keyboard stay where they are."""
        offered, used = self._cameras.offered, self._sources.in_use
        wanted = [
            (c.spec, name, "camera") for c, name in zip(offered, labels(offered), strict=True)
        ]
        if self._sources.is_camera(used) and all(spec != used for spec, *_ in wanted):
            name = spoken_id(used) if is_id(used) else used
            missing = self.tr("Camera {n}").format(n=used) if used.isdecimal() else name
            wanted.append((used, missing, "camera"))
        videos = list(self._videos)
        if self._sources.is_file(used) and Path(used) not in videos:
            videos.insert(0, Path(used))
        wanted += [(str(path), path.name, "start") for path in videos]
        wanted.append((SYNTHETIC, self.tr("Bundled driver"), "picture"))
        if wanted != [(row.spec, row.text(), row.sign) for row in self.rows]:
            focused = next((row.spec for row in self.rows if row.hasFocus()), None)
            old, self.rows = self.rows, [SourceRow(*entry) for entry in wanted]
            for row in self.rows:
                row.clicked.connect(lambda _, r=row: self._choose(r))
                row.set_picture(self._pictures.get(row.spec, (None, None))[0])
                self._column.addWidget(row)
                if row.spec == focused:
                    row.show()
                    row.setFocus()
            for row in old:
                self._column.removeWidget(row)
                row.hide()
                row.deleteLater()
        for row in self.rows:
            row.setChecked(row.spec == used)
            self._describe(row)
        self.none.setVisible(not offered)
        self.pictures.setEnabled(bool(offered))
        self.none.setText(" ".join((self.tr("No camera was found."), self._alone)).strip())

    def _describe(self, row: SourceRow) -> None:
        """The second line of a row that is not in use, or not known to be."""
        camera = next((c for c in self._cameras.offered if c.spec == row.spec), None)
        why = self._pictures.get(row.spec, (None, None))[1]
        if row.spec == SYNTHETIC:
            row.set_detail(self.tr("Needs no camera"))
        elif self._sources.is_file(row.spec):
            row.set_detail(str(Path(row.spec).parent))
        elif camera is None:
            row.set_detail(self.tr("Not connected"), alarm=True)
        elif why is not None:
            row.set_detail(self._briefly(why), f"{why.message} {why.hint}".strip(), alarm=True)
        elif camera.virtual:
            row.set_detail(self.tr("Virtual camera"))
        elif camera.sizes:
            width, height = camera.sizes[0]
            row.set_detail(self.tr("Up to {w} × {h}").format(w=width, h=height))
        else:
            row.set_detail("")

    def _briefly(self, why: AvatarError) -> str:
        cause = why.cause if isinstance(why, SourceRefused) else ""
        return {
            "busy": self.tr("In use by another program"),
            "forbidden": self.tr("Not allowed"),
            "silent": self.tr("Gives no picture"),
        }.get(cause, self.tr("Cannot be opened"))

    def _choose(self, row: SourceRow) -> None:
        if row.spec != self._sources.in_use:
            self._sources.choose(row.spec)
        row.setChecked(row.spec == self._sources.in_use)  # a click on the one in use

    def _keep_picture(self, spec: str, image: Image | None, why: AvatarError | None) -> None:
        self._pictures[spec] = (image, why)
        row = self.row(spec)
        if row is not None and spec != self._sources.in_use:
            row.set_picture(image)
            self._describe(row)

    def _show_taking(self, on: bool) -> None:
        self.pictures.setEnabled(not on and bool(self._cameras.offered))
        self.pictures.setText(self.tr("Looking…") if on else self.tr("Show pictures"))

    def _tell_none(self, why: str) -> None:
        self._alone = why
        self._fill()

    def _button(self, sign: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName("plain")
        button.setIcon(icon(sign))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button
