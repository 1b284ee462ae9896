"""Attempt: one session on its way from a config to its start, which may be given up at any time."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from avatar.config import RunConfig
from avatar.events import Event
from avatar.frame import Portrait
from ui.bridge import Bridge, Refused
from ui.ports import Ports

if TYPE_CHECKING:
    from avatar.assembly import Driver
    from avatar.session import Session

STOP_S = 5.0
"""How long a session that the user stops may take to end, in seconds."""


class Attempt:
    """Opens a session on a thread of its own and starts it there.

    Args:
        bridge, ports: the way to that thread.
        asked: what the session is made of.
        portrait: that is there already; None = the config's.

    Attributes:
        session: once it is made; it may run before anybody adopted it.
    """

    def __init__(
        self, bridge: Bridge, ports: Ports, asked: RunConfig, portrait: Portrait | None
    ) -> None:
        self.session: Session | None = None
        self.asked = asked
        self.portrait = portrait
        self._bridge = bridge
        self._ports = ports
        self._given_up = threading.Event()

    @property
    def given_up(self) -> bool:
        """Whether nobody wants the session any more."""
        return self._given_up.is_set()

    def give_up(self) -> None:
        """Have it end by itself, as soon as it can."""
        self._given_up.set()

    def begin(
        self,
        let_go: Callable[[], None],
        adopt: "Callable[[Attempt, Session, Driver], None]",
        hear: "Callable[[Session, Event], None]",
        done: Callable[[None], None],
        refused: Refused,
    ) -> None:
        """Open and start.

        Args:
            let_go: leaves the camera that is opened next; called on the attempt's thread, all
                others in the GUI thread.
            adopt: the session is made and about to start.
            hear: told each of its events, after it was adopted.
            done: the attempt is over; where it was given up the session is not running.
            refused: what went wrong instead.
        """
        bridge = self._bridge

        def work() -> None:
            driver = self._ports.find_driver(self.asked)
            let_go()
            session = self._ports.open_session(replace(self.asked, camera=driver.spec))
            if self._unwanted():
                return
            if self.portrait is not None:
                session.set_portrait(self.portrait)
            session.on_event(lambda event: bridge.post(lambda: hear(session, event)))
            # Posted before any event, so that every event finds its session known.
            bridge.post(lambda: adopt(self, session, driver))
            self.session = session  # before the start: closing must find what may run
            session.start()
            if self._unwanted():
                session.stop(STOP_S)

        bridge.run("start", work, done, refused)

    def _unwanted(self) -> bool:
        return self.given_up or self._bridge.closing.is_set()
