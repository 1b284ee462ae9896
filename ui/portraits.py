"""Portraits: which picture is animated, and the library to choose from."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.catalogue import Box
from avatar.entry import Brought, Entry, Removed
from avatar.errors import NoFaceError
from avatar.frame import Portrait
from ui.adding import Adding
from ui.bridge import Bridge
from ui.incoming import MOST_AT_ONCE, Gathered, Incoming, gather, pixels
from ui.portrait_cache import PortraitCache
from ui.ports import Ports
from ui.problem import Problem, problem_of
from ui.thumb import spoken
from ui.thumbnails import Thumbnails

if TYPE_CHECKING:
    from avatar.library import Library
    from avatar.session import Session

log = logging.getLogger(__name__)

T = TypeVar("T")


class Portraits(QObject):
    """Lives in the GUI thread; files are read and written on others.

    Args:
        bridge, ports: to what is slow.
        path: the portrait to begin with; None = the first bundled one.
        whole: its centre square is taken as it is.

    Attributes:
        current: the portrait in use; None before the first.
        path: its file; None while unknown.
        entries: the library as it is shown: bundled, the user's, guests of this session.
        adding: progress of adding several.
        thumbnails: the small pictures.

    Signals:
        used: a portrait and its file, whenever one is taken, or kept because another was refused.
        listed: the entries, whenever they change.
        changed: fields of the RunConfig that the user's choice changes.
        crop_ready: a CropJob that was asked for.
        problem: a Problem.
        noted: something for the status bar.
    """

    used = pyqtSignal(object, object)
    listed = pyqtSignal(list)
    changed = pyqtSignal(dict)
    crop_ready = pyqtSignal(object)
    problem = pyqtSignal(object)
    noted = pyqtSignal(str)

    def __init__(
        self,
        bridge: Bridge,
        ports: Ports,
        path: Path | None,
        parent: QObject | None = None,
        *,
        whole: bool = False,
    ) -> None:
        super().__init__(parent)
        self.current: Portrait | None = None
        self.path = None if path is None else path.absolute()
        self.entries: list[Entry] = []
        self.thumbnails = Thumbnails(bridge, ports, self)
        self.adding = Adding(bridge, self._shelf, self)
        self.adding.added.connect(self._added)
        self._bridge = bridge
        self._ports = ports
        self._session: Session | None = None
        self._whole = whole
        self._guests: list[Entry] = []
        self._cache = PortraitCache()
        self._turn = 0
        self._reading = False
        self._next: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._library: Library | None = None  # of the threads; see _shelf

    # -- life -------------------------------------------------------------------------------------

    def attach(self, session: "Session", given: Portrait | None) -> None:
        """A session starts; ``given`` is the portrait it was told to animate, None its own."""
        self._session = session
        if self.current is None:
            self._take(session.portrait, self.path)
        elif self.current is not given:  # chosen while it was being made
            session.set_portrait(self.current)

    def forget(self) -> None:
        """The session ends."""
        self._session = None

    def fill_gallery(self) -> None:
        """List the library, then show each portrait as it is read."""

        def read() -> tuple[list[Entry], list[str]]:
            shelf = self._shelf()
            return shelf.entries(), shelf.notices()

        def show(found: tuple[list[Entry], list[str]]) -> None:
            entries, notices = found
            if self.path is None and entries:
                self.path = entries[0].path  # what a session takes that is told nothing
            known = {entry.path for entry in entries}
            if self.path is not None and self.path not in known:
                guest = Entry(self.path, self.path.stem, False, True, whole=self._whole)
                self._guests.append(guest)
            self._list(entries)
            if self.current is not None:
                self.used.emit(self.current, self.path)
            for notice in notices:
                self.problem.emit(Problem("warning", notice))

        self._bridge.run("gallery", read, show, self._complain)

    # -- choosing ---------------------------------------------------------------------------------

    def choose(self, path: Path, crop: bool = True) -> None:
        """Animate another picture; one that is refused leaves the portrait as it is.

        Args:
            path: a portrait of the library, or any picture file, which is added to it.
            crop: find the face; False takes the centre square as it is.
        """
        entry = self.entry(path.absolute())
        if entry is not None and crop:
            self._use(entry)
        else:
            self._bring(path.absolute(), whole=not crop)

    def reload(self) -> None:
        """Read the portrait in use from its file again, and look for the face anew."""
        if self.path is not None:
            self.reload_path(self.path)

    def reload_path(self, path: Path) -> None:
        """Read a portrait from its file again and animate it."""
        entry = self.entry(path)
        if entry is not None:
            self._cache.drop(path)
            self.thumbnails.drop(path)
            self._use(entry, fresh=True)

    def entry(self, path: Path | None) -> Entry | None:
        """The portrait of a file, if it is shown."""
        return next((entry for entry in self.entries if entry.path == path), None)

    # -- bringing ---------------------------------------------------------------------------------

    def bring(self, came: Incoming) -> None:
        """Take what was dropped, pasted or opened: a picture is added and animated, several are
        only added."""
        if came.files:
            files = came.files
            self._bridge.run("look", lambda: gather(files), self._gathered, self._complain)
        elif came.image is not None:
            self._bring_image(came)
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

    # -- changing the library ---------------------------------------------------------------------

    def rename(self, path: Path, name: str) -> None:
        """Call one of the user's portraits by another name."""
        entry = self.entry(path)
        if entry is None or name.strip() == entry.name:
            return

        def renamed(new: Entry) -> None:
            if path == self.path and self.current is not None:
                self._take(replace(self.current, name=new.name), path)
            self._cache.drop(path)

        self._change("rename", lambda shelf: shelf.rename(entry, name), renamed)

    def remove(self, path: Path) -> None:
        """Take one of the user's portraits away, with a way back for this session."""
        entry = self.entry(path)
        if entry is None or not (entry.own or entry.guest):
            return
        follower = self._neighbour(path) if path == self.path else None
        if entry.guest:
            self._guests.remove(entry)
            self._list([e for e in self.entries if not e.guest])
            self._removed(entry, follower, lambda: self._bring(path, whole=entry.whole))
            return

        def removed(taken: Removed) -> None:
            self._removed(entry, follower, lambda: self._restore(taken, follower is not None))

        self._change("remove", lambda shelf: shelf.remove(entry), removed)

    def edit_crop(self, path: Path | None) -> None:
        """Make a portrait ready for the crop editor; :attr:`crop_ready` brings it."""
        entry = self.entry(path)
        if entry is not None:
            self._bridge.run(
                "crop",
                lambda: self._ports.crop_job(self._shelf(), entry),
                self.crop_ready.emit,
                self._complain,
            )

    def set_crop(self, path: Path, box: Box | None) -> None:
        """Cut a portrait in this square, in pixels of its file; None = around the face.

        It is animated if it is in use.
        """
        entry = self.entry(path)
        if entry is None:
            return

        def work() -> tuple[Entry, Portrait, list[Entry]]:
            shelf = self._shelf()
            portrait, new = shelf.portrait(shelf.choose_crop(entry, box))
            return new, portrait, shelf.entries()

        def done(found: tuple[Entry, Portrait, list[Entry]]) -> None:
            new, portrait, entries = found
            self._replace_guest(new)
            self._list(entries)
            self._cache.put(new, portrait)
            if path == self.path:
                self._animate(portrait, new)

        self._bridge.run("crop", work, done, self._complain)

    # -- inside -----------------------------------------------------------------------------------

    def _shelf(self) -> "Library":
        """The library; opened by the first thread that needs it, never the GUI's."""
        with self._lock:
            if self._library is None:
                self._library = self._ports.library()
            return self._library

    def _use(self, entry: Entry, *, fresh: bool = False) -> None:
        """Animate a portrait of the library: at once if it was read lately."""
        self._turn += 1
        turn = self._turn
        held = None if fresh else self._cache.get(entry)
        if held is not None:
            self._next = None
            self._animate(held, entry)
            return

        def use(found: tuple[Portrait, Entry]) -> None:
            portrait, new = found
            self._update(new)
            self._cache.put(new, portrait)
            if turn == self._turn:  # else another one was chosen meanwhile
                self._animate(portrait, new)

        self._read(
            lambda: self._shelf().portrait(entry, fresh=fresh), use, self._refuser(turn, entry)
        )

    def _read(
        self, work: Callable[[], T], done: Callable[[T], None], refused: Callable[[Exception], None]
    ) -> None:
        """Read one at a time; of those that wait only the newest, however fast keys repeat."""

        def run() -> None:
            self._reading = True
            self._bridge.run("portrait", work, ended(done), ended(refused))

        def ended(act: Callable[..., None]) -> Callable[..., None]:
            def end(outcome: object) -> None:
                self._reading = False
                act(outcome)
                following, self._next = self._next, None
                if following is not None and not self._reading:
                    following()

            return end

        if self._reading:
            self._next = run
        else:
            run()

    def _bring(self, path: Path, *, whole: bool = False) -> None:
        self._turn += 1
        turn = self._turn
        again = lambda: self._bring(path, whole=True)  # noqa: E731
        self._read(
            lambda: self._brought_by(lambda shelf: shelf.bring(path, whole=whole)),
            lambda found: self._brought(turn, *found),
            self._refuser(turn, None, None if whole else again),
        )

    def _bring_image(self, came: Incoming, *, whole: bool = False) -> None:
        self._turn += 1
        turn, image = self._turn, came.image
        assert image is not None
        name = self.tr("Pasted picture")
        again = lambda: self._bring_image(came, whole=True)  # noqa: E731
        self._read(
            lambda: self._brought_by(
                lambda shelf: shelf.bring_image(pixels(image), name, whole=whole)
            ),
            lambda found: self._brought(turn, *found),
            self._refuser(turn, None, None if whole else again),
        )

    def _brought_by(self, act: "Callable[[Library], Brought]") -> tuple[Brought, list[Entry]]:
        shelf = self._shelf()
        brought = act(shelf)
        return brought, shelf.entries()

    def _brought(self, turn: int, brought: Brought, entries: list[Entry]) -> None:
        entry = brought.entry
        if entry.guest:
            self._replace_guest(entry)
            if entry not in self._guests:
                self._guests.append(entry)
        self._list(entries)
        self._cache.put(entry, brought.portrait)
        name = spoken(entry.name)
        if brought.refused is not None:
            hint = self.tr("{name} is used from where it lies, and not kept.").format(name=name)
            message = f"{brought.refused.message} {hint}"
            self.problem.emit(Problem("warning", message, brought.refused.hint))
        if not brought.new:
            self.noted.emit(self.tr("You have that picture already: {name}").format(name=name))
        elif entry.warnings:
            message = self.tr("{name} may animate badly.").format(name=name)
            self.problem.emit(Problem("warning", message, " ".join(entry.warnings)))
        if turn == self._turn:
            self._animate(brought.portrait, entry)

    def _refuser(
        self, turn: int, entry: Entry | None, whole: Callable[[], None] | None = None
    ) -> Callable[[Exception], None]:
        """Tells why a picture is not used; one without a face can be taken as it is."""

        def refuse(error: Exception) -> None:
            if turn == self._turn and self.current is not None:
                self.used.emit(self.current, self.path)
            act = whole
            if act is None and entry is not None and not entry.whole:
                act = lambda: self._bring(entry.path, whole=True)  # noqa: E731
            if isinstance(error, NoFaceError) and act is not None:
                self._offer_whole(error, act)
            else:
                self._complain(error)

        return refuse

    def _offer_whole(self, error: NoFaceError, act: Callable[[], None]) -> None:
        hint = self.tr(
            "Use a picture in which the face is seen from the front, or take a drawing or an "
            "animal as it is."
        )
        remedy = (self.tr("Use it anyway"), act)
        self.problem.emit(Problem("error", error.message, hint, remedy))

    def _gathered(self, found: Gathered) -> None:
        if found.single:
            self.choose(found.pictures[0])
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
            self.adding.start(found.pictures)

    def _added(self, entries: list[Entry] | None, problem: Problem) -> None:
        if entries is not None:
            self._list(entries)
        self.problem.emit(problem)

    def _change(self, name: str, act: "Callable[[Library], T]", done: Callable[[T], None]) -> None:
        """Change the library, list it anew, then ``done``."""

        def work() -> tuple[T, list[Entry]]:
            shelf = self._shelf()
            return act(shelf), shelf.entries()

        def settle(found: tuple[T, list[Entry]]) -> None:
            self._list(found[1])
            done(found[0])

        self._bridge.run(name, work, settle, self._complain)

    def _removed(self, entry: Entry, follower: Entry | None, undo: Callable[[], None]) -> None:
        self._cache.drop(entry.path)
        self.thumbnails.drop(entry.path)
        if follower is not None and self.path == entry.path:
            self._use(follower)
        message = self.tr("{name} was removed.").format(name=spoken(entry.name))
        self.problem.emit(Problem("info", message, "", (self.tr("Undo"), undo)))

    def _restore(self, removed: Removed, use: bool) -> None:
        def back(entry: Entry) -> None:
            if use:
                self._use(entry)

        self._change("restore", lambda shelf: shelf.restore(removed), back)

    def _neighbour(self, path: Path) -> Entry | None:
        """What is animated when a portrait is gone: the next, or the last one."""
        place = next(i for i, entry in enumerate(self.entries) if entry.path == path)
        others = self.entries[:place] + self.entries[place + 1 :]
        return others[min(place, len(others) - 1)] if others else None

    def _replace_guest(self, entry: Entry) -> None:
        self._guests = [entry if g.path == entry.path else g for g in self._guests]

    def _update(self, entry: Entry) -> None:
        """An entry has changed, in what was found in its picture."""
        if entry not in self.entries and self.entry(entry.path) is not None:
            self._replace_guest(entry)
            self.entries = [entry if e.path == entry.path else e for e in self.entries]
            self._show()

    def _list(self, entries: list[Entry]) -> None:
        self.entries = entries + self._guests
        self._show()

    def _show(self) -> None:
        self.listed.emit(list(self.entries))
        self.thumbnails.draw(self.entries)

    def _animate(self, portrait: Portrait, entry: Entry) -> None:
        if self._session is not None:
            self._bridge.watch(self._session.set_portrait(portrait), None, self._complain)
        self.changed.emit({"portrait": entry.path})
        self._take(portrait, entry.path)

    def _take(self, portrait: Portrait, path: Path | None) -> None:
        self.current, self.path = portrait, path
        self.used.emit(portrait, path)

    def _complain(self, error: Exception) -> None:
        self.problem.emit(problem_of(error))
