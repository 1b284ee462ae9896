"""Stage 2 put together: networks, items and phases of a recipe; figures and pictures of a run."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from avatar.errors import UsageError
from avatar.frame import Image
from avatar.model.dagan import Dagan
from avatar.model.params import ModelParams
from tools.training.data import DataSettings, Footage, PairItems, load
from tools.training.data.sources import TRAIN, VAL
from tools.training.landmarks import GROUPS, Shape
from tools.training.precision import Precision, lower
from tools.training.recipe import Recipe, read_table
from tools.training.reenact import perceptual, validation
from tools.training.reenact.discriminator import Discriminator, smallest
from tools.training.reenact.equivariance import draw
from tools.training.reenact.items import TaughtItems
from tools.training.reenact.perceptual import PerceptualLoss
from tools.training.reenact.phases import DiscriminatorPhase, GeneratorPhase, heavy
from tools.training.reenact.settings import LossSettings
from tools.training.stage import Items, Phase, Trained
from tools.training.teaching import mean_face, teachable

log = logging.getLogger(__name__)

COUNTERS = "num_batches_tracked"
"""Of norms; weights for the app lack them, and with a fixed momentum nobody reads them."""


class ReenactStage:
    """The whole network, its depth network fixed; see :class:`tools.training.stage.Stage`."""

    def __init__(
        self,
        params: ModelParams,
        loss: LossSettings,
        items: Items,
        validating: Footage,
        shown: Footage,
        shape: Shape | None = None,
    ) -> None:
        """Make networks with fresh weights, and the phases.

        Args:
            params, loss: what to train, and how.
            items: what to train on.
            validating: footage of people never trained on; it may be empty.
            shown: footage that the contact sheet is of.
            shape: the mean face, where keypoints are compared with landmarks.

        Raises:
            WeightsError: the perceptual loss has no weights to work with.
        """
        self.params = params
        self.loss = loss
        self.items = items
        self.validating = validating
        self.shown = shown
        self.shape = shape
        dagan = Dagan(params)
        if dagan.depth is not None:
            dagan.depth.requires_grad_(False)
        if not loss.learns_keypoints:
            dagan.keypoints.requires_grad_(False)
        self.networks = nn.ModuleDict({"dagan": dagan})
        discriminator: Discriminator | None = None
        if loss.gan:
            discriminator = Discriminator(
                params.num_keypoints,
                loss.discriminator_base,
                loss.discriminator_most,
                loss.discriminator_blocks,
            )
            self.networks["discriminator"] = discriminator
        judge: PerceptualLoss | None = None
        if loss.perceptual:
            backbone = perceptual.load(loss.perceptual_backbone, loss.perceptual_file)
            judge = PerceptualLoss(backbone, loss.perceptual_ratios)
        self.judge = judge
        self.generator_phase = GeneratorPhase(dagan, discriminator, judge, loss)
        self.phases: list[Phase] = [self.generator_phase]
        if discriminator is not None:
            self.phases.append(DiscriminatorPhase(discriminator, loss))

    @property
    def dagan(self) -> Dagan:
        """The networks that the app will run."""
        return cast(Dagan, self.networks["dagan"])

    def start(self, tensors: Mapping[str, Tensor] | None) -> None:
        """Take what fits by name and shape from tensors of :class:`Dagan`, and log what does not.

        Networks that stay as they are have to come from somewhere: from here, or from a checkpoint
        that is loaded afterwards. The first step refuses to train beside fresh ones.

        Raises:
            UsageError: there are tensors, but not all of such a network.
        """
        state = self.dagan.state_dict()
        given = tensors or {}
        taken = {n: t for n, t in given.items() if n in state and t.shape == state[n].shape}
        self.dagan.load_state_dict(taken, strict=False)
        if odd := sorted(given.keys() - taken.keys()):
            log.warning("%d tensors to start from do not fit: %s, ...", len(odd), odd[0])
        for part, network in self.dagan.named_children():
            names = [f"{part}.{n}" for n in network.state_dict() if not n.endswith(COUNTERS)]
            fresh = [name for name in names if name not in taken]
            log.info("%s: %d of %d tensors given", part, len(names) - len(fresh), len(names))
            if fresh and not any(p.requires_grad for p in network.parameters()):
                if tensors is not None:
                    raise UsageError(
                        f"The {part} network stays as it is in this stage, but what to start from "
                        f"lacks {len(fresh)} of its {len(names)} tensors ({fresh[0]}, ...).",
                        hint=f"Start from weights that have it, made for {self.params.name}.",
                    )
                self.generator_phase.await_weights(part, network)
        attention = self.dagan.generator.attention
        if attention is not None and "generator.attention.gamma" not in taken:
            with torch.no_grad():
                attention.gamma.fill_(self.loss.gamma)

    def lower(self, precision: Precision) -> None:
        """Let the heavy modules compute in the given precision."""
        modules: list[nn.Module] = heavy(self.dagan)
        if "discriminator" in self.networks:
            modules += list(cast(Discriminator, self.networks["discriminator"]).blocks)
        if self.judge is not None:
            modules.append(self.judge.backbone)
        for module in modules:
            lower(module, precision)

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        """See :func:`tools.training.reenact.validation.figures`."""
        dagan = cast(Dagan, networks["dagan"])
        return validation.figures(dagan, self.validating, self.shape)

    def show(self, networks: nn.ModuleDict) -> Image:
        """See :func:`tools.training.reenact.validation.sheet`."""
        return validation.sheet(cast(Dagan, networks["dagan"]), self.shown)

    def trained(self, networks: nn.ModuleDict) -> Trained:
        """Depth network, detector and generator."""
        return Trained(self.params, networks["dagan"].state_dict())


def build(
    recipe: Recipe, folder: Path | None = None, start: Mapping[str, Tensor] | None = None
) -> ReenactStage:
    """The stage of a recipe.

    Args:
        recipe: of stage "reenact".
        folder: with the footage; None: what the recipe's ``[data]`` names.
        start: tensors of :class:`Dagan` to begin with where they fit.

    Raises:
        AvatarError: the recipe's tables, the footage or what to start from are not usable.
    """
    loss = read_table(LossSettings, recipe.loss, "[loss]")
    data = read_table(DataSettings, recipe.data, "[data]")
    if folder is not None:
        data = replace(data, folder=str(folder))
    check(recipe.model, data, loss)
    marked = bool(loss.teaches or data.expressive)
    train, val = (load(data, split, landmarks=marked) for split in (TRAIN, VAL))
    if loss.teaches and not train.has_landmarks:
        raise UsageError(
            f"loss.{loss.teaches[0]} needs MediaPipe's landmarks, and the footage has none.",
            hint=f"Set {', '.join(f'loss.{name}' for name in loss.teaches)} to 0, or make the "
            "clips with tools.crop_video.",
        )
    moves = loss.learns_keypoints and (loss.equivariance_value or loss.equivariance_jacobian)
    items: Items = PairItems(train, data, recipe.run.seed, draws=(draw,) if moves else ())
    shape: Shape | None = None
    if train.has_landmarks and teachable(recipe.model):
        shape = mean_face(train)
        if loss.keypoints:
            items = TaughtItems(items, shape)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.run.seed)
        stage = ReenactStage(recipe.model, loss, items, val, val if len(val) else train, shape)
    stage.start(start)
    stage.lower(recipe.run.precision)
    return stage


def check(params: ModelParams, data: DataSettings, loss: LossSettings) -> None:
    """Refuse settings of different tables that contradict each other.

    Raises:
        UsageError: they do.
    """
    if loss.keypoints and not teachable(params):
        raise UsageError(
            f"loss.keypoints compares {len(GROUPS)} keypoints with landmarks; {params.name} has "
            f"{params.num_keypoints}.",
            hint=f"Set loss.keypoints to 0, or model.num_keypoints to {len(GROUPS)}.",
        )
    if loss.detector_sees == "disturbed" and not data.seen:
        raise UsageError(
            'loss.detector_sees is "disturbed", but nothing disturbs the pictures.',
            hint="Set data.recolour or data.degrade above 0.",
        )
    ratio, rest = divmod(params.image_size, data.size)
    fewest = max(params.keypoint_size, params.flow_size)
    if rest or ratio not in (1, 2, 4) or data.size < fewest:
        raise UsageError(
            f"Items of {data.size} px do not fit {params.name}, whose pictures have "
            f"{params.image_size} px; expected that, a half or a quarter of it, and {fewest} px or "
            "more.",
            hint=f"Set data.size to {params.image_size}.",
        )
    if loss.gan and data.size < (least := smallest(loss.discriminator_blocks)):
        raise UsageError(
            f"A discriminator of {loss.discriminator_blocks} blocks needs pictures of {least} px "
            f"or more; items have {data.size}.",
            hint="Set loss.discriminator_blocks lower, or data.size higher.",
        )
