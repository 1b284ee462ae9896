"""The cache of portrait codes, alone and in the Animator with an engine that counts."""

import tracemalloc
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.animator import Animator
from avatar.codes import CodeCache, size_of
from avatar.errors import EngineError
from avatar.frame import Image, Keypoints, Portrait
from avatar.motion.transfer import Motion
from engines.fake import FakeEngine


def pixels(shade: int) -> Image:
    return np.full((256, 256, 3), shade, np.uint8)


def portrait(shade: int) -> Portrait:
    image = pixels(shade)
    return Portrait(image, np.array([0, 0, 256, 256], np.float32), image, None, str(shade))


def encoded(kilobytes: int = 1) -> tuple[Any, Keypoints]:
    nothing = Keypoints(np.zeros((0, 2), np.float32), np.zeros((0, 2, 2), np.float32))
    return {"features": np.zeros(kilobytes * 1024, np.uint8)}, nothing


class CountingEngine(FakeEngine):
    def __init__(self) -> None:
        super().__init__()
        self.encodes = 0
        self.broken = False

    def encode(self, image: Image) -> Any:
        if self.broken:
            raise EngineError("told to fail")
        self.encodes += 1
        return super().encode(image)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), max_size=60), st.integers(1, 4))
def test_it_keeps_the_ones_used_last(steps, entries):
    cache, engine, model = CodeCache(entries), FakeEngine(), OrderedDict()
    for put, shade in steps:
        if put:
            model[shade] = encoded()
            cache.put(engine, pixels(shade), model[shade])
            model.move_to_end(shade)
            while len(model) > entries:
                model.popitem(last=False)
        else:
            assert cache.get(engine, pixels(shade)) is model.get(shade)
            if shade in model:
                model.move_to_end(shade)
    assert len(cache) == len(model) and cache.bytes == 1024 * len(model)


def test_bytes_are_bounded_and_the_newest_stays():
    cache, engine = CodeCache(12, most_bytes=3 * 1024), FakeEngine()
    for shade in range(6):
        cache.put(engine, pixels(shade), encoded())
    assert len(cache) == 3 and cache.bytes == 3 * 1024
    cache.put(engine, pixels(9), encoded(50))
    assert len(cache) == 1 and cache.get(engine, pixels(9)) is not None


def test_codes_of_another_engine_are_none():
    cache, one, other = CodeCache(), FakeEngine(), FakeEngine()
    cache.put(one, pixels(1), encoded())
    assert cache.get(other, pixels(1)) is None
    cache.put(other, pixels(2), encoded())
    assert cache.get(one, pixels(1)) is None and len(cache) == 1


def test_the_size_of_nested_codes():
    class Code(NamedTuple):
        parts: dict[str, Any]
        keypoints: Keypoints
        opaque: object

    points = Keypoints(np.zeros((5, 2), np.float32), np.zeros((5, 2, 2), np.float32))
    arrays = {"a": np.zeros((2, 3), np.float32), "b": [np.zeros(4, np.uint8)]}
    assert size_of((Code(arrays, points, object()), points)) == 24 + 4 + 2 * (40 + 80)
    assert size_of("text") == 0


def test_going_back_to_a_portrait_encodes_nothing():
    engine = CountingEngine()
    animator = Animator(engine, Motion())
    for shade in (1, 2, 1, 2, 1):
        animator.set_portrait(portrait(shade))
    assert engine.encodes == 2
    animator.set_engine(another := CountingEngine())
    animator.set_portrait(portrait(1))
    assert another.encodes == 1  # by set_engine
    animator.set_portrait(portrait(2))
    assert (engine.encodes, another.encodes) == (2, 2)


def test_an_engine_that_fails_leaves_the_codes_of_the_old_one():
    engine, broken = CountingEngine(), CountingEngine()
    animator = Animator(engine, Motion())
    animator.set_portrait(portrait(1))
    broken.broken = True
    with pytest.raises(EngineError):
        animator.set_engine(broken)
    animator.set_portrait(portrait(1))
    assert engine.encodes == 1


def test_memory_is_flat_over_a_thousand_switches():
    engine = CountingEngine()
    animator = Animator(engine, Motion())
    faces = [portrait(shade) for shade in range(20)]
    order = np.random.default_rng(0).integers(0, len(faces), 1000)
    for number in order[:200]:
        animator.set_portrait(faces[number])
    tracemalloc.start()
    try:
        for number in order[200:]:
            animator.set_portrait(faces[number])
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 200_000
    assert engine.encodes < 600  # 12 of 20 are kept
