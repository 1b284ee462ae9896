"""One frame taken apart: all results side by side, and what the first model saw and did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from avatar.frame import CROP_SIZE, Floats, Image, Keypoints
from tools.evaluation import maps, pointcloud
from tools.evaluation.evaluation import Evaluation
from tools.evaluation.gallery import Pick, picks
from tools.evaluation.landmarks import EYES, MOUTH
from tools.evaluation.methods import CopyDriver, CopyPortrait, Method
from tools.evaluation.observer import Observer
from tools.evaluation.puppet import Maps, Puppet
from tools.evaluation.report import Report
from tools.evaluation.store import FrameStore

Panel = tuple[str, Image]
"""A label and a picture."""


@dataclass(frozen=True)
class Exhibit:
    """What the page shows of one frame: rows of panels under headings; ``note`` says what is
    missing and why."""

    pick: Pick
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]
    note: str = ""


class Exhibitor:
    """Makes exhibits; the puppet is open.

    Args:
        methods: all of them; the copies are shown once, as portrait and driver.
        puppet: of the first model, whose maps are shown.
        observer: finds eyes and mouth, for attention queries.
    """

    def __init__(self, methods: Sequence[Method], puppet: Puppet, observer: Observer) -> None:
        self._methods = [m for m in methods if type(m) not in (CopyPortrait, CopyDriver)]
        self._puppet = puppet
        self._observer = observer

    def show(self, pick: Pick, neutral: Image | None, store: FrameStore) -> Exhibit:
        """Make everything of one frame again, this time to be seen.

        Args:
            pick: which frame.
            neutral: of the trial, as it was measured.
            store: where its frames are.
        """
        trial = pick.trial
        portrait, driving = store(trial.portrait), store(trial.driving[pick.step])
        results: list[Panel] = []
        for method in self._methods:
            method.begin(trial, portrait, neutral)
            results.append((method.name, method.animate(driving, pick.step)))
        rows = [("Results", (("portrait", portrait), ("driver", driving), *results))]
        if trial.same:
            errors = tuple((name, maps.error(image, driving)) for name, image in results)
            rows.append(("Error, bright from 0.25", errors))
        self._puppet.take(portrait, neutral)
        motion = self._puppet.move(driving)
        inner = self._puppet.maps(driving)
        hidden = [name for name in self._puppet.map_names if name not in inner]
        note = f"The engine {self._puppet.label} shows no {', '.join(hidden)}." if hidden else ""
        rows.append(("Motion", self._motion(portrait, driving, motion, inner)))
        if "attention" in inner:
            rows.append(("Attention, by query", self._attention(driving, motion, inner)))
        if "depth" in inner:
            source = self._puppet.maps(portrait, ("depth",))["depth"]
            rows.append(
                (
                    "Depth",
                    (
                        ("portrait", maps.depth(source)),
                        ("driver", maps.depth(inner["depth"])),
                        ("the portrait as points", pointcloud.views(portrait, source)),
                    ),
                )
            )
        return Exhibit(pick, tuple(rows), note)

    def _motion(
        self, portrait: Image, driving: Image, motion: Keypoints, inner: Maps
    ) -> tuple[Panel, ...]:
        detected = self._puppet.engine.detect(driving).value
        panels: list[Panel] = [
            ("portrait's keypoints", maps.keypoints(portrait, self._puppet.source.value)),
            ("driver's keypoints", maps.keypoints(driving, detected)),
        ]
        if not np.array_equal(detected, motion.value):
            blank = np.full((CROP_SIZE, CROP_SIZE, 3), 24, np.uint8)
            panels.append(("keypoints rendered with", maps.keypoints(blank, motion.value)))
        if "flow" in inner:
            panels.append(("flow", maps.flow(inner["flow"])))
        if "occlusion" in inner:
            panels.append(("occlusion, white is seen", maps.grey(inner["occlusion"][0], 0, 1)))
        if "blend" in inner:
            panels.append(("blend, white is warped", maps.grey(inner["blend"][0], 0, 1)))
        if "synthesised" in inner:
            picture = inner["synthesised"].transpose(1, 2, 0) * 255
            panels.append(("synthesised alone", np.clip(picture, 0, 255).astype(np.uint8)))
        return tuple(panels)

    def _attention(self, driving: Image, motion: Keypoints, inner: Maps) -> tuple[Panel, ...]:
        result = self._puppet.render(motion)
        weights = np.asarray(inner["attention"], np.float32)
        panels = []
        for name, (x, y) in self._queries(result).items():
            query = maps.query_at(x, y, weights)
            panels.append((name, maps.attention(result, weights, query)))
        return tuple(panels)

    def _queries(self, result: Image) -> dict[str, tuple[float, float]]:
        """Places to ask for, in pixels: on the face if one is found, else spread over the
        picture."""
        seen = self._observer(result).landmarks
        corner = {"background": (12.0, 12.0)}
        if seen is None:
            spread = {f"at {x}, {y}": (float(x), float(y)) for y in (96, 160) for x in (96, 160)}
            return spread | corner
        half = len(EYES) // 2
        return {
            "one eye": _middle(seen, EYES[:half]),
            "the other eye": _middle(seen, EYES[half:]),
            "nose tip": _middle(seen, (1,)),
            "mouth": _middle(seen, MOUTH),
            "chin": _middle(seen, (152,)),
            **corner,
        }


def _middle(landmarks: Floats, points: tuple[int, ...]) -> tuple[float, float]:
    x, y = landmarks[list(points), :2].mean(0)
    return float(x), float(y)


def exhibits(
    report: Report, exhibitor: Exhibitor, evaluation: Evaluation, order: str | None, count: int
) -> Iterator[Exhibit]:
    """The worst and the best frames of the first method, made again one by one.

    Args:
        report: what was measured.
        exhibitor: makes them.
        evaluation: knows each trial's neutral frame.
        order: the metric they are picked by; None picks none.
        count: so many of the worst, and of the best.
    """
    if order is None:
        return
    first = report.setup.methods[0].name
    chosen = picks(report.result, first, order, count)
    for pick in chosen:
        store = FrameStore([pick.trial])
        yield exhibitor.show(pick, evaluation.neutral(pick.trial, store), store)
