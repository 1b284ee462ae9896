"""The FaceTracker port and MediaPipe behind it.

Nobody else imports mediapipe. It is imported on the first use, since that takes seconds.
"""

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import numpy as np

from avatar.assets import asset
from avatar.frame import Face, Floats, Image

log = logging.getLogger(__name__)

LANDMARKS = 478
MESH = 468
"""The first 468 landmarks lie on the face; the last ten are the irises."""

_STATIC_LONG_SIDE = 1280  # whole-picture search of a still: larger adds time, not faces
_ROI_SCALE = 2.2  # square around a detected face, as a multiple of its box, that the mesh works in
_RETRY_FRAMES = 8  # a lost face is searched for with the slower far-range detector this often


@runtime_checkable
class FaceTracker(Protocol):
    """Finds the faces in a picture."""

    def track(self, image: Image) -> list[Face]:
        """(H, W, 3) uint8 RGB -> faces in pixels of ``image``, largest first; empty when none."""
        ...

    def close(self) -> None:
        """Free the models; idempotent."""
        ...


class MediaPipeTracker:
    """MediaPipe Face Mesh with irises, offline, about 3 ms a frame on one CPU core.

    Face Mesh finds faces with a short-range detector that misses those under about a fifth of the
    picture; where it finds none, the far-range detector (and for stills overlapping tiles) says
    where to look, and the mesh is fitted inside that square.

    Args:
        static: True for unrelated pictures (each searched from scratch, thoroughly), False for the
            consecutive frames of one video.
        max_faces: at most so many faces are reported.
    """

    def __init__(self, *, static: bool = False, max_faces: int = 3) -> None:
        self._static = static
        self._max_faces = max_faces
        self._mesh: Any = None
        self._far: Any = None
        self._still_mesh: Any = None
        self._region: tuple[int, int, int, int] | None = None
        self._lost = 0

    def __enter__(self) -> "MediaPipeTracker":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def track(self, image: Image) -> list[Face]:
        """See :meth:`FaceTracker.track`."""
        if self._mesh is None:
            self._mesh = _face_mesh(self._static, self._max_faces)
        faces = self._track_still(image) if self._static else self._track_video(image)
        return sorted(faces, key=lambda face: -_area(face.box))

    def close(self) -> None:
        """See :meth:`FaceTracker.close`."""
        for graph in (self._mesh, self._far, self._still_mesh):
            if graph is not None:
                graph.close()
        self._mesh = self._far = self._still_mesh = None
        self._region = None

    def _track_video(self, image: Image) -> list[Face]:
        if self._region is not None:
            # a face too small for the whole picture: fitted anew in its square each time
            faces = _run_mesh(self._second_mesh(), image, self._region)
            self._region = _follow(self._region, faces[0].box, image) if faces else None
            if faces:
                return faces
        faces = _run_mesh(self._mesh, image, (0, 0, image.shape[1], image.shape[0]))
        if not faces and self._lost % _RETRY_FRAMES == 0:
            for box in self._far_boxes(image):
                region = _square(box, _ROI_SCALE, image)
                if faces := _run_mesh(self._second_mesh(), image, region):
                    self._region = _follow(region, faces[0].box, image)
                    break
        self._lost = 0 if faces else self._lost + 1
        return faces

    def _track_still(self, image: Image) -> list[Face]:
        height, width = image.shape[:2]
        small, scale = _shrink(image, _STATIC_LONG_SIDE)
        faces = _scaled(_run_mesh(self._mesh, small, (0, 0, small.shape[1], small.shape[0])), scale)
        for box in self._far_boxes(small):
            region = _square(box * scale, _ROI_SCALE, image)
            _merge(faces, _run_mesh(self._mesh, image, region))
        if not faces:
            for region in _tiles(width, height):
                _merge(faces, _run_mesh(self._mesh, image, region))
        return faces[: self._max_faces] if len(faces) > self._max_faces else faces

    def _second_mesh(self) -> Any:
        if self._still_mesh is None:
            self._still_mesh = _face_mesh(True, 1)
        return self._still_mesh

    def _far_boxes(self, image: Image) -> list[Floats]:
        """Boxes (4,) xyxy px of faces as the far-range detector sees them, largest first."""
        if self._far is None:
            self._far = _far_detector()
        height, width = image.shape[:2]
        found = self._far.process(image).detections or []
        boxes = []
        for detection in found:
            b = detection.location_data.relative_bounding_box
            boxes.append(
                np.array(
                    [
                        b.xmin * width,
                        b.ymin * height,
                        (b.xmin + b.width) * width,
                        (b.ymin + b.height) * height,
                    ],
                    np.float32,
                )
            )
        return sorted(boxes, key=lambda box: -_area(box))[: self._max_faces]


def _face_mesh(static: bool, faces: int) -> Any:
    with _quiet_stderr():
        from mediapipe.python.solutions import face_mesh

        graph = face_mesh.FaceMesh(
            static_image_mode=static,
            max_num_faces=faces,
            refine_landmarks=True,
            min_detection_confidence=0.5,
            min_tracking_confidence=0.5,
        )
        _warm(graph)
        if not static:
            graph.reset()  # forget the face it was warmed with
            graph.process(np.zeros((64, 64, 3), np.uint8))  # reset only begins; this waits for it
    return graph


