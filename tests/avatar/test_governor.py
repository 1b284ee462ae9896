"""A camera, a cropper and an engine in a time of their own: what the governor saves and costs."""

import random
from collections.abc import Callable, Iterator
from itertools import chain, cycle, repeat
from time import monotonic_ns

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avatar.governor import CUT, ENOUGH, WATCHED_S, Advice, Governor

MS = 1_000_000
RATES = (5, 30, 60, 120)
LEARNT = 12  # calls after which a governor knows the engine


class Run:
    """``calls`` pictures through an engine that is away for the given milliseconds each time.

    It follows avatar/capture.py and avatar/inference.py, without their threads. Without a governor
    every picture is cropped.
    """

    def __init__(
        self, fps: float, delays_ms: Iterator[float], calls: int, crop_ms: float, governed: bool
    ) -> None:
        self.governor = Governor()
        self.period = round(1e9 / fps)
        self.crop = round(crop_ms * MS)
        self.crops = self.kept = 0
        self.taken: list[tuple[int, int]] = []  # frame, when
        self.idle: list[int] = []  # how long the engine waited for each, ns
        self.crops_at: list[int] = []  # how many crops there were at each call
        self._delays = delays_ms
        self._box: int | None = None
        self._free_at: int | None = None  # None: the engine waits
        self._free_since = 0
        self._go(calls, governed)

    @property
    def ages_ms(self) -> list[float]:
        """How old each picture was when the engine took it, once it is known."""
        return [(at - frame * self.period) / MS for frame, at in self.taken[LEARNT:]]

    def _go(self, calls: int, governed: bool) -> None:
        now, frame, kept = 0, -1, False
        while len(self.taken) < calls:
            frame = max(frame + 1, now // self.period)
            now = max(now, frame * self.period)
            self._advance(now)
            if kept:
                self.governor.skip()
            self.governor.came(now)
            kept = False
            while governed:
                advice = self.governor.advise(now, waiting=self._box is not None)
                if advice.withdraw:
                    self._box = None
                kept = advice.keep
                if not kept or advice.over:
                    break
                until = advice.until_ns
                now = max(now, until if self._free_at is None else min(until, self._free_at))
                self._advance(now)
            if kept:
                continue
            self.crops += 1
            now += self.crop
            self._advance(now)
            self.governor.cropped(self.crop)
            self._box = frame
            if self._free_at is None:
                self._take(now)

    def _advance(self, now: int) -> None:
        while self._free_at is not None and self._free_at <= now:
            self._free_since, self._free_at = self._free_at, None
            self.governor.free(self._free_since)
            if self._box is not None:
                self._take(self._free_since)

    def _take(self, now: int) -> None:
        assert self._box is not None
        self.taken.append((self._box, now))
        self.crops_at.append(self.crops)
        self.idle.append(now - self._free_since)
        self.governor.busy(now)
        self._box = None
        self._free_at = now + round(next(self._delays) * MS)


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def both(
    fps: float, delays: Callable[[], Iterator[float]], calls: int, crop_ms: float
) -> list[Run]:
    return [Run(fps, delays(), calls, crop_ms, governed) for governed in (True, False)]


def check(run: Run) -> None:
    """What holds whatever the engine does."""
    frames = [frame for frame, _ in run.taken]
    assert all(a < b for a, b in zip(frames, frames[1:], strict=False))
    for frame, at in run.taken:
        # One interval and a crop, and perhaps the one that was being cut when the engine came back.
        assert at - frame * run.period <= run.period + 2 * run.crop
    # The first few are waited for by definition.
    assert max(run.idle[1:]) <= run.period + run.crop


engines = st.floats(5, 500)
croppers = st.floats(0.3, 6)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(RATES), engines, croppers)
def test_of_a_steady_engine_hardly_a_crop_is_in_vain(
    fps: float, delay_ms: float, crop_ms: float
) -> None:
    run, before = both(fps, lambda: repeat(delay_ms), 60, crop_ms)
    check(run)
    crops = run.crops - run.crops_at[LEARNT]
    assert crops <= (60 - LEARNT) * 1.1 + 3
    assert p95(run.ages_ms) <= p95(before.ages_ms) + crop_ms
    assert run.crops <= before.crops


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(RATES), st.integers(0, 10**6), engines, croppers)
def test_an_engine_that_varies_wildly_neither_starves_nor_wastes_crops(
    fps: float, seed: int, longest_ms: float, crop_ms: float
) -> None:
    chance = random.Random(seed)
    delays = [chance.uniform(0, longest_ms) for _ in range(150)]
    run, before = both(fps, lambda: iter(delays), 120, crop_ms)
    check(run)
    crops = run.crops - run.crops_at[LEARNT]
    assert crops <= (120 - LEARNT) * 1.6 + 5
    assert run.crops <= before.crops
    # The pictures are no older than if all had been cropped, and hardly fewer.
    assert p95(run.ages_ms) <= p95(before.ages_ms) + 2 * crop_ms
    longest = before.taken[-1][1] + len(delays) * 1.2 * run.crop + 5 * run.period
    assert run.taken[-1][1] <= longest


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(RATES), st.lists(st.floats(0, 1), min_size=1, max_size=30), croppers)
def test_an_engine_faster_than_the_camera_is_let_alone(
    fps: float, shares: list[float], crop_ms: float
) -> None:
    period_ms = 1e3 / fps
    delays = [share * (period_ms - 0.1) for share in shares]
    run, before = both(fps, lambda: cycle(delays), 200, min(crop_ms, period_ms / 2))
    assert run.governor.skipped == 0
    assert run.taken == before.taken and run.crops == before.crops
    assert run.governor.news() is None


