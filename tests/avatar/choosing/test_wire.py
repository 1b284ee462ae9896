"""What one process tells another arrives as it was, and nothing that arrives can run code."""

import io
import json
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.choosing import wire
from avatar.choosing.wire import MAGIC, WireError, receive, send

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda part: st.lists(part) | st.dictionaries(st.text(min_size=1), part),
)


def there_and_back(*values):
    pipe = io.BytesIO()
    for value in values:
        send(value, pipe)
    pipe.seek(0)
    return [receive(pipe) for _ in values]


def message(header, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return io.BytesIO(struct.pack("<4sI", MAGIC, len(text)) + text + body)


@given(PLAIN)
def test_plain_values_arrive_as_they_were(value):
    assert there_and_back(value) == [value]


def test_arrays_arrive_in_their_places():
    maps = {
        "depth": np.arange(6, dtype=np.float32).reshape(2, 3),
        "nested": [np.zeros((0, 4), np.uint8), {"inner": np.array([True, False])}],
        "scalar": np.array(3, np.int64),
        "turned": np.arange(6.0).reshape(2, 3).T,
    }
    found, after = there_and_back(maps, "after")
    assert after == "after"
    for name in ("depth", "scalar", "turned"):
        np.testing.assert_array_equal(found[name], maps[name])
        assert found[name].dtype == maps[name].dtype and found[name].flags.writeable
    assert found["nested"][0].shape == (0, 4)
    np.testing.assert_array_equal(found["nested"][1]["inner"], [True, False])


@pytest.mark.parametrize(
    "value", [object(), {1: 2}, {"": 1}, b"bytes", np.array([None]), np.array(["text"]), {3}]
)
def test_what_cannot_be_told_is_refused_before_anything_is_written(value):
    pipe = io.BytesIO()
    with pytest.raises(WireError):
        send(value, pipe)
    assert not pipe.getvalue()


class Bomb:
    def __init__(self, made):
        self.made = made

    def __reduce__(self):
        return os.system, (f"touch '{self.made}'",)


def test_a_pickle_is_no_message_and_nothing_of_it_runs(tmp_path: Path):
    made = tmp_path / "made"
    with pytest.raises(WireError):
        receive(io.BytesIO(pickle.dumps(Bomb(made))))
    assert not made.exists()


@pytest.mark.parametrize(
    "pipe",
    [
        io.BytesIO(MAGIC + b"\xff\xff\xff\xff"),
        message(b"{"),
        message(b"\xff"),
        message(b"[" * 100_000),
        message({"": 1}),
        message({"": ["|O", [1]]}, b"x" * 8),
        message({"": ["<f4", [-1]]}),
        message({"": ["<f4", [True]]}, b"x" * 4),
        message({"": ["<f4", [2**40]]}),
        message([{"": ["|u1", [2**29]]}] * 3),
    ],
    ids=range(10),
)
def test_what_is_no_message_is_told(pipe, monkeypatch):
    monkeypatch.setattr(wire, "MOST_BYTES", 1000)
    with pytest.raises(WireError):
        receive(pipe)


@pytest.mark.parametrize("left", [0, 3, 8, 20, -1])
def test_a_message_that_breaks_off_is_the_end(left):
    pipe = io.BytesIO()
    send({"a": np.ones(100)}, pipe)
    with pytest.raises(EOFError):
        receive(io.BytesIO(pipe.getvalue()[:left]))
