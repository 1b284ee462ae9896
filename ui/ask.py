"""Questions that do not stop the picture: each returns at once and calls back with the answer."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget


class NameQuestion(QDialog):
    """Asks for a name.

    Args:
        title: what it is about.
        label: of the field.
        name: that stands there at first.
        answered: called with what was written.
    """

    def __init__(
        self,
        title: str,
        label: str,
        name: str,
        answered: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QLineEdit(name)
        self.field.setMaxLength(60)
        self.field.setMinimumWidth(280)
        self.field.setAccessibleName(label)
        self.field.selectAll()
        words = QLabel(label)
        words.setBuddy(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(words)
        column.addWidget(self.field)
        buttons = _buttons(self, lambda: answered(self.field.text()))
        column.addWidget(buttons)
        ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert ok is not None
        ok.setEnabled(bool(name.strip()))
        self.field.textChanged.connect(lambda text: ok.setEnabled(bool(text.strip())))


class YesQuestion(QDialog):
    """Asks whether to do something that cannot be undone.

    Args:
        title: what it is about.
        words: what will happen.
        agreed: called if the user agrees.
    """

    def __init__(
        self, title: str, words: str, agreed: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setMinimumWidth(320)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(14)
        column.addWidget(label)
        column.addWidget(_buttons(self, agreed))


def _buttons(dialog: QDialog, agreed: Callable[[], None]) -> QDialogButtonBox:
    kinds = QDialogButtonBox.StandardButton
    buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel)
    for kind, text in ((kinds.Ok, dialog.tr("OK")), (kinds.Cancel, dialog.tr("Cancel"))):
        button = buttons.button(kind)
        assert button is not None
        button.setText(text)
    buttons.accepted.connect(agreed)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons
