"""Neutral: the driver's neutral pose without its picture, as it is kept and remembered."""

from dataclasses import dataclass

from avatar.frame import Keypoints
from avatar.pose.head import HeadPose


@dataclass(frozen=True)
class Neutral:
    """What the driver's face is taken to be when it does nothing.

    A detector's keypoints have no mirror twins, so those of the flipped picture cannot be reckoned
    from those of the picture itself: both were detected.

    Attributes:
        plain: keypoints of the picture as it is.
        mirrored: keypoints of the flipped picture.
        pose: of the head, in the picture as it is; None where no face was tracked.

    Raises:
        ValueError: the two have different numbers of keypoints.
    """

    plain: Keypoints
    mirrored: Keypoints
    pose: HeadPose | None = None

    def __post_init__(self) -> None:
        if self.plain.value.shape != self.mirrored.value.shape:
            raise ValueError(
                f"a neutral pose needs as many keypoints either way, got "
                f"{len(self.plain.value)} and {len(self.mirrored.value)}"
            )

    def seen(self, mirror: bool) -> Keypoints:
        """The keypoints, in the flipped picture or in the one as it is."""
        return self.mirrored if mirror else self.plain
