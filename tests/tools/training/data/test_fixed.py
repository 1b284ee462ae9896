"""Pairs of published lists, and pairs that are made."""

from collections.abc import Callable
from pathlib import Path

import pytest

from avatar.errors import InputError
from tools.training.data import DataSettings, FixedPairs, Footage, fixed_pairs, load
from tools.training.data.fixed import listed, spread


def quiet(doing: str, done: int, total: int) -> None:
    """No bar."""


@pytest.fixture
def clips(tmp_path: Path, film: Callable[..., Path], stills: Callable[..., Path]) -> Path:
    stills(tmp_path / "clips" / "id10001#x#1.mp4", 4)
    film(tmp_path / "clips" / "id10002#y#2.mp4", 5)
    return tmp_path / "list.csv"


def test_rows_of_a_list(clips: Path, settings: Callable[..., DataSettings]) -> None:
    clips.write_text(
        "distance,source,driving,frame\n"
        "0,/data/test/id10001#x#1.mp4/2.png,/data/test/id10001#x#1.mp4/4.png,\n"
        "0,id10002#y#2.mp4/0000003.png,id10001#x#1.mp4\\1.png,\n"
        "0,id10001#x#1.mp4,id10002#y#2.mp4,\n"
    )
    footage = load(settings(pairs=str(clips)), progress=quiet)
    assert list(footage.spans()) == [(0, 4), (4, 9)]
    pairs = fixed_pairs(footage, settings(pairs=str(clips)))
    # 2.png is the folder's second frame; the number in a video's frame is its own, from 0.
    expected = [[1, 3], [7, 0], *[[0, row] for row in range(4, 9)]]
    assert pairs.tolist() == expected


def test_absent_ones_are_counted(
    clips: Path, settings: Callable[..., DataSettings], caplog: pytest.LogCaptureFixture
) -> None:
    footage = load(settings(stride=2), progress=quiet)
    one = "id10002#y#2.mp4/2.png"
    clips.write_text(f"source,driving\n{one},{one}\nnobody.mp4,{one}\n{one},id10002#y#2/1.png\n")
    assert listed(clips, footage).tolist() == [[3, 3]]
    assert "2 of 3 rows" in caplog.text and "line 3: there is no clip 'nobody.mp4'" in caplog.text
    clips.write_text(f"source,driving\n{one},id10002#y#2.mp4/1.png\n")
    with pytest.raises(InputError, match="was not kept; data.stride = 1"):
        listed(clips, footage)
    clips.write_text(f"source,driving\n{one},id10001#x#1.mp4/77.png\n")
    with pytest.raises(InputError, match="no 77.png"):
        listed(clips, footage)


def test_spread_pairs_start_at_the_first_frame(footage: Footage) -> None:
    pairs = spread(footage, 3)
    assert pairs.tolist() == [
        [0, 1], [0, 3], [0, 5], [6, 7], [6, 8], [6, 9], [10, 11], [10, 14], [10, 18],
    ]  # fmt: skip
    assert len(spread(footage, 100)) == 5 + 3 + 8
    assert spread(Footage([])).shape == (0, 2)


def test_fixed_pairs_are_shown_as_they_are(footage: Footage) -> None:
    items = FixedPairs(footage, spread(footage, 3), 64)
    assert len(items) == 9
    item = items[1]
    assert (item["driving"].permute(1, 2, 0) * 255).round().byte().numpy().tolist() == (
        footage.image(3).tolist()
    )
    assert item["source_landmarks"].numpy() == pytest.approx(footage.landmarks(0), abs=1e-4)
    assert not item["mirrored"]
    with pytest.raises(IndexError):
        items[9]
