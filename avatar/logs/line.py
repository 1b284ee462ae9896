"""Line: how a record is written, without what tells who and where somebody is.

People attach log files to issue reports as they are, so they are redacted like the doctor's bundle:
home folders, names of user and host, names of pictures and videos, identifiers of cameras. What a
web address says beside host and path goes too: it may be a password or a key.
"""

import logging
import re
from datetime import datetime

from avatar.doctor.redaction import Redaction, of_this_user

OURS = ("avatar", "engines", "ui")

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@\"']+@")
_QUERY = re.compile(r"(\w://[^\s?#\"']+)[?#][^\s\"']*")
_CONTROL = {code: "?" for code in (*range(9), *range(11, 32), 127)}


def wanted(record: logging.LogRecord) -> bool:
    """Whether it belongs into the file: "info" of our own packages, warnings of others."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in OURS


class Line(logging.Formatter):
    """One line for each record; the lines of a traceback follow, indented.

    Args:
        redaction: what is taken out; None = what tells of this user.
    """

    def __init__(self, redaction: Redaction | None = None) -> None:
        super().__init__()
        self._redaction = redaction or of_this_user()

    def format(self, record: logging.LogRecord) -> str:
        """``2026-11-21 20:15:02.123 INFO    inference  avatar.slot: ...``; local time."""
        text = self.clean(super().format(record)).replace("\n", "\n    ")
        when = datetime.fromtimestamp(record.created).isoformat(" ", "milliseconds")
        return f"{when} {record.levelname:<7} {record.threadName:<10} {record.name}: {text}"

    def clean(self, text: str) -> str:
        """The text, redacted and without control characters."""
        text = _QUERY.sub(r"\1", _CREDENTIALS.sub("", text))
        return self._redaction.text(text).rstrip().translate(_CONTROL)
