"""SettingsDialog: what is set once: start-up, language, colours, folders, starting afresh."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.ask import YesQuestion
from ui.combo import Combo
from ui.icons import icon
from ui.look import Look, Theme
from ui.theme import caption


class SettingsDialog(QDialog):
    """Shows a Look and tells changes of it; everything takes effect at once.

    Args:
        look: to show.
        languages: (code, name) each, without "the system's".
        folders: (recordings, snapshots) where nothing is chosen.
        place: of the settings, for the button that opens it.

    Signals:
        changed: fields of Look by name, with their new values.
        reset_wanted, folder_wanted: reset everything; show the folder of the settings.
    """

    changed = pyqtSignal(dict)
    reset_wanted = pyqtSignal()
    folder_wanted = pyqtSignal()
    keys_wanted = pyqtSignal()

    def __init__(
        self,
        look: Look,
        languages: Sequence[tuple[str, str]],
        folders: tuple[Path, Path],
        place: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setModal(False)
        self.setObjectName("settings")
        self._folders = {"recordings": folders[0], "snapshots": folders[1]}
        self._shown: dict[str, QLabel] = {}
        self._clear: dict[str, QToolButton] = {}
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(14)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

        self.start = QCheckBox(self.tr("Start the camera with the window"))
        self.start.clicked.connect(lambda on: self.changed.emit({"start_at_once": on}))
        form.addRow(self.tr("At the start"), self.start)
        self.language = self._combo(
            form, self.tr("&Language"), [("", self.tr("As the system")), *languages]
        )
        self.language.activated.connect(
            lambda _: self.changed.emit({"language": self.language.currentData()})
        )
        themes = [
            (Theme.SYSTEM.value, self.tr("As the system")),
            (Theme.LIGHT.value, self.tr("Light")),
            (Theme.DARK.value, self.tr("Dark")),
        ]
        self.theme = self._combo(form, self.tr("&Colours"), themes)
        self.theme.activated.connect(
            lambda _: self.changed.emit({"theme": Theme(self.theme.currentData())})
        )
        self._folder(form, "recordings", self.tr("Recordings"))
        self._folder(form, "snapshots", self.tr("Snapshots"))

        self.keys = QPushButton(self.tr("Change &keys…"))
        self.keys.clicked.connect(self.keys_wanted)
        self.reset = QPushButton(self.tr("&Reset everything…"))
        self.reset.clicked.connect(self._ask_reset)
        self.open_folder = QPushButton(self.tr("&Open the settings folder"))
        self.open_folder.setToolTip(str(place))
        self.open_folder.clicked.connect(self.folder_wanted)
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        for button in (self.keys, self.open_folder, self.reset):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addLayout(form)
        column.addStretch(1)
        column.addSpacing(6)
        column.addLayout(row)
        self.resize(self.sizeHint().expandedTo(self.minimumSizeHint()).width(), 0)
        self.show_look(look)

    def show_look(self, look: Look) -> None:
        """Show what is set, without a signal."""
        for control, value in ((self.language, look.language), (self.theme, look.theme.value)):
            with QSignalBlocker(control):
                control.setCurrentIndex(max(0, control.findData(value)))
        with QSignalBlocker(self.start):
            self.start.setChecked(look.start_at_once)
        for name, label in self._shown.items():
            chosen: Path | None = getattr(look, name)
            label.setText(_short(chosen or self._folders[name]))
            label.setToolTip(str(chosen or self._folders[name]))
            self._clear[name].setEnabled(chosen is not None)

    def _combo(self, form: QFormLayout, title: str, items: Sequence[tuple[str, str]]) -> Combo:
        combo = Combo()
        combo.setAccessibleName(title.replace("&", ""))
        for value, text in items:
            combo.addItem(text, value)
        label = QLabel(title)
        label.setBuddy(combo)
        form.addRow(label, combo)
        return combo

    def _folder(self, form: QFormLayout, name: str, title: str) -> None:
        shown = self._shown[name] = QLabel()
        shown.setFont(caption(shown))
        shown.setTextFormat(Qt.TextFormat.PlainText)
        choose = QPushButton(self.tr("Choose…"))
        choose.setAutoDefault(False)
        choose.setAccessibleName(self.tr("Choose the folder: {what}").format(what=title))
        choose.clicked.connect(lambda: self._ask_folder(name, title))
        clear = self._clear[name] = QToolButton()
        clear.setObjectName("plain")
        clear.setIcon(icon("refresh"))
        clear.setToolTip(self.tr("Back to the usual folder"))
        clear.setAccessibleName(self.tr("Back to the usual folder: {what}").format(what=title))
        clear.clicked.connect(lambda: self.changed.emit({name: None}))
        row = QHBoxLayout()
        row.addWidget(shown, 1)
        row.addWidget(choose)
        row.addWidget(clear)
        form.addRow(title, row)

    def _ask_folder(self, name: str, title: str) -> None:
        dialog = QFileDialog(self, title, self._shown[name].toolTip())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setModal(False)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.changed.emit({name: Path(path)}))
        dialog.show()

    def _ask_reset(self) -> None:
        words = self.tr(
            "Every setting goes back to what it was at first, keys included. Profiles, portraits "
            "and weights stay."
        )
        YesQuestion(self.tr("Reset everything"), words, self.reset_wanted.emit, self).show()


def _short(path: Path) -> str:
    """The end of a path that is too long to show."""
    text = str(path)
    return text if len(text) <= 40 else f"…{text[-39:]}"
