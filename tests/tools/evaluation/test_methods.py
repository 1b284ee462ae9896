from pathlib import Path

import numpy as np
import pytest

from avatar.errors import InputError
from avatar.model.params import PRESETS
from engines.fake import FakeEngine
from tools.evaluation.clips import Clip, find_clips
from tools.evaluation.methods import (
    Animated,
    CopyDriver,
    CopyPortrait,
    SimilarityMoved,
    SmallDriver,
    Warped,
)
from tools.evaluation.puppet import Puppet
from tools.evaluation.rendered import Rendered
from tools.evaluation.trials import Shot, Trial, reconstruction

CLIP = Clip("a", "a", Path("a"))
TRIAL = Trial(Shot(CLIP, 0), (Shot(CLIP, 1),))


def spot(x: int, y: int) -> np.ndarray:
    image = np.zeros((256, 256, 3), np.uint8)
    image[y - 16 : y + 16, x - 16 : x + 16] = 255
    return image


def test_copies_hand_through(noise) -> None:
    portrait, driver = noise(0), noise(1)
    for method, want in ((CopyPortrait(), portrait), (CopyDriver(), driver)):
        method.begin(TRIAL, portrait, None)
        assert method.animate(driver, 0) is want


def test_the_small_driver_lost_its_detail(noise) -> None:
    fine = noise(0).copy()
    fine[::2] = 0
    method = SmallDriver()
    method.begin(TRIAL, fine, None)
    small = method.animate(fine, 0)
    assert small.shape == fine.shape
    assert np.abs(small[::2].astype(int) - small[1::2]).mean() < 20


def test_the_model_animates() -> None:
    with Puppet(FakeEngine(), PRESETS["compact"]) as puppet:
        method = Animated("fake", puppet, "")
        method.begin(TRIAL, spot(80, 80), None)
        made = method.animate(spot(112, 96), 0)
    rows, columns = np.nonzero(made[..., 0])
    assert (columns.mean(), rows.mean()) == pytest.approx((111.5, 95.5), abs=1.5)


def test_the_similarity_moves_the_portrait_to_the_driver() -> None:
    with Puppet(FakeEngine(), PRESETS["compact"]) as puppet:
        method = SimilarityMoved(puppet)
        method.begin(TRIAL, spot(80, 80), None)
        made = method.animate(spot(112, 96), 0)
    rows, columns = np.nonzero(made[..., 0] > 128)
    assert (columns.mean(), rows.mean()) == pytest.approx((111.5, 95.5), abs=1.5)


def test_the_warp_takes_the_flow() -> None:
    class Flowing(FakeEngine):
        def inspect(self, code, driving, motion, wanted):
            axis = np.linspace(-1, 1, 64, dtype=np.float32)
            x, y = np.meshgrid(axis, axis)
            return {"flow": np.stack([x - 0.25, y], -1)}  # from 32 pixels to the left

    with Puppet(Flowing(), PRESETS["compact"]) as puppet:
        assert "flow" in puppet.shown
        method = Warped(puppet)
        method.begin(TRIAL, spot(80, 80), None)
        made = method.animate(spot(112, 96), 0)
    rows, columns = np.nonzero(made[..., 0] > 128)
    assert (columns.mean(), rows.mean()) == pytest.approx((111.5, 79.5), abs=1)


def test_results_of_another_program(tmp_path: Path, frame_folder) -> None:
    frame_folder(tmp_path / "clips" / "a", 5)
    frame_folder(tmp_path / "results" / "a", 5)
    frame_folder(tmp_path / "results" / "old", 5)
    clips = find_clips(tmp_path / "clips")
    method = Rendered("theirs", tmp_path / "results", clips)
    assert [one.what for one in method.left_out] == ["results/old"]
    trial = reconstruction(clips[0], every=2)
    method.begin(trial, spot(80, 80), None)
    assert [int(method.animate(spot(80, 80), step).mean()) for step in (0, 1)] == [20, 40]


def test_results_that_do_not_pair_up(tmp_path: Path, frame_folder) -> None:
    frame_folder(tmp_path / "clips" / "a", 5)
    frame_folder(tmp_path / "clips" / "b", 5)
    frame_folder(tmp_path / "results" / "a", 4)
    clips = find_clips(tmp_path / "clips")
    with pytest.raises(InputError, match="no result for b"):
        Rendered("theirs", tmp_path / "results", clips)
    method = Rendered("theirs", tmp_path / "results", clips[:1])
    with pytest.raises(InputError, match="has 4 frames, its clip a 5"):
        method.begin(reconstruction(clips[0], every=1), spot(80, 80), None)
