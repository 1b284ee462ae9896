"""Items: pure functions of seed, step and place, drawn as METHODS section 4 says."""

import pickle
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from avatar.errors import InputError
from tools.training.data import (
    DataSettings,
    FaceItems,
    Footage,
    PairItems,
    TripletItems,
    in_memory,
)
from tools.training.data.sampling import Sampler, expressions, random_of
from tools.training.placement import mirror
from tools.training.stage import Item

PLAIN = DataSettings(
    resolution=64,
    size=64,
    time_flip=0,
    mirror=0,
    brightness=0,
    contrast=0,
    saturation=0,
    hue=0,
    triplet_jitter=0,
)
BUSY = replace(
    PLAIN,
    size=32,
    time_flip=0.5,
    mirror=0.5,
    brightness=0.1,
    hue=0.1,
    expressive=0.5,
    turn=9.0,
    zoom=0.1,
    shift=0.1,
    bend=0.02,
    tint=0.5,
    recolour=1.0,
    degrade=1.0,
    triplet_jitter=0.5,
)
Make = Callable[[Footage, DataSettings, int], PairItems | FaceItems | TripletItems]


def equal(a: Item, b: Item) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def shown(footage: Footage, picture: torch.Tensor, mirrored: bool = False) -> int:
    """Which row a picture shows."""
    image = (picture * 255).round().byte().permute(1, 2, 0).numpy()
    image = image[:, ::-1] if mirrored else image
    (row,) = (r for r in range(len(footage)) if np.array_equal(footage.image(r), image))
    return row


@pytest.mark.parametrize("make", [PairItems, FaceItems, TripletItems])
def test_items_are_pure(footage: Footage, make: Make) -> None:
    items = make(footage, BUSY, 3)
    there = pickle.loads(pickle.dumps(make(footage, BUSY, 3)))
    for at in ((0, 0), (5, 1)):
        assert equal(items[at], items[at])
        assert equal(items[at], there[at])
    others = [items[0, 1], items[1, 0], make(footage, BUSY, 4)[0, 0]]
    assert not any(equal(items[0, 0], other) for other in others)


@pytest.mark.parametrize("make", [PairItems, FaceItems, TripletItems])
def test_all_items_have_the_same_names_and_shapes(footage: Footage, make: Make) -> None:
    items = make(footage, BUSY, 0)
    shapes = {frozenset((n, v.shape, v.dtype) for n, v in items[0, i].items()) for i in range(20)}
    assert len(shapes) == 1
    for name, shape, dtype in next(iter(shapes)):
        if name == "mirrored":
            assert (shape, dtype) == ((), torch.bool)
        else:
            wanted = (478, 3) if name.endswith("landmarks") else (3, 32, 32)
            assert (tuple(shape), dtype) == (wanted, torch.float32)


def test_names(footage: Footage) -> None:
    pair = {"source", "driving", "mirrored"}
    marks = {"source_landmarks", "driving_landmarks"}
    bare = in_memory([np.zeros((3, 64, 64, 3), np.uint8)])
    assert PairItems(bare, PLAIN, 0)[0, 0].keys() == pair
    assert PairItems(footage, PLAIN, 0)[0, 0].keys() == pair | marks
    seen = {"source_seen", "driving_seen"}
    assert PairItems(footage, replace(PLAIN, degrade=1.0), 0)[0, 0].keys() == pair | marks | seen
    assert FaceItems(footage, PLAIN, 0)[0, 0].keys() == {"picture", "landmarks", "mirrored"}
    three = {"target", "previous", "next", "target_seen", "previous_seen", "next_seen"}
    assert TripletItems(bare, PLAIN, 0)[0, 0].keys() == three | {"mirrored"}
    assert TripletItems(footage, PLAIN, 0)[0, 0].keys() == three | {"mirrored", "target_landmarks"}


