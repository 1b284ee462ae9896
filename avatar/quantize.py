"""Quantising ``render`` to INT8 by NNCF, on frames of the user's own clips.

Only convolutions are quantised, and of these only what costs: the residual blocks, the Up blocks
and the output of the decoder, and the hourglass of the dense motion but for its first convolution.
All that makes or carries coordinates, the mask, the occlusion, both warps and the attention stay
FP32, as ``detect`` does. Quantising everything was measured at 25 dB, this at 56 (tools/LOG.md).

A convolution is known by the name of its weights, which is its place in the network.
"""

import contextlib
import io
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from avatar.errors import Cancelled, EngineError, InputError
from avatar.exporting import export_aside
from avatar.footage import Footage, Progress, cut_footage, find_clips, spread
from avatar.graphs import FP32, INT8, Graphs
from avatar.model.params import ModelParams
from avatar.privacy import no_reporting
from avatar.quality import Bench, Quality, Sample
from avatar.tracker import FaceTracker
from avatar.weights import Weights

log = logging.getLogger(__name__)

FRAMES = 120
"""Driving frames by default; more changed nothing (40 and 150: 56.5 and 56.7 dB)."""

LEAST_FRAMES = 8

PER_CLIP = 4
"""Of many clips as many are used as give so many driving frames each."""

HELD_OUT = 0.25
"""Share of the clips, or of the frames of a single clip, that is measured with, not calibrated."""

STOPPED = "Stopped; nothing was written."


@dataclass(frozen=True)
class Quantised:
    """What came of it.

    Attributes:
        kept: the file to open; None where it was not good enough and not forced.
        parts: what was quantised.
        convolutions: how many.
        calibrated: on how many frames.
        quality: measured on frames that it was not calibrated on.
        objections: why it is not good enough; empty where it is.
        warnings: sentences for the user.
    """

    kept: Path | None
    parts: str
    convolutions: int
    calibrated: int
    quality: Quality
    objections: tuple[str, ...]
    warnings: tuple[str, ...] = field(default=())


def quantize(
    weights: Weights,
    clips: Sequence[Path],
    progress: Progress,
    cancelled: Callable[[], bool],
    *,
    frames: int = FRAMES,
    held_out: Sequence[Path] = (),
    force: bool = False,
    folder: Path | None = None,
    tracker: FaceTracker | None = None,
) -> Quantised:
    """Quantise, measure and, if it is good enough, store ``render`` in INT8.

    Args:
        weights: from a file.
        clips: videos of faces, or folders of them.
        progress: told about every step.
        cancelled: asked between frames.
        frames: driving frames to use in all.
        held_out: clips to measure with; empty: a part of ``clips``.
        force: store it whatever it is worth.
        folder: where to store it; None: the user's own.
        tracker: finds the faces; None: MediaPipe.

    Raises:
        EngineError: a package is missing, or the quantisation failed.
        InputError, NoFaceError: no clips, or clips of no use.
        OutputError: it cannot be stored.
        Cancelled: ``cancelled()`` turned true; nothing is left behind.
    """
    graphs = weights.graphs
    if graphs is None:
        raise EngineError("Weights that came from no file cannot be quantised.")
    _check_packages(graphs)
    calibration, test, warnings = _footage(clips, held_out, frames, progress, cancelled, tracker)
    _export(graphs, progress, cancelled)
    bench = Bench(graphs, progress, cancelled)
    samples = bench.samples(calibration, "Preparing the calibration")
    bench.measure_fp32(bench.samples(test, "Preparing the measurement"))
    for parts, prefixes in scopes(weights.params):
        model, count = _quantised(bench, samples, prefixes, progress, cancelled)
        quality = bench.measure(model)
        objections = tuple(quality.objections())
        log.info("INT8 of %s: %s", parts, quality)
        if quality.faithful:
            break
    kept = None
    if force or not objections:
        progress("Storing", 0, 0)
        kept = _store(graphs, folder or graphs.kept, model, quality)
    return Quantised(kept, parts, count, len(samples), quality, objections, tuple(warnings))


