"""Faces with what landmarks teach about them."""

from tools.training import landmarks
from tools.training.data import FaceItems
from tools.training.landmarks import Shape
from tools.training.stage import Item


class TaughtFaces:
    """:class:`FaceItems` with the keypoints that follow from the landmarks: "value" (K, 2) and
    "jacobian" (K, 2, 2)."""

    def __init__(self, faces: FaceItems, shape: Shape) -> None:
        self.faces = faces
        self.shape = shape

    @property
    def epoch(self) -> int:
        """Items in an epoch."""
        return self.faces.epoch

    def describe(self, at: tuple[int, int]) -> str:
        """The clip and the frame of an item."""
        return self.faces.describe(at)

    def __getitem__(self, at: tuple[int, int]) -> Item:
        """The item at (step, place in the global batch)."""
        item = self.faces[at]
        points, flip = item["landmarks"][None], item["mirrored"][None]
        value, jacobian = landmarks.keypoints(points, self.shape, flip)
        return {**item, "value": value[0], "jacobian": jacobian[0]}
