"""The table [loss] of a recipe of stage 2: weights, and what is trained how."""

from dataclasses import dataclass
from typing import Literal

from tools.training.reenact.distance import LEAST, Form
from tools.training.reenact.perceptual import Backbone
from tools.training.reenact.pyramid import RATIOS


@dataclass(frozen=True)
class LossSettings:
    """Weights and switches; the defaults are DaGAN's (METHODS sections 4 and 5.5).

    A weight of 0 leaves a term out.

    Raises:
        ValueError: the values contradict each other.
    """

    perceptual: float = 10.0
    """Of L_P, which is a sum of 20 terms."""
    perceptual_backbone: Backbone = "vgg19"
    """"vgg19" or "mobilenet_v2"."""
    perceptual_file: str = ""
    """The backbone's weights; empty: where they lie beside the checkout."""
    perceptual_ratios: tuple[int, ...] = RATIOS
    """How many times smaller the pictures of each scale are."""

    gan: float = 1.0
    """Of L_G; 0: no discriminator at all."""
    feature_matching: float = 10.0
    discriminator_base: int = 64
    """Channels of the discriminator's first block; each further one has twice as many."""
    discriminator_most: int = 512
    discriminator_blocks: int = 4

    equivariance_value: float = 10.0
    equivariance_jacobian: float = 10.0
    distance: float = 10.0
    """Of L_D."""
    distance_form: Form = "hinge"
    """"sign", the paper's, has a gradient of zero; "hinge" is what it was meant to be."""
    distance_least: float = LEAST

    pixels: float = 0.0
    """L1 and gradients over a pyramid; not in the paper, nor is what follows."""
    warped: float = 0.0
    """The same of the warped portrait, which the generator has not touched yet."""
    speaking: float = 0.0
    """How much more than the rest pixels of eyes and mouth count, where there are landmarks."""
    keypoints: float = 0.0
    """Keypoints against targets made from landmarks, where there are any."""
    flow: float = 0.0
    """The flow inside the face against landmarks, in [-1, 1] units."""

    detector: Literal["learn", "fixed"] = "learn"
    """"fixed": as it came, like the depth network. Where it learns, at another rate than the
    generator: ``[optimiser.generator.scales] keypoints = 0.5``."""
    detector_sees: Literal["same", "disturbed"] = "same"
    """What the detector sees of the driving frame: the "same" picture that is the target, or that
    "disturbed" in colour and sharpness, so that motion and not appearance passes."""
    gamma: float = 0.0
    """What the attention's scale starts at if it is fresh. The authors' 0 leaves queries and keys
    without a gradient in the first step."""

    def __post_init__(self) -> None:
        weights = (
            "perceptual", "gan", "feature_matching", "equivariance_value",
            "equivariance_jacobian", "distance", "pixels", "warped", "speaking", "keypoints",
            "flow",
        )  # fmt: skip
        if negative := [name for name in weights if getattr(self, name) < 0]:
            raise ValueError(f"{', '.join(negative)} should not be negative")
        if self.feature_matching and not self.gan:
            raise ValueError(
                "feature_matching needs a discriminator that learns (gan above 0): with gan = 0 "
                "set feature_matching = 0 too"
            )
        if not self.perceptual_ratios or any(
            r not in (1, 2, 4, 8, 16) for r in self.perceptual_ratios
        ):
            raise ValueError(
                f"perceptual_ratios are {list(self.perceptual_ratios)}, expected some of 1, 2, 4, "
                "8, 16"
            )
        if self.distance_least <= 0:
            raise ValueError(f"distance_least is {self.distance_least}, expected above 0")
        if min(self.discriminator_base, self.discriminator_most, self.discriminator_blocks) < 1:
            raise ValueError("the discriminator needs at least one block and one channel")

    @property
    def learns_keypoints(self) -> bool:
        """Whether the detector is trained."""
        return self.detector == "learn"

    @property
    def teaches(self) -> list[str]:
        """The settings in force that need landmarks."""
        return [name for name in ("speaking", "keypoints", "flow") if getattr(self, name)]
