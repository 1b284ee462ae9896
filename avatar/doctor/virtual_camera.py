"""The virtual camera: whether it opens, and whether other programs see what is sent."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from avatar.doctor.apart import Apart
from avatar.doctor.finding import Finding, Status, failure
from avatar.errors import AvatarError, Cancelled, SinkError
from avatar.sinks.driver import lacking

NAME = "virtual camera"
LIMIT_S = 30.0
RELOAD = (
    "Close every program that uses it, then: sudo modprobe -r v4l2loopback && "
    'sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label="Avatar Camera"'
)


def check(apart: Apart, lacks: Callable[[], SinkError | None] = lacking) -> Iterator[Finding]:
    """One finding."""
    missing = lacks()
    if missing is not None:  # not everybody wants one
        yield failure(NAME, missing, Status.WARNING)
        return
    try:
        told = apart.ask("avatar.doctor.loopback:send_and_read", limit_s=LIMIT_S)
    except Cancelled:
        raise
    except AvatarError as error:
        yield failure(NAME, error)
    else:
        yield judged(told)


def judged(told: Mapping[str, Any]) -> Finding:
    """The finding about one that opened; ``told`` as avatar/doctor/loopback.py tells it."""
    device, seen, why = told["device"], told["seen"], told["why"]
    if why:
        return Finding(
            NAME, Status.FAILED, f"{device} takes pictures, but gives none: {why}", RELOAD, told
        )
    if not seen:
        return Finding(
            NAME,
            Status.OK,
            f"{device} takes pictures. Here they cannot be read back.",
            details=told,
        )
    if seen == "same":
        return Finding(
            NAME, Status.OK, f"{device} shows to others what is sent to it.", details=told
        )
    return Finding(
        NAME, Status.FAILED, f"{device} shows the test pattern {_how(seen)}.", RELOAD, told
    )


def _how(seen: str) -> str:
    return "not at all, but another picture" if seen == "another picture" else f"wrongly: {seen}"
