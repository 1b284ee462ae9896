"""The photometric error, the choice of neighbours, smoothness."""

import pytest
import torch

from tools.training.depth.geometry import depth_of
from tools.training.depth.photometric import (
    C1,
    C2,
    choose,
    dissimilarity,
    photometric_error,
    smoothness,
)
from tools.training.depth.pose import camera_of
from tools.training.depth.reconstruction import Prediction, Triplet, rebuild, static_errors
from tools.training.depth.settings import LossSettings


def test_ssim_of_two_flat_pictures() -> None:
    """Without variance SSIM is (2 a b + C1) / (a^2 + b^2 + C1)."""
    a, b = torch.full((1, 3, 6, 6), 0.5), torch.full((1, 3, 6, 6), 0.25)
    expected = (1 - (2 * 0.125 + C1) / (0.25 + 0.0625 + C1)) / 2
    got = dissimilarity(a, b)
    assert got.shape == a.shape
    torch.testing.assert_close(got, torch.full_like(a, expected), atol=2e-3, rtol=0)


def test_ssim_of_one_window() -> None:
    """The middle pixel of 3x3, by the formula in double precision."""
    torch.manual_seed(3)
    a, b = torch.rand(2, 1, 1, 3, 3).unbind(0)
    x, y = a.double(), b.double()
    covariance = (x * y).mean() - x.mean() * y.mean()
    above = (2 * x.mean() * y.mean() + C1) * (2 * covariance + C2)
    variances = x.var(correction=0) + y.var(correction=0)
    below = (x.mean() ** 2 + y.mean() ** 2 + C1) * (variances + C2)
    expected = float((1 - above / below) / 2)
    assert float(dissimilarity(a, b)[0, 0, 1, 1]) == pytest.approx(expected, abs=1e-5)


def test_windows_mirror_the_border() -> None:
    """At the corner, row and column 1 count twice and 0 once."""
    a = torch.rand(1, 1, 4, 4, generator=torch.Generator().manual_seed(1))
    b = torch.rand(1, 1, 4, 4, generator=torch.Generator().manual_seed(2))
    wide = [torch.nn.functional.pad(x, (1, 1, 1, 1), mode="reflect") for x in (a, b)]
    inner = dissimilarity(*wide)[..., 1:-1, 1:-1]
    torch.testing.assert_close(dissimilarity(a, b), inner)


def test_equal_pictures_have_no_error() -> None:
    picture = torch.rand(2, 3, 9, 9)
    assert float(photometric_error(picture, picture, 0.8).max()) == pytest.approx(0, abs=1e-5)


def test_alpha_weighs_structure_against_difference() -> None:
    a, b = torch.full((1, 3, 6, 6), 0.5), torch.full((1, 3, 6, 6), 0.25)
    assert float(photometric_error(a, b, 0.0).mean()) == pytest.approx(0.25)
    mixed = 0.8 * dissimilarity(a, b).mean() + 0.2 * 0.25
    torch.testing.assert_close(photometric_error(a, b, 0.8).mean(), mixed)


def test_minimum_takes_the_better_neighbour_at_each_pixel() -> None:
    first = torch.tensor([[[[0.1, 0.9]]]])
    second = torch.tensor([[[[0.4, 0.2]]]])
    torch.testing.assert_close(choose([first, second], []).error, torch.tensor([[[[0.1, 0.2]]]]))
    mean = choose([first, second], [], minimum=False).error
    torch.testing.assert_close(mean, torch.tensor([[[[0.25, 0.55]]]]))


def test_auto_mask_takes_the_gradient_from_a_static_pixel() -> None:
    warped = torch.tensor([[[[0.3, 0.3, 0.0]]]], requires_grad=True)
    static = torch.tensor([[[[0.0, 0.5, 0.0]]]])
    chosen = choose([warped], [static])
    assert chosen.kept.flatten().tolist() == [False, True, True]  # at a tie the warp counts
    chosen.error.sum().backward()
    assert warped.grad is not None
    assert warped.grad.flatten().tolist() == [0, 1, 1]
    torch.testing.assert_close(chosen.error.detach()[0, 0, 0], torch.tensor([1e-5, 0.3, 0.0]))


def test_constant_disparity_is_smooth() -> None:
    assert float(smoothness(torch.full((2, 1, 8, 8), 0.3), torch.rand(2, 3, 16, 16))) == 0


