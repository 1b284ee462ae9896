"""The pose network, the phase's terms, and where gradients go."""

import pytest
import torch

from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from tools.training.depth.geometry import rotation
from tools.training.depth.phase import DepthPhase
from tools.training.depth.pose import PairPose, PoseNetwork
from tools.training.depth.reconstruction import Triplet, predict_motion
from tools.training.depth.settings import LossSettings


@pytest.fixture
def params(tiny):
    return tiny("vox256")


def batch_of(scene, size: int = 1) -> dict[str, torch.Tensor]:
    frames = {
        name: picture.repeat(size, 1, 1, 1)
        for name, picture in zip(Triplet._fields, scene.frames, strict=True)
    }
    return frames | {f"{name}_seen": picture for name, picture in frames.items()}


def phase_of(params, **settings) -> DepthPhase:
    torch.manual_seed(0)
    depth = Dagan(params).depth
    assert depth is not None
    return DepthPhase(depth, PoseNetwork(params), LossSettings(**settings))


def test_pose_network_follows_the_preset() -> None:
    with torch.device("meta"):
        full = PoseNetwork(PRESETS["vox256"])
        deep = PoseNetwork(PRESETS["vox256-depth50"])
        small = PoseNetwork(PRESETS["compact"])
    sizes = [sum(p.numel() for p in net.parameters()) for net in (full, deep, small)]
    assert sizes[0] == sizes[1] > 20 * sizes[2]  # a ResNet-18 for both published networks
    assert full.encoder.conv.weight.shape == (64, 6, 7, 7)
    assert full.squeeze.weight.shape == (256, 512, 1, 1)


def test_pose_starts_near_no_motion_and_shrinks_large_pictures(tiny) -> None:
    network = PoseNetwork(tiny("compact")).eval()
    earlier, later = torch.rand(2, 2, 3, 256, 256)
    found = network(earlier, later)
    assert found.axis_angle.shape == found.translation.shape == (2, 3)
    assert float(found.axis_angle.detach().abs().max()) < 0.02
    assert found.focal.shape == (2, 2, 4, 4)


def test_motion_to_the_past_is_the_inverse(scene) -> None:
    """A head that goes on turning by the same angle: both pairs say the same."""

    class Turning(torch.nn.Module):
        def forward(self, earlier, later):
            axis = torch.tensor([[0.0, 0.1, 0.0]]).expand(len(earlier), 3)
            return PairPose(axis, axis + 1, *torch.zeros(2, len(earlier), 2, 1, 1))

    _, (past, future), degrees = predict_motion(Turning(), scene.frames, "bounded")
    turn = rotation(torch.tensor([[0.0, 0.1, 0.0]]))
    torch.testing.assert_close(future.rotation, turn)
    torch.testing.assert_close(past.rotation, turn.transpose(1, 2))
    shift = torch.tensor([1.0, 1.1, 1.0])
    torch.testing.assert_close(past.translation[0], -(turn[0].T @ shift))
    assert degrees.tolist() == pytest.approx([5.7295779] * 2)


@pytest.mark.parametrize(("form", "reached"), [("bounded", True), ("paper", True), ("public", 0)])
def test_gradient_reaches_the_intrinsics(params, scene, form: str, reached: bool) -> None:
    phase = phase_of(params, intrinsics=form, auto_mask=False)
    with torch.no_grad():  # nearly no motion would hide what the camera does
        phase.pose.pose.bias[:] = torch.tensor([0.0, 6.0, 0.0, 12.0, 0.0, 3.0])
    terms, _ = phase(batch_of(scene, 2))
    terms["photometric"].backward()
    for head in (phase.pose.focal, phase.pose.centre):
        assert head.bias.grad is not None
        assert bool(head.bias.grad.abs().min() > 0) == bool(reached)
    assert phase.pose.pose.weight.grad is not None
    assert phase.depth.encoder.conv.weight.grad is not None
    assert float(phase.depth.encoder.conv.weight.grad.abs().max()) > 0


def test_terms_are_scalars_and_reports_have_no_gradient(params, scene) -> None:
    terms, handed = phase_of(params, mirror=0.1)(batch_of(scene, 2))
    assert set(terms) - {name for name in terms if name.startswith("_")} == {
        "photometric",
        "smoothness",
        "mirror",
    }
    assert all(term.shape == () and term.dtype == torch.float32 for term in terms.values())
    assert all(term.requires_grad == (name[0] != "_") for name, term in terms.items())
    assert handed == {}
    assert 0.5 < float(terms["_focal_x"]) < 2
    assert float(terms["_centre_y"]) == pytest.approx(0.5, abs=0.05)


def test_same_batch_same_numbers(params, scene) -> None:
    """Nothing is drawn, whatever the state of the generator."""
    phase = phase_of(params, mirror=0.1).eval()
    first, _ = phase(batch_of(scene))
    torch.rand(7)
    second, _ = phase(batch_of(scene))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_loss_of_a_batch_is_the_mean_of_its_shares(params, scene) -> None:
    """In evaluation mode, in which batch normalisation does not mix pictures."""
    phase = phase_of(params, mirror=0.1).eval()
    one = batch_of(scene)
    other = {name: picture.flip(-1).roll(9, -2) for name, picture in one.items()}
    both, _ = phase({name: torch.cat([one[name], other[name]]) for name in one})
    shares = [phase(each)[0] for each in (one, other)]
    for name in ("photometric", "smoothness", "mirror"):
        mean = (shares[0][name] + shares[1][name]) / 2
        torch.testing.assert_close(both[name], mean, rtol=1e-4, atol=1e-7)


def test_mirror_term_is_zero_for_a_symmetric_network(params, scene) -> None:
    phase = phase_of(params, mirror=1.0).eval()
    with torch.no_grad():
        for head in phase.depth.decoder.heads:
            head.conv.weight.zero_()
    assert float(phase(batch_of(scene))[0]["mirror"].detach()) == 0
    assert float(phase_of(params, mirror=1.0).eval()(batch_of(scene))[0]["mirror"].detach()) > 0


def test_a_few_steps_from_noise_lower_the_loss(params, slow_scene) -> None:
    phase = phase_of(params, auto_mask=False, scales=2).train()
    optimiser = torch.optim.Adam(phase.parameters(), 3e-3)
    losses = []
    for _ in range(15):
        terms, _ = phase(batch_of(slow_scene))
        loss = terms["photometric"] + terms["smoothness"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize(
    "values",
    [
        {"alpha": 1.5},
        {"smoothness": -1},
        {"scales": 5},
        {"scales": 0},
        {"nearest": 2.0, "farthest": 1.0},
        {"nearest": 0.0},
    ],
)
def test_settings_out_of_range(values: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        LossSettings(**values)
