"""The official networks of DaGAN and of the first order motion model: how their files are
recognised, what their tensors are called here.

Both use the same names. Each network has a table of rules, tried in order; a rule with an empty
target drops the tensor. The tables must use up every official tensor and fill every one of ours,
which :mod:`avatar.convert` checks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from avatar.errors import WeightsError
from avatar.model.params import OFFICIAL, ModelParams

Shapes = Mapping[str, tuple[int, ...]]

COMMON = (
    (r".*\.num_batches_tracked", ""),  # BatchNorm's training counter
    (r"(.*\.)?down\.weight", ""),  # the anti-aliasing Gaussian: a constant, made anew here
)


SPADE_BLOCK = (
    ("conv_0", "conv1"),
    ("conv_1", "conv2"),
    ("conv_s", "shortcut"),
    *(
        (rf"{norm}\.{official}", f"{target}.{ours}")
        for norm, target in (("norm_0", "norm1"), ("norm_1", "norm2"), ("norm_s", "shortcut_norm"))
        for official, ours in (
            (r"mlp_shared\.0", "shared"),
            ("mlp_gamma", "gamma"),
            ("mlp_beta", "beta"),
        )
    ),
)


def _hourglass(official: str, ours: str) -> tuple[tuple[str, str], ...]:
    return (
        (rf"{official}\.encoder\.down_blocks\.(\d)\.(.+)", rf"{ours}.down.\1.\2"),
        (rf"{official}\.decoder\.up_blocks\.(\d)\.(.+)", rf"{ours}.up.\1.\2"),
    )


def _encoder(prefix: str, ours: str) -> tuple[tuple[str, str], ...]:
    return (
        (rf"{prefix}first\.(.+)", rf"{ours}.0.\1"),
        (rf"{prefix}down_blocks\.0\.(.+)", rf"{ours}.1.\1"),
        (rf"{prefix}down_blocks\.1\.(.+)", rf"{ours}.2.\1"),
    )


@dataclass(frozen=True)
class Network:
    """One of the four networks: its name for messages, its usual file, and its rules."""

    title: str
    file: str
    rules: tuple[tuple[str, str], ...]

    def rename(self, name: str) -> str | None:
        """Our name of an official tensor; empty where it is not needed, None where unknown."""
        for pattern, target in COMMON + self.rules:
            if match := re.fullmatch(pattern, name):
                return match.expand(target) if target else ""
        return None


NETWORKS: dict[str, Network] = {
    "generator": Network(
        "generator",
        "generator.pt",
        (
            *_hourglass(r"dense_motion_network\.hourglass", "generator.flow.hourglass"),
            (r"dense_motion_network\.(mask|occlusion)\.(.+)", r"generator.flow.\1.\2"),
            *_encoder("", "generator.encoder"),
            *_encoder("src_", "generator.depth_encoder"),
            (r"AttnModule\.gamma", "generator.attention.gamma"),
            (r"AttnModule\.(query|key|value)_conv\.(.+)", r"generator.attention.\1.\2"),
            (r"bottleneck\.r(\d)\.(.+)", r"generator.bottleneck.\1.\2"),
            (r"up_blocks\.0\.(.+)", r"generator.up1.\1"),
            (r"up_blocks\.1\.(.+)", r"generator.up2.\1"),
            (r"final\.(.+)", r"generator.output.\1"),
            # the SPADE decoder, which stands in for the four above
            (r"decoder\.compress\.(.+)", r"generator.spade.compress.\1"),
            (r"decoder\.fc\.(.+)", r"generator.spade.enter.\1"),
            (r"decoder\.conv_img\.(.+)", r"generator.spade.output.\1"),
            *(
                (rf"decoder\.{official}\.{part}\.(.+)", rf"generator.spade.{ours}.{target}.\1")
                for official, ours in (
                    *((f"G_middle_{n}", f"middle.{n}") for n in range(3)),
                    ("up_0", "up1"),
                    ("up_1", "up2"),
                )
                for part, target in SPADE_BLOCK
            ),
        ),
    ),
    "keypoints": Network(
        "keypoint detector",
        "kp_detector.pt",
        (
            *_hourglass("predictor", "keypoints.hourglass"),
            (r"kp\.(.+)", r"keypoints.heatmap.\1"),
            (r"jacobian\.(.+)", r"keypoints.jacobian.\1"),
        ),
    ),
    "depth encoder": Network(
        "depth encoder",
        "encoder.pth",
        (
            (r"encoder\.fc\..+", ""),  # ImageNet's classifier, never used
            (r"encoder\.conv1\.(.+)", r"depth.encoder.conv.\1"),
            (r"encoder\.bn1\.(.+)", r"depth.encoder.norm.\1"),
            *(
                (rf"encoder\.layer{n + 1}\.{official}", rf"depth.encoder.layers.{n}.{ours}")
                for n in range(4)
                for official, ours in (
                    (r"(\d)\.conv(\d)\.(.+)", r"\1.conv\2.\3"),
                    (r"(\d)\.bn(\d)\.(.+)", r"\1.norm\2.\3"),
                    (r"(\d)\.downsample\.0\.(.+)", r"\1.shortcut.\2"),
                    (r"(\d)\.downsample\.1\.(.+)", r"\1.shortcut_norm.\2"),
                )
            ),
        ),
    ),
    "depth decoder": Network(
        "depth decoder",
        "depth.pth",
        (
            *(
                (
                    rf"decoder\.{2 * n + i}\.conv\.conv\.(.+)",
                    rf"depth.decoder.{('before', 'after')[i]}.{n}.conv.\1",
                )
                for n in range(5)
                for i in range(2)
            ),
            *(
                (rf"decoder\.{10 + n}\.conv\.(.+)", rf"depth.decoder.heads.{n}.conv.\1")
                for n in range(4)
            ),
        ),
    ),
}
"""The networks that make a whole model, in the order in which messages name them."""


def recognise(shapes: Shapes, where: str) -> str | None:
    """Which of :data:`NETWORKS` a state dict is, judged by its tensors; None for something else.

    Raises:
        WeightsError: it is a keypoint detector of a kind that is not supported.
    """
    if "dense_motion_network.mask.weight" in shapes:
        return "generator"
    if "kp.weight" in shapes and "predictor.encoder.down_blocks.0.conv.weight" in shapes:
        if "jacobian.weight" not in shapes:
            raise WeightsError(
                f"{where} holds a keypoint detector without jacobians, expected one with them.",
                hint=f"Models of that kind are not supported. {_known()}",
            )
        return "keypoints"
    if "encoder.conv1.weight" in shapes:
        # the pose network sees two pictures (6 channels); only training uses it
        return "depth encoder" if _size(shapes, "encoder.conv1.weight", 1) == 3 else None
    if "decoder.0.conv.conv.weight" in shapes:
        return "depth decoder"
    return None


@dataclass(frozen=True)
class Traits:
    """What tells the official models apart, as far as tensors show it.

    ``attention`` is what asks ("" for none); ``depth_layers`` is 18 or 50, 0 without depth.
    """

    keypoints: int
    detects_by_depth: bool
    attention: str
    spade: bool
    depth_layers: int

    @classmethod
    def of(cls, params: ModelParams) -> "Traits":
        """Those of a preset."""
        return cls(
            params.num_keypoints,
            params.detects_by_depth,
            params.attention_queries if params.use_attention else "",
            params.spade,
            (50 if params.depth_bottleneck else 18) if params.use_depth else 0,
        )

    @classmethod
    def found(cls, generator: Shapes, keypoints: Shapes, depth: Shapes | None) -> "Traits":
        """Those of state dicts; ``depth`` is the depth encoder's."""
        attention = ""
        if "AttnModule.gamma" in generator:
            attention = "depth" if "src_first.conv.weight" in generator else "appearance"
        layers = 0
        if depth is not None:
            layers = 50 if "encoder.layer1.0.conv3.weight" in depth else 18
        return cls(
            _size(keypoints, "kp.weight", 0),
            _size(keypoints, "predictor.encoder.down_blocks.0.conv.weight", 1) == 4,
            attention,
            "decoder.conv_img.weight" in generator,
            layers,
        )

    @property
    def needs_depth(self) -> bool:
        """Whether the detector or the attention uses a depth network."""
        return self.detects_by_depth or self.attention == "depth"

    def __str__(self) -> str:
        return ", ".join(
            (
                f"{self.keypoints} {'RGB-D' if self.detects_by_depth else 'RGB'} keypoints",
                f"attention by {self.attention}" if self.attention else "no attention",
                "the SPADE decoder" if self.spade else "the paper's decoder",
                f"depth by ResNet-{self.depth_layers}" if self.depth_layers else "no depth",
            )
        )


def moved_keypoints(generator: Shapes) -> int:
    """The number of keypoints that a generator takes: it mixes their motions and standing still."""
    return _size(generator, "dense_motion_network.mask.weight", 0) - 1


def architecture(traits: Traits, where: str) -> ModelParams:
    """The preset with these traits.

    Raises:
        WeightsError: none has.
    """
    for params in OFFICIAL:
        if Traits.of(params) == traits:
            return params
    raise WeightsError(
        f"{where}: this is a model of {traits}, which is none of those known here.",
        hint=_known(),
    )


def _size(shapes: Shapes, name: str, axis: int) -> int:
    """0 where a damaged file has fewer axes."""
    return shapes[name][axis] if len(shapes[name]) > axis else 0


def _known() -> str:
    return "Known are: " + "; ".join(f"{p.name} ({Traits.of(p)})" for p in OFFICIAL) + "."
