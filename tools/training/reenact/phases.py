"""The two turns of a step: generator with detector (DaGAN eq. 10), then the discriminator."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call

from avatar.errors import UsageError
from avatar.model.dagan import Dagan
from avatar.model.depth import DepthNetwork
from tools.training.detector.loss import keypoint_loss
from tools.training.motion import affine_of
from tools.training.reenact.discriminator import (
    Discriminator,
    discriminator_loss,
    generator_loss,
    matching_loss,
)
from tools.training.reenact.distance import distance_loss
from tools.training.reenact.equivariance import Transform, jacobian_loss, value_loss
from tools.training.reenact.perceptual import PerceptualLoss
from tools.training.reenact.pixels import attention_map, pyramid_distance
from tools.training.reenact.settings import LossSettings
from tools.training.reenact.supervision import flow_loss, places
from tools.training.stage import Batch, Phase, Terms


class Points(NamedTuple):
    """Keypoints: value (B, K, 2), jacobian (B, K, 2, 2)."""

    value: Tensor
    jacobian: Tensor


class GeneratorPhase(Phase):
    """Trains the generator and, where it learns, the detector; the depth network stays as it is.

    The driving frame is the target too, so its keypoints drive as they are, not relative to others.
    Parameters are called ``generator.*`` and ``keypoints.*``. Later phases get "result" (B, 3, H,
    W) and "driving_keypoints" (B, K, 2).
    """

    label = "generator"

    def __init__(
        self,
        dagan: Dagan,
        discriminator: Discriminator | None,
        perceptual: PerceptualLoss | None,
        settings: LossSettings,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.params = dagan.params
        self.generator = dagan.generator
        self.perceptual = perceptual
        if settings.learns_keypoints:
            self.keypoints = dagan.keypoints
        self._kept = (dagan.depth, dagan.keypoints, discriminator)
        self._awaited: list[tuple[str, Tensor, Tensor]] = []

    def await_weights(self, part: str, network: nn.Module) -> None:
        """Refuse to train until the fresh weights of a network that is not trained are replaced."""
        weight = next(network.parameters())
        self._awaited.append((part, weight, weight.detach().cpu().clone()))

    def forward(self, batch: Batch) -> tuple[Terms, Batch]:
        """Terms of eq. 10, and those of the settings that are not in the paper.

        Raises:
            UsageError: a network that is not trained still has fresh weights.
        """
        self._check_awaited()
        source, driving = batch["source"], batch["driving"]
        disturbed = self.settings.detector_sees == "disturbed"
        seen = batch["driving_seen"] if disturbed else driving
        beheld = batch.get("source_seen", source) if disturbed else source
        by_depth = self.params.detects_by_depth
        p_s = self._detect(beheld, self._disparity(beheld) if by_depth else None)
        p_d = self._detect(seen, self._disparity(seen) if by_depth else None)
        disparity = self._disparity(source) if self.params.attends_by_depth else None
        code = self.generator.encode(source, disparity)
        taps: dict[str, Tensor] = {}
        affine = affine_of(p_s.jacobian, p_d.jacobian)
        result = self.generator(code, p_s.value, p_d.value, affine, taps)
        terms = self._picture_terms(result, batch, taps)
        terms |= self._judged(result, driving, p_d.value)
        if self.settings.learns_keypoints:
            terms |= self._keypoint_terms(p_s, p_d, seen, batch)
        terms["_l1"] = (result.detach() - driving).abs().mean()
        terms["_copy"] = (source - driving).abs().mean()
        if self.generator.attention is not None:
            terms["_gamma"] = self.generator.attention.gamma.detach().mean()
        return terms, {"result": result.detach(), "driving_keypoints": p_d.value.detach()}

    def _check_awaited(self) -> None:
        for part, weight, fresh in self._awaited:
            if torch.equal(weight.detach().cpu(), fresh):
                raise UsageError(
                    f"The {part} network is not trained in this stage, and nothing was given to "
                    "start from that has it.",
                    hint="Train it first, and name its weights by --start.",
                )
        self._awaited.clear()

    def _disparity(self, picture: Tensor) -> Tensor | None:
        depth: DepthNetwork | None = self._kept[0]
        if depth is None:
            return None
        depth.eval()  # whoever switched all networks to training meant those that learn
        with torch.no_grad():
            disparity: Tensor = depth(picture)
        return disparity

    def _detect(self, picture: Tensor, disparity: Tensor | None) -> Points:
        if self.settings.learns_keypoints:
            return Points(*self.keypoints(picture, disparity))
        detector = self._kept[1]
        detector.eval()
        with torch.no_grad():
            return Points(*detector(picture, disparity))

    def _picture_terms(self, result: Tensor, batch: Batch, taps: dict[str, Tensor]) -> Terms:
        """What compares the result, and the flow, with the driving frame."""
        weights, driving = self.settings, batch["driving"]
        terms: Terms = {}
        if self.perceptual is not None:
            terms["perceptual"] = weights.perceptual * self.perceptual(result, driving)
        focus = None
        if weights.speaking and (weights.pixels or weights.warped):
            where = places(batch["driving_landmarks"], self.params.align_corners)
            focus = attention_map(where, driving.shape[-1], weights.speaking)
        if weights.pixels:
            terms["pixels"] = weights.pixels * pyramid_distance(result, driving, focus)
        if weights.warped:
            warped = taps.get("warped_portrait")
            if warped is None:
                warped = self.generator.warp(batch["source"], taps["flow"])
            terms["warped"] = weights.warped * pyramid_distance(warped, driving, focus)
        if weights.flow:
            points = batch["source_landmarks"], batch["driving_landmarks"]
            found = flow_loss(taps["flow"], *points, self.params.align_corners)
            terms["flow"] = weights.flow * found
        return terms

    def _judged(self, result: Tensor, driving: Tensor, value: Tensor) -> Terms:
        """What the discriminator thinks (eq. 11); it is given no gradients."""
        discriminator, weights = self._kept[2], self.settings
        if discriminator is None:
            return {}
        fixed = {name: p.detach() for name, p in discriminator.named_parameters()}
        made, inside = functional_call(discriminator, fixed, (result, value))
        terms = {"gan": weights.gan * generator_loss(made)}
        if weights.feature_matching:
            with torch.no_grad():
                _, real = discriminator(driving, value)
            terms["feature_matching"] = weights.feature_matching * matching_loss(real, inside)
        return terms

    def _keypoint_terms(self, p_s: Points, p_d: Points, seen: Tensor, batch: Batch) -> Terms:
        """What is asked of the keypoints themselves (eqs. 12 and 13)."""
        weights = self.settings
        terms: Terms = {}
        if weights.equivariance_value or weights.equivariance_jacobian:
            transform = Transform.of(batch)
            warped = transform.picture(seen, self.params.align_corners)
            # The depth of the warped picture, not the warped depth.
            by_depth = self.params.detects_by_depth
            p_t = self._detect(warped, self._disparity(warped) if by_depth else None)
            if weights.equivariance_value:
                found = value_loss(p_d.value, p_t.value, transform)
                terms["equivariance_value"] = weights.equivariance_value * found
            if weights.equivariance_jacobian:
                found = jacobian_loss(p_d.jacobian, p_t.value, p_t.jacobian, transform)
                terms["equivariance_jacobian"] = weights.equivariance_jacobian * found
        if weights.distance:
            form, least = weights.distance_form, weights.distance_least
            crowd = distance_loss(p_s.value, form, least) + distance_loss(p_d.value, form, least)
            terms["distance"] = weights.distance * crowd
        if weights.keypoints:
            total = p_d.value.new_zeros(())
            for points, name in ((p_s, "source"), (p_d, "driving")):
                wanted = batch[f"{name}_value"], batch[f"{name}_jacobian"]
                for term in keypoint_loss(*points, *wanted).values():
                    total = total + term / 2
            terms["keypoints"] = weights.keypoints * total
        return terms


class DiscriminatorPhase(Phase):
    """Trains the discriminator on what the generator has just made."""

    label = "discriminator"

    def __init__(self, discriminator: Discriminator, settings: LossSettings) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.weight = settings.gan

    def forward(self, batch: Batch) -> tuple[Terms, Batch]:
        """mean [(1 - D(driving))^2 + D(result)^2]."""
        value = batch["driving_keypoints"]
        real, _ = self.discriminator(batch["driving"], value)
        made, _ = self.discriminator(batch["result"], value)
        terms = {"discriminator": discriminator_loss(real, made)}
        with torch.no_grad():
            terms["_real"], terms["_made"] = real.float().mean(), made.float().mean()
        return terms, {}


def heavy(dagan: Dagan) -> list[nn.Module]:
    """The modules that may compute in bfloat16: convolutions, but no coordinates."""
    generator, flow = dagan.generator, dagan.generator.flow
    found: list[nn.Module | None] = [generator.encoder, generator.depth_encoder, generator.spade]
    if generator.spade is None:
        found += [generator.bottleneck, generator.up1, generator.up2]
    found += [flow.stem, flow.hourglass, flow.unstem]
    found += [dagan.keypoints.stem, dagan.keypoints.hourglass]
    if dagan.depth is not None:
        found += [dagan.depth.encoder, dagan.depth.decoder]
    return [module for module in found if module is not None]