def _far_detector() -> Any:
    with _quiet_stderr():
        from mediapipe.python.solutions import face_detection

        graph = face_detection.FaceDetection(model_selection=1, min_detection_confidence=0.4)
        _warm(graph)
    return graph


def _warm(graph: Any) -> None:
    """Run once on a face, so that the libraries say their start-up lines now, unheard."""
    from PIL import Image as PillowImage

    with PillowImage.open(asset("portraits/astronaut.png")) as picture:
        graph.process(np.asarray(picture.convert("RGB")))


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep the C++ libraries' start-up chatter off the terminal; it goes to our debug log.

    absl writes to file descriptor 2 whatever its flags say until it is initialised, so the
    descriptor itself is turned away for the moment.
    """
    os.environ.setdefault("GLOG_minloglevel", "2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:  # no stderr at all, as under pythonw
        yield
        return
    with tempfile.TemporaryFile() as catch:
        os.dup2(catch.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)
            catch.seek(0)
            for line in catch.read().decode(errors="replace").splitlines():
                log.debug("mediapipe: %s", line)


def _run_mesh(graph: Any, image: Image, region: tuple[int, int, int, int]) -> list[Face]:
    """Faces inside ``region`` (x0, y0, x1, y1 px), in pixels of ``image``."""
    x0, y0, x1, y1 = region
    part = np.ascontiguousarray(image[y0:y1, x0:x1])
    if part.shape[0] < 16 or part.shape[1] < 16:
        return []
    found = graph.process(part).multi_face_landmarks or []
    scale = np.array([x1 - x0, y1 - y0, x1 - x0], np.float32)
    shift = np.array([x0, y0, 0], np.float32)
    faces = []
    for one in found:
        points = np.array([(p.x, p.y, p.z) for p in one.landmark], np.float32) * scale + shift
        faces.append(face_from_landmarks(points))
    return faces


def face_from_landmarks(landmarks: Floats, score: float = 1.0) -> Face:
    """A Face whose box is the bounding box of its mesh.

    Args:
        landmarks: (478, 3) float32 px.
        score: in [0, 1]; Face Mesh reports only faces it believes in and gives no figure, hence 1.
    """
    points = landmarks[:MESH, :2]
    box = np.concatenate([points.min(axis=0), points.max(axis=0)]).astype(np.float32)
    return Face(box=box, landmarks=landmarks.astype(np.float32, copy=False), score=score)


def overlap(a: Floats, b: Floats) -> float:
    """Intersection over union of two boxes (4,) xyxy, in [0, 1]."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = float(width * height)
    return both / (_area(a) + _area(b) - both)


def _area(box: Floats) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))


def _merge(faces: list[Face], more: list[Face]) -> None:
    """Add those of ``more`` that are not in ``faces`` yet."""
    for face in more:
        if all(overlap(face.box, known.box) < 0.3 for known in faces):
            faces.append(face)


def _scaled(faces: list[Face], scale: float) -> list[Face]:
    if scale == 1.0:
        return faces
    factor = np.float32(scale)
    return [Face(face.box * factor, face.landmarks * factor, face.score) for face in faces]


def _shrink(image: Image, long_side: int) -> tuple[Image, float]:
    """The picture with its long side at most ``long_side`` px, and how many times larger it was."""
    import cv2

    height, width = image.shape[:2]
    scale = max(height, width) / long_side
    if scale <= 1:
        return image, 1.0
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    small: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return small, width / size[0]


def _square(box: Floats, times: float, image: Image) -> tuple[int, int, int, int]:
    """A square of ``times`` the box's longer side around it, cut to the picture."""
    height, width = image.shape[:2]
    half = max(box[2] - box[0], box[3] - box[1]) * times / 2
    cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return (
        max(0, int(cx - half)),
        max(0, int(cy - half)),
        min(width, int(cx + half) + 1),
        min(height, int(cy + half) + 1),
    )


def _follow(
    region: tuple[int, int, int, int], box: Floats, image: Image
) -> tuple[int, int, int, int] | None:
    """The region to track in next: the same while the face is well inside it, else around the face.

    None once the face is large enough to be found in the whole picture.
    """
    size = max(box[2] - box[0], box[3] - box[1])
    if size > 0.3 * min(image.shape[:2]):
        return None
    x0, y0, x1, y1 = region
    slack = 0.15 * size
    inside = (
        box[0] > x0 + slack and box[1] > y0 + slack and box[2] < x1 - slack and box[3] < y1 - slack
    )
    return region if inside else _square(box, _ROI_SCALE, image)


def _tiles(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Overlapping squares over a picture, large ones first; none for a picture too small for it."""
    tiles = []
    for part in (2, 4):
        side = max(width, height) // part
        if side < 128:
            break
        step = side // 2
        for y in range(0, max(1, height - step), step):
            for x in range(0, max(1, width - step), step):
                tiles.append((x, y, min(width, x + side), min(height, y + side)))
    return tiles
