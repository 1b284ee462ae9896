"""Collection: the library of portraits as the window shows it, and the changes made to it."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.portraits.entry import Entry, Removed
from ui.bridge import Bridge
from ui.gallery.adding import Adding
from ui.gallery.thumb import spoken
from ui.gallery.thumbnails import Thumbnails
from ui.ports import Ports
from ui.problem import Problem, problem_of

if TYPE_CHECKING:
    from avatar.portraits.library import Library

T = TypeVar("T")


class Collection(QObject):
    """Lives in the GUI thread; files are read and written on others.

    Attributes:
        entries: bundled portraits, the user's, and guests of this session.
        adding: adds several.
        thumbnails: the small pictures.

    Signals:
        listed: the entries, whenever they change.
        renamed: the entry of a portrait that is called otherwise now.
        removed: the entry of a portrait that is gone, and the one that took its place, or None.
        restored: the entry of a portrait that is back.
        crop_ready: a CropJob that was asked for.
        problem: a Problem.
    """

    listed = pyqtSignal(list)
    renamed = pyqtSignal(object)
    removed = pyqtSignal(object, object)
    restored = pyqtSignal(object)
    crop_ready = pyqtSignal(object)
    problem = pyqtSignal(object)

    def __init__(self, bridge: Bridge, ports: Ports, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []
        self.thumbnails = Thumbnails(bridge, ports, self)
        self.adding = Adding(bridge, self.library, self)
        self.adding.added.connect(self._added)
        self._bridge = bridge
        self._ports = ports
        self._guests: list[Entry] = []
        self._lock = threading.Lock()
        self._library: Library | None = None

    def library(self) -> "Library":
        """The library; opened by the first thread that needs it. Not for the GUI thread."""
        with self._lock:
            if self._library is None:
                self._library = self._ports.library()
            return self._library

    def entry(self, path: Path | None) -> Entry | None:
        """The portrait of a file, if it is shown."""
        return next((entry for entry in self.entries if entry.path == path), None)

    def fill(self, done: Callable[[list[Entry]], None]) -> None:
        """List the library; ``done`` is given what is in it before anything is shown."""

        def read() -> tuple[list[Entry], list[str]]:
            shelf = self.library()
            return shelf.entries(), shelf.notices()

        def show(found: tuple[list[Entry], list[str]]) -> None:
            done(found[0])
            self.show_all(found[0])
            for notice in found[1]:
                self.problem.emit(Problem("warning", notice))

        self._bridge.run("gallery", read, show, self._complain)

    def change(self, name: str, act: "Callable[[Library], T]", done: Callable[[T], None]) -> None:
        """Change the library on a thread called so, show it anew, then call ``done``."""

        def work() -> tuple[T, list[Entry]]:
            shelf = self.library()
            return act(shelf), shelf.entries()

        def settle(found: tuple[T, list[Entry]]) -> None:
            self.show_all(found[1])
            done(found[0])

        self._bridge.run(name, work, settle, self._complain)

    def show_all(self, entries: list[Entry]) -> None:
        """The library has these entries now."""
        known = {entry.path for entry in entries}
        self._guests = [guest for guest in self._guests if guest.path not in known]
        self.entries = entries + self._guests
        self._show()

    def host(self, guest: Entry) -> None:
        """Show a portrait that is not kept; the one of the same file no more."""
        self._guests = [g for g in self._guests if g.path != guest.path] + [guest]

    def update(self, entry: Entry) -> None:
        """Something was found in the picture of an entry."""
        if entry in self.entries or self.entry(entry.path) is None:
            return
        self._guests = [entry if g.path == entry.path else g for g in self._guests]
        self.entries = [entry if e.path == entry.path else e for e in self.entries]
        self._show()

    # -- what the user asks for -------------------------------------------------------------------

    def rename(self, path: Path, name: str) -> None:
        """Call one of the user's portraits by another name."""
        entry = self.entry(path)
        if entry is not None and name.strip() != entry.name:
            self.change("rename", lambda shelf: shelf.rename(entry, name), self.renamed.emit)

    def remove(self, path: Path) -> None:
        """Take one of the user's portraits away; the banner that tells it has a way back."""
        entry = self.entry(path)
        if entry is None or not (entry.own or entry.guest):
            return
        follower = self._neighbour(entry)
        if entry.guest:
            self._guests.remove(entry)
            self.entries.remove(entry)
            self._show()
            self._removed(entry, follower, partial(self._welcome_back, entry))
            return

        def gone(taken: Removed) -> None:
            self._removed(entry, follower, lambda: self._restore(taken))

        self.change("remove", lambda shelf: shelf.remove(entry), gone)

    def edit_crop(self, path: Path | None) -> None:
        """Make a portrait ready for the crop editor; :attr:`crop_ready` brings it."""
        entry = self.entry(path)
        if entry is not None:
            self._bridge.run(
                "crop",
                lambda: self._ports.crop_job(self.library(), entry),
                self.crop_ready.emit,
                self._complain,
            )

    # -- inside -----------------------------------------------------------------------------------

    def _show(self) -> None:
        self.listed.emit(list(self.entries))
        self.thumbnails.draw(self.entries)

    def _removed(self, entry: Entry, follower: Entry | None, undo: Callable[[], None]) -> None:
        self.thumbnails.drop(entry.path)
        self.removed.emit(entry, follower)
        message = self.tr("{name} was removed.").format(name=spoken(entry.name))
        self.problem.emit(Problem("info", message, "", (self.tr("Undo"), undo)))

    def _restore(self, taken: Removed) -> None:
        self.change("restore", lambda shelf: shelf.restore(taken), self.restored.emit)

    def _welcome_back(self, guest: Entry) -> None:
        self.host(guest)
        self.entries.append(guest)
        self._show()
        self.restored.emit(guest)

    def _neighbour(self, entry: Entry) -> Entry | None:
        """What takes the place of a portrait that goes: the next one, or else the last."""
        place = self.entries.index(entry)
        others = self.entries[:place] + self.entries[place + 1 :]
        return others[min(place, len(others) - 1)] if others else None

    def _added(self, entries: list[Entry] | None, problem: Problem) -> None:
        if entries is not None:
            self.show_all(entries)
        self.problem.emit(problem)

    def _complain(self, error: Exception) -> None:
        self.problem.emit(problem_of(error))
