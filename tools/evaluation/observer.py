"""What the scorers see in one picture: landmarks, head pose, blendshapes, identity."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from avatar.errors import InputError
from avatar.frame import Floats, Image
from tools.evaluation.identity import FaceEmbedding
from tools.evaluation.pose import Angles, euler


@dataclass(frozen=True)
class Seen:
    """One picture as the scorers see it; None is what no scorer gives, or what was not found.

    Attributes:
        landmarks: (478, 3) float32 px.
        pose: (3,) pitch, yaw, roll in degrees.
        blendshapes: (52,) float32 in [0, 1].
        embedding: (D,) float32 of length 1.
    """

    landmarks: Floats | None = None
    pose: Angles | None = None
    blendshapes: Floats | None = None
    embedding: Floats | None = None


class FaceReader(Protocol):
    """Finds the one face in a picture."""

    def read(self, image: Image) -> Seen:
        """(H, W, 3) uint8 -> what it sees; all None without a face."""
        ...

    def close(self) -> None:
        """Free the models; idempotent."""
        ...


class MeshReader:
    """MediaPipe's Face Mesh, as the app has it: landmarks alone."""

    def __init__(self) -> None:
        from avatar.mesh import face_mesh

        self._graph: Any = face_mesh(True, 1)

    def read(self, image: Image) -> Seen:
        """See :class:`FaceReader`."""
        from avatar.mesh import run_mesh

        faces = run_mesh(self._graph, image, (0, 0, image.shape[1], image.shape[0]))
        return Seen(faces[0].landmarks) if faces else Seen()

    def close(self) -> None:
        """See :class:`FaceReader`."""
        if self._graph is not None:
            self._graph.close()
            self._graph = None


class LandmarkerReader:
    """MediaPipe Tasks' face landmarker from a file: landmarks, head transform, blendshapes.

    Raises:
        InputError: the file is no face landmarker.
    """

    def __init__(self, path: Path) -> None:
        from avatar.mesh import quiet_stderr

        with quiet_stderr():
            from mediapipe.tasks.python import BaseOptions, vision

            options = vision.FaceLandmarkerOptions(
                base_options=BaseOptions(model_asset_buffer=path.read_bytes()),
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
            )
            try:
                self._task: Any = vision.FaceLandmarker.create_from_options(options)
            except (RuntimeError, ValueError) as error:
                raise InputError(
                    f"{path} is not a face landmarker: {str(error).splitlines()[0]}",
                    hint="Give MediaPipe's face_landmarker.task.",
                ) from error
            self.read(np.zeros((64, 64, 3), np.uint8))  # the rest of its start-up lines

    def read(self, image: Image) -> Seen:
        """See :class:`FaceReader`."""
        import mediapipe

        picture = mediapipe.Image(
            image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image)
        )
        found = self._task.detect(picture)
        if not found.face_landmarks:
            return Seen()
        size = np.array([image.shape[1], image.shape[0], image.shape[1]], np.float32)
        points = np.array([(p.x, p.y, p.z) for p in found.face_landmarks[0]], np.float32)
        scores = np.array([b.score for b in found.face_blendshapes[0]], np.float32)
        transform = np.asarray(found.facial_transformation_matrixes[0])
        return Seen(points * size, euler(transform), scores)

    def close(self) -> None:
        """See :class:`FaceReader`."""
        if self._task is not None:
            self._task.close()
            self._task = None


class Observer:
    """A face reader and, if there is one, an embedding, over one picture at a time."""

    def __init__(self, reader: FaceReader, embedding: FaceEmbedding | None = None) -> None:
        self._reader = reader
        self._embedding = embedding

    def __call__(self, image: Image) -> Seen:
        """What is seen in a (H, W, 3) uint8 picture."""
        seen = self._reader.read(image)
        if self._embedding is None or seen.landmarks is None:
            return seen
        vector = self._embedding(image, seen.landmarks)
        return Seen(seen.landmarks, seen.pose, seen.blendshapes, vector)

    def close(self) -> None:
        """Free the models; idempotent."""
        self._reader.close()
