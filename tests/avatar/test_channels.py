"""Mailboxes: the newest wins, nothing blocks a producer, closing wakes everybody."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.channels import Closed, Mailbox


@given(capacity=st.integers(1, 5), count=st.integers(0, 20))
def test_keeps_the_newest_in_order_and_counts_the_rest(capacity: int, count: int) -> None:
    box: Mailbox[int] = Mailbox(capacity)
    for item in range(count):
        box.put(item)
    box.close()
    taken = []
    with pytest.raises(Closed):
        while True:
            taken.append(box.get(0))
    assert taken == list(range(count))[-capacity:]
    assert box.dropped == max(0, count - capacity)


def test_get_times_out_with_none() -> None:
    box: Mailbox[int] = Mailbox()
    before = time.monotonic()
    assert box.get(0.02) is None
    assert time.monotonic() - before < 1


def test_put_after_close_is_ignored() -> None:
    box: Mailbox[int] = Mailbox()
    box.close()
    box.close()
    box.put(1)
    with pytest.raises(Closed):
        box.get(0)


def test_close_wakes_a_waiting_consumer() -> None:
    box: Mailbox[int] = Mailbox()
    seen: list[str] = []

    def wait() -> None:
        try:
            box.get(5)
        except Closed:
            seen.append("closed")

    thread = threading.Thread(target=wait)
    thread.start()
    box.close()
    thread.join(1)
    assert seen == ["closed"]


def test_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Mailbox(0)


def test_clear_forgets_items_and_drops() -> None:
    box: Mailbox[int] = Mailbox()
    box.put(1)
    box.put(2)
    box.clear()
    assert box.get(0) is None and box.dropped == 0
    box.put(3)
    assert box.get(0) == 3


def test_what_is_withdrawn_counts_as_dropped() -> None:
    box: Mailbox[int] = Mailbox(3)
    for item in range(3):
        box.put(item)
    assert box.waiting == 3
    box.withdraw()
    assert (box.waiting, box.dropped, box.get(0)) == (0, 3, None)