@pytest.mark.parametrize("stall_ms", [70, 200, 1000, 5000])
def test_after_a_stall_the_newest_picture_is_taken_at_once(stall_ms: float) -> None:
    delays = lambda: chain(repeat(20, 30), [stall_ms], repeat(20))  # noqa: E731
    run, before = both(30, delays, 60, 5)
    check(run)
    assert run.idle[31] <= run.crop  # it was kept as it came, and only had to be cut
    assert run.crops <= before.crops and run.crops <= 60 + 2
    assert max(run.ages_ms) <= max(before.ages_ms) + 5


def test_an_engine_that_becomes_slow_or_fast_is_known_soon() -> None:
    run = Run(60, chain(repeat(8, 60), repeat(90, 60), repeat(8, 60)), 178, 3, True)
    check(run)
    fast, slow, again = run.crops_at[59], run.crops_at[119], run.crops_at[-1]
    assert fast <= 60 + 2 and slow - fast <= 60 + 30 and again - slow <= 60 + 2


def test_nothing_is_kept_before_the_engine_and_the_camera_are_known() -> None:
    governor = Governor()
    for number in range(ENOUGH):
        governor.came(number * 10 * MS)
        assert not governor.advise(number * 10 * MS, waiting=True).keep
    governor.busy(30 * MS)
    assert not governor.advise(40 * MS, waiting=True).keep  # the engine is not known yet


def test_another_camera_is_measured_anew() -> None:
    run = Run(60, repeat(90), 20, 3, True)
    now = run.taken[-1][1]
    assert run.governor.advise(now, waiting=False).keep
    run.governor.forget()
    run.governor.came(now)
    assert not run.governor.advise(now, waiting=False).keep


def test_a_source_that_waits_only_when_asked_does_not_slow_down_for_ever() -> None:
    """Its next picture comes a period after it was asked for, however long one has waited."""
    governor, now, period = Governor(), 0, 10 * MS
    for _ in range(20):
        governor.busy(now)
        governor.free(now + 300 * MS)
    governor.busy(0)
    for _ in range(200):
        governor.came(now)
        advice = governor.advise(now, waiting=False)
        now = max(now, advice.until_ns) + period
    assert now < 200 * 2 * period


def test_a_change_is_told_once() -> None:
    governor, now = Governor(), 0
    told = []
    for skips in (0.0, 0.5, 0.1, 0.5, 0.0, 0.0, 0.3):  # the part skipped, in each time watched
        for number in range(30):
            governor.came(now)
            if number < skips * 30:
                governor.skip()
            now += round(WATCHED_S * 1e9 / 30)
            news = governor.news()
            if news is not None:
                told.append(news)
    governor.came(now)
    assert [*told, governor.news()] == [True, False, True]


def test_waiting_ends_when_the_engine_comes_back_even_just_before() -> None:
    governor, now = Governor(), monotonic_ns()
    for number in range(8):
        governor.came(now + number * 100 * MS)
        governor.busy(now)
        governor.free(now + 300 * MS)
    governor.busy(now + 700 * MS)
    advice = governor.advise(now + 700 * MS, waiting=False)
    assert advice.keep and advice.until_ns > now + 700 * MS
    hung = Advice(True, monotonic_ns() + 60_000 * MS, seen=advice.seen)
    governor.free(now + 710 * MS)  # between the advice and the waiting
    governor.wait(hung)  # returns at once
    assert not governor.advise(now + 710 * MS, waiting=False).keep
    governor.wait(Advice(True, monotonic_ns() - 1, seen=advice.seen + 1))  # the time is over


@pytest.mark.parametrize("jump_ms", [86_400_000, -86_400_000])
def test_a_clock_that_jumps_is_waited_for_by_nobody(jump_ms: int) -> None:
    run = Run(60, repeat(90), 30, 3, True)
    now = run.taken[-1][1]
    run.governor.came(now)
    assert run.governor.advise(now, waiting=False).keep
    now += jump_ms * MS
    assert run.governor.advise(now, waiting=False).over
    for _ in range(20):  # soon the engine and the camera are known again
        run.governor.free(now)
        assert run.governor.advise(now, waiting=False) == CUT
        run.governor.busy(now)
        for _ in range(6):
            now += 15 * MS
            run.governor.came(now)
    run.governor.free(now)
    run.governor.busy(now)
    advice = run.governor.advise(now, waiting=False)
    assert advice.keep and not advice.over and now < advice.until_ns < now + 15 * MS
