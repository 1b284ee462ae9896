"""Portraits: which picture is animated, and the way from a choice to the session."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.errors import NoFaceError
from avatar.frame import Portrait
from avatar.portraits.catalogue import Box
from avatar.portraits.entry import Brought, Entry
from ui.bridge import Bridge
from ui.gallery.bringing import Bringing, Refuser
from ui.gallery.cache import PortraitCache
from ui.gallery.collection import Collection
from ui.gallery.reading import Reading
from ui.ports import Ports
from ui.problem import Problem, problem_of

if TYPE_CHECKING:
    from avatar.portraits.library import Library
    from avatar.session import Session


class Portraits(QObject):
    """Lives in the GUI thread; files are read and written on others.

    Args:
        bridge, ports: to what is slow.
        path: the portrait to begin with; None = the first bundled one.
        whole: its centre square is taken as it is.

    Attributes:
        current: the portrait in use; None before the first.
        path: its file; None while unknown.
        collection: the portraits to choose from.
        bringing: takes new ones in.

    Signals:
        used: a portrait and its file, whenever one is taken, or kept because another was refused.
        changed: fields of the RunConfig that the user's choice changes.
        problem: a Problem.
        noted: something for the status bar.
    """

    used = pyqtSignal(object, object)
    changed = pyqtSignal(dict)
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
        self.collection = collection = Collection(bridge, ports, self)
        collection.problem.connect(self.problem)
        collection.renamed.connect(self._renamed)
        collection.removed.connect(self._removed)
        collection.restored.connect(self._restored)
        self.bringing = bringing = Bringing(bridge, collection, self._begin, self)
        bringing.single.connect(self.choose)
        bringing.problem.connect(self.problem)
        bringing.noted.connect(self.noted)
        self._bridge = bridge
        self._session: Session | None = None
        self._whole = whole
        self._cache = PortraitCache()
        self._reading = Reading(bridge)
        self._turn = 0
        self._gone: Path | None = None  # was in use when it was removed

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

        def place(entries: list[Entry]) -> None:
            if self.path is None and entries:
                self.path = entries[0].path  # what a session takes that is told nothing
            elif self.path is not None and self.path not in {entry.path for entry in entries}:
                guest = Entry(self.path, self.path.stem, False, True, whole=self._whole)
                self.collection.host(guest)
            if self.current is not None:
                self.used.emit(self.current, self.path)

        self.collection.fill(place)

    # -- choosing ---------------------------------------------------------------------------------

    def choose(self, path: Path, crop: bool = True) -> None:
        """Animate another picture; one that is refused leaves the portrait as it is.

        Args:
            path: a portrait of the library, or any picture file, which is added to it.
            crop: find the face; False takes the centre square as it is.
        """
        entry = self.collection.entry(path.absolute())
        if entry is not None and crop:
            self._use(entry)
        else:
            self.bringing.bring_file(path.absolute(), whole=not crop)

    def reload(self) -> None:
        """Read the portrait in use from its file again, and look for the face anew."""
        if self.path is not None:
            self.reload_path(self.path)

    def reload_path(self, path: Path) -> None:
        """Read a portrait from its file again and animate it."""
        entry = self.collection.entry(path)
        if entry is not None:
            self._cache.drop(path)
            self.collection.thumbnails.drop(path)
            self._use(entry, fresh=True)

    def set_crop(self, path: Path, box: Box | None) -> None:
        """Cut a portrait in this square, in pixels of its file; None = around the face.

        It is animated if it is in use.
        """
        entry = self.collection.entry(path)
        if entry is None:
            return

        def cut(shelf: "Library") -> tuple[Portrait, Entry]:
            return shelf.portrait(shelf.choose_crop(entry, box))

        def done(found: tuple[Portrait, Entry]) -> None:
            portrait, new = found
            self.collection.update(new)
            self._cache.put(new, portrait)
            if path == self.path:
                self._animate(portrait, new)

        self.collection.change("crop", cut, done)

    # -- inside -----------------------------------------------------------------------------------

    def _use(self, entry: Entry, *, fresh: bool = False) -> None:
        """Animate a portrait of the library: at once if it was read lately."""
        self._turn += 1
        turn = self._turn
        held = None if fresh else self._cache.get(entry)
        if held is not None:
            self._reading.forget_waiting()
            self._animate(held, entry)
            return

        def use(found: tuple[Portrait, Entry]) -> None:
            portrait, new = found
            self.collection.update(new)
            self._cache.put(new, portrait)
            if turn == self._turn:  # else another one was chosen meanwhile
                self._animate(portrait, new)

        def whole() -> None:
            self.bringing.bring_file(entry.path, whole=True)

        self._reading.read(
            lambda: self.collection.library().portrait(entry, fresh=fresh),
            use,
            self._refuser(turn, None if entry.whole else whole),
        )

    def _begin(self) -> tuple[Callable[[Brought], None], Refuser]:
        """A picture that the user brought is being read: it is animated unless another one is
        chosen meanwhile; it is added all the same."""
        self._turn += 1
        turn = self._turn

        def use(brought: Brought) -> None:
            self._cache.put(brought.entry, brought.portrait)
            if turn == self._turn:
                self._animate(brought.portrait, brought.entry)

        return use, partial(self._refuser, turn)

    def _refuser(self, turn: int, whole: Callable[[], None] | None) -> Callable[[Exception], None]:
        """Tells why a picture is not used; one without a face can be taken as it is."""

        def refuse(error: Exception) -> None:
            if turn == self._turn and self.current is not None:
                self.used.emit(self.current, self.path)
            if isinstance(error, NoFaceError) and whole is not None:
                hint = self.tr(
                    "Use a picture in which the face is seen from the front, or take a drawing or "
                    "an animal as it is."
                )
                remedy = (self.tr("Use it anyway"), whole)
                self.problem.emit(Problem("error", error.message, hint, remedy))
            else:
                self._complain(error)

        return refuse

    def _renamed(self, entry: Entry) -> None:
        self._cache.drop(entry.path)  # its portraits have the old name
        if entry.path == self.path and self.current is not None:
            self._take(replace(self.current, name=entry.name), entry.path)

    def _removed(self, entry: Entry, follower: Entry | None) -> None:
        self._cache.drop(entry.path)
        if entry.path == self.path and follower is not None:
            self._gone = entry.path
            self._use(follower)

    def _restored(self, entry: Entry) -> None:
        if entry.path == self._gone:
            self._gone = None
            self._use(entry)

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
