"""ImageNet's ResNet-18 and ResNet-50 as torchvision publishes them, into our encoders.

The files (resnet18-f37072fd.pth, resnet50-*.pth) are the user's to get; torchvision is not needed.
They are read as plain tensors only, so that no code in them runs.
"""

import logging
import re
from pathlib import Path

import torch
from torch import Tensor

from avatar.checkpoint import read, tensors
from avatar.errors import WeightsError
from avatar.model.depth import DepthEncoder

log = logging.getLogger(__name__)

NAMES = (
    (r"conv1\.(.+)", r"conv.\1"),
    (r"bn1\.(.+)", r"norm.\1"),
    (r"layer([1-4])\.(\d+)\.conv(\d)\.(.+)", r"layers.\1.\2.conv\3.\4"),
    (r"layer([1-4])\.(\d+)\.bn(\d)\.(.+)", r"layers.\1.\2.norm\3.\4"),
    (r"layer([1-4])\.(\d+)\.downsample\.0\.(.+)", r"layers.\1.\2.shortcut.\3"),
    (r"layer([1-4])\.(\d+)\.downsample\.1\.(.+)", r"layers.\1.\2.shortcut_norm.\3"),
)
"""torchvision's names and ours; layers are counted from 1 there and from 0 here."""

FIRST = "conv.weight"
EXPECTED = "torchvision's resnet18-f37072fd.pth, or resnet50-*.pth for a bottleneck encoder"


def initialise(encoder: DepthEncoder, path: Path) -> None:
    """Fill an encoder, in place, from torchvision's state dict.

    An encoder of two pictures gets the first convolution twice, halved: of two equal pictures it
    then gives what the original gives of one.

    Raises:
        WeightsError: the file cannot be read, is no ResNet of torchvision's, or one of other sizes.
    """
    found = {}
    for name, value in tensors(read(path)).items():
        ours = renamed(name)
        if ours is not None:
            found[ours] = value
    own = encoder.state_dict()
    wanted = {name for name in own if not name.endswith("num_batches_tracked")}
    if FIRST not in found or not any(name.startswith("layers.") for name in found):
        raise WeightsError(
            f"{path} holds no ResNet under torchvision's names (conv1.weight, layer1.0...), "
            f"expected {EXPECTED}.",
            hint="Name that file, or leave imagenet empty to start from random weights.",
        )
    if 2 * found[FIRST].shape[1] == own[FIRST].shape[1]:
        found[FIRST] = torch.cat([found[FIRST]] * 2, 1) / 2
    missing = sorted(wanted - found.keys())
    spare = sorted(found.keys() - own.keys())
    other = sorted(name for name in wanted & found.keys() if found[name].shape != own[name].shape)
    if missing or spare or other:
        raise WeightsError(
            f"{path} is a ResNet of other sizes than the encoder: {_mismatch(own, found)}.",
            hint=f"The presets vox256 and vox256-depth50 take {EXPECTED}; a preset with other "
            "widths cannot start from ImageNet.",
        )
    encoder.load_state_dict(found, strict=False)
    log.info("%s: %d tensors of ImageNet's ResNet taken", path.name, len(found))


def renamed(name: str) -> str | None:
    """Our name of a tensor of torchvision's; None for what we do not have (the classifier)."""
    for theirs, ours in NAMES:
        if match := re.fullmatch(theirs, name):
            new = match.expand(ours)
            return re.sub(r"^layers\.(\d)", lambda found: f"layers.{int(found[1]) - 1}", new)
    return None


def _mismatch(own: dict[str, Tensor], found: dict[str, Tensor]) -> str:
    """The first tensor that differs, both sides."""
    for name in sorted(own.keys() | found.keys()):
        if name.endswith("num_batches_tracked"):
            continue
        mine, theirs = own.get(name), found.get(name)
        if mine is None or theirs is None or mine.shape != theirs.shape:
            got = "missing" if theirs is None else tuple(theirs.shape)
            expected = "no such tensor" if mine is None else tuple(mine.shape)
            return f"{name} is {got}, expected {expected}"
    return "nothing differs"
