"""Pairs of frames with what landmarks teach about them."""

import torch

from tools.training import landmarks
from tools.training.landmarks import Shape
from tools.training.stage import Item, Items


class TaughtItems:
    """Items with "source_landmarks", "driving_landmarks" and "mirrored", and the keypoints that
    follow from them: "source_value" (K, 2), "source_jacobian" (K, 2, 2), and of the driving frame
    likewise."""

    def __init__(self, pairs: Items, shape: Shape) -> None:
        self.pairs = pairs
        self.shape = shape
        for name in ("epoch", "describe"):  # what the trainer asks of some items
            if (found := getattr(pairs, name, None)) is not None:
                setattr(self, name, found)

    def __getitem__(self, at: tuple[int, int]) -> Item:
        item = dict(self.pairs[at])
        points = torch.stack([item["source_landmarks"], item["driving_landmarks"]])
        flip = item["mirrored"].expand(2)
        value, jacobian = landmarks.keypoints(points, self.shape, flip)
        item["source_value"], item["driving_value"] = value.unbind()
        item["source_jacobian"], item["driving_jacobian"] = jacobian.unbind()
        return item
