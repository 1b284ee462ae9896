"""Proof 3: what goes wrong with real devices is said as documented, and mends without a restart."""

from contextlib import suppress
from pathlib import Path
from time import sleep

from avatar.errors import AvatarError
from avatar.session import Session
from avatar.sinks.virtualcam import VirtualCamera
from tools.vm.guest.cadence import still
from tools.vm.guest.drivers import AVATAR, WEBCAM, load_loopback, unload_loopback, until
from tools.vm.guest.program import STARTS_S, Program
from tools.vm.guest.reader import ReadError, pictures
from tools.vm.guest.record import Record
from tools.vm.guest.show import Show, shown

MODPROBE = "sudo modprobe v4l2loopback devices=1 exclusive_caps=1"
BUSY = "Close the other program that sends to it"


def prove(record: Record) -> None:
    """One fault after the other."""
    driver = still(record)
    with suppress(RuntimeError):
        unload_loopback()
    _mends(record, driver)
    _readers(record, driver)
    unload_loopback()
    _without_exclusive_caps(record, driver)


def _mends(record: Record, driver: Path) -> None:
    """One session, used as the window's switch for the virtual camera does."""
    with Show(driver) as show:
        why = _added(show.session, AVATAR)
        record.claim("without the module: told the modprobe line", MODPROBE in why, said=why)
        load_loopback()
        why = _added(show.session, AVATAR) or shown()
        record.claim(
            "the module loaded, the same session shows its picture", why == "upright", seen=why
        )
    other = occupy(record, AVATAR)
    with Show(driver) as show:
        why = _added(show.session, AVATAR)
        record.claim("a device that another program writes to: said so", BUSY in why, said=why)
        first = VirtualCamera()
        why = _added(show.session, None, first) or shown(WEBCAM)
        record.claim(
            "without a name the free one is taken",
            (why, first.device) == ("upright", WEBCAM),
            seen=why,
            device=first.device,
        )
        show.session.remove_sink(first).result(STARTS_S)
        other.stop()
        why = _added(show.session, AVATAR) or shown()
        record.claim(
            "once that program is closed, the same session shows its picture",
            why == "upright",
            seen=why,
        )


def _readers(record: Record, driver: Path) -> None:
    before = _reads()
    record.claim(
        "with exclusive_caps a program that looks before us finds no camera there",
        before != "",
        said=before,
    )
    with Show(driver, VirtualCamera(AVATAR)) as show:
        shown()
        complaints = [_reads() for _ in range(3)]
        record.claim(
            "a reader opens after us, closes and opens again, three times",
            complaints == ["", "", ""],
            said=complaints,
        )
        killed = _lasting_reader(record, "killed_reader")
        killed.process.kill()
        killed.process.wait()
        record.claim("a reader is killed: another reads", _reads() == "", said=show.said)
        stays = _lasting_reader(record, "lasting_reader")
    with Show(driver, VirtualCamera(AVATAR)) as show:
        way = shown()
        record.claim(
            "stopped while a program reads, and started again: others read again",
            way == "upright",
            seen=way,
            reader_runs=stays.runs,
            said=show.said,
        )
    stays.stop()


def _without_exclusive_caps(record: Record, driver: Path) -> None:
    load_loopback(exclusive=False)
    waits = _lasting_reader(record, "early_reader")
    record.claim(
        "without exclusive_caps a program may open the device before us",
        None,
        runs=waits.runs,
        said=waits.said[-200:],
    )
    with Show(driver, VirtualCamera(AVATAR)) as show:
        way = shown()
        record.claim(
            "without exclusive_caps it shows its picture, upright",
            way == "upright",
            seen=way,
            said=show.said,
        )
    waits.stop()
    other = occupy(record, AVATAR)
    with Show(driver) as show:
        why = _added(show.session, AVATAR)
        record.claim("without exclusive_caps a second writer, which 0.12.7 lets in", None, said=why)
    other.stop()


def _added(session: Session, device: str | None, sink: VirtualCamera | None = None) -> str:
    """Add a virtual camera; empty, or why not, with what to do."""
    try:
        session.add_sink(sink or VirtualCamera(device)).result(STARTS_S)
    except AvatarError as error:
        return f"{error.message} {error.hint}"
    return ""


def occupy(record: Record, device: str) -> Program:
    """Another program that writes to the device."""
    source = ("-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=5")
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", *source, "-f", "v4l2"]
    other = Program([*command, "-pix_fmt", "yuv420p", device], record.folder, "other")
    if not until(lambda: _reads(device) == "", 60, 1.0):
        raise RuntimeError(f"{device} could not be occupied: {other.said}")
    return other


def _lasting_reader(record: Record, name: str) -> Program:
    """A program that opens the device and waits for pictures."""
    command = ["v4l2-ctl", "-d", AVATAR, "--stream-mmap", "--stream-count=100000"]
    reader = Program(command, record.folder, name)
    sleep(3)
    return reader


def _reads(device: str = AVATAR) -> str:
    """Empty when another program can read two pictures, else its complaint."""
    try:
        pictures(device, 2, 30)
    except ReadError as error:
        return str(error)
    return ""
