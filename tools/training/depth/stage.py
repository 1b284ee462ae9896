"""Stage 1 as the trainer wants it: networks, items, one phase, figures and pictures.

Afterwards F_p is discarded and F_d frozen: only the tensors of ``depth.`` are handed on.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import default_collate

from avatar.model.dagan import Dagan
from avatar.model.depth import DepthNetwork
from avatar.model.params import ModelParams
from tools.training.data import DataSettings, Footage, TripletItems, load
from tools.training.data.sources import TRAIN, VAL
from tools.training.depth import imagenet
from tools.training.depth.checks import check, check_footage, usable
from tools.training.depth.measure import FrameDepth, measure, picture_tensor, spread, summary
from tools.training.depth.phase import DepthPhase
from tools.training.depth.pose import PoseNetwork
from tools.training.depth.reconstruction import (
    Prediction,
    Triplet,
    predict,
    rebuild,
    static_errors,
)
from tools.training.depth.settings import LossSettings
from tools.training.depth.sheet import sheet
from tools.training.precision import Precision, lower
from tools.training.recipe import Recipe, read_table
from tools.training.stage import Batch, Phase, Trained

log = logging.getLogger(__name__)

VAL_TRIPLETS = 96
"""Triplets of the photometric figures."""

VAL_FRAMES = 16
"""Frames of each validation clip that landmarks judge."""

SHOWN = 5
"""Triplets on a contact sheet."""

AT_ONCE = 16
"""Frames in a forward pass of validation."""


class DepthStage:
    """Self-supervised face depth (section 3.1).

    Raises:
        UsageError: the model has no depth network, its picture size and that of the items do not
            fit, or the ordinal prior is wanted of footage without landmarks.
        InputError: no clip has three frames.
        WeightsError: the ImageNet file cannot be used.
    """

    def __init__(
        self,
        params: ModelParams,
        data: DataSettings,
        loss: LossSettings,
        train: Footage,
        val: Footage,
        seed: int = 0,
        precision: Precision = "fp32",
        start: Mapping[str, Tensor] | None = None,
    ) -> None:
        check(params, data)
        check_footage(loss, train)
        self.params = params
        self.data = data
        self.loss = loss
        dagan = Dagan(params)
        pose = PoseNetwork(params)
        depth = dagan.depth
        assert depth is not None  # check() has seen to it
        if loss.imagenet:
            imagenet.initialise(depth.encoder, Path(loss.imagenet))
        if loss.imagenet_pose:
            imagenet.initialise(pose.encoder, Path(loss.imagenet_pose))
        begin(dagan, start, "depth.encoder." if loss.imagenet else "")
        for part in (dagan.keypoints, dagan.generator):
            part.requires_grad_(False)
        for module in heavy(depth, pose):
            lower(module, precision)
        self.networks = nn.ModuleDict({"dagan": dagan, "pose": pose})
        self.phases: Sequence[Phase] = (DepthPhase(depth, pose, loss),)
        self.items = TripletItems(train, data, seed)
        # Neither mirrored nor disturbed in colour, and of a seed of their own.
        plain = replace(data, mirror=0.0, triplet_jitter=0.0)
        self.val = val if usable(val) else None
        self.val_items = None if self.val is None else TripletItems(self.val, plain, seed=0)
        self.shown = self.val_items or TripletItems(train, plain, seed=0)
        if self.val is None:
            log.warning("no validation clip has three frames: nothing will be validated")
        elif not val.has_landmarks:
            log.warning(
                "the validation clips have no landmarks, so the order of depths over the face will "
                "not be measured; clips made by tools.crop_video have them"
            )

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        """``photometric``, eq. 4 with minimum and auto-mask on clean triplets at the finest scale;
        ``static``, the same of the neighbours without any warp; ``kept``, the share of pixels that
        count; the camera in shares of the picture's side; and where there are landmarks, the means
        over clips of :class:`tools.training.depth.measure.FrameDepth`'s figures."""
        if self.val is None:
            return {}
        depth, pose = parts(networks)
        figures = self._photometric(depth, pose)
        clips = []
        for first, last in self.val.spans():
            if frames := self._measured(depth, spread(first, last, VAL_FRAMES)):
                clips.append(frames)
        return figures | summary(clips)

    def show(self, networks: nn.ModuleDict) -> NDArray[np.uint8]:
        """See :func:`tools.training.depth.sheet.sheet`; validation triplets where there are any."""
        depth, pose = parts(networks)
        batch = on_device_of(depth, [self.shown[0, place] for place in range(SHOWN)])
        return sheet(depth, pose, Triplet.of(batch), self.loss)

    def trained(self, networks: nn.ModuleDict) -> Trained:
        """F_d alone, as ``depth.`` of :class:`Dagan`: the rest was not trained here."""
        depth, _ = parts(networks)
        state = {f"depth.{name}": value.clone() for name, value in depth.state_dict().items()}
        return Trained(self.params, state)

    @torch.no_grad()
    def _photometric(self, depth: DepthNetwork, pose: PoseNetwork) -> dict[str, float]:
        items = self.val_items
        assert items is not None
        rows: list[list[float]] = []
        for first in range(0, VAL_TRIPLETS, AT_ONCE):
            places = range(first, min(first + AT_ONCE, VAL_TRIPLETS))
            clean = Triplet.of(on_device_of(depth, [items[0, place] for place in places]))
            found = predict(depth, pose, clean, self.loss)
            rows += self._triplet_figures(clean, found)
        names = ("photometric", "static", "kept", "focal_x", "focal_y", "centre_x", "centre_y")
        return dict(zip(names, np.mean(rows, 0).tolist(), strict=True))

    def _triplet_figures(self, clean: Triplet, found: Prediction) -> list[list[float]]:
        static = static_errors(clean, replace(self.loss, auto_mask=True))
        used = static if self.loss.auto_mask else []
        chosen = rebuild(clean, found.disparities[0], found, used, self.loss).chosen
        least = torch.cat(static, 1)
        least = least.amin(1) if self.loss.minimum else least.mean(1)
        side = clean.target.shape[-1]
        columns = [
            chosen.error.mean((1, 2, 3)),
            least.mean((1, 2)),
            chosen.kept.float().mean((1, 2, 3)),
            *(found.camera.focal / side).unbind(1),
            *(found.camera.centre / side).unbind(1),
        ]
        return torch.stack(columns, 1).cpu().tolist()

    @torch.no_grad()
    def _measured(self, depth: DepthNetwork, rows: list[int]) -> list[FrameDepth]:
        """Figures of the rows that have landmarks."""
        assert self.val is not None
        found = [(row, self.val.landmarks(row)) for row in rows]
        known = [(row, points) for row, points in found if points is not None]
        if not known:
            return []
        images = [picture_tensor(self.val.image(row), self.data.size) for row, _ in known]
        disparity = depth(torch.stack(images).to(next(depth.parameters()).device))
        points = torch.stack([torch.as_tensor(np.array(p), dtype=torch.float32) for _, p in known])
        return measure(disparity, points)


