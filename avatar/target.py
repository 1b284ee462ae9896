"""Looking for the face of a portrait that was cut without looking for one."""

from avatar.frame import Portrait
from avatar.pose.head import head_pose
from avatar.pose.lighting import lighting
from avatar.pose.match import STRAIGHT, Target, target_of
from avatar.tracker import FaceTracker, MediaPipeTracker


def look_for_target(portrait: Portrait, tracker: FaceTracker | None = None) -> Target:
    """What a portrait asks of the driver, looking for its face where that is not known.

    The bundled portraits are cut by known squares, others by hand: neither tells where the face is.

    Args:
        portrait: any.
        tracker: finds the face; without one a MediaPipe tracker is made for this call, which takes
            a second or two.

    Returns:
        Someone looking straight ahead where no face is found, as in many drawings.
    """
    known = target_of(portrait)
    if known.found:
        return known
    if tracker is not None:
        return _target(portrait, tracker)
    with MediaPipeTracker(static=True, max_faces=1) as own:
        return _target(portrait, own)


def _target(portrait: Portrait, tracker: FaceTracker) -> Target:
    # In the whole picture a small face has more pixels than in the square.
    x0, y0, x1, y1 = (float(v) for v in portrait.box)
    for face in tracker.track(portrait.full):
        x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        if x0 <= x <= x1 and y0 <= y <= y1:
            pose = head_pose(face, portrait.box)
            if pose is not None:
                return Target(pose, lighting(portrait.image, face, portrait.box))
    return STRAIGHT
