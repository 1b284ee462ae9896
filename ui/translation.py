"""Translation: the window's words in the user's language.

``ui/translations/LANGUAGE.ts`` is Qt's own translation file, made by ``python -m tools.translate``.
It is read as it is: Qt's compiler, lrelease, does not come with PyQt6, and a file of this size is
read in milliseconds. Qt's own words (file dialogs, standard buttons) come from PyQt6.
"""

import logging
from pathlib import Path
from xml.etree import ElementTree

from PyQt6.QtCore import QLibraryInfo, QLocale, QTranslator
from PyQt6.QtWidgets import QApplication

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "translations"
SUFFIX = ".ts"

ENGLISH = "en"


class TsTranslator(QTranslator):
    """Answers from a .ts file.

    Args:
        words: translations by context and source text.
    """

    def __init__(self, words: dict[tuple[str, str], str], parent: QApplication) -> None:
        super().__init__(parent)
        self._words = words
        self._anywhere: dict[str, str] = {}
        for (_, source), word in words.items():
            self._anywhere.setdefault(source, word)

    def isEmpty(self) -> bool:
        return not self._words

    def translate(  # type: ignore[override]  # PyQt takes None for "not known", its stubs do not
        self,
        context: str | None,
        sourceText: str | None,
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str | None:
        # PyQt's context is the object's own class, also where a base class has the words.
        source = sourceText or ""
        # None, since Qt would take an empty text for the translation of its own words.
        return self._words.get((context or "", source)) or self._anywhere.get(source)


def languages() -> list[str]:
    """Every language the window speaks, English first."""
    return [ENGLISH, *sorted(path.stem for path in FOLDER.glob(f"*{SUFFIX}"))]


def own_name(language: str) -> str:
    """A language's name in itself: Deutsch."""
    name = QLocale(language).nativeLanguageName()
    return name[:1].upper() + name[1:]


def chosen(language: str) -> str:
    """The language to speak: the one asked for, else the system's, else English."""
    known = languages()
    for wanted in (language, *(QLocale.system().uiLanguages() if not language else ())):
        for name in (wanted.replace("_", "-"), wanted.replace("_", "-").partition("-")[0]):
            if name in known:
                return name
    return ENGLISH


def read(path: Path) -> dict[tuple[str, str], str]:
    """The finished translations of a .ts file, by context and source text.

    Raises:
        ValueError: it is no such file.
    """
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except ElementTree.ParseError as error:
        raise ValueError(f"{path} is no translation: {error}") from error
    words = {}
    for context in root.iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            done = message.find("translation")
            if done is not None and done.get("type") is None and done.text:
                words[name, message.findtext("source", "")] = done.text
    return words


def speak(app: QApplication, language: str) -> str:
    """Have the application speak a language, "" for the system's, from the next window on.

    Returns:
        The language it speaks now; English where the wanted one is not there or damaged.
    """
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.setParent(None)
    language = chosen(language)
    app.setProperty("language", language)
    QLocale.setDefault(QLocale(language))
    if language == ENGLISH:
        return language
    try:
        words = read(FOLDER / f"{language}{SUFFIX}")
    except (OSError, ValueError) as error:
        log.error("English is spoken: %s", error)
        return ENGLISH
    qt = QTranslator(app)
    if qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(qt)
    app.installTranslator(TsTranslator(words, app))
    return language
