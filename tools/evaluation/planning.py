"""From the folder of clips and the wishes of the user to the list of trials."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from avatar.errors import InputError
from tools.evaluation import trials
from tools.evaluation.clips import Clip, find_clips
from tools.evaluation.pairlist import PairList
from tools.evaluation.trials import LeftOut, Trial

PAIRS = {"pairs": 1000, "cross": 500, "cross-clips": 2}
"""How many are drawn by default: pairs, or portraits for every driver."""


@dataclass(frozen=True)
class Wishes:
    """What shall be measured.

    Attributes:
        data: the folder of clips.
        split: of its manifest.
        mode: one of :data:`~tools.evaluation.trials.MODES`.
        pair_list: a published list to take instead.
        pairs: how many to draw; None for the mode's default.
        every: take every so-many-th driving frame.
        frames: at most so many driving frames of a clip.
        limit: only so many clips, or rows of the list.
        seed: of the draw.
    """

    data: Path
    split: str | None = None
    mode: str = "self"
    pair_list: Path | None = None
    pairs: int | None = None
    every: int = 1
    frames: int | None = None
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Plan:
    """The clips, the trials on them, and what cannot be measured."""

    clips: list[Clip]
    trials: list[Trial]
    left_out: list[LeftOut]

    @property
    def same(self) -> bool:
        """Portrait and driver are the same everywhere, so that there is a true result."""
        return all(trial.same for trial in self.trials)

    @property
    def longest(self) -> int:
        """Driving frames of the longest trial."""
        return max(len(trial.driving) for trial in self.trials)


def plan(wishes: Wishes) -> Plan:
    """The trials.

    Raises:
        InputError: nothing can be measured.
    """
    if wishes.pair_list is not None:
        return _listed(wishes, wishes.pair_list)
    clips = find_clips(wishes.data, wishes.split)[: wishes.limit]
    clips, left_out = _readable(clips)
    found: list[Trial] = []
    count = wishes.pairs or PAIRS.get(wishes.mode, 0)
    if wishes.mode == "self":
        for clip in clips:
            try:
                found.append(trials.reconstruction(clip, wishes.every, wishes.frames))
            except InputError as error:
                left_out.append(LeftOut(clip.name, error.message))
    elif wishes.mode == "pairs":
        found = trials.same_pairs(clips, count, wishes.seed)
    elif wishes.mode == "cross":
        found = trials.cross_pairs(clips, count, wishes.seed)
    else:
        found = trials.cross_clips(clips, count, wishes.seed, wishes.every, wishes.frames)
    if not found:
        raise InputError(
            f"Nothing in {wishes.data} can be measured. {left_out[0].what}: {left_out[0].why}"
        )
    return Plan(clips, found, left_out)


def _listed(wishes: Wishes, path: Path) -> Plan:
    if not wishes.data.is_dir():
        raise InputError(
            f"{wishes.data} is not a folder.", hint="Give the folder below which the clips lie."
        )
    try:
        clips = find_clips(wishes.data, wishes.split)
    except InputError:  # frames may lie deeper, by their paths in the list
        clips = []
    found, left_out = PairList(wishes.data, clips).read(path, wishes.every, wishes.frames)
    return Plan(clips, found[: wishes.limit], left_out)


def _readable(clips: Sequence[Clip]) -> tuple[list[Clip], list[LeftOut]]:
    """The clips that can be decoded to the end, and why the others cannot.

    Raises:
        InputError: none can.
    """
    good: list[Clip] = []
    left_out: list[LeftOut] = []
    for clip in clips:
        try:
            if clip.length:
                good.append(clip)
        except InputError as error:
            left_out.append(LeftOut(clip.name, error.message))
    if not good:
        raise InputError(
            f"None of {len(clips)} clips can be read. {left_out[0].what}: {left_out[0].why}",
            hint="Check that they play elsewhere.",
        )
    return good, left_out
