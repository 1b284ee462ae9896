"""Suitability: why a portrait will animate badly, and what to do about it.

Measured over six frames of each of 158 clips (about 109 people) and on the bundled portraits; the
thresholds lie where only frames that anybody would call turned, asleep or shouting are beyond.

What is not told, because neither landmarks nor pixels tell it reliably: dark glasses (the mesh
draws eyes behind them as sure as ever: at the rate of false alarms chosen here a quarter of painted
ones were found), hair and hats. Of what covers the mouth, three quarters of painted masks were
found and a sixth of hands of the skin's colour.
"""

from dataclasses import dataclass

import numpy as np

from avatar.frame import Face, Floats, Image
from avatar.mesh import MESH

RULES = 1
"""Version of these rules; what older ones said is not to be trusted."""

SMALL_FACE = 96
"""Pixels of the longer side of a face; below this the animated face is visibly blurred."""

MAX_YAW, MAX_ROLL = 30.0, 22.0
"""Degrees; 95 % of the frames of people talking to a camera are within 26 and 14."""

NEUTRAL_PITCH, MAX_PITCH = -6.0, 24.0
"""Degrees: that of the median frame by this measure, and how far from it is too far."""

SHUT_EYES = 0.10
"""Height of an open eye over its width; 0.28 in the median, 0.13 in the 5th percentile."""

OPEN_MOUTH = 0.40
"""Gap between the lips over the mouth's width; 0.10 in the median, 0.38 in the 95th percentile."""

MAX_BLUR = 0.68
"""Of the square the networks see; 0.48 in the median of the clips, 0.665 in the worst frame."""

MAX_DOUBT = 0.028
"""How far the mouth found in a mirrored picture may lie from the mouth found, in face sizes."""


@dataclass(frozen=True, slots=True)
class Concern:
    """One reason: its kind, for tests and signs, and a sentence for the user."""

    kind: str
    sentence: str


def concerns(
    image: Image, box: Floats, faces: int, face: Face | None, both: tuple[Floats, Floats] | None
) -> list[Concern]:
    """What is wrong with a portrait, gravest first; empty when it should animate well.

    Args:
        image: (256, 256, 3) uint8 RGB, the square the networks see.
        box: (4,) float32 xyxy px of that square in the picture.
        faces: how many faces the picture shows.
        face: the one to be animated, in pixels of the picture; None where there is none.
        both: (478, 3) float32 px twice, its landmarks found in the picture and in its mirror image;
            None where nobody looked.
    """
    if face is None:
        return [
            Concern(
                "no-face",
                "No face was found: the square is animated as it is and may move strangely. "
                "Use a picture with a face seen from the front.",
            )
        ]
    found = _seen_from_the_side(face.landmarks)
    size = float(max(face.box[2] - face.box[0], face.box[3] - face.box[1]))
    if size < SMALL_FACE:  # and too coarse for judging the rest
        found.insert(0, _small(size))
    else:
        frontal = not found
        found += _expression(face.landmarks)
        if frontal and both is not None and mouth_doubt(*both) > MAX_DOUBT:
            found.append(
                Concern(
                    "covered",
                    "The mouth seems to be covered, or oddly shaped: it may smear when it moves. "
                    "Use a picture in which nothing is in front of the face.",
                )
            )
        blurred = blur(_cut_face(image, box, face.box))
        if blurred > MAX_BLUR:
            found.append(
                Concern(
                    "blurred",
                    f"The face is out of focus or was enlarged (blur {blurred:.2f} of 1): the "
                    "result will be blurred too. Use a sharper picture.",
                )
            )
    if faces > 1:
        found.append(
            Concern(
                "several",
                f"The picture shows {faces} faces; the largest is animated. "
                "Choose another one with the crop editor, or cut the picture.",
            )
        )
    return found


# MediaPipe Face Mesh: outer corners of the eyes, corners of the mouth, top of the forehead, chin
_RIGHT_EYE, _LEFT_EYE, _RIGHT_MOUTH, _LEFT_MOUTH, _TOP, _CHIN = 33, 263, 61, 291, 10, 152
_UPPER_LIP, _LOWER_LIP = 13, 14
# of each eye: two pairs of (upper, lower) lid, then its corners
_EYES = (((160, 144), (158, 153), (33, 133)), ((387, 373), (385, 380), (263, 362)))
_MOUTH = np.array([61, 291, 13, 14, 0, 17, 78, 308, 37, 267, 84, 314])
_MOUTH_MIRRORED = np.array([291, 61, 13, 14, 0, 17, 308, 78, 267, 37, 314, 84])


def head_angles(landmarks: Floats) -> tuple[float, float, float] | None:
    """Yaw, pitch and roll of a head in degrees, from (478, 3) landmarks in px.

    Positive: turned to the right edge of the picture, raised, leaning clockwise. The pitch is that
    of the line from forehead to chin, so it is :data:`NEUTRAL_PITCH` in most who look straight on.
    None where the landmarks are all in one place.
    """
    points = landmarks.astype(np.float64)
    across = points[_LEFT_EYE] - points[_RIGHT_EYE] + points[_LEFT_MOUTH] - points[_RIGHT_MOUTH]
    down = points[_CHIN] - points[_TOP]
    width = float(np.linalg.norm(across))
    if width < 1e-6:
        return None
    across /= width
    down -= across * (across @ down)
    height = float(np.linalg.norm(down))
    if height < 1e-6:
        return None
    down /= height
    x, y, z = np.cross(across, down)  # z grows away from the camera, so this points into the head
    return (
        float(np.degrees(np.arctan2(-x, z))),
        float(np.degrees(np.arcsin(np.clip(y, -1.0, 1.0)))),
        float(np.degrees(np.arctan2(across[1], across[0]))),
    )


