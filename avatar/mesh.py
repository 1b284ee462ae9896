"""MediaPipe's Face Mesh: starting it quietly, and running it on part of a picture.

Nobody else imports mediapipe. It is imported on the first use, since that takes seconds.
"""

import contextlib
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from avatar.assets import asset
from avatar.frame import Face, Floats, Image

log = logging.getLogger(__name__)

LANDMARKS = 478
MESH = 468
"""The first 468 landmarks lie on the face; the last ten are the irises."""

_start_up = threading.Lock()  # descriptor 2 can be turned away by one thread at a time

Region = tuple[int, int, int, int]
"""Part of a picture: x0, y0, x1, y1 in whole pixels."""


def face_mesh(static: bool, faces: int) -> Any:
    """A Face Mesh graph, started and warm: for single pictures or for one video."""
    with _start_up, quiet_stderr():
        with _without_plots():
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


def _warm(graph: Any) -> None:
    """Run once on a face, so that the libraries say their start-up lines now, unheard."""
    from PIL import Image as PillowImage

    with PillowImage.open(asset("portraits/astronaut.png")) as picture:
        graph.process(np.asarray(picture.convert("RGB")))


@contextlib.contextmanager
def _without_plots() -> Iterator[None]:
    """Let an import of matplotlib find an empty stand-in, unless it is loaded.

    MediaPipe imports it for one function that plots landmarks, which we never call: half the time
    of the import, a font cache in the user's home, and 90 MB that an installation need not have.
    """
    names = ("matplotlib", "matplotlib.pyplot")
    if any(sys.modules.get(name) for name in names):
        yield
        return
    package, pyplot = (ModuleType(name) for name in names)
    package.pyplot = pyplot  # type: ignore[attr-defined]
    sys.modules.update(zip(names, (package, pyplot), strict=True))
    try:
        yield
    finally:
        for name in names:
            sys.modules.pop(name, None)


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep the C++ libraries' start-up chatter off the terminal; it goes to our debug log.

    absl writes to file descriptor 2 whatever its flags say until it is initialised, so the
    descriptor itself is turned away for the moment, for every thread. The command line therefore
    writes to one of its own.
    """
    os.environ.setdefault("GLOG_minloglevel", "2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if sys.stderr is not None:
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
            if sys.stderr is not None:
                sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)
            catch.seek(0)
            for line in catch.read().decode(errors="replace").splitlines():
                log.debug("mediapipe: %s", line)


def run_mesh(graph: Any, image: Image, region: Region) -> list[Face]:
    """Faces inside ``region`` (x0, y0, x1, y1 px), in pixels of ``image``."""
    x0, y0, x1, y1 = region
    part = np.ascontiguousarray(image[y0:y1, x0:x1])
    if part.shape[0] < 16 or part.shape[1] < 16:
        return []
    found = graph.process(part).multi_face_landmarks or []
    scale = np.array([part.shape[1], part.shape[0], part.shape[1]], np.float32)
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
