"""Proof 3 by the app's own command: what it says where it cannot open the virtual camera."""

from avatar.assets import asset
from tools.vm.guest.drivers import AVATAR, load_loopback
from tools.vm.guest.faults import BUSY, MODPROBE, occupy
from tools.vm.guest.program import AVATAR as APP
from tools.vm.guest.program import Program
from tools.vm.guest.record import Record

GROUP = "sudo usermod -a -G video"


def prove(record: Record) -> None:
    """No module, no rights, a device in use. No module is loaded before."""
    _command(record, "missing", MODPROBE)
    load_loopback()
    _command(record, "forbidden", GROUP, user="stranger")
    other = occupy(record, AVATAR)
    _command(record, "busy", BUSY)
    other.stop()


def _command(record: Record, name: str, hint: str, user: str = "user") -> None:
    """The app's own command, where it cannot open the device: ends by itself and says why."""
    command = [
        *(APP, "run", "--headless", "--engine", "fake", "--camera", "synthetic"),
        *("--portrait", str(asset("portraits") / "astronaut.png")),
        *("--virtual-camera", AVATAR),
    ]
    app = Program(command, record.folder, name, user)
    code = app.ended()
    lines = [" ".join(line.split()) for line in app.said.splitlines()]
    said = [line for line in lines if "irtual camera" in line or "what to do" in line]
    record.claim(
        f"avatar run --virtual-camera, {name}: ends by itself, not with 0, and says what to do",
        code not in (None, 0) and hint in app.said and "Traceback" not in app.said,
        code=code,
        said=said,
    )
