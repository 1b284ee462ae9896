"""Proof 1: pictures reach other programs in the right size, rate, colours and orientation."""

from pathlib import Path

import cv2
import numpy as np

from avatar.assets import asset
from avatar.frame import Image, letterbox
from avatar.portraits.portrait import load_portrait
from avatar.sinks.virtualcam import HD, SQUARE, VirtualCamera
from tools.vm.guest import patches
from tools.vm.guest.drivers import AVATAR, load_loopback, until
from tools.vm.guest.reader import by_ffmpeg, format_of, pictures, rate, stamps
from tools.vm.guest.record import Record
from tools.vm.guest.show import Show, shown

COUNTED = 150
"""Pictures that the reader counts: five seconds of them, or more where processors are slow."""

WITHIN = 0.05
"""Of the rate wanted."""


def prove(record: Record) -> None:
    """A session with the fake engine, which shows the portrait as it is, into the device."""
    load_loopback()
    driver = still(record)
    with Show(driver, VirtualCamera(AVATAR)) as show:
        way = shown()
        record.claim("upright and not mirrored", way == "upright", seen=way)
        form = format_of(AVATAR)
        record.claim(
            "1280x720 at 30, planar YUV 4:2:0, as the device says",
            (form.width, form.height, form.pixels, form.fps) == (1280, 720, "YU12", 30.0),
            size=f"{form.width}x{form.height}",
            pixels=form.pixels,
            fps=form.fps,
        )
        _colours(record, pictures(AVATAR, 3)[-1].rgb())
        seen = patches.error(patches.square(by_ffmpeg(AVATAR).rgb()))
        record.claim("FFmpeg reads the same", bool((seen <= patches.WITHIN).all()))
        _portrait(record, show)
        _rate(record, "1280x720", 30.0)
        survivors, took_s = show.ended()
        record.claim("it stops, no thread left", not survivors, left=survivors, seconds=took_s)
    for size, fps in ((SQUARE, 30.0), (SQUARE, 10.0)):
        with Show(driver, VirtualCamera(AVATAR, size=size, fps=fps)):
            shown()
            _rate(record, f"{size[0]}x{size[1]}", fps)


def _rate(record: Record, size: str, wanted: float) -> None:
    per_second, short_ms, long_ms = rate(stamps(AVATAR, COUNTED, 180))
    record.claim(
        f"{size}: {wanted:g} pictures a second within 5 %, by v4l2-ctl's stamps of {COUNTED}",
        abs(per_second - wanted) < WITHIN * wanted,
        per_second=per_second,
        gap_ms_p5=short_ms,
        gap_ms_p95=long_ms,
    )


def write(record: Record, name: str, image: Image) -> Path:
    """Keep a picture; its path."""
    path = record.folder / name
    if not cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR)):
        raise RuntimeError(f"{path} could not be written")
    return path


def still(record: Record) -> Path:
    """A driver that does not move."""
    return write(record, "patches.png", patches.picture())


def _portrait(record: Record, show: Show) -> None:
    """Another portrait while others read: the bundled photograph, kept as a picture."""
    portrait = load_portrait(asset("portraits") / "astronaut.png")
    show.session.set_portrait(portrait).result(60)
    wanted = letterbox(portrait.image, *HD)

    def off() -> float:
        whole = pictures(AVATAR, 1)[-1].rgb()
        write(record, "vcam.png", whole)
        return float(np.abs(whole.astype(np.int16) - wanted).mean())

    record.claim(
        "another portrait, within two levels on average (colours have half the resolution)",
        until(lambda: off() < 2, 30, 1.0),
        levels=round(off(), 2),
    )


def _colours(record: Record, image: Image) -> None:
    write(record, "patches_read_back.png", image)
    off = patches.error(patches.square(image))
    record.claim(
        f"each of eight patches within {patches.WITHIN} levels (BT.601, limited range)",
        bool((off <= patches.WITHIN).all()),
        levels=[round(float(value), 2) for value in off.ravel()],
    )
    black = int(patches.bars(image).max())
    record.claim("the bars beside the square are black", black <= patches.WITHIN, most=black)
