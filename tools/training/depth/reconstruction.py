"""The target rebuilt from its neighbours: F_d and F_p applied, frames warped, errors chosen (eqs. 1
to 4). What training minimises, validation measures and contact sheets show.
"""

from typing import NamedTuple

from torch import Tensor, cat
from torch.nn import functional as F

from avatar.model.depth import DepthNetwork
from tools.training.depth.geometry import Camera, Motion, depth_of, sample, sampling_grid
from tools.training.depth.photometric import Chosen, choose, photometric_error
from tools.training.depth.pose import PoseNetwork, camera_of
from tools.training.depth.settings import LossSettings


class Triplet(NamedTuple):
    """Three frames of a clip in their order, (B, 3, S, S) in [0, 1]."""

    previous: Tensor
    target: Tensor
    next: Tensor

    @classmethod
    def of(cls, batch: dict[str, Tensor], seen: bool = False) -> "Triplet":
        """A batch's clean frames, or those that the networks see, with their colours disturbed."""
        suffix = "_seen" if seen else ""
        return cls(*(batch[f"{name}{suffix}"] for name in cls._fields))


class Prediction(NamedTuple):
    """What the networks say of a triplet.

    Attributes:
        disparities: of the target, (B, 1, s, s) in (0, 1), finest scale first.
        camera: one for the three frames, in pixels of S.
        motions: from the target's camera to the previous and to the next frame's.
        turn_deg: (2 B,) angles of both motions.
    """

    disparities: list[Tensor]
    camera: Camera
    motions: tuple[Motion, Motion]
    turn_deg: Tensor


class Rebuilt(NamedTuple):
    """The target from its neighbours at one scale.

    Attributes:
        warped: (B, 3, S, S) each, from the previous and the next frame.
        chosen: the error that counts, and where a warp made it.
    """

    warped: tuple[Tensor, Tensor]
    chosen: Chosen


def predict_motion(
    pose: PoseNetwork, seen: Triplet, intrinsics: str
) -> tuple[Camera, tuple[Motion, Motion], Tensor]:
    """Camera, motions and angles of :class:`Prediction`.

    Pairs always run forwards in time, so that the network need not learn both directions; the
    motion to the past is the inverse of (previous, target).
    """
    pairs = pose(cat([seen.previous, seen.target]), cat([seen.target, seen.next]))
    past, future = pairs.halves()
    camera = camera_of(past, future, seen.target.shape[-1], intrinsics)
    turn_deg = pairs.axis_angle.detach().norm(dim=-1).rad2deg()
    return camera, (past.motion().inverse(), future.motion()), turn_deg


def predict(
    depth: DepthNetwork, pose: PoseNetwork, seen: Triplet, settings: LossSettings
) -> Prediction:
    """Run both networks on what they see of a triplet."""
    disparities = depth.pyramid(seen.target)[: settings.scales]
    return Prediction(disparities, *predict_motion(pose, seen, settings.intrinsics))


def static_errors(clean: Triplet, settings: LossSettings) -> list[Tensor]:
    """Errors of the neighbours as they are; empty without the auto-mask."""
    if not settings.auto_mask:
        return []
    pairs = (clean.previous, clean.next)
    return [photometric_error(each, clean.target, settings.alpha) for each in pairs]


def rebuild(
    clean: Triplet,
    disparity: Tensor,
    prediction: Prediction,
    static: list[Tensor],
    settings: LossSettings,
) -> Rebuilt:
    """Warp both neighbours to the target by a disparity of any scale, brought to full size first
    (which keeps coarse scales from copying fine texture into the depth)."""
    side = clean.target.shape[-2:]
    disparity = F.interpolate(disparity, size=side, mode="bilinear", align_corners=False)
    depth = depth_of(disparity, settings.nearest, settings.farthest)
    warped, errors = [], []
    for neighbour, motion in zip((clean.previous, clean.next), prediction.motions, strict=True):
        warped.append(sample(neighbour, sampling_grid(depth, prediction.camera, motion)))
        errors.append(photometric_error(warped[-1], clean.target, settings.alpha))
    return Rebuilt((warped[0], warped[1]), choose(errors, static, settings.minimum))
