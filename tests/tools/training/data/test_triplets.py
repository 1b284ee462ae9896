"""Frames and their neighbours in time."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from avatar.errors import InputError
from tools.training.data import DataSettings, Footage, TripletItems, in_memory
from tools.training.data.triplets import adaptive, moved, nearest

SETTINGS = DataSettings(resolution=64, size=64, mirror=0.0, triplet_jitter=0.0)
FAR = replace(SETTINGS, distance="adaptive")


def sliding(places: list[float]) -> Footage:
    """A clip whose frame i is grey i and whose face lies at places[i]."""
    images = np.stack([np.full((64, 64, 3), i, np.uint8) for i in range(len(places))])
    marks = np.zeros((len(places), 478, 3), np.float32)
    marks[..., 0] = np.array(places)[:, None]
    return in_memory([images], [marks])


def test_neighbours_are_next_to_each_other() -> None:
    items = TripletItems(sliding([0, 1, 2, 3]), SETTINGS, 0)
    assert items.neighbours.tolist() == [[-1, 1], [0, 2], [1, 3], [2, -1]]
    drawn = set()
    for i in range(20):
        item = items[0, i]
        got = [round(float(item[n].mean()) * 255) for n in ("previous", "target", "next")]
        assert got[1] - got[0] == got[2] - got[1] == 1
        drawn.add(got[1])
    assert drawn == {1, 2}


def test_neighbours_do_not_cross_clips(footage: Footage) -> None:
    neighbours = TripletItems(footage, SETTINGS, 0).neighbours
    for row, pair in enumerate(neighbours):
        assert all(n < 0 or footage.clip[n] == footage.clip[row] for n in pair)


def test_adaptive_by_hand() -> None:
    # 1.5 px a frame, then a leap, then a rest, then 1.5 px and the end.
    footage = sliding([0, 1.5, 3, 4.5, 20, 20.2, 20.4, 21.9])
    got = adaptive(footage)
    assert got[0].tolist() == [-1, 2]  # 3 px two frames on
    assert got[1].tolist() == [0, 3]  # 1.5 px is all there is before; 3 px after
    assert got[2].tolist() == [0, 3]  # 3 px before; 1.5 px after, since the leap is over 8
    assert got[3].tolist() == [1, -1]  # nothing but the leap after
    assert got[4].tolist() == [-1, 7]  # 1.9 px
    assert got[7].tolist() == [4, -1]  # of 1.9, 1.7 and 1.5 px the nearest to 2


def test_displacements() -> None:
    places = np.array([0.0, 3.0, 7.0], np.float32)
    points = np.stack([places, np.zeros(3)], -1)[:, None].repeat(9, 1)
    points[1, 0] = 100  # one point errs; the median does not mind
    got = moved(points.astype(np.float32))
    assert got[:, 0].tolist()[:2] == [3, 4] and got[0, 1] == 7
    assert np.isnan(got[1, 1]) and np.isnan(got[2]).all()
    assert nearest(got).tolist() == [1, 1, 0]


def test_targets_have_both_neighbours() -> None:
    items = TripletItems(sliding([0, 1.5, 3, 4.5, 20, 20.2, 20.4, 21.9]), FAR, 0)
    shown = {round(float(items[0, i]["target"].mean()) * 255) for i in range(30)}
    assert shown == {1, 2}


def test_only_what_the_networks_see_is_jittered() -> None:
    footage = sliding([0, 3, 6, 9])
    images = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
    footage = in_memory([images], [np.asarray(footage.clip_landmarks(0))])
    items = TripletItems(footage, replace(SETTINGS, triplet_jitter=0.5), 0)
    changed = 0
    for i in range(40):
        item = items[0, i]
        rows = {images[r].tobytes() for r in range(4)}
        for name in ("target", "previous", "next"):
            clean = (item[name] * 255).round().byte().permute(1, 2, 0).numpy()
            assert np.ascontiguousarray(clean).tobytes() in rows
        differs = [not torch.equal(item[n], item[f"{n}_seen"]) for n in ("target", "next")]
        assert differs[0] == differs[1]
        changed += differs[0]
    assert 10 < changed < 30


def test_all_three_are_mirrored(footage: Footage) -> None:
    items = TripletItems(footage, replace(SETTINGS, mirror=1.0), 0)
    item = items[0, 0]
    plain = TripletItems(footage, SETTINGS, 0)[0, 0]
    assert item["mirrored"] and not plain["mirrored"]
    for name in ("target", "previous", "next"):
        assert torch.equal(item[name].flip(-1), plain[name])
    moved_x = 256 - plain["target_landmarks"][:, 0]
    assert torch.allclose(item["target_landmarks"][:, 0], moved_x, atol=1e-3)


def test_refused() -> None:
    with pytest.raises(InputError, match="None of 2 frames"):
        TripletItems(sliding([0, 1]), SETTINGS, 0)
    with pytest.raises(InputError, match="by which the face moved"):
        TripletItems(sliding([5.0] * 9), FAR, 0)
    bare = in_memory([np.zeros((5, 64, 64, 3), np.uint8)])
    with pytest.raises(InputError, match="has no landmarks"):
        TripletItems(bare, FAR, 0)
