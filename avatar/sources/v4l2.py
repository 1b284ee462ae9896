"""What a Linux driver says about a camera, without switching it on (video4linux, videodev2.h)."""

import logging
import os
import struct
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

_QUERYCAP = 0x80685600
_ENUM_FMT = 0xC0405602
_ENUM_FRAMESIZES = 0xC02C564A
_CAPTURE = 0x1 | 0x1000  # V4L2_CAP_VIDEO_CAPTURE, _MPLANE
_OUTPUT = 0x2  # V4L2_CAP_VIDEO_OUTPUT
_DEVICE_CAPS = 0x80000000
_DISCRETE = 1


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the Linux driver says about a device node."""

    driver: str
    capture: bool
    sizes: tuple[tuple[int, int], ...]
    output: bool = False


def ask_driver(device: Path) -> Capabilities | None:
    """Ask a video4linux driver; None when it may not be asked. Does not switch the camera on."""
    import fcntl

    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        log.debug("%s cannot be asked: %s", device, error)
        return None
    try:
        said = bytearray(104)
        fcntl.ioctl(handle, _QUERYCAP, said)
        driver = bytes(said[:16]).split(b"\0")[0].decode(errors="replace")
        everything, this_node = struct.unpack_from("<II", said, 84)[0:2]
        flags = this_node if everything & _DEVICE_CAPS else everything
        capture = bool(flags & _CAPTURE)
        sizes = _sizes(handle) if capture else ()
        return Capabilities(driver, capture, sizes, output=bool(flags & _OUTPUT))
    except OSError as error:
        log.debug("%s does not answer: %s", device, error)
        return None
    finally:
        os.close(handle)


def _sizes(handle: int) -> tuple[tuple[int, int], ...]:
    import fcntl

    sizes: set[tuple[int, int]] = set()
    for fmt_index in range(32):
        fmt = bytearray(struct.pack("<II", fmt_index, 1).ljust(64, b"\0"))
        try:
            fcntl.ioctl(handle, _ENUM_FMT, fmt)
        except OSError:  # past the last format
            break
        (pixel_format,) = struct.unpack_from("<I", fmt, 44)
        for index in range(64):
            entry = bytearray(struct.pack("<II", index, pixel_format).ljust(44, b"\0"))
            try:
                fcntl.ioctl(handle, _ENUM_FRAMESIZES, entry)
            except OSError:  # past the last size
                break
            kind, *words = struct.unpack_from("<I6I", entry, 8)
            if kind == _DISCRETE:
                sizes.add((words[0], words[1]))
            else:  # a range of widths and of heights (least, most, step): its largest
                sizes.add((words[1], words[4]))
                break
    return tuple(sorted(sizes, key=lambda size: (-size[0] * size[1], size)))