def test_pairs_are_in_order_and_of_one_clip(footage: Footage) -> None:
    items = PairItems(footage, PLAIN, 0)
    rows = [[shown(footage, item[n]) for n in ("source", "driving")] for item in
            (items[0, i] for i in range(300))]  # fmt: skip
    assert all(a <= b and footage.clip[a] == footage.clip[b] for a, b in rows)
    # Two people: half of the pairs are of the first one's only clip, a quarter of each other.
    share = Counter(int(footage.clip[a]) for a, _ in rows)
    assert share[0] / 300 == pytest.approx(1 / 2, abs=0.09)
    assert share[1] / 300 == pytest.approx(1 / 4, abs=0.08)
    # Uniform with replacement: of the first clip's six frames, one in six pairs is a frame twice.
    twice = [a == b for a, b in rows if footage.clip[a] == 0]
    assert np.mean(twice) == pytest.approx(1 / 6, abs=0.09)
    assert {row for pair in rows for row in pair} == set(range(len(footage)))


def test_square_root_weighting(footage: Footage) -> None:
    sampler = Sampler(footage, replace(PLAIN, weighting="frames"))
    random = np.random.default_rng(0)
    drawn = Counter(sampler.clip(random)[0] for _ in range(4000))
    # People of 6 and 13 frames; the second's are in clips of 4 and 9.
    total = 6**0.5 + 13**0.5
    for first, expected in ((0, 6**0.5), (6, 4 / 13**0.5), (10, 9 / 13**0.5)):
        assert drawn[first] / 4000 == pytest.approx(expected / total, abs=0.03)


def test_items_are_described_by_clip_and_frames(footage: Footage) -> None:
    pairs = PairItems(footage, PLAIN, 3)
    rows = [shown(footage, pairs[2, 5][role]) for role in ("source", "driving")]
    frames = sorted(int(footage.frame[row]) for row in rows)
    told = pairs.describe((2, 5))
    assert told.startswith(footage.names[footage.clip[rows[0]]])
    assert told.endswith(f"frames {frames[0]} and {frames[1]}")
    faces = FaceItems(footage, PLAIN, 3)
    row = shown(footage, faces[2, 5]["picture"])
    name, frame = footage.names[footage.clip[row]], footage.frame[row]
    assert faces.describe((2, 5)) == f"{name}, frame {frame}"


def test_flips_in_time_are_not_mirrored(footage: Footage) -> None:
    items = PairItems(footage, replace(PLAIN, time_flip=0.5, mirror=0.5), 0)
    kinds: Counter[str] = Counter()
    for i in range(400):
        item = items[0, i]
        mirrored = bool(item["mirrored"])
        source, driving = (shown(footage, item[n], mirrored) for n in ("source", "driving"))
        landmarks = footage.landmarks(source)
        assert landmarks is not None
        if mirrored:
            landmarks = mirror(np.zeros((2, 2, 3), np.uint8), landmarks)[1]
        assert item["source_landmarks"].numpy() == pytest.approx(landmarks, abs=1e-3)
        if source > driving:
            assert not mirrored
            kinds["swapped"] += 1
        kinds["mirrored"] += mirrored
    assert kinds["mirrored"] / 400 == pytest.approx(0.25, abs=0.07)
    assert kinds["swapped"] / 400 == pytest.approx(0.5 * (1 - 0.157), abs=0.08)


def test_a_pair_has_one_jitter() -> None:
    flat = np.full((4, 64, 64, 3), (200, 120, 60), np.uint8)
    items = PairItems(in_memory([flat]), DataSettings(resolution=64, size=64), 0)
    shades = set()
    for i in range(10):
        item = items[0, i]
        assert torch.allclose(item["source"], item["driving"])
        shades.add(round(float(item["source"][0, 0, 0]), 4))
    assert len(shades) == 10


def test_the_detector_sees_other_colours_than_are_asked_for() -> None:
    flat = np.full((4, 64, 64, 3), (200, 120, 60), np.uint8)
    item = PairItems(in_memory([flat]), replace(PLAIN, recolour=1.0), 0)[0, 0]
    clean = torch.tensor([200.0, 120, 60]) / 255
    for role in ("source", "driving"):
        assert torch.allclose(item[role][:, 5, 5], clean)
        assert not torch.allclose(item[f"{role}_seen"], item[role], atol=0.02)
    assert not torch.allclose(item["source_seen"], item["driving_seen"], atol=0.02)


