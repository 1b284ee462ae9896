"""Recall: the neutral pose remembered for the camera, the portrait and the model of a run."""

from avatar.errors import AvatarError
from avatar.events import Event
from avatar.frame import Portrait
from avatar.places import data_dir
from avatar.remembered import FOLDER, Kept, Remembered, key_for
from avatar.sources.identity import id_of, is_id


def recall(source: str, portrait: Portrait, model: str) -> Kept | None:
    """What is remembered; None = nothing, or the source is no camera known by its device.

    Args:
        source: spec of the source in use.
        portrait: the one animated.
        model: name or path of the weights.

    Raises:
        InputError: what was remembered is damaged and was set aside.
        WeightsError: the model cannot be read.
    """
    if not is_id(source):
        return None
    return _memory().find(key_for(id_of(source), portrait, model))


def remember(source: str, portrait: Portrait, model: str, kept: Kept) -> bool:
    """Remember a neutral pose; False for a source that is no camera known by its device.

    Raises:
        OutputError: it cannot be written.
        WeightsError: the model cannot be read.
    """
    if not is_id(source):
        return False
    _memory().keep(key_for(id_of(source), portrait, model), kept)
    return True


def recalled(source: str, portrait: Portrait, model: str) -> tuple[Kept | None, list[Event]]:
    """What is remembered, and what to tell; what cannot be used stops nothing."""
    try:
        kept = recall(source, portrait, model)
    except AvatarError as error:
        return None, [Event.of("warning", error, "")]
    if kept is None:
        return None, []
    day = kept.taken.astimezone().strftime("%Y-%m-%d %H:%M")
    return kept, [Event("info", f"The calibration of {day} is used.")]


def _memory() -> Remembered:
    return Remembered(data_dir() / FOLDER)