def scopes(params: ModelParams) -> list[tuple[str, tuple[str, ...]]]:
    """What to quantise, the most first: in words, and the beginnings of the weights' names."""
    flow = ["flow.hourglass", *(["flow.unstem"] if params.flow_stem else [])]
    if params.spade:
        # The blocks' own convolutions lose most: what follows is normalised anew.
        blocks = [f"spade.{block}" for block in ("middle.0", "middle.1", "middle.2", "up1", "up2")]
        norms = [f"{block}.{norm}" for block in blocks for norm in ("norm1", "norm2")]
        norms += [f"{block}.shortcut_norm" for block in blocks[-2:]]
        wanted = {
            "decoder and dense motion": ["spade", *flow],
            "decoder": ["spade"],
            "decoder's modulation": norms,
        }
    else:
        decoder = ["bottleneck", "up1", "up2", "output"]  # "motion" is too little to gain by
        wanted = {"decoder and dense motion": decoder + flow, "decoder": decoder}
    return [
        (parts, tuple(f"network.generator.{name}." for name in names))
        for parts, names in wanted.items()
    ]


def convolutions(model: Any) -> list[tuple[Any, str]]:
    """The convolutions of an OpenVINO model in order, with the names of their weights."""
    return [
        (node, node.input_value(1).get_node().get_friendly_name())
        for node in model.get_ordered_ops()
        if node.get_type_name().endswith(("Convolution", "ConvolutionBackpropData"))
    ]


def choose(model: Any, prefixes: Sequence[str]) -> set[str]:
    """The nodes to quantise: convolutions whose weights begin so, but for the first of the model,
    which sees coordinates and pixels.

    Raises:
        EngineError: a prefix fits none: the graph is of another make.
    """
    _, *known = convolutions(model)
    for prefix in prefixes:
        if not any(weight.startswith(prefix) for _, weight in known):
            raise EngineError(
                f"The graph render has no convolution in {prefix.rstrip('.')}, "
                f"which was to be quantised; it has: {', '.join(name for _, name in known)}.",
                hint="Its export does not fit this version; delete it and export again.",
            )
    return {node.get_friendly_name() for node, name in known if name.startswith(tuple(prefixes))}


def _check_packages(graphs: Graphs) -> None:
    missing = [name for name in ("nncf", "openvino") if not find_spec(name)]
    if missing:
        raise EngineError(
            f"Quantising needs {' and '.join(missing)}, which "
            f"{'are' if len(missing) > 1 else 'is'} not installed.",
            hint="pip install 'dagan-avatar[quantize]'",
        )
    if not graphs.has(FP32) and not find_spec("torch"):
        raise EngineError(
            f"There are no exported graphs of {graphs.weights.stem}, and PyTorch, "
            "which exports them, is not installed.",
            hint="pip install 'dagan-avatar[torch]'",
        )


