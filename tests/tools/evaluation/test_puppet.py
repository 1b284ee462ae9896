import numpy as np
import pytest
import torch
from torch.nn import functional as F

from avatar.errors import EngineError
from avatar.model.blocks import coordinate_grid
from avatar.model.params import PRESETS
from engines.fake import FakeEngine
from tools.evaluation.puppet import Puppet, enlarge, to_pixels, warp


@pytest.mark.parametrize("align_corners", [True, False])
def test_warp_is_what_the_networks_do(noise, align_corners: bool) -> None:
    image = noise(0)
    grid = coordinate_grid(64, 64)
    flow = 1.1 * grid + 0.1 * torch.sin(4 * grid.flip(-1))  # reaches beyond the picture
    field = F.interpolate(
        flow.permute(2, 0, 1)[None], size=(256, 256), mode="bilinear", align_corners=align_corners
    ).permute(0, 2, 3, 1)
    pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    want = F.grid_sample(pixels, field, align_corners=align_corners)[0].permute(1, 2, 0).numpy()
    got = warp(image, flow.numpy(), align_corners=align_corners).astype(np.float32)
    # OpenCV places samples on a 32nd of a pixel.
    assert np.abs(got - want).mean() < 0.6
    assert np.quantile(np.abs(got - want), 0.99) < 4


def test_the_identity_flow_copies(noise) -> None:
    flow = coordinate_grid(64, 64).numpy()
    assert np.abs(warp(noise(1), flow, align_corners=True).astype(int) - noise(1)).max() <= 1


def test_enlarge_keeps_corners() -> None:
    small = np.random.default_rng(0).normal(size=(8, 8)).astype(np.float32)
    large = enlarge(small, 32, 32, align_corners=True)
    assert large[[0, 0, -1, -1], [0, -1, 0, -1]] == pytest.approx(
        small[[0, 0, -1, -1], [0, -1, 0, -1]], abs=1e-5
    )


def test_keypoints_in_pixels() -> None:
    assert to_pixels(np.array([[-1, -1], [0, 1]], np.float32)).tolist() == [[0, 0], [127.5, 255]]


def test_it_knows_which_maps_the_engine_shows() -> None:
    class Poor(FakeEngine):
        """Shows depth alone, as engines of exported graphs do."""

        def inspect(self, code, driving, motion, wanted):
            if set(wanted) - {"depth"}:
                raise EngineError("it has no such map")
            return super().inspect(code, driving, motion, wanted)

    with Puppet(Poor(), PRESETS["compact"]) as puppet:
        assert puppet.shown == ("depth",)
        assert {"flow", "attention", "blend"} < set(puppet.map_names)


def test_relative_motion_starts_at_the_neutral_picture(noise) -> None:
    with Puppet(FakeEngine(), PRESETS["compact"]) as puppet:
        puppet.take(noise(0), noise(1))
        np.testing.assert_allclose(puppet.move(noise(1)).value, puppet.source.value, atol=1e-5)
        puppet.take(noise(0), None)
        driven = puppet.engine.detect(noise(1))
        np.testing.assert_allclose(puppet.move(noise(1)).value, driven.value)
