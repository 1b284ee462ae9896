"""What is animated by what: a portrait and the frames that drive it, drawn as METHODS 8.1 says.

Four ways (``--mode``):

- ``self``: the first frame of a clip is driven by its other frames (reconstruction, FOMM).
- ``pairs``: two random frames of one clip, at least a second apart.
- ``cross``: two random frames of different people.
- ``cross-clips``: the first frame of one person is driven by a clip of another, so that movement
  over time can be compared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from avatar.errors import InputError
from tools.evaluation.clips import Clip

T = TypeVar("T")

MODES = ("self", "pairs", "cross", "cross-clips")

APART = 25
"""Frames between the two of a pair, at least: a second at 25 frames a second."""


@dataclass(frozen=True)
class Shot:
    """One frame of a clip."""

    clip: Clip
    index: int


@dataclass(frozen=True)
class Trial:
    """A portrait and what drives it.

    Attributes:
        portrait: the frame that is animated.
        driving: in the order of time, from one clip.
        neutral: the driver's frame that matches the portrait, for relative motion; None: the first
            driving frame.
    """

    portrait: Shot
    driving: tuple[Shot, ...]
    neutral: Shot | None = None

    @property
    def same(self) -> bool:
        """Portrait and driver are one clip, so that the driving frame is the true result."""
        return self.portrait.clip.path == self.driving[0].clip.path

    @property
    def people(self) -> tuple[str, ...]:
        """Who is in it: one person, or two."""
        both = self.portrait.clip.person, self.driving[0].clip.person
        return both[:1] if both[0] == both[1] else both

    @property
    def name(self) -> str:
        """For people: the clip, or portrait and driver."""
        first, driver = self.portrait, self.driving[0]
        if len(self.driving) == 1:
            return f"{first.clip.name}:{first.index} by {driver.clip.name}:{driver.index}"
        return first.clip.name if self.same else f"{first.clip.name} by {driver.clip.name}"

    def shots(self) -> Iterator[Shot]:
        """Every frame that it needs."""
        yield self.portrait
        yield from self.driving
        if self.neutral is not None:
            yield self.neutral


@dataclass(frozen=True)
class LeftOut:
    """Something that is not part of the figures, and why."""

    what: str
    why: str


def reconstruction(clip: Clip, every: int, frames: int | None = None) -> Trial:
    """``self``: the first frame of a clip driven by every ``every``-th of the others.

    Raises:
        InputError: the clip cannot be read, or is too short.
    """
    return Trial(Shot(clip, 0), _driving(clip, every, frames))


def across(portrait: Clip, driver: Clip, every: int, frames: int | None = None) -> Trial:
    """``cross-clips``: the first frame of one clip driven by every ``every``-th of another; the
    driver's own first frame is the neutral one.

    Raises:
        InputError: a clip cannot be read, or is too short.
    """
    return Trial(Shot(portrait, 0), _driving(driver, every, frames), Shot(driver, 0))


def same_pairs(clips: Sequence[Clip], count: int, seed: int) -> list[Trial]:
    """``pairs``: ``count`` times a random person, one of their clips, two frames of it.

    Raises:
        InputError: no clip is longer than a second.
    """
    long_enough = [clip for clip in clips if clip.length > APART]
    if not long_enough:
        raise InputError(
            f"None of {len(clips)} clips has more than {APART} frames, so no two of them are a "
            "second apart.",
            hint="Give longer clips, or use --mode self.",
        )
    random = np.random.default_rng(seed)
    people = _by_person(long_enough)
    trials = []
    for _ in range(count):
        clip = _pick(random, people[_pick(random, sorted(people))])
        gap = int(random.integers(APART, clip.length))
        start = int(random.integers(0, clip.length - gap))
        first, second = random.permutation([start, start + gap]).tolist()
        trials.append(Trial(Shot(clip, first), (Shot(clip, second),)))
    return trials


def cross_pairs(clips: Sequence[Clip], count: int, seed: int) -> list[Trial]:
    """``cross``: ``count`` times two different people, one frame of each.

    Raises:
        InputError: there are not two people.
    """
    random = np.random.default_rng(seed)
    people = _two_people(clips)
    trials = []
    for _ in range(count):
        chosen = random.choice(sorted(people), 2, replace=False).tolist()
        shots = []
        for person in chosen:
            clip = _pick(random, people[person])
            shots.append(Shot(clip, int(random.integers(clip.length))))
        trials.append(Trial(shots[0], (shots[1],)))
    return trials


def cross_clips(
    clips: Sequence[Clip], count: int, seed: int, every: int, frames: int | None = None
) -> list[Trial]:
    """``cross-clips``: every clip drives ``count`` portraits of other people, drawn at random.

    Raises:
        InputError: there are not two people, or a clip cannot be read.
    """
    random = np.random.default_rng(seed)
    people = _two_people(clips)
    trials = []
    for driver in clips:
        others = [person for person in sorted(people) if person != driver.person]
        for person in random.permutation(others)[:count].tolist():
            trials.append(across(_pick(random, people[person]), driver, every, frames))
    return trials


def _driving(clip: Clip, every: int, frames: int | None) -> tuple[Shot, ...]:
    shots = tuple(Shot(clip, index) for index in range(every, clip.length, every))
    if not shots:
        raise InputError(
            f"{clip.path} has {clip.length} frames, too few for every {every}th of them.",
            hint="Lower --every.",
        )
    return shots[:frames]


def _two_people(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    people = _by_person(clips)
    if len(people) < 2:
        raise InputError(
            f"{len(clips)} clips of one person, {next(iter(people))}; two people are needed.",
            hint="Add clips of others, or name people in manifest.json.",
        )
    return people


def _by_person(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    people: dict[str, list[Clip]] = {}
    for clip in clips:
        people.setdefault(clip.person, []).append(clip)
    return people


def _pick(random: np.random.Generator, items: Sequence[T]) -> T:
    return items[int(random.integers(len(items)))]
