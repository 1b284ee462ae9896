"""Every metric by name: what it is, of what, which way is better, and what has to be there for it.

The definitions stand in every report, so that nobody has to guess what a figure means.
"""

from dataclasses import dataclass

LANDMARKS = "landmarks"
LANDMARKER = "landmarker"
EMBEDDING = "embedding"
FEATURES = "features"
DENSE = "every frame"
"""What metrics need: face landmarks of any kind; the landmarker file; the embedding file; the
feature file; neighbouring frames (``--every 1``)."""


@dataclass(frozen=True)
class Metric:
    """One figure.

    Attributes:
        title: for tables.
        unit: empty for a share or a figure without one.
        better: "low", "high", or "zero" where nearer to 0 is better.
        definition: in words, with its source.
        needs: what it cannot do without.
        truth: it compares with the driving frame as the true result, so that portrait and driver
            have to be the same person.
        whole: one figure for all frames of a clip; else one a frame, averaged.
        median: over frames and over trials, where a metric is agreed to be one; else means.
        digits: after the point.
        main: shown in the table; the others are in the JSON file and the page only.
    """

    title: str
    unit: str
    better: str
    definition: str
    needs: str = ""
    truth: bool = False
    whole: bool = False
    median: bool = False
    digits: int = 3
    main: bool = True


def _turn(axis: str) -> Metric:
    return Metric(
        f"head rotation error, {axis}",
        "deg",
        "low",
        f"Difference of {axis} alone between the two turns of the head rotation error; medians.",
        LANDMARKER,
        median=True,
        digits=2,
        main=False,
    )


def _akd(part: str) -> Metric:
    return Metric(
        f"AKD, {part}",
        "px",
        "low",
        f"AKD over the landmarks of the {part} alone.",
        LANDMARKS,
        truth=True,
        digits=2,
    )


