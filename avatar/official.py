"""The official DaGAN networks: how their files are recognised, what their tensors are called here.

Each network has a table of rules, tried in order; a rule with an empty target drops the tensor. The
tables must use up every official tensor and fill every one of ours, which :mod:`avatar.convert`
checks.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from avatar.errors import WeightsError

Shapes = Mapping[str, tuple[int, ...]]

KEYPOINTS = 15

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
        WeightsError: it is a DaGAN network of a kind that is not supported yet.
    """
    if "dense_motion_network.mask.weight" in shapes:
        _check_generator(shapes, where)
        return "generator"
    if "kp.weight" in shapes and "predictor.encoder.down_blocks.0.conv.weight" in shapes:
        _check_keypoints(shapes, where)
        return "keypoints"
    if "encoder.conv1.weight" in shapes:
        if shapes["encoder.conv1.weight"][1] != 3:
            return None  # the pose network sees two pictures (6 channels); only training uses it
        if "encoder.layer1.0.conv3.weight" in shapes:
            raise _later(where, "a ResNet-50 depth encoder", "a ResNet-18 one")
        return "depth encoder"
    if "decoder.0.conv.conv.weight" in shapes:
        if shapes["decoder.0.conv.conv.weight"][1] != 512:
            raise _later(where, "a ResNet-50 depth decoder", "a ResNet-18 one")
        return "depth decoder"
    return None


def architecture(generator: Iterable[str]) -> str:
    """The preset that a generator with tensors of these names belongs to."""
    return "vox256-spade" if "decoder.conv_img.weight" in generator else "vox256"


def _check_generator(shapes: Shapes, where: str) -> None:
    if "AttnModule.gamma" not in shapes:
        raise _later(where, "a generator without depth attention", "the depth-aware one")
    candidates = shapes["dense_motion_network.mask.weight"][0]
    if candidates != KEYPOINTS + 1:
        raise _later(where, f"a generator for {candidates - 1} keypoints", f"{KEYPOINTS}")


def _check_keypoints(shapes: Shapes, where: str) -> None:
    if shapes["kp.weight"][0] != KEYPOINTS:
        raise _later(where, f"a detector of {shapes['kp.weight'][0]} keypoints", f"{KEYPOINTS}")
    if shapes["predictor.encoder.down_blocks.0.conv.weight"][1] != 4:
        raise _later(where, "a keypoint detector that sees no depth", "an RGB-D one (--rgbd)")
    if "jacobian.weight" not in shapes:
        raise _later(where, "a keypoint detector without jacobians", "one with them")


def _later(where: str, got: str, expected: str) -> WeightsError:
    return WeightsError(
        f"{where} holds {got}, expected {expected}.",
        hint="This version runs the vox256 architectures only: 15 RGB-D keypoints, depth by "
        "ResNet-18, the paper's or the SPADE decoder. Other variants are later work.",
    )
