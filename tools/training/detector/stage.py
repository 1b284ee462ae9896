"""The detector's stage put together: networks, items and the phase of a recipe."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from avatar.errors import UsageError
from avatar.frame import Image
from avatar.model.dagan import Dagan
from avatar.model.params import ModelParams
from tools.training import data
from tools.training.data import DataSettings, FaceItems, Footage
from tools.training.detector import validation
from tools.training.detector.items import TaughtFaces
from tools.training.detector.phase import DetectorPhase
from tools.training.detector.settings import LossSettings
from tools.training.landmarks import GROUPS, Shape
from tools.training.precision import Precision, lower
from tools.training.recipe import Recipe, read_table
from tools.training.stage import Items, Phase, Trained
from tools.training.teaching import mean_face, teachable

log = logging.getLogger(__name__)


class DetectorStage:
    """Keypoint detector and depth network, supervised; see :class:`tools.training.stage.Stage`.

    Args:
        params: of the network; it has as many keypoints as landmarks teach.
        loss: weights.
        items: as :class:`TaughtFaces` gives them.
        shape: the mean face.
        validating: footage with landmarks of people never trained on, or None.
        shown: footage with landmarks that the contact sheet is of.
    """

    def __init__(
        self,
        params: ModelParams,
        loss: LossSettings,
        items: Items,
        shape: Shape,
        validating: Footage | None,
        shown: Footage,
    ) -> None:
        self.params = params
        self.items = items
        self.shape = shape
        self.validating = validating
        self.shown = shown
        dagan = Dagan(params)
        dagan.generator.requires_grad_(False)
        if dagan.depth is not None and not loss.depth:
            dagan.depth.requires_grad_(False)
        self.networks = nn.ModuleDict({"dagan": dagan})
        self.phases: Sequence[Phase] = (DetectorPhase(dagan, loss),)
        self._whole = False

    @property
    def dagan(self) -> Dagan:
        """The networks that the app will run."""
        return cast(Dagan, self.networks["dagan"])

    def start(self, tensors: Mapping[str, Tensor]) -> None:
        """Take what fits by name and shape, and log what does not."""
        state = self.dagan.state_dict()
        taken = {n: t for n, t in tensors.items() if n in state and t.shape == state[n].shape}
        self.dagan.load_state_dict(taken, strict=False)
        log.info("%d of %d tensors given", len(taken), len(state))
        self._whole = all(name in taken for name in state if name.startswith("generator."))
        if odd := sorted(tensors.keys() - taken.keys()):
            log.warning("%d tensors to start from do not fit: %s, ...", len(odd), odd[0])

    def lower(self, precision: Precision) -> None:
        """Let the heavy modules compute in the given precision."""
        dagan = self.dagan
        modules: list[nn.Module | None] = [dagan.keypoints.stem, dagan.keypoints.hourglass]
        if dagan.depth is not None:
            modules += [dagan.depth.encoder, dagan.depth.decoder]
        for module in modules:
            if module is not None:
                lower(module, precision)

    def validate(self, networks: nn.ModuleDict) -> dict[str, float]:
        """See :func:`tools.training.detector.validation.figures`."""
        if self.validating is None:
            return {}
        return validation.figures(cast(Dagan, networks["dagan"]), self.validating, self.shape)

    def show(self, networks: nn.ModuleDict) -> Image:
        """See :func:`tools.training.detector.validation.sheet`."""
        return validation.sheet(cast(Dagan, networks["dagan"]), self.shown, self.shape)

    def trained(self, networks: nn.ModuleDict) -> Trained:
        """Depth network and detector, and the generator as it came, if it came at all."""
        state = networks["dagan"].state_dict()
        if not self._whole:
            state = {k: v for k, v in state.items() if not k.startswith("generator.")}
        return Trained(self.params, state)


def build(recipe: Recipe, folder: Path, start: Mapping[str, Tensor] | None = None) -> DetectorStage:
    """The stage of a recipe, on the footage in a folder; landmarks that it lacks are found by
    MediaPipe.

    Raises:
        AvatarError: the recipe's tables or the footage are not usable.
    """
    loss = read_table(LossSettings, recipe.loss, "[loss]")
    settings = replace(read_table(DataSettings, recipe.data, "[data]"), folder=str(folder))
    check(recipe.model, settings)
    train = data.load(settings, "train", landmarks=True)
    found = data.load(settings, "val", landmarks=True)
    val = found if len(found) else None
    shape = mean_face(train)
    items = TaughtFaces(FaceItems(train, settings, recipe.run.seed), shape)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.run.seed)
        stage = DetectorStage(recipe.model, loss, items, shape, val, train if val is None else val)
    if start is not None:
        stage.start(start)
    stage.lower(recipe.run.precision)
    return stage


def check(params: ModelParams, settings: DataSettings) -> None:
    """Refuse settings that contradict each other.

    Raises:
        UsageError: they do.
    """
    if not teachable(params):
        raise UsageError(
            f"Landmarks teach {len(GROUPS)} keypoints; {params.name} has {params.num_keypoints}.",
            hint=f'Set model.num_keypoints to {len(GROUPS)}, or use stage = "reenact", which finds '
            "keypoints without being taught.",
        )
    ratio, rest = divmod(params.image_size, settings.size)
    if rest or ratio not in (1, 2, 4) or settings.size < max(params.keypoint_size, 64):
        raise UsageError(
            f"Items of {settings.size} px do not fit {params.name}, whose detector sees "
            f"{params.keypoint_size} of {params.image_size} px.",
            hint=f"Set data.size to {max(params.keypoint_size, params.depth_size)}.",
        )
