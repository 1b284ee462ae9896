"""The FaceTracker port, and the search for faces large and small behind it."""

import logging
from typing import Any, Protocol, runtime_checkable

import numpy as np

from avatar.frame import Face, Floats, Image
from avatar.mesh import Region, face_mesh, run_mesh
from avatar.square import FACE_SIDE

log = logging.getLogger(__name__)

_STILL_LONG_SIDE = 1280  # stills are searched at this size: larger adds time, not faces
_AROUND = 2.2  # a small face's mesh is fitted in a square of this many times its box
_SMALL = 0.25  # a face under this part of the picture's longer side is tracked in such a square
_LEAST_TILE = 96  # pixels
_SURE, _LIKELY = 0.8, 0.4  # least agreement of a face found in a tile, in the whole picture


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

    Face Mesh begins with a short-range detector that misses faces under about a fifth of the
    picture's longer side. So overlapping squares of it are searched too: all of them in a still,
    one after the other in a video in which there is no face.

    Args:
        static: True for unrelated pictures (each searched from scratch, thoroughly), False for the
            consecutive frames of one video.
        max_faces: at most so many faces are reported.
    """

    def __init__(self, *, static: bool = False, max_faces: int = 3) -> None:
        self._static = static
        self._max_faces = max_faces
        self._mesh: Any = None
        self._still_mesh: Any = None
        self._region: Region | None = None  # of a small face, in a video
        self._lost = 0

    def __enter__(self) -> "MediaPipeTracker":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def open(self) -> None:
        """Load the models now, which takes half a second, and not with the first picture."""
        if self._mesh is None:
            self._mesh = face_mesh(self._static, self._max_faces)

    def track(self, image: Image) -> list[Face]:
        """See :meth:`FaceTracker.track`."""
        self.open()
        faces = self._track_still(image) if self._static else self._track_video(image)
        return sorted(faces, key=lambda face: -_area(face.box))

    def both_ways(self, image: Image, face: Face) -> tuple[Floats, Floats] | None:
        """Landmarks of a face fitted anew, as it is and in the mirror: (478, 3) float32 px each.

        Both in pixels of ``image``; the second were found in its mirror image and turned back, so
        that the right eye of one is the left eye of the other. None where either does not find it.
        """
        self.open()
        graph = self._mesh if self._static else self._second_mesh()
        x0, y0, x1, y1 = region = _square(face.box, 1 / FACE_SIDE, image)
        found = run_mesh(graph, image, region)
        part = np.ascontiguousarray(image[y0:y1, x0:x1][:, ::-1])
        mirrored = run_mesh(graph, part, (0, 0, x1 - x0, y1 - y0))
        if not found or not mirrored or overlap(found[0].box, face.box) < 0.5:
            return None
        back = mirrored[0].landmarks * np.array([-1, 1, 1], np.float32)
        return found[0].landmarks, back + np.array([x1, y0, 0], np.float32)

    def close(self) -> None:
        """See :meth:`FaceTracker.close`."""
        for graph in (self._mesh, self._still_mesh):
            if graph is not None:
                graph.close()
        self._mesh = self._still_mesh = None
        self._region = None

    def _track_video(self, image: Image) -> list[Face]:
        if self._region is not None:
            # a face too small for the whole picture: fitted anew in its square each time
            faces = run_mesh(self._second_mesh(), image, self._region)
            self._region = _follow(self._region, faces[0].box, image) if faces else None
            if faces:
                return faces
        faces = run_mesh(self._mesh, image, (0, 0, image.shape[1], image.shape[0]))
        if not faces:
            levels = _tiles(image.shape[1], image.shape[0])[1:3]
            tiles = [tile for level in levels for tile in level]
            tile = tiles[self._lost % len(tiles)]
            found = run_mesh(self._second_mesh(), image, tile)
            faces = [f for f in found if _agreement(self._second_mesh(), image, f) > _SURE]
            if faces:
                self._region = _follow(tile, faces[0].box, image)
        self._lost = 0 if faces else self._lost + 1
        return faces

    def _track_still(self, image: Image) -> list[Face]:
        small, scale = _shrink(image, _STILL_LONG_SIDE)
        faces: list[Face] = []
        for depth, tiles in enumerate(_tiles(small.shape[1], small.shape[0])):
            if depth > 2 and faces:
                break  # so small a tile can only show what is far smaller than these
            for tile in tiles:
                for face in run_mesh(self._mesh, small, tile):
                    if _known(face, faces) or not _whole(face.box, tile, small):
                        continue
                    if _agreement(self._mesh, small, face) > (_SURE if depth else _LIKELY):
                        faces.append(face)
        if scale > 1:
            faces = [self._refined(face, scale, image) for face in faces]
        return sorted(faces, key=lambda face: -_area(face.box))[: self._max_faces]

    def _refined(self, face: Face, scale: float, image: Image) -> Face:
        """The face found in a reduced picture, fitted again in the full one."""
        factor = np.float32(scale)
        rough = Face(face.box * factor, face.landmarks * factor, face.score)
        again = run_mesh(self._mesh, image, _square(rough.box, _AROUND, image))
        return next((f for f in again if overlap(f.box, rough.box) > 0.5), rough)

    def _second_mesh(self) -> Any:
        if self._still_mesh is None:
            self._still_mesh = face_mesh(True, 1)
        return self._still_mesh


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


def _known(face: Face, faces: list[Face]) -> bool:
    return any(overlap(face.box, other.box) > 0.3 for other in faces)


def _agreement(graph: Any, image: Image, face: Face) -> float:
    """How well a face is found again nearer, further and mirrored: least overlap, in [0, 1].

    In texture the mesh fits something else each time; on real faces this is 0.9 and more.
    """
    worst = 1.0
    for times in (1.7, 3.0):
        x0, y0, x1, y1 = region = _square(face.box, times, image)
        again = run_mesh(graph, image, region)
        worst = min(worst, max((overlap(f.box, face.box) for f in again), default=0.0))
        if worst == 0.0:
            break
        part = np.ascontiguousarray(image[y0:y1, x0:x1][:, ::-1])
        mirrored = face.box[[2, 1, 0, 3]] * np.array([-1, 1, -1, 1], np.float32)
        mirrored += np.array([x1, -y0, x1, -y0], np.float32)
        again = run_mesh(graph, part, (0, 0, x1 - x0, y1 - y0))
        worst = min(worst, max((overlap(f.box, mirrored) for f in again), default=0.0))
    log.debug("face at %s: agreement %.2f", face.box, worst)
    return worst


def _whole(box: Floats, tile: Region, image: Image) -> bool:
    """Whether a face found in a tile is not cut by the tile's edge inside the picture."""
    slack = 0.02 * (tile[2] - tile[0])
    return bool(
        (tile[0] == 0 or box[0] > tile[0] + slack)
        and (tile[1] == 0 or box[1] > tile[1] + slack)
        and (tile[2] == image.shape[1] or box[2] < tile[2] - slack)
        and (tile[3] == image.shape[0] or box[3] < tile[3] - slack)
    )


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


