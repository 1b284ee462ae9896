import time

import numpy as np

from avatar.frame import Frame
from avatar.sinks.base import Sink, opened
from avatar.sinks.null import NullSink


def frame(index: int, age_ms: float = 0.0) -> Frame:
    t_ns = time.monotonic_ns() - round(age_ms * 1e6)
    return Frame(np.full((4, 4, 3), index, np.uint8), index, t_ns)


def test_it_is_a_sink():
    assert isinstance(NullSink(), Sink)
    assert NullSink().queue == 1


def test_it_counts_and_keeps_only_the_newest():
    with opened(NullSink()) as sink:
        assert sink.is_open
        for index in range(5):
            sink.write(frame(index))
    assert not sink.is_open
    assert sink.frames == 5
    assert sink.last is not None and sink.last.index == 4


def test_it_measures_the_age():
    sink = NullSink()
    sink.write(frame(0, age_ms=100.0))
    assert 100.0 <= sink.ages_ms[0] < 150.0


def test_opened_closes_after_an_error():
    sink = NullSink()
    try:
        with opened(sink):
            raise KeyError("x")
    except KeyError:
        pass
    assert not sink.is_open
