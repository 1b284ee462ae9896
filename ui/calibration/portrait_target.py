"""PortraitTarget: what the portrait asks of the driver, looked for once per portrait."""

import logging
from collections.abc import Callable
from weakref import WeakKeyDictionary

from avatar.frame import Portrait
from avatar.pose.match import STRAIGHT, Target
from ui.bridge import Bridge
from ui.ports import Ports

log = logging.getLogger(__name__)

Act = Callable[[Target], None]


class PortraitTarget:
    """Lives in the GUI thread; portraits are looked at on others.

    Args:
        bridge, ports: the way to those.
    """

    def __init__(self, bridge: Bridge, ports: Ports) -> None:
        self._bridge = bridge
        self._ports = ports
        # Of every portrait that somebody still has: who goes back to one waits for nothing.
        self._found: WeakKeyDictionary[Portrait, Target] = WeakKeyDictionary()
        self._waiting: WeakKeyDictionary[Portrait, list[Act]] = WeakKeyDictionary()

    def known(self, portrait: Portrait | None) -> Target | None:
        """The target of a portrait; None until it is found."""
        return None if portrait is None else self._found.get(portrait)

    def look_at(self, portrait: Portrait | None) -> None:
        """Have the target of a portrait known soon."""
        self.give(portrait, lambda _: None)

    def give(self, portrait: Portrait | None, act: Act) -> None:
        """Do something with the target of a portrait, once that is known."""
        if portrait is None or portrait in self._found:
            act(self.known(portrait) or STRAIGHT)
            return
        if portrait in self._waiting:
            self._waiting[portrait].append(act)
            return
        self._waiting[portrait] = [act]

        def got(target: Target) -> None:
            self._found[portrait] = target
            for each in self._waiting.pop(portrait):
                each(target)

        def refuse(error: Exception) -> None:
            log.warning("the portrait's pose is not known: %s", error)
            got(STRAIGHT)

        self._bridge.run("target", lambda: self._ports.target(portrait), got, refuse)