def _square(box: Floats, times: float, image: Image) -> Region:
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


def _follow(region: Region, box: Floats, image: Image) -> Region | None:
    """The region to track in next: the same while the face is well inside it, else around the face.

    None once the face is large enough to be found in the whole picture.
    """
    size = max(box[2] - box[0], box[3] - box[1])
    if size > _SMALL * max(image.shape[:2]):
        return None
    x0, y0, x1, y1 = region
    slack = 0.15 * size
    inside = (
        box[0] > x0 + slack and box[1] > y0 + slack and box[2] < x1 - slack and box[3] < y1 - slack
    )
    return region if inside else _square(box, _AROUND, image)


def _tiles(width: int, height: int) -> list[list[Region]]:
    """The whole picture, then overlapping squares of its shorter side, of half and of a quarter."""
    levels: list[list[Region]] = [[(0, 0, width, height)]]
    shorter = min(width, height)
    for side in (shorter, shorter // 2, shorter // 4):
        if side < _LEAST_TILE and side != shorter:
            break
        levels.append(
            [
                (x, y, x + side, y + side)
                for y in _starts(height, side)
                for x in _starts(width, side)
            ]
        )
    return levels


def _starts(length: int, side: int) -> list[int]:
    """Where tiles begin so that they cover a length and overlap by at least a half."""
    count = 1 + -(-2 * (length - side) // side)
    return [round(i * (length - side) / max(1, count - 1)) for i in range(count)]
