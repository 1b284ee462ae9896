"""Expression: MediaPipe's 52 blendshape scores, where the papers take py-feat's action units.

Scores are (52,) float32 in [0, 1], in the order of :data:`NAMES`.
"""

import numpy as np

from avatar.frame import Floats

NAMES = (
    *("_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft"),
    *("browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft"),
    *("eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight"),
    *("eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft"),
    *("eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen"),
    *("jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft"),
    *("mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft"),
    *("mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight"),
    *("mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *("mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight"),
    *("mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight"),
)

COUNTED = tuple(
    i for i, name in enumerate(NAMES) if name != "_neutral" and not name.startswith("eyeLook")
)
"""All but the neutral score and the gaze."""

FOLLOWED = tuple(
    NAMES.index(name)
    for name in (
        *("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthPucker", "mouthFunnel"),
        *("eyeBlinkLeft", "eyeBlinkRight", "browInnerUp", "browDownLeft", "browDownRight"),
    )
)
"""Those whose course over time is compared."""

THRESHOLD = 0.2
"""A unit with a larger score is "on". py-feat's 0.5 would leave nearly all of these off always."""


def aucon(got: Floats, want: Floats) -> float:
    """Share of the 43 counted units that are on in both or off in both.

    Most are off nearly always, so read it beside that of the copied portrait.
    """
    counted = list(COUNTED)
    return float(np.mean((got[counted] > THRESHOLD) == (want[counted] > THRESHOLD)))


def difference(got: Floats, want: Floats) -> float:
    """Mean absolute difference of the counted scores."""
    counted = list(COUNTED)
    return float(np.abs(got[counted] - want[counted]).mean())
