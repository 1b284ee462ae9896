"""Redaction: a text without what tells who and where somebody is.

Taken out are the user's name, home folders (of anybody), the host's name, the names of pictures and
videos, and identifiers of cameras, which hold serial numbers. Rather too much than too little: of a
line that names a picture without its folder, all before it up to a colon goes too.
"""

import contextlib
import getpass
import platform
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from avatar.assets import asset
from avatar.errors import InputError

HOME, USER, HOST, FILE, DEVICE = "~", "[user]", "[host]", "[file]", "[device]"

MEDIA = (
    "png|jpg|jpeg|jpe|jfif|webp|bmp|gif|tif|tiff|heic|heif|avif|"
    "mp4|mov|mkv|avi|webm|m4v|mpg|mpeg|wmv|flv|ts|mts|ogv|3gp"
)
BUNDLED = ("driving.mp4",)

_ANY_HOME = re.compile(
    r"(?:/(?:home|Users)/[^/\s\"'<>:,;]+)"
    r"|(?:\b[A-Za-z]:(?:\\{1,2}|/)Users(?:\\{1,2}|/)[^\\/\"'<>:,;\n]+)",
    re.IGNORECASE,
)
_CAMERA_ID = re.compile(r"\bid:[^\s\"',]+")
_BY_ID = re.compile(r"/dev/v4l/by-(?:id|path)/[^\s\"',]+")
_MEDIA_NAME = re.compile(rf"((?:(?!: )[^/\\\n\"])*)\.({MEDIA})(?![\w])", re.IGNORECASE)
_ENDING = re.compile(rf"\.(?:{MEDIA})(?![\w])", re.IGNORECASE)

LONGEST = 4000
"""Characters of a line; the rest of a longer one is left out."""


class Redaction:
    """What is taken out of texts.

    Args:
        homes: folders that become "~".
        users, hosts: names.
        files: names of portraits, with or without their endings.
    """

    def __init__(
        self,
        homes: Iterable[str] = (),
        users: Iterable[str] = (),
        hosts: Iterable[str] = (),
        files: Iterable[str] = (),
    ) -> None:
        self._kept = set(BUNDLED)
        with contextlib.suppress(InputError):  # a damaged installation is told elsewhere
            self._kept |= {path.name for path in asset("portraits").iterdir()}
        stems = {Path(name).stem for name in self._kept}
        homes = {home.rstrip("/\\") for home in homes}
        # Longest first: a name may be a part of another one.
        self._homes = sorted((h for h in homes if len(h) > 1), key=len, reverse=True)
        named = [(name, USER) for name in users] + [(name, HOST) for name in hosts]
        named += [(name, FILE) for name in files if name not in self._kept | stems]
        named = [(name.strip(), stand_in) for name, stand_in in named if name.strip()]
        self._named = sorted(named, key=lambda pair: len(pair[0]), reverse=True)

    def text(self, text: str) -> str:
        """The text without them."""
        for home in self._homes:
            for written in {home, home.replace("\\", "\\\\"), home.replace("\\", "/")}:
                text = _replaced(text, written, HOME, alone=False)
        text = _ANY_HOME.sub(HOME, text)
        text = _BY_ID.sub(DEVICE, text)
        text = _CAMERA_ID.sub(f"id:{DEVICE}", text)
        if _ENDING.search(text):
            text = "\n".join(self._without_media(line) for line in text.split("\n"))
        for name, stand_in in self._named:
            text = _replaced(text, name, stand_in, alone=True)
        return text

    def plain(self, value: Any, *, keys: bool = True) -> Any:
        """What JSON or TOML can hold, every text in it redacted; ``keys``: those of tables too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {
                self.text(str(key)) if keys else key: self.plain(item, keys=keys)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.plain(item, keys=keys) for item in value]
        return value

    def _without_media(self, line: str) -> str:
        if not _ENDING.search(line):
            return line
        if len(line) > LONGEST:
            line = f"{line[:LONGEST].rpartition('.')[0]} ..."
        return _MEDIA_NAME.sub(self._media, line)

    def _media(self, found: "re.Match[str]") -> str:
        name = found.group(0)
        gap = name[: len(name) - len(name.lstrip())]
        return name if name.strip() in self._kept else f"{gap}{FILE}.{found.group(2)}"


def of_this_user(files: Iterable[str] = ()) -> Redaction:
    """What is to be taken out here.

    Args:
        files: names of the user's portraits.
    """
    homes, users = [str(Path.home())], [Path.home().name]
    with contextlib.suppress(OSError, KeyError, ImportError):  # a container's nameless user
        users.append(getpass.getuser())
    homes.append(str(Path.home().resolve()))
    host = platform.node()
    return Redaction(homes, users, [host, host.partition(".")[0]], files)


def _replaced(text: str, name: str, stand_in: str, *, alone: bool) -> str:
    """Every ``name`` in any case replaced; ``alone``: only as a word of its own."""
    pattern = re.escape(name)
    if alone:
        pattern = rf"(?<![^\W_]){pattern}(?![^\W_])"
    else:
        pattern = rf"{pattern}(?![\w-])"
    return re.sub(pattern, lambda _: stand_in, text, flags=re.IGNORECASE)
