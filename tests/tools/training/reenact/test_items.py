"""Pairs with what landmarks teach about them."""

import pickle
from collections.abc import Callable

import torch

from tools.training import landmarks
from tools.training.data import DataSettings, Footage, PairItems
from tools.training.reenact.equivariance import draw
from tools.training.reenact.items import TaughtItems
from tools.training.teaching import mean_face


def test_keypoints_of_both_frames_mirrored_or_not(footage: Callable[[bool], Footage]) -> None:
    taught = footage(True)
    shape = mean_face(taught)
    pairs = PairItems(taught, DataSettings(size=64, time_flip=0.0), 5, draws=(draw,))
    items = TaughtItems(pairs, shape)
    assert items.epoch == pairs.epoch == 2 * 75
    seen = set()
    for place in range(12):
        item = items[3, place]
        seen.add(bool(item["mirrored"]))
        for role in ("source", "driving"):
            points = item[f"{role}_landmarks"][None]
            value, jacobian = landmarks.keypoints(points, shape, item["mirrored"][None])
            assert torch.allclose(item[f"{role}_value"], value[0], atol=1e-6)
            assert torch.allclose(item[f"{role}_jacobian"], jacobian[0], atol=1e-4)
    assert seen == {True, False}


def test_items_are_the_same_in_another_process(footage: Callable[[bool], Footage]) -> None:
    taught = footage(True)
    items = TaughtItems(
        PairItems(taught, DataSettings(size=64), 5, draws=(draw,)), mean_face(taught)
    )
    again = pickle.loads(pickle.dumps(items))
    first, second = items[7, 1], again[7, 1]
    assert first.keys() == second.keys()
    assert {"transform_affine", "transform_spline", "source_value"} <= first.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
