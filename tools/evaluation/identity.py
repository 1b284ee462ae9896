"""Whose face it is: embeddings by an ONNX file, and how near two of them are."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatar.errors import InputError
from avatar.frame import Floats, Image
from tools.evaluation.similarity import fit, move

SIDE = 112
TEMPLATE = np.array(
    [[38.29, 51.70], [73.53, 51.50], [56.03, 71.74], [41.55, 92.37], [70.73, 92.20]], np.float32
)
"""Where a 112-pixel face embedding of ArcFace's kind expects eyes, nose tip and mouth corners."""


class FaceEmbedding:
    """An ONNX network (1, 3, 112, 112) RGB in [-1, 1] -> (1, D), run by ONNX Runtime on the CPU.

    Raises:
        InputError: the file is no such network, or ONNX Runtime is not installed.
    """

    def __init__(self, path: Path) -> None:
        from avatar.privacy import hush_onnxruntime, no_reporting

        no_reporting()
        try:
            import onnxruntime
        except ImportError as error:
            raise InputError(
                "Face embeddings need onnxruntime, which is not installed.",
                hint="pip install onnxruntime, or leave --embedding out.",
            ) from error
        hush_onnxruntime(onnxruntime)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its exceptions have no common base but this
            raise InputError(
                f"{path} is not an ONNX network that can be run: {str(error).splitlines()[0]}",
                hint="Give a face embedding such as MobileFaceNet, as .onnx.",
            ) from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        shape = list(inputs[0].shape)
        if len(inputs) != 1 or shape[1:] != [3, SIDE, SIDE] or len(outputs[0].shape) != 2:
            raise InputError(
                f"{path} takes {shape} and gives {list(outputs[0].shape)}; expected a face "
                f"embedding, [1, 3, {SIDE}, {SIDE}] to [1, D].",
                hint="Give a face embedding such as MobileFaceNet, as .onnx.",
            )
        self._input = inputs[0].name

    def __call__(self, image: Image, landmarks: Floats) -> Floats:
        """The embedding, (D,) float32 of length 1, of the face that ``landmarks`` (478, 3) px
        describe: the picture is turned and zoomed so that it lies on the template."""
        pixels = aligned(image, landmarks).astype(np.float32) / 127.5 - 1
        batch = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
        vector: NDArray[np.float32] = self._session.run(None, {self._input: batch})[0][0]
        return vector / max(float(np.linalg.norm(vector)), 1e-12)


def aligned(image: Image, landmarks: Floats) -> Image:
    """The face on the embedding's template, (112, 112, 3) uint8."""
    eyes = [landmarks[list(pair), :2].mean(0) for pair in ((33, 133), (362, 263))]
    points = np.stack([*eyes, landmarks[1, :2], landmarks[61, :2], landmarks[291, :2]])
    return move(image, fit(points, TEMPLATE), SIDE)


def csim(a: Floats, b: Floats) -> float:
    """Cosine of two embeddings (D,) of length 1, in [-1, 1]."""
    return float(np.clip(np.dot(a, b), -1, 1))


def aed(a: Floats, b: Floats) -> float:
    """Average Euclidean distance as it was published: squared, of unit embeddings, in [0, 4]."""
    return float(np.square(a - b).sum())