METRICS: dict[str, Metric] = {
    "l1": Metric(
        "L1",
        "",
        "low",
        "Mean absolute difference of result and driving frame, RGB in [0, 1].",
        truth=True,
        digits=4,
    ),
    "psnr": Metric(
        "PSNR",
        "dB",
        "high",
        "10 log10(1 / MSE) of every picture (100 for equal ones), then averaged.",
        truth=True,
        digits=2,
    ),
    "ssim": Metric(
        "SSIM",
        "",
        "high",
        "Structural similarity, 7x7 uniform window, data range 1, mean over RGB.",
        truth=True,
    ),
    "ssim_range2": Metric(
        "SSIM, range 2",
        "",
        "high",
        "SSIM with data range 2, as published figures of the first-order-motion family seem to "
        "have been made; for comparison with papers only.",
        truth=True,
        main=False,
    ),
    "feature_distance": Metric(
        "feature distance",
        "",
        "low",
        "LPIPS's form (Zhang et al., 2018) on four stages of an ImageNet MobileNetV2, all channel "
        "weights 1. Not comparable with published LPIPS.",
        FEATURES,
        truth=True,
    ),
    "akd": Metric(
        "AKD",
        "px",
        "low",
        "Average keypoint distance: mean absolute difference over 478 landmarks and both "
        "coordinates, at 256 px. Published AKD is the same over 68 landmarks of FAN.",
        LANDMARKS,
        truth=True,
        digits=2,
    ),
    "akd_mouth": _akd("mouth"),
    "akd_eyes": _akd("eyes"),
    "akd_brows": _akd("brows"),
    "akd_nose": _akd("nose"),
    "akd_oval": _akd("oval"),
    "akd_euclidean": Metric(
        "AKD, Euclidean",
        "px",
        "low",
        "Mean Euclidean distance of the 478 landmarks.",
        LANDMARKS,
        truth=True,
        digits=2,
        main=False,
    ),
    "aed": Metric(
        "AED",
        "",
        "low",
        "Squared distance of the unit face embeddings of result and driving frame, as published "
        "AED is computed (there: OpenFace on the whole frame; here: the aligned face).",
        EMBEDDING,
        truth=True,
    ),
    "csim": Metric(
        "CSIM",
        "",
        "high",
        "Cosine of the face embeddings of result and portrait. Rewards copying; comparable only "
        "between figures made with the same embedding.",
        EMBEDDING,
    ),
    "prmse": Metric(
        "PRMSE",
        "deg",
        "low",
        "sqrt of the mean squared difference of pitch, yaw and roll between result and driving "
        "frame, averaged over pictures. Published: py-feat; here: the landmarker's transform. "
        "With relative motion it holds the difference of the two neutral poses as well.",
        LANDMARKER,
        digits=2,
    ),
    "turn_error": Metric(
        "head rotation error",
        "deg",
        "low",
        "Angle between two turns: the result's since the portrait, and the driver's since its "
        "neutral frame (with absolute motion: the driver's pose against the portrait's), as the "
        "camera sees them. Median over the frames of a trial, then over trials.",
        LANDMARKER,
        median=True,
        digits=2,
    ),
    "turn_pitch": _turn("pitch"),
    "turn_yaw": _turn("yaw"),
    "turn_roll": _turn("roll"),
    "shift_error": Metric(
        "head shift error",
        "px",
        "low",
        "Distance of the face's middle (mean of 478 landmarks) from where the driver's shift since "
        "its neutral frame, in sizes of its face, takes the portrait's. Medians.",
        LANDMARKS,
        median=True,
        digits=2,
    ),
    "size_error": Metric(
        "head size error",
        "",
        "low",
        "The same of the face's size (root mean square of the landmarks, depth among it), as a "
        "share of it. Medians.",
        LANDMARKS,
        median=True,
        main=False,
    ),
    "pose_correlation": Metric(
        "pose, correlation",
        "",
        "high",
        "Correlation over time of the angles of result and driver; mean of those of pitch, yaw "
        "and roll that vary by a degree and more (standard deviation) in the driver.",
        LANDMARKER,
        whole=True,
        digits=2,
    ),
    "aucon": Metric(
        "AUCON",
        "",
        "high",
        "Share of 43 blendshapes (all but neutral and gaze) that are over 0.2 in both result and "
        "driving frame or in neither. Published: py-feat's action units over 0.5. Compare with "
        "the copied portrait, the base rate.",
        LANDMARKER,
    ),
    "expression": Metric(
        "expression difference",
        "",
        "low",
        "Mean absolute difference of these 43 blendshape scores.",
        LANDMARKER,
    ),
    "expression_correlation": Metric(
        "expression correlation",
        "",
        "high",
        "Correlation over time, result and driver, of jawOpen, mouthSmile, mouthPucker, "
        "mouthFunnel, eyeBlink, browInnerUp and browDown; mean of those that move in the driver.",
        LANDMARKER,
        whole=True,
        digits=2,
    ),
    "eye_correlation": Metric(
        "eye opening, correlation",
        "",
        "high",
        "Pearson's correlation over time of the opening of both eyes over the face's height, "
        "result and driver; 0 where only the driver moves.",
        LANDMARKS,
        whole=True,
        digits=2,
    ),
    "mouth_correlation": Metric(
        "mouth opening, correlation",
        "",
        "high",
        "The same of the gap between the lips.",
        LANDMARKS,
        whole=True,
        digits=2,
    ),
    "jitter": Metric(
        "jitter",
        "px/frame²",
        "zero",
        "Mean length of the landmarks' second difference over neighbouring frames, the driver's "
        "taken off. Above 0 the result trembles; below, it moves less abruptly than the driver.",
        f"{LANDMARKS}, {DENSE}",
        whole=True,
        digits=3,
    ),
    "jitter_at_rest": Metric(
        "jitter, driver at rest",
        "px/frame²",
        "zero",
        "Jitter over the frames in which the driver's landmarks move by less than 0.5 px a frame.",
        f"{LANDMARKS}, {DENSE}",
        whole=True,
        digits=3,
    ),
    "missed": Metric(
        "missed faces",
        "",
        "low",
        "Share of the results without a face found, where the driving frame has one. They are "
        "left out of the figures that need a face.",
        LANDMARKS,
    ),
}
"""By name, in the order of the table."""
