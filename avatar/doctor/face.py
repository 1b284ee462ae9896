"""Face tracking, and a portrait cut by it."""

from collections.abc import Iterator

from avatar.doctor.apart import Apart
from avatar.doctor.finding import Finding, Status, failure
from avatar.errors import AvatarError, Cancelled

FACE_S = 60.0
AGAIN = "Install the package again: its face tracker or its portraits are damaged."


def check(apart: Apart) -> Iterator[Finding]:
    """Two findings: "face tracking" and "portrait"."""
    try:
        told = apart.ask("avatar.doctor.look:find_face", limit_s=FACE_S)
    except Cancelled:
        raise
    except AvatarError as error:
        yield failure("face tracking", error)
        yield Finding("portrait", Status.SKIPPED, "Without face tracking no portrait is cut.")
        return
    if told["faces"]:
        yield Finding(
            "face tracking",
            Status.OK,
            f"MediaPipe finds the face of the bundled portrait, in {told['ms']} ms.",
            details=told,
        )
    else:
        yield Finding(
            "face tracking",
            Status.FAILED,
            "MediaPipe finds no face in the bundled portrait.",
            AGAIN,
            told,
        )
    if told["cut"]:
        width, height = told["size"]
        yield Finding("portrait", Status.OK, f"The bundled portrait ({width}x{height}) is cut.")
    else:
        yield Finding("portrait", Status.FAILED, "The bundled portrait is not cut.", AGAIN)
