"""Official checkpoints, in any published layout, into one weights file of ours.

The layouts: a folder of ``generator.pt, kp_detector.pt, encoder.pth, depth.pth``; or a training
checkpoint (``NNNNNNNN-checkpoint.pth.tar``) with ``generator`` and ``kp_detector`` inside, beside a
folder of ``encoder.pth, depth.pth``; or a checkpoint alone where the model has no depth network, as
the first order motion model's ``vox-adv-cpk.pth.tar``. Files, and models, are told apart by what
they hold, not by their names.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avatar import checkpoint
from avatar.errors import WeightsError
from avatar.model.params import ModelParams
from avatar.official import (
    NETWORKS,
    Network,
    Shapes,
    Traits,
    architecture,
    moved_keypoints,
    recognise,
)
from avatar.weights import check_shapes

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

NAMES = tuple(network.file for network in NETWORKS.values())
LAYOUT = (
    "Give the folder with generator.pt, kp_detector.pt, encoder.pth and depth.pth, or the training "
    "checkpoint (.pth.tar) together with the depth folder (encoder.pth, depth.pth). The first "
    "order motion model has no depth: its checkpoint (vox-adv-cpk.pth.tar) alone."
)
VARIANT = (
    "This is a variant that this version does not know, or a damaged file; "
    "get the official files with: avatar weights fetch dagan"
)


@dataclass(frozen=True)
class Part:
    """One official network as found: its tensors by their official names, and in which file."""

    tensors: "dict[str, torch.Tensor]"
    path: Path

    @property
    def shapes(self) -> Shapes:
        """Its tensors' shapes."""
        return {name: tuple(tensor.shape) for name, tensor in self.tensors.items()}


def convert(paths: Iterable[Path]) -> "tuple[ModelParams, dict[str, torch.Tensor]]":
    """Read official files and rename their tensors.

    Args:
        paths: files and folders; in folders only the official names are opened.

    Returns:
        The parameters (one of ``avatar.model.params.OFFICIAL``) and all tensors that ``Dagan``
        needs, by our names, float32.

    Raises:
        WeightsError: a file is missing, unreadable, needs code to run, is of another variant,
            or holds tensors that are unknown here.
    """
    files = [file for path in paths for file in expand(path)]
    parts: dict[str, Part] = {}
    for file in files:
        found = find_parts(file)
        if not found:
            raise WeightsError(
                f"{file} holds no network of DaGAN or of the first order motion model.", hint=LAYOUT
            )
        for kind, part in found.items():
            if kind in parts:
                raise WeightsError(
                    f"Two files hold a {NETWORKS[kind].title}: {parts[kind].path} and {file}.",
                    hint="Name only the files that belong together.",
                )
            parts[kind] = part
    params = identify(parts)
    tensors: dict[str, torch.Tensor] = {}
    for kind, part in parts.items():
        tensors |= rename(NETWORKS[kind], part)
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    check_shapes(params, shapes, f"{parts['generator'].path} and the files with it", VARIANT)
    return params, tensors


def installed_name(params: ModelParams) -> str:
    """The name to install a converted model by: vox256 for the whole official DaGAN, whichever
    decoder it was published with; its architecture's name else."""
    return "vox256" if params.name == "vox256-spade" else params.name


def identify(parts: Mapping[str, Part]) -> ModelParams:
    """The model that these networks make together, by their keys in NETWORKS.

    Raises:
        WeightsError: one is missing or of no use, they do not belong together, or make none known.
    """
    _require(("generator", "keypoints"), parts)
    generator, keypoints = parts["generator"], parts["keypoints"]
    depth = parts.get("depth encoder")
    traits = Traits.found(generator.shapes, keypoints.shapes, depth.shapes if depth else None)
    if traits.needs_depth:
        _require(("depth encoder", "depth decoder"), parts)
    elif spare := [parts[kind] for kind in ("depth encoder", "depth decoder") if kind in parts]:
        raise WeightsError(
            f"{generator.path} is of a model without depth, which makes no use of {spare[0].path}.",
            hint="Leave out the files of the depth network.",
        )
    moved = moved_keypoints(generator.shapes)
    if moved != traits.keypoints:
        raise WeightsError(
            f"The generator in {generator.path} is for {moved} keypoints, the keypoint detector in "
            f"{keypoints.path} finds {traits.keypoints}.",
            hint="Name only the files that belong together.",
        )
    return architecture(traits, f"{generator.path} and the files with it")


