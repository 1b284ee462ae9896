import numpy as np
import pytest

from avatar.model.params import PRESETS
from engines.fake import FakeEngine
from tools.evaluation import maps, pointcloud
from tools.evaluation.clips import Clip
from tools.evaluation.exhibit import Exhibitor
from tools.evaluation.gallery import Pick
from tools.evaluation.methods import Animated, CopyDriver, CopyPortrait, SmallDriver
from tools.evaluation.observer import Observer
from tools.evaluation.puppet import Puppet
from tools.evaluation.store import FrameStore
from tools.evaluation.trials import Shot, Trial


def still(side: int = 64) -> np.ndarray:
    axis = np.linspace(-1, 1, side, dtype=np.float32)
    return np.stack(np.meshgrid(axis, axis), -1)


def test_grey_goes_from_low_to_high() -> None:
    values = np.array([[0, 0.5], [0.5, 1]], np.float32)
    drawn = maps.grey(values, 0, 1)
    assert drawn.shape == (256, 256, 3)
    assert drawn[0, 0].tolist() == [0] * 3 and drawn[-1, -1].tolist() == [255] * 3
    assert maps.grey(values + 10, 0, 1).min() == 255


def test_a_flat_map_does_not_divide_by_zero() -> None:
    assert maps.depth(np.zeros((8, 8), np.float32)).shape == (256, 256, 3)


def test_flow_is_white_where_nothing_moves_and_coloured_by_direction() -> None:
    assert maps.flow(still()).min() >= 254
    right, left = (maps.flow(still() + np.array([dx, 0], np.float32)) for dx in (0.5, -0.5))
    assert right[128, 128].tolist() == [255, 0, 0]
    assert left[128, 128].tolist() == [0, 255, 255]


def test_keypoints_are_drawn_where_they_are(noise) -> None:
    image = noise(0)
    drawn = maps.keypoints(image, np.array([[0, 0], [5, 5]], np.float32))
    changed = np.argwhere((drawn != image).any(-1))
    assert changed.mean(0) == pytest.approx((127.5, 127.5), abs=1)  # the other lies outside
    assert np.abs(changed - 127.5).max() < 7


def test_errors_are_dark_where_pictures_agree(noise) -> None:
    other = noise(0).copy()
    other[:128] = 255 - other[:128]
    drawn = maps.error(noise(0), other)
    assert drawn[128:].max() < 10 < drawn[:128].mean()


def test_attention_shows_the_row_of_its_query(noise) -> None:
    weights = np.full((64, 64), 1e-3, np.float32)
    query = maps.query_at(200, 40, weights)  # column 6, row 1
    assert query == 14
    weights[query, 0] = 1
    drawn = maps.attention(np.zeros((256, 256, 3), np.uint8), weights, query)
    assert drawn[8:24, 8:24].mean() > 3 * drawn[100:150, 20:60].mean()
    circle = np.argwhere((drawn == (90, 230, 255)).all(-1))
    assert circle.mean(0) == pytest.approx((48, 208), abs=1)  # row, column
    assert maps.query_at(-5, 999, weights) == 56


def test_colours_differ() -> None:
    assert len({maps.colour(i) for i in range(20)}) == 20


def test_the_cloud_turns_near_points_against_far_ones() -> None:
    image = np.full((256, 256, 3), 60, np.uint8)
    image[118:138, 118:138] = 255  # a bright spot in the middle, which stands out
    disparity = np.zeros((64, 64), np.float32)
    disparity[28:36, 28:36] = 1
    drawn = pointcloud.views(image, disparity, yaws=(-30.0, 0.0, 30.0))
    assert drawn.shape == (256, 768, 3)
    middle = [np.nonzero(part[..., 0] > 200)[1].mean() for part in np.split(drawn, 3, axis=1)]
    assert middle[0] < middle[1] - 10
    assert middle[2] > middle[1] + 10
    assert middle[1] == pytest.approx(127.5, abs=2)


@pytest.fixture
def full_engine() -> FakeEngine:
    class Full(FakeEngine):
        def inspect(self, code, driving, motion, wanted):
            everything = {
                "depth": np.random.default_rng(0).random((64, 64), np.float32),
                "flow": still(),
                "occlusion": np.ones((1, 64, 64), np.float32),
                "mask": np.ones((11, 64, 64), np.float32),
                "attention": np.full((256, 256), 1 / 256, np.float32),
                "blend": np.ones((1, 256, 256), np.float32),
                "synthesised": np.zeros((3, 256, 256), np.float32),
            }
            return {name: everything[name] for name in wanted}

    return Full()


def panels(engine: FakeEngine, reader, frame_folder, tmp_path) -> tuple[dict, str]:
    clip = Clip("a", "a", frame_folder(tmp_path / "a", 5))
    trial = Trial(Shot(clip, 1), (Shot(clip, 2), Shot(clip, 3)))
    with Puppet(engine, PRESETS["compact"]) as puppet:
        methods = [Animated("fake", puppet, ""), CopyPortrait(), SmallDriver(), CopyDriver()]
        exhibitor = Exhibitor(methods, puppet, Observer(reader))
        exhibit = exhibitor.show(Pick(trial, 1, 0.5, True), None, FrameStore([trial]))
    return {title: dict(row) for title, row in exhibit.rows}, exhibit.note


def test_an_exhibit_has_every_map(full_engine, reader, frame_folder, tmp_path) -> None:
    rows, note = panels(full_engine, reader, frame_folder, tmp_path)
    assert not note
    assert list(rows["Results"]) == ["portrait", "driver", "fake", "driver at 128 px"]
    assert int(rows["Results"]["driver"].mean()) == 30
    assert {"flow", "occlusion, white is seen", "synthesised alone"} < set(rows["Motion"])
    assert {"mouth", "nose tip", "background"} < set(rows["Attention, by query"])
    assert rows["Depth"]["the portrait as points"].shape == (256, 1024, 3)
    assert all(p.dtype == np.uint8 and p.shape[0] == 256 for r in rows.values() for p in r.values())


def test_an_exhibit_says_which_maps_are_missing(reader, frame_folder, tmp_path) -> None:
    rows, note = panels(FakeEngine(), reader, frame_folder, tmp_path)
    assert note == "The engine fake shows no blend, synthesised."
    assert "synthesised alone" not in rows["Motion"]
    assert {"flow", "occlusion, white is seen"} < set(rows["Motion"])
