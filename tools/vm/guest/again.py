"""Proof 3, the shortest: the virtual camera is switched off and on again, and left to others."""

from avatar.errors import AvatarError
from avatar.sinks.loopback import loopbacks
from avatar.sinks.virtualcam import VirtualCamera
from tools.vm.guest.drivers import AVATAR, load_loopback
from tools.vm.guest.record import Record


def prove(record: Record) -> None:
    """Three times, without anything else of the app."""
    load_loopback()
    for turn in (1, 2, 3):
        camera, why = VirtualCamera(AVATAR), ""
        try:
            camera.open()
        except AvatarError as error:
            why = f"{error.message} {error.hint}"
        camera.close()
        record.claim(f"it opens ({turn})", why == "", said=why)
        left = loopbacks()[AVATAR]
        record.claim(
            f"closed, the device takes pictures of others ({turn})", left.output, said=str(left)
        )