def _require(kinds: Iterable[str], parts: Mapping[str, Part]) -> None:
    """Raise WeightsError naming what is missing of these networks."""
    if missing := [f"{NETWORKS[k].title} ({NETWORKS[k].file})" for k in kinds if k not in parts]:
        got = ", ".join(f"{NETWORKS[k].title} in {p.path}" for k, p in parts.items())
        raise WeightsError(
            f"Missing: {', '.join(missing)}. Found: {got or 'nothing'}.", hint=LAYOUT
        )


def expand(path: Path) -> list[Path]:
    """The official files behind a path: itself, or those in a folder.

    Raises:
        WeightsError: there is nothing, or nothing official in the folder.
    """
    if not path.exists():
        raise WeightsError(f"There is no file or folder {path}.", hint="Check the path.")
    if path.is_file():
        return [path]
    found = [path / name for name in NAMES if (path / name).is_file()]
    checkpoints = sorted(path.glob("*.pth.tar"))
    if len(checkpoints) > 1:
        raise WeightsError(
            f"{path} holds {len(checkpoints)} training checkpoints "
            f"({checkpoints[0].name} to {checkpoints[-1].name}).",
            hint="Name the one you want instead of the folder.",
        )
    if not found + checkpoints:
        raise WeightsError(
            f"{path} holds none of {', '.join(NAMES)} and no .pth.tar file.", hint=LAYOUT
        )
    return found + checkpoints


def find_parts(path: Path) -> dict[str, Part]:
    """The official networks in one file, by their keys in NETWORKS.

    The file may be a state dict, or hold state dicts one level down; everything else in it
    (discriminator, optimisers, epoch) is passed over.
    """
    entries = checkpoint.read(path)
    found: dict[str, Part] = {}
    candidates: list[Mapping[str, Any]] = [entries]
    candidates += [value for value in entries.values() if isinstance(value, Mapping)]
    for candidate in candidates:
        part = Part(checkpoint.tensors(candidate), path)
        if kind := recognise(part.shapes, str(path)):
            log.info("%s: %s, %d tensors", path, NETWORKS[kind].title, len(part.tensors))
            found[kind] = part
    return found


def rename(network: Network, part: Part) -> "dict[str, torch.Tensor]":
    """The tensors of one network by our names, float32, apart from the file.

    Raises:
        WeightsError: some are unknown, or two would get one name.
    """
    import torch

    renamed: dict[str, torch.Tensor] = {}
    unknown = []
    for name, tensor in without_spectral_norm(part.tensors).items():
        ours = network.rename(name)
        if ours is None or ours in renamed:
            unknown.append(f"{name} {tuple(tensor.shape)}")
        elif ours:
            renamed[ours] = tensor.detach().to(torch.float32, copy=True)
    if unknown:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        raise WeightsError(
            f"{part.path}: the {network.title} has tensors that the official one has not: "
            f"{', '.join(unknown[:3])}{more}.",
            hint=VARIANT,
        )
    return renamed


def without_spectral_norm(tensors: "Mapping[str, torch.Tensor]") -> "dict[str, torch.Tensor]":
    """Every ``weight_orig`` divided by its spectral norm u^T W v, as ``weight``; u and v dropped.

    That is what the layer computes anew at every call; its stored vectors u and v are kept as they
    are, since outside training they do not change.
    """
    plain = {}
    for name, tensor in tensors.items():
        stem, _, leaf = name.rpartition(".")
        u, v = tensors.get(f"{stem}.weight_u"), tensors.get(f"{stem}.weight_v")
        if u is None or v is None:
            plain[name] = tensor
        elif leaf == "weight_orig":
            plain[f"{stem}.weight"] = tensor / u.dot(tensor.flatten(1).mv(v))
        elif leaf not in ("weight_u", "weight_v"):
            plain[name] = tensor
    return plain
