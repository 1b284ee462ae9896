"""The models to measure: installed weights, else random ones of a preset.

Speed does not depend on the numbers. Random weights keep activations at the size of trained ones
(He initialisation), so that rounding differs between engines about as much as it would.
"""

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from avatar.errors import OutputError, WeightsError
from avatar.graphs import cache_folder
from avatar.model.params import PRESETS
from avatar.shelf import SUFFIX, locate

log = logging.getLogger(__name__)

RECIPE = "he-1"
"""In the name of the file, so that weights of an older recipe are not taken."""


class Model(NamedTuple):
    """A model by its name for people, and the name or file its weights are loaded by."""

    name: str
    weights: str
    random: bool


def find(name: str) -> Model:
    """Installed weights; else random ones in the cache folder, which :func:`make` may have to make.

    Raises:
        WeightsError: neither installed nor a preset, or PyTorch is not there to make random ones.
    """
    try:
        path = locate(name)
    except WeightsError:
        if name not in PRESETS:
            raise
        random = cache_folder() / "bench" / f"{name}-random-{RECIPE}{SUFFIX}"
        if not random.is_file() and not find_spec("torch"):
            raise WeightsError(
                f"{name} is not installed, and PyTorch, which makes random weights of it, is not "
                "either.",
                hint="Measure compact, or install PyTorch: pip install 'dagan-avatar[torch]'",
            ) from None
        return Model(name, str(random), True)
    return Model(path.stem, str(path), False)


def make(model: Model) -> None:
    """Write the random weights unless they are there: half precision, 150 MB for vox256.

    Raises:
        OutputError: the cache folder cannot be written.
    """
    path = Path(model.weights)
    if not model.random or path.is_file():
        return
    import torch
    from torch import nn

    from avatar.model.dagan import Dagan
    from avatar.weights import save

    torch.manual_seed(0)
    network = Dagan(PRESETS[model.name])
    for name, module in network.named_modules():
        # The jacobian and the flow's correction begin at nothing, as in training.
        if isinstance(module, nn.Conv2d) and not name.endswith((".jacobian", ".residual")):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    if network.generator.attention is not None:
        nn.init.ones_(network.generator.attention.gamma)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder {path.parent} for random weights cannot be made: {error.strerror}.",
            hint="Check that the cache folder is writable.",
        ) from error
    save(path, network.params, network.state_dict(), {"name": f"{model.name} (random)"}, half=True)
    log.info("random weights of %s are in %s", model.name, path)
