"""RenameRow: a line to type a portrait's new name into, there only while it is wanted."""

from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from avatar.portraits.album import LONGEST_NAME


class RenameRow(QWidget):
    """Enter takes the name, Esc leaves the old one.

    Signals:
        renamed: the file of a portrait and its new name.
    """

    renamed = pyqtSignal(Path, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._before: QWidget | None = None
        self.edit = QLineEdit()
        self.edit.setMaxLength(LONGEST_NAME)
        self.edit.setAccessibleName(self.tr("New name of the portrait"))
        self.edit.returnPressed.connect(self._take)
        self.edit.installEventFilter(self)
        label = QLabel(self.tr("Name"))
        label.setBuddy(self.edit)
        self.done = QPushButton(self.tr("Rename"))
        self.done.setAccessibleName(self.tr("Rename the portrait"))
        self.done.clicked.connect(self._take)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self.edit, 1)
        row.addWidget(self.done)
        self.hide()

    def ask(self, path: Path, name: str) -> None:
        """Let the user type a name for a portrait that is called ``name`` now."""
        window = self.window()
        self._before = window.focusWidget() if window is not None else None
        self._path = path
        self.edit.setText(name)
        self.show()
        self.edit.setFocus()
        self.edit.selectAll()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # else Esc would leave the window
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._close()
                return True
        return super().eventFilter(watched, event)

    def _take(self) -> None:
        path, name = self._path, self.edit.text().strip()
        self._close()
        if path is not None and name:
            self.renamed.emit(path, name)

    def _close(self) -> None:
        self._path = None
        before, self._before = self._before, None
        self.hide()
        if before is not None:
            before.setFocus()
