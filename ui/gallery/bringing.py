"""Bringing: pictures that the user drops, pastes or opens, on their way into the library."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.portraits.entry import Brought, Entry
from ui.bridge import Bridge
from ui.gallery.collection import Collection
from ui.gallery.incoming import MOST_AT_ONCE, Gathered, Incoming, gather, pixels
from ui.gallery.thumb import spoken
from ui.problem import Problem, problem_of

if TYPE_CHECKING:
    from avatar.portraits.library import Library

Refuser = Callable[[Callable[[], None] | None], Callable[[Exception], None]]
"""Given how to take a picture without a face after all, or None: what to do with an error."""


class Bringing(QObject):
    """Lives in the GUI thread; files are read and written on others.

    Args:
        bridge: to the other threads.
        collection: where pictures are added.
        begin: called when one that shall be animated begins to be read; returns what is then done
            with it, and with errors.

    Signals:
        single: one file that the user named; it may be in the library already.
        problem: a Problem.
        noted: something for the status bar.
    """

    single = pyqtSignal(Path)
    problem = pyqtSignal(object)
    noted = pyqtSignal(str)

    def __init__(
        self,
        bridge: Bridge,
        collection: Collection,
        begin: Callable[[], tuple[Callable[[Brought], None], Refuser]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._collection = collection
        self._begin = begin

    def bring(self, came: Incoming) -> None:
        """Take what came: a picture is added and animated, several are only added."""
        if came.files:
            files = came.files
            self._bridge.run("look", lambda: gather(files), self._gathered, self._complain)
        elif came.image is not None:
            self.bring_image(came)
        elif came.web:
            hint = self.tr(
                "Save it with the browser, then drop or open the file. Nothing is ever downloaded."
            )
            message = self.tr("That is only the picture's address, not the picture.")
            self.problem.emit(Problem("info", message, hint))

    def open_files(self, files: Sequence[Path]) -> None:
        """Take pictures chosen in a file dialog."""
        self.bring(Incoming(tuple(files)))

    def paste(self, came: Incoming) -> None:
        """Take what is in the clipboard."""
        if came:
            self.bring(came)
        else:
            self.noted.emit(self.tr("There is no picture in the clipboard"))

    def bring_file(self, path: Path, *, whole: bool = False) -> None:
        """Add a picture file and animate it; ``whole`` takes its centre square as it is."""
        self._bring(
            lambda shelf: shelf.bring(path, whole=whole),
            None if whole else lambda: self.bring_file(path, whole=True),
        )

    def bring_image(self, came: Incoming, *, whole: bool = False) -> None:
        """Add a picture that is no file and animate it."""
        image, name = came.image, self.tr("Pasted picture")
        assert image is not None
        self._bring(
            lambda shelf: shelf.bring_image(pixels(image), name, whole=whole),
            None if whole else lambda: self.bring_image(came, whole=True),
        )

    def _bring(self, act: "Callable[[Library], Brought]", whole: Callable[[], None] | None) -> None:
        use, refuser = self._begin()

        def work() -> tuple[Brought, list[Entry]]:
            shelf = self._collection.library()
            brought = act(shelf)
            return brought, shelf.entries()

        def done(found: tuple[Brought, list[Entry]]) -> None:
            brought, entries = found
            if brought.entry.guest:
                self._collection.host(brought.entry)
            self._collection.show_all(entries)
            self._tell(brought)
            use(brought)

        self._bridge.run("bring", work, done, refuser(whole))

    def _tell(self, brought: Brought) -> None:
        entry, name = brought.entry, spoken(brought.entry.name)
        if brought.refused is not None:
            hint = self.tr("{name} is used from where it lies, and not kept.").format(name=name)
            message = f"{brought.refused.message} {hint}"
            self.problem.emit(Problem("warning", message, brought.refused.hint))
        if not brought.new:
            self.noted.emit(self.tr("You have that picture already: {name}").format(name=name))
        elif entry.warnings:
            message = self.tr("{name} may animate badly.").format(name=name)
            self.problem.emit(Problem("warning", message, " ".join(entry.warnings)))

    def _gathered(self, found: Gathered) -> None:
        if found.single:
            self.single.emit(found.pictures[0])
        elif not found.pictures:
            message = self.tr("There are no pictures in what you dropped.")
            hint = self.tr("Use JPEG, PNG or WebP files, or a folder of them.")
            self.problem.emit(Problem("warning", message, hint))
        else:
            if found.left_out:
                message = self.tr("Only the first {most} of {count} pictures are added.").format(
                    most=MOST_AT_ONCE, count=len(found.pictures) + found.left_out
                )
                self.problem.emit(Problem("warning", message))
            self._collection.adding.start(found.pictures)

    def _complain(self, error: Exception) -> None:
        self.problem.emit(problem_of(error))