def _footage(
    clips: Sequence[Path],
    held_out: Sequence[Path],
    frames: int,
    progress: Progress,
    cancelled: Callable[[], bool],
    tracker: FaceTracker | None,
) -> tuple[list[Footage], list[Footage], list[str]]:
    """What to calibrate and what to measure with, and warnings."""
    if frames < LEAST_FRAMES:
        raise InputError(
            f"Got {frames} frames; quantising needs at least {LEAST_FRAMES}.",
            hint="Leave --frames out.",
        )

    def cut(paths: Sequence[Path], frames: int) -> tuple[list[Footage], list[str]]:
        found = spread(find_clips(paths), max(1, frames // PER_CLIP))
        return cut_footage(found, -(-frames // len(found)) + 1, progress, cancelled, tracker)

    if held_out:
        calibration, warnings = cut(clips, frames)
        test, more = cut(held_out, round(frames * HELD_OUT))
        return calibration, test, warnings + more
    footage, warnings = cut(clips, round(frames / (1 - HELD_OUT)))
    calibration, test = split(footage)
    return calibration, test, warnings


def split(footage: Sequence[Footage]) -> tuple[list[Footage], list[Footage]]:
    """Hold out a part: whole clips where there are four, else the last frames of each."""
    every = round(1 / HELD_OUT)
    if len(footage) >= every:
        rest = [clip for i, clip in enumerate(footage) if i % every != every - 1]
        return rest, list(footage[every - 1 :: every])
    first, last = [], []
    for clip in footage:
        portrait, *driving = clip.squares
        cut = len(driving) - max(1, round(len(driving) * HELD_OUT))
        # The first frames stay the portrait of both.
        if cut:
            first.append(Footage(clip.path, (portrait, *driving[:cut])))
        last.append(Footage(clip.path, (portrait, *driving[cut:])))
    if not first:
        raise InputError(
            f"The clips show a face in {sum(len(clip.squares) for clip in footage)} frames only.",
            hint="Give longer clips, or more of them.",
        )
    return first, last


def _export(graphs: Graphs, progress: Progress, cancelled: Callable[[], bool]) -> None:
    if graphs.has(FP32):
        return
    export_aside(graphs, lambda share, text: progress(text, round(100 * share), 100), cancelled)


def _quantised(
    bench: Bench,
    samples: Sequence[Sample],
    prefixes: Sequence[str],
    progress: Progress,
    cancelled: Callable[[], bool],
) -> tuple[Any, int]:
    """The quantised model, and how many of its convolutions are."""
    no_reporting()
    import nncf

    # Its own function for this sets the level of every handler its logger has, also of others'.
    logging.getLogger("nncf").setLevel(logging.ERROR)
    model = bench.read("render")
    chosen = choose(model, prefixes)
    fixed = ("Constant", "Parameter", "Result")
    nodes = [n for n in model.get_ordered_ops() if n.get_type_name() not in fixed]
    ignored = [n.get_friendly_name() for n in nodes if n.get_friendly_name() not in chosen]
    inputs = [port.get_any_name() for port in model.inputs]

    def fed() -> Iterator[Sample]:
        for number, sample in enumerate(samples):
            if cancelled():
                raise Cancelled(STOPPED)
            progress("Quantising", number, len(samples))
            yield {name: sample[name] for name in inputs}

    try:
        with contextlib.redirect_stdout(io.StringIO()):  # NNCF draws bars of its own
            quantised = nncf.quantize(
                model,
                nncf.Dataset(_Again(fed)),
                subset_size=len(samples),
                # Symmetric activations: OpenVINO runs a transposed convolution over asymmetric
                # ones in FP32.
                preset=nncf.QuantizationPreset.PERFORMANCE,
                ignored_scope=nncf.IgnoredScope(names=ignored, validate=False),
            )
    except Cancelled:
        raise
    except Exception as error:  # NNCF and OpenVINO raise many kinds
        raise EngineError(
            f"NNCF failed to quantise render: {error}",
            hint="Check that nncf and openvino fit each other: pip install -U nncf openvino",
        ) from error
    progress("Quantising", len(samples), len(samples))
    return quantised, len(chosen)


class _Again:
    """An iterable that starts anew each time: NNCF goes through its data more than once."""

    def __init__(self, begin: Callable[[], Iterator[Sample]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[Sample]:
        return self._begin()


def _store(graphs: Graphs, folder: Path, model: Any, quality: Quality) -> Path:
    import openvino

    with tempfile.TemporaryDirectory(prefix="avatar-quantize-") as temporary:
        path = Path(temporary) / "render.int8.xml"
        openvino.save_model(model, str(path), compress_to_fp16=False)
        files = [path, path.with_suffix(".bin")]
        # Times are this machine's and this hour's.
        about = {k: v for k, v in asdict(quality).items() if not k.endswith("_ms")}
        graphs.store(folder, {("render", INT8): files}, quality={f"render.{INT8}": about})
    return folder / path.name
