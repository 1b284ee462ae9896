"""Whether a face looks straight ahead, by four landmarks: cheap enough for every frame."""

import numpy as np

from avatar.frame import Face

# MediaPipe Face Mesh: the outer corners of the eyes, the tip of the nose, the chin.
_EYE_A, _EYE_B, _NOSE, _CHIN = 33, 263, 1, 152

# How far off the middle of the eyes the nose may be, in half eye distances: about 12 degrees.
_MAX_YAW = 0.2

# Where between eyes (0) and chin (1) the nose is; 0.36 in the median of 158 clips.
_PITCH = (0.22, 0.5)


def is_frontal(face: Face) -> bool:
    """Whether a face looks straight ahead, by the symmetry of its landmarks, whatever its roll."""
    a, b, nose, chin = face.landmarks[[_EYE_A, _EYE_B, _NOSE, _CHIN], :2]
    across = b - a
    width = float(np.hypot(*across))
    if width < 1:
        return False
    across /= width
    down = np.array([-across[1], across[0]], np.float32)
    middle = (a + b) / 2
    height = float((chin - middle) @ down)
    if height < 1:
        return False
    yaw = abs(float((nose - middle) @ across)) / (width / 2)
    pitch = float((nose - middle) @ down) / height
    return yaw <= _MAX_YAW and _PITCH[0] <= pitch <= _PITCH[1]
