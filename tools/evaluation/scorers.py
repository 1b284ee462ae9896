"""Which scorers there are: each with its file's SHA-256, or the reason why it is missing."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from avatar.errors import InputError, UsageError
from tools.evaluation import metrics
from tools.evaluation.metrics import METRICS
from tools.evaluation.observer import FaceReader, LandmarkerReader, MeshReader, Observer

if TYPE_CHECKING:
    from tools.evaluation.features import FeatureDistance

OPTIONS = {
    metrics.LANDMARKER: "--landmarker FILE (MediaPipe's face_landmarker.task)",
    metrics.EMBEDDING: "--embedding FILE (a face embedding as .onnx)",
    metrics.FEATURES: "--features FILE (MobileNetV2 as .safetensors)",
}


@dataclass(frozen=True)
class Scorer:
    """A network that judges: what for, which file, and its SHA-256."""

    name: str
    file: str
    sha256: str


@dataclass
class Scorers:
    """What was asked for and can be had. Whoever opens them closes them.

    Attributes:
        observer: what looks at pictures.
        features: the feature distance, if its file was given.
        used: the scorers, for the report.
        chosen: the metrics that will be measured.
        absent: why the others are not, by name.
    """

    observer: Observer
    features: "FeatureDistance | None"
    used: list[Scorer]
    chosen: list[str]
    absent: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Free the models; idempotent."""
        self.observer.close()


def choose(
    wanted: Sequence[str] | None, given: dict[str, Path | None], *, same: bool, dense: bool
) -> tuple[list[str], dict[str, str]]:
    """The metrics that can be measured, and why the others cannot.

    Args:
        wanted: names that were asked for; None for all that can be had.
        given: scorer files by need.
        same: portrait and driver are the same person.
        dense: neighbouring frames are compared.

    Raises:
        UsageError: one that was asked for is unknown or cannot be measured.
    """
    if unknown := sorted(set(wanted or ()) - set(METRICS)):
        raise UsageError(
            f"There is no metric called {', '.join(unknown)}; there are {', '.join(METRICS)}."
        )
    chosen, absent = [], {}
    for name, metric in METRICS.items():
        needs = metric.needs.split(", ")
        missing = [OPTIONS[n] for n in needs if n in OPTIONS and given.get(n) is None]
        if metric.truth and not same:
            absent[name] = "portrait and driver are different people: there is no true result"
        elif missing:
            absent[name] = f"needs {missing[0]}"
        elif metrics.DENSE in needs and not dense:
            absent[name] = "needs neighbouring frames of a clip: --every 1, in a mode with clips"
        elif wanted is not None and name not in wanted:
            absent[name] = "not asked for"
        else:
            chosen.append(name)
            continue
        if wanted is not None and name in wanted:
            raise UsageError(f"The metric {name} cannot be measured: {absent[name]}.")
    return chosen, absent


def open_scorers(
    wanted: Sequence[str] | None, given: dict[str, Path | None], *, same: bool, dense: bool
) -> Scorers:
    """Open what the metrics need; the arguments are those of :func:`choose`.

    Raises:
        UsageError: a metric that was asked for cannot be measured.
        InputError: a scorer's file is missing or not what it should be.
    """
    digests = {need: (path, sha256(path)) for need, path in given.items() if path is not None}
    chosen, absent = choose(wanted, given, same=same, dense=dense)
    used = [Scorer(need, path.name, digest) for need, (path, digest) in digests.items()]
    landmarker = given.get(metrics.LANDMARKER)
    reader: FaceReader
    if landmarker is not None:
        reader = LandmarkerReader(landmarker)
    else:
        reader, mesh = MeshReader(), bundled_mesh()
        used.append(Scorer("landmarks", f"mediapipe/{mesh.name}", sha256(mesh)))
    embedding = features = None
    try:
        if (path := given.get(metrics.EMBEDDING)) is not None:
            from tools.evaluation.identity import FaceEmbedding

            embedding = FaceEmbedding(path)
        if (path := given.get(metrics.FEATURES)) is not None:
            from tools.evaluation.features import FeatureDistance

            features = FeatureDistance(path)
    except BaseException:
        reader.close()
        raise
    return Scorers(Observer(reader, embedding), features, used, chosen, absent)


def bundled_mesh() -> Path:
    """The network behind Face Mesh inside the mediapipe package.

    Raises:
        InputError: mediapipe is not installed.
    """
    from importlib.util import find_spec

    found = find_spec("mediapipe")
    if found is None or found.origin is None:
        raise InputError("mediapipe is not installed.", hint="Run make setup.")
    folder = Path(found.origin).parent / "modules" / "face_landmark"
    return folder / "face_landmark_with_attention.tflite"


def sha256(path: Path) -> str:
    """SHA-256 of a scorer's file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"The scorer {path} cannot be read: {error.strerror}.",
            hint="Check the path; without it the metrics that need it are left out.",
        ) from error
