"""Proof 2: a face in one device moves the portrait in the other, with the bundled model.

What comes out is kept as pictures; the host scores them against what ``avatar render`` makes of the
same clip (tools/vm/likeness.py).
"""

import json
from time import monotonic, sleep

import numpy as np

from avatar.assets import asset
from avatar.frame import Image, letterbox
from avatar.slate import card
from tools.vm.guest import patches
from tools.vm.guest.cadence import write
from tools.vm.guest.drivers import AVATAR, WEBCAM, load_loopback, until
from tools.vm.guest.program import AVATAR as APP
from tools.vm.guest.program import STARTS_S, Program
from tools.vm.guest.reader import pictures
from tools.vm.guest.record import Record
from tools.vm.guest.webcam import Webcam, decoded

CLIP = "driving.mp4"
PORTRAIT = "astronaut.png"
ENGINE = "ov:int8"
"""Of full precision, a frame takes emulated processors a quarter of a minute: every number of a
vector goes through a function of its own, those of whole numbers do not."""

WANTED = 24
STEP = 5
"""Every fifth picture of the clip is shown."""

CHANGES_S = 60.0
"""How long a new picture may take: emulated processors need seconds for one."""

DISTINCT = 0.25
"""Mean difference in levels from every picture kept before."""

READY_S = 900.0


def prove(record: Record) -> None:
    """The bundled clip as a webcam; the app reads it and shows the bundled portrait."""
    load_loopback()
    clip = decoded(asset(CLIP))
    webcam = Webcam(WEBCAM, clip, record.folder)
    command = [
        *(APP, "run", "--camera", WEBCAM, "--virtual-camera", AVATAR, "--headless", "--json"),
        *("--engine", ENGINE, "--portrait", str(asset("portraits") / PORTRAIT)),
    ]
    app = Program(command, record.folder, "puppet")
    try:
        if not until(lambda: "Engine ov" in app.said or not app.runs, READY_S) or not app.runs:
            raise RuntimeError(f"the app did not start: {app.said}")
        slate = letterbox(card("Waiting for a picture"), 720, 720)
        if not until(lambda: _far(slate, _now()) > 8, STARTS_S, 2.0):
            raise RuntimeError(f"only the slate was shown: {app.said}")
        kept = _play(record, webcam, len(clip))
        record.claim("distinct animated pictures were read back", kept >= 20, pictures=kept)
    finally:
        code, took_s = app.stop()
        webcam.stop()
    record.claim("Ctrl-C ends it with 0", code == 0, code=code, seconds=took_s)
    report = json.loads(app.out.read_text().splitlines()[-1])
    record.claim(
        "the app's own figures",
        None,
        **{key: report.get(key) for key in ("engine", "model", "frames", "seconds", "camera")},
        age_ms=report.get("frame_age_ms"),
        stage_ms=report.get("stage_ms"),
    )


def _play(record: Record, webcam: Webcam, length: int) -> int:
    """Show the clip and keep what comes out; how many pictures differ from all before."""
    kept: list[Image] = []
    for place in range(0, length, STEP):
        webcam.place = place
        whole = _new(kept)
        if whole is None:
            continue
        kept.append(patches.square(whole))
        write(record, f"avatar_{len(kept):03d}.png", kept[-1])
        if len(kept) == WANTED // 2:
            write(record, "vcam.png", whole)
        print(f"vm: picture {len(kept)}, the clip at {place}", flush=True)
        if len(kept) >= WANTED:
            break
    return len(kept)


def _new(kept: list[Image]) -> Image | None:
    """The device's picture as soon as it is unlike all before; None where it stays."""
    end = monotonic() + CHANGES_S
    while monotonic() < end:
        whole = pictures(AVATAR, 1)[-1].rgb()
        now = patches.square(whole)
        if all(_far(now, other) > DISTINCT for other in kept):
            return whole
        sleep(0.5)
    return None


def _now() -> Image:
    """What the device shows now, between the bars."""
    return patches.square(pictures(AVATAR, 1)[-1].rgb())


def _far(one: Image, other: Image) -> float:
    """Mean absolute difference in levels of 255."""
    return float(np.abs(one.astype(np.int16) - other).mean())
