import pytest
import torch

from avatar.errors import InputError
from tools.training import feed
from tools.training.failure import TrainingFailed
from tools.training.fake import FakeItems, Mishaps
from tools.training.stage import Batch, Item


def items(**mishaps: int) -> FakeItems:
    return FakeItems(3, Mishaps(**mishaps))


def read(found: FakeItems, places: range, first: int, last: int, workers: int = 0) -> list[Batch]:
    return list(feed.batches(found, places, first, last, workers=workers, pin=False))


def test_a_batch_is_its_items_in_order() -> None:
    (batch,) = read(items(), range(2, 4), 5, 6)
    assert batch["picture"].shape == (2, 3, 8, 8)
    for row, place in enumerate((2, 3)):
        assert torch.equal(batch["picture"][row], items()[5, place]["picture"])


def test_later_batches_need_no_earlier_ones() -> None:
    whole, part = read(items(), range(2), 0, 5), read(items(), range(2), 3, 5)
    assert all(
        torch.equal(a["picture"], b["picture"]) for a, b in zip(whole[3:], part, strict=True)
    )
    assert read(items(), range(2), 3, 3) == []


def test_the_callers_random_numbers_are_left_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    read(items(), range(2), 0, 1)
    assert torch.equal(torch.get_rng_state(), before)


def test_workers_read_the_same() -> None:
    alone, helped = read(items(), range(2), 0, 4), read(items(), range(2), 0, 4, workers=2)
    assert all(torch.equal(a["picture"], b["picture"]) for a, b in zip(alone, helped, strict=True))


@pytest.mark.parametrize("workers", [0, 1])
def test_an_items_error_keeps_its_hint(workers: int) -> None:
    with pytest.raises(InputError) as caught:
        read(items(unreadable=1), range(2), 0, 2, workers=workers)
    assert (caught.value.message, caught.value.hint) == ("clip 0 cannot be read.", "Take it out.")


def test_a_dead_worker_is_an_error_with_a_hint() -> None:
    with pytest.raises(TrainingFailed, match=r"died.*run\.workers"):
        read(items(die=1), range(2), 0, 3, workers=1)


def test_items_that_do_not_match_are_refused() -> None:
    class Growing:
        def __getitem__(self, at: tuple[int, int]) -> Item:
            return {"x": torch.zeros(at[1] + 1)}

    with pytest.raises(TrainingFailed, match=r"first has \{'x': \(1,\)\}, number 1"):
        list(feed.batches(Growing(), range(2), 0, 1, workers=0, pin=False))


def test_names() -> None:
    assert feed.names(items(), 3, 2) == ["place 0 (noise 3.0)", "place 1 (noise 3.1)"]

    class Nameless:
        def __getitem__(self, at: tuple[int, int]) -> Item:
            return {}

    assert feed.names(Nameless(), 3, 1) == ["place 0"]
