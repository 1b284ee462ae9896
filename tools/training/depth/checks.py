"""What stage 1 cannot be trained on: models without depth, pictures of wrong sizes, short clips."""

import logging

from avatar.errors import InputError, UsageError
from avatar.model.params import ModelParams
from tools.training.data import DataSettings, Footage
from tools.training.depth.settings import LossSettings

log = logging.getLogger(__name__)


def check(params: ModelParams, data: DataSettings) -> None:
    """Refuse a model without a depth network, and pictures that do not fit it.

    Raises:
        UsageError: with both sizes.
    """
    if not params.use_depth:
        raise UsageError(
            f"The model {params.name} has no depth network (use_depth is false), and stage depth "
            "trains just that.",
            hint="Choose a preset with depth, vox256 or compact for example.",
        )
    ratio, rest = divmod(data.size, params.depth_size)
    shrinks = not rest and ratio in (1, 2, 4, 8)
    if data.size % 32 or not (shrinks or data.size < params.depth_size):
        raise UsageError(
            f"Items of {data.size} px do not fit the depth network of {params.name}, which sees "
            f"{params.depth_size} px: expected that, or 2, 4 or 8 times it, or less than it in "
            "multiples of 32.",
            hint=f"Set data.size to {params.depth_size}.",
        )
    if data.size < params.depth_size:
        log.warning(
            "items of %d px: the depth network will be used at %d px but trained at %d",
            data.size,
            params.depth_size,
            data.size,
        )


def check_footage(loss: LossSettings, train: Footage) -> None:
    """Refuse clips that are too short, or lack landmarks where they are needed.

    Raises:
        InputError: no clip has three frames.
        UsageError: the ordinal prior, without landmarks.
    """
    if not usable(train):
        longest = max((last - first for first, last in train.spans()), default=0)
        raise InputError(
            f"No training clip has three frames: of {len(train.names)} clips the longest has "
            f"{longest}, and depth is learnt from a frame and its two neighbours.",
            hint="Give videos, or folders with consecutive frames; lower data.stride or "
            "data.least_motion if they thin out the clips.",
        )
    if loss.ordinal and not train.has_landmarks:
        raise UsageError(
            "loss.ordinal needs MediaPipe's landmarks, and the footage has none.",
            hint="Set loss.ordinal to 0, or make the clips with tools.crop_video.",
        )


def usable(footage: Footage) -> bool:
    """Whether a clip has three frames."""
    return any(last - first >= 3 for first, last in footage.spans())
