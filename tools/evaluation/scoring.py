"""From pictures and what the scorers saw in them to figures."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from avatar.frame import Image
from tools.evaluation import expression, identity, landmarks, pixels, pose, temporal
from tools.evaluation.observer import Seen
from tools.evaluation.turns import AXES, Start
from tools.training.landmarks import openness

if TYPE_CHECKING:
    from tools.evaluation.features import FeatureDistance

Figures = dict[str, float]
"""Values by metric; what could not be measured is missing."""

LANDMARKS = 478

LEAST_TURN = 1.0
"""Degrees of standard deviation under which a head counts as not turning about an axis."""


class Scoring:
    """Measures one result after the other.

    Args:
        chosen: the metrics.
        features: for ``feature_distance``.
    """

    def __init__(self, chosen: Iterable[str], features: "FeatureDistance | None" = None) -> None:
        self._chosen = set(chosen)
        self._features = features

    def frame(
        self,
        result: Image,
        driving: Image,
        saw: Seen,
        driver: Seen,
        portrait: Seen,
        start: Start | None = None,
    ) -> Figures:
        """The figures of one picture.

        Args:
            result, driving: (256, 256, 3) uint8.
            saw, driver, portrait: what is seen in the result, the driving frame and the portrait.
            start: where the motions of result and driver begin; None: both at the portrait.
        """
        figures: Figures = {}
        if "l1" in self._chosen:
            figures["l1"] = pixels.l1(result, driving)
        if "psnr" in self._chosen:
            figures["psnr"] = pixels.psnr(result, driving)
        if "ssim" in self._chosen:
            figures["ssim"] = pixels.ssim(result, driving)
        if "ssim_range2" in self._chosen:
            figures["ssim_range2"] = pixels.ssim(result, driving, data_range=2.0)
        if self._features is not None and "feature_distance" in self._chosen:
            figures["feature_distance"] = self._features(result, driving)
        if driver.landmarks is not None:
            figures["missed"] = float(saw.landmarks is None)
        figures |= _of_landmarks(saw, driver)
        figures |= _of_landmarker(saw, driver)
        figures |= _of_motion(start or Start(portrait, portrait), saw, driver)
        if saw.embedding is not None and driver.embedding is not None:
            figures["aed"] = identity.aed(saw.embedding, driver.embedding)
        if saw.embedding is not None and portrait.embedding is not None:
            figures["csim"] = identity.csim(saw.embedding, portrait.embedding)
        return self._kept(figures)

    def whole(self, saw: Sequence[Seen], driver: Sequence[Seen]) -> Figures:
        """The figures of a clip, of what is seen in results and in driving frames."""
        figures: Figures = {}
        if len(driver) < 3:
            return figures
        got, want = _track(saw), _track(driver)
        figures["jitter"] = temporal.jitter(got, want)
        figures["jitter_at_rest"] = temporal.jitter(got, want, slowest=temporal.AT_REST)
        names = ("eye_correlation", "mouth_correlation")
        for name, a, b in zip(names, openness(got), openness(want), strict=True):
            figures[name] = temporal.correlation(a, b)
        followed = [
            temporal.correlation(_scores(saw, unit), _scores(driver, unit))
            for unit in expression.FOLLOWED
        ]
        figures["expression_correlation"] = _mean(followed)
        turned = [
            temporal.correlation(_angles(saw, axis), _angles(driver, axis), least=LEAST_TURN)
            for axis in range(3)
        ]
        figures["pose_correlation"] = _mean(turned)
        return self._kept(figures)

    def _kept(self, figures: Mapping[str, float]) -> Figures:
        return {k: v for k, v in figures.items() if k in self._chosen and isfinite(v)}


def _of_landmarks(saw: Seen, driver: Seen) -> Figures:
    got, want = saw.landmarks, driver.landmarks
    if got is None or want is None:
        return {}
    figures = {"akd": landmarks.akd(got, want)}
    figures["akd_euclidean"] = landmarks.akd_euclidean(got, want)
    for region, points in landmarks.REGIONS.items():
        figures[f"akd_{region}"] = landmarks.akd(got, want, points)
    return figures


def _of_landmarker(saw: Seen, driver: Seen) -> Figures:
    figures: Figures = {}
    if saw.pose is not None and driver.pose is not None:
        figures["prmse"] = pose.prmse(saw.pose, driver.pose)
    if saw.blendshapes is not None and driver.blendshapes is not None:
        figures["aucon"] = expression.aucon(saw.blendshapes, driver.blendshapes)
        figures["expression"] = expression.difference(saw.blendshapes, driver.blendshapes)
    return figures


def _of_motion(start: Start, saw: Seen, driver: Seen) -> Figures:
    figures: Figures = {}
    if (turned := start.turned(saw, driver)) is not None:
        figures["turn_error"] = turned.error
        for axis, value in zip(AXES, turned.by_axis, strict=True):
            figures[f"turn_{axis}"] = abs(float(value))
    if (shifted := start.shifted(saw, driver)) is not None:
        figures["shift_error"], figures["size_error"] = shifted
    return figures


def _track(seen: Sequence[Seen]) -> np.ndarray:
    """(T, 478, 3) float32, NaN where no face was found."""
    nothing = np.full((LANDMARKS, 3), np.nan, np.float32)
    return np.stack([nothing if s.landmarks is None else s.landmarks for s in seen])


def _mean(values: Sequence[float]) -> float:
    """The mean of those that are numbers; NaN without any."""
    finite = [value for value in values if isfinite(value)]
    return float(np.mean(finite)) if finite else nan


def _angles(seen: Sequence[Seen], axis: int) -> np.ndarray:
    """One angle over time, (T,) degrees, NaN where there is none."""
    return np.array([nan if s.pose is None else s.pose[axis] for s in seen])


def _scores(seen: Sequence[Seen], unit: int) -> np.ndarray:
    """One blendshape over time, (T,), NaN where there is none."""
    return np.array([nan if s.blendshapes is None else s.blendshapes[unit] for s in seen])
