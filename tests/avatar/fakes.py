"""Fakes at ports that ship none, for tests of everything that runs a session."""

import numpy as np

from avatar.frame import Crop, Frame


class WholeCropper:
    """Every frame is its own crop."""

    def __init__(self) -> None:
        self.closed = False

    def crop(self, frame: Frame) -> Crop:
        height, width = frame.image.shape[:2]
        box = np.array([0, 0, width, height], np.float32)
        return Crop(frame.image, box, None, False, frame.index, frame.t_ns)

    def close(self) -> None:
        self.closed = True
