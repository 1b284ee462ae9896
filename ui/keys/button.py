"""KeyButton: shows the keys of an action; pressed, it takes the next key instead."""

from PyQt6.QtCore import QEvent, QKeyCombination, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QPushButton, QWidget

from ui.keys.table import shown

_MODIFIERS = {
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_NumLock,
}


class KeyButton(QPushButton):
    """Esc, a second press or leaving it gives up; Backspace and Delete mean "no key".

    Signals:
        taken: a key as settings write it; "" for none.
        listening_changed: whether it waits for a key.
    """

    taken = pyqtSignal(str)
    listening_changed = pyqtSignal(bool)

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what = what
        self._keys: tuple[str, ...] = ()
        self._listening = False
        self.setMinimumWidth(150)
        self.clicked.connect(lambda: self.listen(not self._listening))

    def show_keys(self, keys: tuple[str, ...]) -> None:
        """Show the keys that work now."""
        self._keys = keys
        self._say()

    @property
    def listening(self) -> bool:
        """Whether the next key is taken."""
        return self._listening

    def listen(self, on: bool) -> None:
        """Wait for a key, or no longer."""
        if on != self._listening:
            self._listening = on
            self._say()
            self.listening_changed.emit(on)

    def event(self, event: QEvent | None) -> bool:
        # Before any shortcut, and before Tab moves the focus.
        if self._listening and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
                return True
            return True  # the release of a key must not press the button
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.listen(False)

    def _take(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _MODIFIERS or event.isAutoRepeat() or key == Qt.Key.Key_unknown:
            return
        self.listen(False)
        if key == Qt.Key.Key_Escape:
            return
        if key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.taken.emit("")
            return
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        shift = Qt.KeyboardModifier.ShiftModifier
        letter = event.text().isalnum() or key in (Qt.Key.Key_Space, Qt.Key.Key_Backtab)
        if modifiers == shift and event.text().isprintable() and event.text() and not letter:
            modifiers &= ~shift  # a sign such as ? has it already, on some keyboards
        combination = QKeyCombination(modifiers, Qt.Key(key))
        self.taken.emit(
            QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)
        )

    def _say(self) -> None:
        if self._listening:
            text = self.tr("Press a key…")
        else:
            text = ", ".join(map(shown, self._keys)) or self.tr("no key")
        self.setText(text)
        self.setAccessibleName(self.tr("{what}: {keys}").format(what=self._what, keys=text))
