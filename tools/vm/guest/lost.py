"""Proof 3, the other side: the webcam's feed stops and returns, while the app runs on."""

from time import monotonic

import numpy as np

from avatar.errors import AvatarError
from avatar.sinks.virtualcam import VirtualCamera
from avatar.sources.camera import CameraSource
from tools.vm.guest.drivers import AVATAR, VIVID, WEBCAM, load_loopback, load_vivid, until
from tools.vm.guest.program import Program
from tools.vm.guest.reader import ReadError, pictures
from tools.vm.guest.record import Record
from tools.vm.guest.show import Show, shown
from tools.vm.guest.webcam import Webcam

SAID_S = 40.0
BACK_S = 60.0
GREY = [np.full((240, 320, 3), 128, np.uint8)]


def prove(record: Record) -> None:
    """A webcam without a feed; one that is busy; a feed that stops, returns, and stops for good."""
    load_loopback()
    load_vivid()
    why = _opened(WEBCAM)
    record.claim("a webcam that nobody feeds: said so", "There is no camera" in why, said=why)
    _busy(record)
    webcam = Webcam(WEBCAM, GREY, record.folder)
    source = CameraSource(WEBCAM)
    with Show(source, VirtualCamera(AVATAR)) as show:
        record.claim("driven by the webcam", shown() == "upright", said=show.said)
        for turn in (1, 2):
            began = monotonic()
            webcam.stop()
            told = until(lambda n=turn: show.count("Waiting for it to come back") >= n, SAID_S)  # type: ignore[misc]
            record.claim(
                f"the feed stops ({turn}): said",
                told,
                seconds=round(monotonic() - began, 1),
                said=show.said[-1:],
            )
            record.claim(f"meanwhile the virtual camera gives pictures ({turn})", _gives())
            webcam = Webcam(WEBCAM, GREY, record.folder)
            began = monotonic()
            back = until(lambda n=turn: show.count(" is back.") >= n, BACK_S)  # type: ignore[misc]
            record.claim(
                f"the feed returns ({turn}): picked up by itself",
                back,
                seconds=round(monotonic() - began, 1),
                said=show.said[-1:],
            )
        webcam.stop()
        survivors, took_s = show.ended()
        record.claim(
            "it stops right after the feed did, no thread left",
            not survivors,
            left=survivors,
            seconds=took_s,
        )
    webcam = Webcam(WEBCAM, GREY, record.folder)
    source.open()
    source.read()
    webcam.stop()
    began = monotonic()
    worker = source._worker
    source.close()
    took_s = monotonic() - began
    record.claim(
        "a camera that gives nothing any more can be closed: its thread ends",
        worker is not None and not worker.alive,
        seconds=round(took_s, 1),
    )


def _busy(record: Record) -> None:
    """The kernel's own camera, streaming to somebody else: it serves one program at a time."""
    command = ["v4l2-ctl", "-d", VIVID, "--stream-mmap", "--stream-count=100000"]
    holder = Program(command, record.folder, "holder")
    until(lambda: "<" in holder.said or not holder.runs, 30)
    why = _opened(VIVID)
    record.claim(
        "a webcam that another program has: names the program", "v4l2-ctl" in why, said=why
    )
    holder.stop()
    why = _opened(VIVID)
    record.claim("once that program is closed it opens", why == "", said=why)


def _opened(device: str) -> str:
    """Empty where the camera gives a picture, else why not, with what to do."""
    source = CameraSource(device)
    try:
        source.open()
        source.read()
    except AvatarError as error:
        return f"{error.message} {error.hint}"
    finally:
        source.close()
    return ""


def _gives() -> bool:
    try:
        return len(pictures(AVATAR, 2, 30)) == 2
    except ReadError:
        return False
