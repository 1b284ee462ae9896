"""A step of every preset: which terms there are, and who gets gradients."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from avatar.errors import UsageError
from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from tools.training.precision import lower
from tools.training.reenact.discriminator import Discriminator
from tools.training.reenact.perceptual import PerceptualLoss
from tools.training.reenact.phases import DiscriminatorPhase, GeneratorPhase, heavy
from tools.training.reenact.settings import LossSettings
from tools.training.stage import Batch

PAPER = {
    *("perceptual", "gan", "feature_matching", "equivariance_value", "equivariance_jacobian"),
    "distance",
}


def made(params: Any, settings: LossSettings, backbone: nn.Module) -> tuple[Any, ...]:
    torch.manual_seed(1)
    dagan = Dagan(params)
    if dagan.depth is not None:
        dagan.depth.requires_grad_(False)
    if dagan.generator.attention is not None:
        nn.init.constant_(dagan.generator.attention.gamma, 0.2)
    nn.init.normal_(dagan.keypoints.jacobian.weight, std=0.01)
    discriminator = Discriminator(params.num_keypoints, base=4, most=8)
    phase = GeneratorPhase(dagan, discriminator, PerceptualLoss(backbone, (1, 2)), settings)
    return dagan, discriminator, phase


def loss_of(terms: dict[str, torch.Tensor]) -> torch.Tensor:
    return torch.stack([v for k, v in terms.items() if not k.startswith("_")]).sum()


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_step_of_every_preset(
    name: str, tiny: Callable[[str], Any], batch_of: Callable[[int], Batch], backbone: nn.Module
) -> None:
    params = tiny(name)
    settings = LossSettings()
    dagan, discriminator, phase = made(params, settings, backbone)
    phase.train()
    if dagan.depth is not None:
        dagan.depth.train()
        statistics = dagan.depth.encoder.norm.running_mean.clone()
    batch = batch_of(params.num_keypoints)
    terms, further = phase(batch)
    assert {t for t in terms if not t.startswith("_")} == PAPER
    assert all(term.isfinite() and term.shape == () for term in terms.values())
    assert all(not value.requires_grad for value in further.values())
    loss_of(terms).backward()
    for part in (dagan.generator, dagan.keypoints):
        for parameter in part.parameters():
            assert parameter.grad is not None and parameter.grad.isfinite().all()
    assert all(p.grad is None for p in discriminator.parameters())
    assert {n.split(".")[0] for n, p in phase.named_parameters() if p.requires_grad} == {
        *("generator", "keypoints"),
    }
    if dagan.depth is not None:
        assert all(p.grad is None for p in dagan.depth.parameters())
        assert torch.equal(dagan.depth.encoder.norm.running_mean, statistics)

    turn = DiscriminatorPhase(discriminator, settings).train()
    terms, _ = turn(batch | further)
    assert terms["discriminator"].isfinite()
    dagan.zero_grad(set_to_none=True)
    loss_of(terms).backward()
    assert all(p.grad is not None for p in discriminator.parameters())
    assert all(p.grad is None for p in dagan.parameters())


def test_every_optional_term(
    tiny: Callable[[str], Any], batch_of: Callable[[int], Batch], backbone: nn.Module
) -> None:
    settings = LossSettings(
        pixels=1.0, warped=0.5, speaking=4.0, keypoints=1.0, flow=2.0, detector_sees="disturbed"
    )
    dagan, _, phase = made(tiny("compact"), settings, backbone)
    terms, _ = phase.train()(batch_of(20))
    optional = {"pixels", "warped", "keypoints", "flow"}
    assert {t for t in terms if not t.startswith("_")} == PAPER | optional
    torch.stack([terms["flow"], terms["warped"]]).sum().backward()
    assert dagan.generator.flow.mask.weight.grad.abs().sum() > 0
    assert dagan.generator.output.weight.grad is None  # neither depends on the synthesis


def test_a_fixed_detector_is_left_alone(
    tiny: Callable[[str], Any], batch_of: Callable[[int], Batch], backbone: nn.Module
) -> None:
    dagan, _, phase = made(tiny("compact"), LossSettings(detector="fixed"), backbone)
    dagan.train()
    before = dagan.keypoints.hourglass.down[0].norm.running_mean.clone()
    terms, _ = phase(batch_of(20))
    assert {t for t in terms if not t.startswith("_")} == {"perceptual", "gan", "feature_matching"}
    loss_of(terms).backward()
    assert all(p.grad is None for p in dagan.keypoints.parameters())
    assert not any(name.startswith("keypoints") for name, _ in phase.named_parameters())
    assert torch.equal(dagan.keypoints.hourglass.down[0].norm.running_mean, before)


def test_the_detector_sees_the_disturbed_picture(
    tiny: Callable[[str], Any], batch_of: Callable[[int], Batch], backbone: nn.Module
) -> None:
    batch = batch_of(20)
    found = []
    for sees in ("same", "disturbed", "disturbed"):
        settings = LossSettings(gan=0, feature_matching=0, detector_sees=sees)  # type: ignore
        _, _, phase = made(tiny("compact"), settings, backbone)
        phase.train()
        found.append(phase(batch)[1]["driving_keypoints"])
    assert torch.equal(found[1], found[2])
    assert not torch.allclose(found[0], found[1])


def test_loss_of_equal_shares_is_the_loss_of_the_whole(
    tiny: Callable[[str], Any], batch_of: Callable[[int], Batch], backbone: nn.Module
) -> None:
    settings = LossSettings(pixels=1.0, warped=0.5, speaking=4.0, keypoints=1.0, flow=2.0)
    _, _, phase = made(tiny("compact"), settings, backbone)
    phase.eval()  # batch statistics of shares differ: that is what synchronised norms are for
    batch = batch_of(20)
    whole = phase(batch)[0]
    shares = [phase({k: v[i : i + 1] for k, v in batch.items()})[0] for i in (0, 1)]
    for name, term in whole.items():
        mean = (shares[0][name] + shares[1][name]) / 2
        assert term.item() == pytest.approx(mean.item(), rel=1e-4), name


def test_fresh_networks_that_are_not_trained_are_refused(
    tiny: Callable[[str], Any], batch_of: Callable[[int], Batch], backbone: nn.Module
) -> None:
    dagan, _, phase = made(tiny("compact"), LossSettings(), backbone)
    phase.await_weights("depth", dagan.depth)
    with pytest.raises(UsageError, match="depth network is not trained"):
        phase(batch_of(20))
    with torch.no_grad():
        next(dagan.depth.parameters()).add_(1)
    phase(batch_of(20))


def test_bfloat16_gives_float32_terms_near_those_of_float32(
    tiny: Callable[[str], Any], batch_of: Callable[[int], Batch], backbone: nn.Module
) -> None:
    settings = LossSettings(distance_form="sign")
    dagan, discriminator, phase = made(tiny("compact"), settings, backbone)
    phase.eval()
    batch = batch_of(20)
    exact, _ = phase(batch)
    for module in [*heavy(dagan), *discriminator.blocks]:
        lower(module, "bf16")
    rough, _ = phase(batch)
    for name, term in rough.items():
        assert term.dtype == torch.float32
        assert term.item() == pytest.approx(exact[name].item(), rel=0.1, abs=0.02), name


def test_settings_that_contradict_each_other() -> None:
    with pytest.raises(ValueError, match="gan = 0"):
        replace(LossSettings(), gan=0.0)
    with pytest.raises(ValueError, match="negative"):
        LossSettings(flow=-1)
    with pytest.raises(ValueError, match="perceptual_ratios"):
        LossSettings(perceptual_ratios=(3,))