def test_placed_pictures_take_their_landmarks_along() -> None:
    axis = np.arange(256) + 0.5
    spot = np.exp(-0.5 * (((axis - 100) / 8) ** 2 + ((axis[:, None] - 150) / 8) ** 2))
    images = (spot[..., None] * 255).round().astype(np.uint8).repeat(3, 2)[None].repeat(2, 0)
    marks = np.full((2, 478, 3), (100, 150, 0), np.float32)
    settings = replace(PLAIN, resolution=256, size=128, mirror=0.5, turn=9.0, shift=0.05)
    items = PairItems(in_memory([images], [marks]), settings, 0)
    places = []
    for i in range(8):
        item = items[0, i]
        mass = item["driving"][0]
        steps = torch.arange(128) * 2 + 0.5  # what 256-wide place each pixel shows
        found = torch.stack([(mass.sum(0) * steps).sum(), (mass.sum(1) * steps).sum()]) / mass.sum()
        assert (found - item["driving_landmarks"][0, :2]).abs().max() < 1
        places.append(float(found[0]))
    assert np.ptp(places) > 20


def face(opened: float) -> np.ndarray:
    """Landmarks of a face whose lips are so far apart."""
    points = np.zeros((478, 3), np.float32)
    points[152, 1] = 100
    points[14, 1] = opened
    return points


def test_expressive_drivers_differ_most_of_four() -> None:
    opened = np.linspace(0, 30, 50)
    marks = [np.stack([face(value) for value in opened])]
    footage = in_memory([np.zeros((50, 64, 64, 3), np.uint8)], marks)
    apart = {}
    for share in (0.0, 1.0):
        sampler = Sampler(footage, replace(PLAIN, expressive=share))
        pairs = [sampler.pair(random_of(0, 0, i)) for i in range(400)]
        assert all(chosen == bool(share) for *_, chosen in pairs)
        apart[share] = np.mean([abs(a - b) for a, b, _ in pairs])
    assert apart[0.0] == pytest.approx(50 / 3, abs=2)
    assert apart[1.0] > 1.6 * apart[0.0]
    assert expressions(footage)[:, 1].std() == pytest.approx(1, abs=1e-3)
    bare = in_memory([np.zeros((3, 64, 64, 3), np.uint8)])
    with pytest.raises(InputError, match="has no landmarks"):
        PairItems(bare, replace(PLAIN, expressive=0.5), 0)


def test_given_pairs_only(footage: Footage) -> None:
    items = PairItems(footage, PLAIN, 0, pairs=np.array([[5, 2], [7, 8]]))
    got = {tuple(shown(footage, items[0, i][n]) for n in ("source", "driving")) for i in range(20)}
    assert got == {(5, 2), (7, 8)}


def number(random: np.random.Generator) -> Item:
    return {"number": torch.tensor(random.random())}


def test_stages_draw_their_own_numbers(footage: Footage) -> None:
    items = PairItems(footage, BUSY, 0, draws=[number])
    assert equal(items[2, 3], items[2, 3])
    assert items[2, 3]["number"] != items[2, 4]["number"]
    bare = PairItems(footage, BUSY, 0)
    assert torch.equal(items[2, 3]["source"], bare[2, 3]["source"])


def test_epochs(footage: Footage) -> None:
    assert PairItems(footage, PLAIN, 0).epoch == 2 * 75


def test_faces(footage: Footage) -> None:
    items = FaceItems(footage, replace(PLAIN, mirror=0.5), 0)
    flips = 0
    for i in range(60):
        item = items[0, i]
        mirrored = bool(item["mirrored"])
        row = shown(footage, item["picture"], mirrored)
        points = footage.landmarks(row)
        assert points is not None
        expected = points * [-1, 1, 1] + [256, 0, 0] if mirrored else points
        assert item["landmarks"].numpy() == pytest.approx(expected, abs=1e-3)
        flips += mirrored
    assert 15 < flips < 45
    with pytest.raises(InputError, match="no landmarks"):
        FaceItems(in_memory([np.zeros((3, 64, 64, 3), np.uint8)]), PLAIN, 0)
    with pytest.raises(InputError, match="no footage"):
        FaceItems(Footage([]), PLAIN, 0)
