"""Every visible string can be translated, is translated, and still fits when it is longer."""

import ast
import re
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QTranslator
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QToolButton, QWidget

from avatar.config import RunConfig
from ui import theme, translation
from ui.controller import Controller
from ui.sidebar import WIDTH
from ui.window import MainWindow

UI = Path(translation.__file__).parent
FILES = sorted(UI.rglob("*.py"))

SETTERS = {
    "setText",
    "setToolTip",
    "setWindowTitle",
    "setAccessibleName",
    "setAccessibleDescription",
    "setPlaceholderText",
    "setStatusTip",
    "setWhatsThis",
    "setTitle",
    "setSuffix",
    "setPrefix",
    "addAction",
    "addItem",
    "addMenu",
    "addTab",
    "addRow",
    "show_slate",
    "set_words",
    "note",
    "tell",
    "Problem",
    "QLabel",
    "QPushButton",
    "QCheckBox",
    "QRadioButton",
    "QGroupBox",
    "QToolButton",
    "QAction",
}
"""What puts a text before the user."""

WORDS = re.compile(r"[^\W\d_]{2,}")

FIRST = {"addItem": 1, "addAction": 1, "tell": 2, "Problem": 3}
"""How many arguments of some are shown; the others are data."""

NOT_WORDS = {"fps", "ms", "px", "MB"}
"""Units, the same in every language."""

KINDS = {"error", "warning", "info", "muted", "panel"}
"""First arguments of Problem and others, never shown."""