def begin(dagan: Dagan, start: Mapping[str, Tensor] | None, filled: str) -> None:
    """Load what fits of ``start``, in place, and say what of the depth network it was and what
    begins at random; ``filled`` begins the names of what has weights already, or is empty."""
    own = dagan.state_dict()
    fits = {k: v for k, v in (start or {}).items() if k in own and v.shape == own[k].shape}
    dagan.load_state_dict(fits, strict=False)
    names = {name for name in own if name.startswith("depth.")}
    taken = names & fits.keys()
    if start is not None:
        log.info(
            "%d of %d tensors of the depth network taken from the start", len(taken), len(names)
        )
    known = {name for name in names if filled and name.startswith(filled)}
    if fresh := names - taken - known:
        log.info("%d tensors of the depth network begin at random", len(fresh))


def heavy(depth: DepthNetwork, pose: PoseNetwork) -> list[nn.Module]:
    """What may compute in bfloat16: all but the heads, whose disparity and motion become
    coordinates."""
    return [depth.encoder, *depth.decoder.before, *depth.decoder.after, pose.encoder]


def parts(networks: nn.ModuleDict) -> tuple[DepthNetwork, PoseNetwork]:
    """F_d and F_p of the stage's networks or of their average."""
    dagan, pose = networks["dagan"], networks["pose"]
    assert isinstance(dagan, Dagan) and isinstance(pose, PoseNetwork) and dagan.depth is not None
    return dagan.depth, pose


def on_device_of(module: nn.Module, items: Sequence[Batch]) -> Batch:
    """Items as one batch where the module's weights are."""
    device = next(module.parameters()).device
    return {name: value.to(device) for name, value in default_collate(list(items)).items()}


def build(
    recipe: Recipe, folder: Path | None = None, start: Mapping[str, Tensor] | None = None
) -> DepthStage:
    """The stage of a recipe.

    Args:
        recipe: of stage "depth".
        folder: with the footage; None: what the recipe's ``[data]`` names.
        start: tensors of :class:`Dagan`; those of the depth network are taken where they fit.

    Raises:
        AvatarError: as :class:`DepthStage`, or the recipe's tables or the footage are not usable.
    """
    loss = read_table(LossSettings, recipe.loss, "[loss]")
    data = read_table(DataSettings, recipe.data, "[data]")
    if folder is not None:
        data = replace(data, folder=str(folder))
    run = recipe.run
    check(recipe.model, data)
    needed = loss.ordinal > 0 or data.distance == "adaptive"
    train, val = (load(data, split, landmarks=needed) for split in (TRAIN, VAL))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        return DepthStage(recipe.model, data, loss, train, val, run.seed, run.precision, start)
