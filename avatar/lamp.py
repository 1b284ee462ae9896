"""Lamp: a trouble that is logged when it begins and when it is over, not while it lasts.

What is called for every frame (a read, a write, a poll) would else log for every frame.
"""

import logging


class Lamp:
    """Lit while a trouble lasts. Of one thread.

    Args:
        log: where it is logged.

    Attributes:
        count: how often :meth:`on` was called since it was lit; 0 while it is dark.
    """

    def __init__(self, log: logging.Logger) -> None:
        self.count = 0
        self._log = log
        self._key: object = None

    def on(
        self,
        message: str,
        *args: object,
        key: object = None,
        level: int = logging.WARNING,
        exc_info: BaseException | None = None,
    ) -> None:
        """Log the trouble, unless it was lit for the same one.

        Args:
            message, args: what is logged.
            key: which trouble it is; another one is logged although the lamp is lit.
            level: of the record.
            exc_info: whose traceback goes with it.
        """
        new = self.count == 0 or key != self._key
        self.count = 1 if new else self.count + 1
        self._key = key
        if new:
            self._log.log(level, message, *args, exc_info=exc_info)

    def off(self, message: str = "", *args: object) -> None:
        """Log that it is over, as "info", if it was lit; without a message it just goes out."""
        count, self.count = self.count, 0
        if count and message:
            times = f" (it came {count} times)" if count > 1 else ""
            self._log.info(f"{message}%s", *args, times)
