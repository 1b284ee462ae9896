"""PortraitTarget: what the portrait asks of the driver, looked for once per portrait."""

import logging
from collections.abc import Callable

from avatar.frame import Portrait
from avatar.pose.match import STRAIGHT, Target
from ui.bridge import Bridge
from ui.ports import Ports

log = logging.getLogger(__name__)


class PortraitTarget:
    """Lives in the GUI thread; portraits are looked at on others.

    Args:
        bridge, ports: the way to those.

    Attributes:
        known: the target of the newest portrait; None until it is found.
    """

    def __init__(self, bridge: Bridge, ports: Ports) -> None:
        self.known: Target | None = None
        self._bridge = bridge
        self._ports = ports
        self._of: Portrait | None = None  # whose target is there, or being looked for

    def give(self, portrait: Portrait | None, act: Callable[[Target], None]) -> None:
        """Do something with the target of a portrait, once that is known."""
        if portrait is None or self._of is portrait:
            # Known, or being looked for: a search begins with what there is.
            act(self.known or STRAIGHT)
            return
        self.known, self._of = None, portrait

        def got(target: Target) -> None:
            if self._of is portrait:
                self.known = target
            act(target)

        def refuse(error: Exception) -> None:
            log.warning("the portrait's pose is not known: %s", error)
            got(STRAIGHT)

        self._bridge.run("target", lambda: self._ports.target(portrait), got, refuse)
