"""Every engine on a real frame, compared with the reference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from avatar.doctor.apart import Apart
from avatar.doctor.finding import Finding, Status, failure
from avatar.errors import AvatarError, Cancelled
from avatar.frame import CROP_SIZE, Floats, Image
from avatar.gpu import Gpu, cure, find_gpu
from avatar.quality import psnr_db

REFERENCE = "eager"
EXACT = ("fp32",)
"""Precisions that may stand in for the reference where PyTorch is not installed."""

SURVEY_S = 60.0
ENGINE_S = 60.0

LEAST_DB = {"fp32": 40.0}
"""Peak signal to noise of the picture against the reference's. This is one frame, whose driver is
a drawn face and far from the portrait; it is there to tell broken from sound, not good from
better."""
LEAST_DB_OTHERS = 27.0
MOST_PX = 0.5
"""Mean distance of keypoints from the reference's, in pixels of the 256."""


@dataclass(frozen=True)
class Shown:
    """What an engine made of the pair.

    Attributes:
        picture: (256, 256, 3) uint8 RGB.
        value: (K, 2) float32 in [-1, 1].
        told: what its process told: device, note, opened_s, ms.
    """

    picture: Image
    value: Floats
    told: Mapping[str, Any]


def check(apart: Apart, model: str) -> Iterator[Finding]:
    """A finding for every engine in every precision that is installed."""
    found = apart.ask("avatar.doctor.animation:survey", model, limit_s=SURVEY_S)["engines"]
    gpu = find_gpu()
    runnable = [e for e in found if e["state"] == "ready"]
    # The reference first, so that each of the others is compared as soon as it has run.
    runnable.sort(key=lambda e: (e["name"] != REFERENCE, e["precision"] not in EXACT))
    reference: tuple[str, Shown] | None = None
    for engine in runnable:
        label = engine["label"]
        try:
            shown = _animate(apart, label, model)
        except Cancelled:
            raise
        except AvatarError as error:
            yield failure(f"engine {label}", error)
            continue
        if reference is None and (engine["name"] == REFERENCE or engine["precision"] in EXACT):
            yield _described(label, shown)
            reference = label, shown
        else:
            yield compared(label, engine["precision"], shown, reference)
    for engine in found:
        if engine["state"] != "ready":
            yield _not_run(engine, gpu)
    if gpu is not None and not any(e["on_gpu"] and e["state"] == "ready" for e in found):
        why = next((e["why"] for e in found if e["on_gpu"]), "no engine for it is installed")
        yield Finding(
            "engine on the GPU", Status.WARNING, f"{gpu} is not used: {why}.", cure(gpu, why)
        )


def compared(
    label: str, precision: str, shown: Shown, reference: tuple[str, Shown] | None
) -> Finding:
    """The finding about an engine beside the reference; None = there is none."""
    if reference is None:
        return _described(label, shown)
    name, wanted = reference
    decibels = psnr_db(shown.picture, wanted.picture)
    apart_px = float(np.linalg.norm(shown.value - wanted.value, axis=-1).mean()) * CROP_SIZE / 2
    least = LEAST_DB.get(precision, LEAST_DB_OTHERS)
    details = {**shown.told, "reference": name, "psnr_db": round(decibels, 1)}
    if not np.isfinite(apart_px):
        return Finding(
            f"engine {label}",
            Status.FAILED,
            "Its keypoints are no numbers.",
            f"Leave it out: avatar run --engine {name}",
            details,
        )
    details["keypoints_px"] = round(apart_px, 3)
    figures = f"{decibels:.1f} dB and keypoints within {apart_px:.2f} px of {name}"
    if decibels < least or apart_px > MOST_PX:
        return Finding(
            f"engine {label}",
            Status.FAILED,
            f"It shows something else than it should: {figures}; "
            f"expected {least:.0f} dB and {MOST_PX} px.",
            f"Leave it out: avatar run --engine {name}",
            details,
        )
    return Finding(f"engine {label}", Status.OK, f"{_speed(shown)}, {figures}", details=details)


def _animate(apart: Apart, label: str, model: str) -> Shown:
    with TemporaryDirectory(prefix="avatar-doctor-") as folder:
        file = Path(folder) / "shown.npz"
        told = apart.ask(
            "avatar.doctor.animation:animate", label, model, str(file), limit_s=ENGINE_S
        )
        with np.load(file, allow_pickle=False) as made:
            return Shown(made["picture"], made["value"], told)


def _described(label: str, shown: Shown) -> Finding:
    name = f"engine {label}"
    if not np.isfinite(shown.value).all():
        return Finding(name, Status.FAILED, "Its keypoints are no numbers.", "Report it.")
    said = "the reference" if label == REFERENCE else "compared with nothing"
    return Finding(name, Status.OK, f"{_speed(shown)}, {said}", details=dict(shown.told))


def _speed(shown: Shown) -> str:
    where = shown.told.get("note") or shown.told.get("device", "")
    return f"{shown.told['ms']:.0f} ms a frame" + (f" ({where})" if where else "")


def _not_run(engine: Mapping[str, Any], gpu: Gpu | None) -> Finding:
    name, why = f"engine {engine['label']}", str(engine["why"])
    if engine["state"] == "unbuilt":
        return Finding(
            name, Status.SKIPPED, f"Needs a build: {why}.", "avatar engines --measure makes it."
        )
    if engine["broken"]:
        return Finding(name, Status.WARNING, f"{why}.", "Install the package again.")
    told = cure(gpu, why) if gpu is not None and engine["on_gpu"] else ""
    return Finding(name, Status.SKIPPED, f"Cannot run here: {why}.", told)