def bare(tree):
    """(line, text) of every literal with words that reaches a setter without being translated."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        function = call.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name not in SETTERS:
            continue
        for argument in call.args[: FIRST.get(name)]:
            for literal in literals(argument):
                words = set(WORDS.findall(literal.value)) - NOT_WORDS
                if words and literal.value not in KINDS:
                    yield literal.lineno, literal.value


def literals(node):
    """String literals that are (part of) what an expression comes to."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from literals(part)
    elif isinstance(node, ast.BinOp):
        yield from literals(node.left)
        yield from literals(node.right)
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("format", "upper", "capitalize")
    ):
        yield from literals(node.func.value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_text_reaches_a_widget_untranslated(path):
    found = list(bare(ast.parse(path.read_text(encoding="utf-8"))))
    assert not found, f"{path.name}: put these through self.tr"


def test_the_check_finds_what_it_looks_for():
    code = (
        'a.setText("Start"); QLabel(f"{n} left"); b.setText(self.tr("Stop")); c.setText(f"{n} ms")'
    )
    assert [text for _, text in bare(ast.parse(code))] == ["Start", " left"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_literals_are_translated(path):
    """tr of anything else, and of an f-string above all, is found by no tool and no table."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        if call.func.attr == "tr" and call.args:
            assert isinstance(call.args[0], ast.Constant), f"{path.name}:{call.lineno}"


def sources():
    """(context, text) of every string, as the extraction tool sees them."""
    tool = pytest.importorskip("tools.translate")
    return tool.sources(UI)


@pytest.mark.parametrize("language", translation.languages()[1:])
def test_a_translation_is_nearly_complete_and_keeps_its_placeholders(language):
    """A new sentence need not wait for every translator; it is shown in English until then."""
    words = translation.read(translation.FOLDER / f"{language}.ts")
    wanted = sources()
    missing = sorted(set(wanted) - set(words))
    assert len(missing) <= 0.05 * len(wanted), "run python -m tools.translate, then translate"
    for (_, text), said in words.items():
        assert sorted(re.findall(r"{\w*}", text)) == sorted(re.findall(r"{\w*}", said)), text
        assert said.strip() and text.endswith("…") == said.endswith("…"), text


def test_the_language_is_the_systems_if_it_is_there(monkeypatch):
    class Locale:
        def __init__(self, *names):
            self.names = names

        def uiLanguages(self):
            return list(self.names)

    monkeypatch.setattr(translation, "languages", lambda: ["en", "de", "pt-BR"])
    for names, chosen in (
        (("de-AT", "de"), "de"),
        (("fr-FR", "pt-BR"), "pt-BR"),
        (("fr",), "en"),
        ((), "en"),
    ):
        monkeypatch.setattr(translation.QLocale, "system", lambda names=names: Locale(*names))
        assert translation.chosen("") == chosen
        assert translation.chosen("de_CH") == "de"
        assert translation.chosen("xx") == "en"


def test_a_damaged_translation_means_english(qapp, monkeypatch, tmp_path):
    (tmp_path / "de.ts").write_text("<TS><context>")
    monkeypatch.setattr(translation, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="no translation"):
        translation.read(tmp_path / "de.ts")
    assert translation.speak(qapp, "de") == "en"


def test_words_that_are_not_ours_stay_as_they_are(qapp):
    try:
        translation.speak(qapp, "de")
        assert QKeySequence("F5").toString(QKeySequence.SequenceFormat.NativeText) == "F5"
        assert "R" in QKeySequence("Ctrl+R").toString(QKeySequence.SequenceFormat.NativeText)
        assert len(QKeySequence("Ctrl+R").toString(QKeySequence.SequenceFormat.NativeText)) > 4
    finally:
        translation.speak(qapp, "en")


def test_unfinished_translations_are_not_shown(tmp_path):
    path = tmp_path / "de.ts"
    path.write_text(
        "<TS><context><name>A</name><message><source>one</source>"
        '<translation type="unfinished">eins</translation></message><message>'
        "<source>two</source><translation>zwei</translation></message></context></TS>"
    )
    assert translation.read(path) == {("A", "two"): "zwei"}


class Pseudo(QTranslator):
    """Accents on every letter, and two fifths more of them; placeholders and mnemonics stay."""

    ACCENTS = str.maketrans("aeioucnsyzAEIOUCNSYZ", "áéíóúçñšýžÁÉÍÓÚÇÑŠÝŽ")

    def isEmpty(self):
        return False

    def translate(self, context, text, disambiguation=None, n=-1):
        if not text:
            return ""
        if not WORDS.search(re.sub(r"{\w*}", "", text)):
            return text  # a number with its unit
        parts = re.split(r"({\w*})", text)
        longer = "".join(p if p.startswith("{") else p.translate(self.ACCENTS) for p in parts)
        more = round(0.4 * len("".join(parts[::2])))
        # Longer words, as in German, rather than more of them.
        return longer + "ö" * min(more, 5) + " ö" * ((more - 5) // 2)


@pytest.fixture(params=["pseudo", "de"])
def spoken(request, qapp):
    if request.param == "pseudo":
        translator = Pseudo(qapp)
        qapp.installTranslator(translator)
        yield request.param
        qapp.removeTranslator(translator)
    else:
        yield translation.speak(qapp, "de")
    translation.speak(qapp, "en")


@pytest.fixture
def dressed(qapp):
    """In the style of the real application: its paddings need room."""
    theme.apply(qapp, Qt.ColorScheme.Light)
    yield
    qapp.setStyleSheet("")


def cut(widget):
    """Whether a label or button has less room than its text needs."""
    if isinstance(widget, QLabel):
        if widget.pixmap() and not widget.pixmap().isNull():
            return False
        if widget.wordWrap():
            need = widget.heightForWidth(widget.width())
            return need > widget.height() + 1
        return widget.minimumSizeHint().width() > widget.width() + 1
    return widget.minimumSizeHint().width() > widget.width() + 1


def test_nothing_in_the_sidebar_is_cut_off(qtbot, qapp, ports, spoken, dressed):
    window = MainWindow(Controller(RunConfig(camera="synthetic"), ports))
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    assert window.side.width() == WIDTH
    bad = []
    for page in window.side.names:
        window.side.show_page(page)
        QApplication.processEvents()
        for widget in window.side.findChildren(QWidget):
            if not isinstance(widget, (QLabel, QPushButton, QToolButton, QAbstractButton)):
                continue
            if widget.isVisible() and widget.text():
                right = widget.mapTo(window.side, widget.rect().topRight()).x()
                if cut(widget) or right > WIDTH:
                    bad.append((page, type(widget).__name__, widget.text(), widget.width()))
    window.close()
    assert not bad, "\n".join(map(str, bad))


def test_nothing_in_the_top_row_is_cut_off(qtbot, qapp, ports, spoken, dressed):
    window = MainWindow(Controller(RunConfig(camera="synthetic"), ports))
    qtbot.addWidget(window)
    window.resize(window.minimumSize())
    with qtbot.waitExposed(window):
        window.show()
    window.bar.set_running(True)
    for recording in (False, True):
        window.bar.set_recording(recording, "Stop recording" if recording else "")
        for _ in range(3):  # its row is laid out, folds, and is laid out again
            QApplication.processEvents()
        assert window.width() == window.minimumWidth()
        for control in window.bar.findChildren(QAbstractButton):
            assert control.geometry().right() < window.bar.width(), control.accessibleName()
            assert not cut(control), control.accessibleName()
    window.resize(1600, 700)
    QApplication.processEvents()
    icon_only = Qt.ToolButtonStyle.ToolButtonIconOnly
    assert window.bar.calibrate.toolButtonStyle() != icon_only
    window.close()
