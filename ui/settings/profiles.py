"""ProfileChooser: named sets of settings, for the window; files are touched on other threads."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from avatar.config import RunConfig
from ui.bridge import Bridge
from ui.problem import problem_of
from ui.settings.memory import Memory


class ProfileChooser(QObject):
    """Lives in the GUI thread.

    Attributes:
        active: the name of the profile in use; "" = none.

    Signals:
        changed: the names of all profiles, and the active one.
        switch_wanted: a name, "" for none, and that of a profile to delete afterwards, or "".
            Whoever owns the window opens it anew: every control shows other settings then.
        renamed: the name that the profile in use has from now on.
        problem: a Problem.
    """

    changed = pyqtSignal(list, str)
    switch_wanted = pyqtSignal(str, str)
    renamed = pyqtSignal(str)
    problem = pyqtSignal(object)

    def __init__(
        self, bridge: Bridge, memory: Memory, active: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.active = active
        self._bridge = bridge
        self._memory = memory

    def find(self) -> None:
        """List the profiles; :attr:`changed` tells them."""
        self._bridge.run(
            "profiles",
            self._memory.profiles.names,
            lambda names: self.changed.emit(names, self.active),
            self._complain,
        )

    def switch(self, name: str) -> None:
        """Use another profile, "" for none."""
        if name != self.active:
            self.switch_wanted.emit(name, "")

    def save_as(self, name: str, config: RunConfig) -> None:
        """Save settings as a new profile and go on with it."""
        self._change(lambda: self._memory.add(name, config), self._go_on_as)

    def rename(self, name: str) -> None:
        """Give the profile in use another name."""
        old = self.active
        self._change(lambda: self._memory.rename(old, name), self._go_on_as)

    def delete(self) -> None:
        """Delete the profile in use and go on without one."""
        if self.active:
            self.switch_wanted.emit("", self.active)

    def _change(self, work: Callable[[], str], done: Callable[[str], None]) -> None:
        self._bridge.run("profile", work, done, self._complain)

    def _go_on_as(self, name: str) -> None:
        self.active = name
        self.renamed.emit(name)
        self.find()

    def _complain(self, error: Exception) -> None:
        self.problem.emit(problem_of(error))