def test_smoothness_of_a_ramp() -> None:
    """d = 1, 2, 3 along x, mean 2: differences of a half, free of the disparity's scale."""
    ramp = torch.tensor([1.0, 2.0, 3.0]).expand(1, 1, 3, 3)
    flat = torch.zeros(1, 3, 3, 3)
    assert float(smoothness(ramp, flat)) == pytest.approx(0.5, abs=1e-5)
    assert float(smoothness(ramp * 7, flat)) == pytest.approx(0.5, abs=1e-5)


def test_edges_of_the_picture_excuse_edges_of_the_disparity() -> None:
    step = torch.tensor([1.0, 1.0, 3.0, 3.0]).expand(1, 1, 4, 4)
    edge = torch.tensor([0.0, 0.0, 1.0, 1.0]).expand(1, 3, 4, 4)
    expected = float(smoothness(step, torch.zeros(1, 3, 4, 4))) * torch.exp(torch.tensor(-1.0))
    assert float(smoothness(step, edge)) == pytest.approx(float(expected), rel=1e-5)


def error_of(scene, depth_factor=1.0, motions=None) -> float:
    """The mean error of the scene rebuilt by its true depth times a factor."""
    settings = LossSettings(auto_mask=False)
    least, most = 1 / settings.farthest, 1 / settings.nearest
    disparity = (1 / (scene.depth * depth_factor) - least) / (most - least)
    torch.testing.assert_close(depth_of(disparity), scene.depth * depth_factor)
    prediction = Prediction([disparity], scene.camera, motions or scene.motions, torch.zeros(2))
    return float(rebuild(scene.frames, disparity, prediction, [], settings).chosen.error.mean())


def test_truth_rebuilds_the_scene(scene) -> None:
    assert error_of(scene) < 0.01
    static = torch.cat(static_errors(scene.frames, LossSettings()), 1).amin(1).mean()
    assert error_of(scene) < 0.1 * float(static)


@pytest.mark.parametrize("factor", [0.7, 0.85, 1.2, 1.5])
def test_wrong_depth_rebuilds_it_worse(scene, factor: float) -> None:
    assert error_of(scene, factor) > 1.5 * error_of(scene)


def test_wrong_motion_rebuilds_it_worse(scene) -> None:
    backwards = tuple(motion.inverse() for motion in scene.motions)
    assert error_of(scene, motions=backwards) > 3 * error_of(scene)
    assert error_of(scene, motions=scene.motions[::-1]) > 3 * error_of(scene)


def test_depth_is_found_from_the_truth_about_motion(scene) -> None:
    """A free map of disparities, from a constant, learns the ellipsoid's shape by the gradient of
    the photometric error alone."""
    settings = LossSettings(scales=1)
    low = torch.full((1, 1, 16, 16), -2.9, requires_grad=True)
    optimiser = torch.optim.Adam([low], 0.05)
    static = static_errors(scene.frames, settings)
    losses = []
    for _ in range(50):
        disparity = torch.sigmoid(low)
        prediction = Prediction([disparity], scene.camera, scene.motions, torch.zeros(2))
        rebuilt = rebuild(scene.frames, disparity, prediction, static, settings)
        loss = rebuilt.chosen.error.mean() + 1e-3 * smoothness(disparity, scene.frames.target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.4 * losses[0]
    found = torch.sigmoid(low.detach()).flatten()
    truth = torch.nn.functional.avg_pool2d(1 / scene.depth, 4).flatten()
    assert float(torch.corrcoef(torch.stack([found, truth]))[0, 1]) > 0.9


def test_identical_frames_leave_nothing_to_learn(scene) -> None:
    frames = Triplet(*(scene.frames.target,) * 3)
    settings = LossSettings()
    disparity = torch.full((1, 1, 64, 64), 0.05)
    prediction = Prediction([disparity], scene.camera, scene.motions, torch.zeros(2))
    static = static_errors(frames, settings)
    assert not rebuild(frames, disparity, prediction, static, settings).chosen.kept.any()


def test_camera_forms_at_no_output() -> None:
    from tools.training.depth.pose import PairPose

    zero = PairPose(torch.zeros(1, 3), torch.zeros(1, 3), *torch.zeros(2, 1, 2, 4, 4))
    ours = camera_of(zero, zero, 256, "bounded")
    assert ours.focal[0].tolist() == pytest.approx([256 * 1.193147] * 2)
    assert ours.centre[0].tolist() == [128, 128]
    paper = camera_of(zero, zero, 256, "paper")
    assert paper.focal[0].tolist() == pytest.approx([177.4457] * 2)
    assert paper.centre[0].tolist() == pytest.approx([305.4457] * 2)
    public = camera_of(zero, zero, 256, "public")
    assert public.focal[0].tolist() == [177, 177]
    assert public.centre[0].tolist() == [305, 305]