def eye_opening(landmarks: Floats) -> float:
    """Height over width of the eye that is open further; 0 where there is no eye."""
    return max(
        (_apart(landmarks, *first) + _apart(landmarks, *second)) / (2 * width)
        if (width := _apart(landmarks, *corners)) > 1e-6
        else 0.0
        for first, second, corners in _EYES
    )


def mouth_opening(landmarks: Floats) -> float:
    """Gap between the lips over the width of the mouth; 0 where there is no mouth."""
    width = _apart(landmarks, _RIGHT_MOUTH, _LEFT_MOUTH)
    return _apart(landmarks, _UPPER_LIP, _LOWER_LIP) / width if width > 1e-6 else 0.0


def mouth_doubt(found: Floats, mirrored: Floats) -> float:
    """How far two fits of the mouth are apart, in parts of the face's longer side.

    Both are (478, 3) px of one picture; ``mirrored`` was found in its mirror image and turned back,
    so that its left is the other's right. Where the mouth cannot be seen, each fit is a guess.
    """
    size = float(np.ptp(found[:MESH, :2], axis=0).max())
    if size < 1e-6:
        return 0.0
    gap = found[_MOUTH, :2] - mirrored[_MOUTH_MIRRORED, :2]
    return float(np.hypot(gap[:, 0], gap[:, 1]).mean()) / size


def blur(grey: Image) -> float:
    """Blur of a (H, W) uint8 picture: 0 = sharp, 1 = blurred; 0 where it is too small to tell.

    How little the differences between neighbours lose when the picture is blurred once more, in the
    direction where they lose less (Crete et al., "The blur effect", SPIE 2007).
    """
    import cv2

    if min(grey.shape[:2]) < 16:
        return 0.0
    sharp = grey.astype(np.float32)
    worst = 0.0
    for axis, kernel in ((1, (9, 1)), (0, (1, 9))):
        before = np.abs(np.diff(sharp, axis=axis))
        after = np.abs(np.diff(cv2.blur(sharp, kernel), axis=axis))
        total = float(before.sum())
        if total <= 0.0:
            return 0.0  # one colour: neither sharp nor blurred
        worst = max(worst, 1.0 - float(np.maximum(before - after, 0.0).sum()) / total)
    return worst


def _small(size: float) -> Concern:
    return Concern(
        "small",
        f"The face is only {size:.0f} pixels high: the result will be blurred. "
        f"Use a larger picture; at least {SMALL_FACE} pixels are advised, 200 are better.",
    )


def _seen_from_the_side(landmarks: Floats) -> list[Concern]:
    angles = head_angles(landmarks)
    if angles is None:
        return []
    yaw, pitch, roll = angles
    found = []
    if abs(yaw) > MAX_YAW:
        found.append(
            Concern(
                "profile",
                f"The head is turned {abs(yaw):.0f}° to the side: the hidden half of the face has "
                f"to be invented. Use a picture seen from the front, under {MAX_YAW:.0f}°.",
            )
        )
    tilt = pitch - NEUTRAL_PITCH
    if abs(tilt) > MAX_PITCH:
        way = "raised" if tilt > 0 else "lowered"
        found.append(
            Concern(
                "pitch",
                f"The head is {way} by {abs(tilt):.0f}°: the face may look squashed when it "
                "moves. Use a picture that looks straight into the camera.",
            )
        )
    if abs(roll) > MAX_ROLL:
        found.append(
            Concern(
                "tilt",
                f"The head leans {abs(roll):.0f}° to the side: it will lean while it moves. "
                "Turn the picture upright first.",
            )
        )
    return found


def _expression(landmarks: Floats) -> list[Concern]:
    found: list[Concern] = []
    if _apart(landmarks, _RIGHT_EYE, _LEFT_EYE) < 1.0:
        return found
    if eye_opening(landmarks) < SHUT_EYES:
        found.append(
            Concern(
                "eyes",
                "The eyes are shut: they have to be invented when they open. Use a picture with "
                "open eyes.",
            )
        )
    if mouth_opening(landmarks) > OPEN_MOUTH:
        found.append(
            Concern(
                "mouth",
                "The mouth is wide open: it will not close well. Use a picture with a calm face.",
            )
        )
    return found


def _apart(landmarks: Floats, a: int, b: int) -> float:
    return float(np.linalg.norm(landmarks[a] - landmarks[b]))


def _cut_face(image: Image, square: Floats, face: Floats) -> Image:
    """The face in grey, as large as the networks see it: (H, W) uint8."""
    import cv2

    scale = image.shape[0] / max(float(square[2] - square[0]), 1e-6)
    x0, y0 = np.maximum(0, (face[:2] - square[:2]) * scale).astype(int)
    x1, y1 = np.minimum(image.shape[0], np.ceil((face[2:] - square[:2]) * scale)).astype(int)
    part = image[y0 : max(y0, y1), x0 : max(x0, x1)]
    if not part.size:
        return np.zeros((0, 0), np.uint8)
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.uint8)
