"""Stage 2: dense motion and generator, taught to turn one frame of a clip into another.

Depth network and detector come from stage 1 and stay as they are, unless ``--keypoints joint``:
then the detector learns on, from its landmarks and through the reconstruction alike. Run
``python -m tools.training.old_reenact --cache FOLDER --start STAGE1 --out FILE``; ``--size 256`` to
finish.
"""

import argparse
import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from avatar.model.dagan import Dagan
from tools.training import bank, batches, schedule
from tools.training import old_augment as augment
from tools.training import old_data as data
from tools.training.old_detector import keypoint_loss
from tools.training.landmarks import Shape
from tools.training.old_losses import FEATURES, MobileNetFeatures, feature_distance, pyramid_distance
from tools.training.motion import affine_of

log = logging.getLogger(__name__)

SPEAKING = slice(5, 17)
"""Keypoints of eyes and mouth."""


@dataclass(frozen=True)
class Pair:
    """A batch of portrait and driver: pictures (B, 3, S, S), keypoints, exact targets of both."""

    portrait: Tensor
    driver: Tensor
    source: tuple[Tensor, Tensor]
    driving: tuple[Tensor, Tensor]
    exact: tuple[Tensor, Tensor]


def pair_of(sampler: batches.FaceSampler, points: bank.Bank, batch: int, size: int) -> Pair:
    """Draw, mirror, place and colour a batch; both pictures of a pair are treated alike."""
    rows = sampler.pairs(batch)
    flip = torch.rand(batch) < 0.5
    place = augment.placement(batch, turn_deg=5, zoom=0.1, shift=0.05, stretch=0.03)
    trust = torch.rand(batch) * 1.5
    pictures: list[Tensor] = []
    found: list[tuple[Tensor, Tensor]] = []
    exact: list[tuple[Tensor, Tensor]] = []
    for row in rows:
        image = batches.pictures(sampler.clips, row)
        image = torch.where(flip[:, None, None, None], image.flip(-1), image)
        pictures.append(place.image(image, size))
        for share, into in ((trust, found), (torch.zeros(batch), exact)):
            keypoints = bank.mirrored(*points.take(row, share), flip)
            into.append(bank.placed(*keypoints, place))
    portrait, driver = augment.colour_pairs(pictures[0], pictures[1], strength=0.6)
    value, jacobian = (torch.cat([e[i] for e in exact]) for i in (0, 1))
    return Pair(portrait, driver, found[0], found[1], (value, jacobian))


def attention_map(value: Tensor, size: int, strength: float) -> Tensor:
    """(B, 1, size, size): 1 plus ``strength`` around eyes and mouth, scaled to a mean of 1."""
    points = value[:, SPEAKING]
    reach = (value[:, 5] - value[:, 8]).norm(dim=-1).clamp(min=0.05)[:, None, None] * 0.16
    axis = torch.linspace(-1, 1, size)
    across = torch.exp(-0.5 * ((points[..., 0, None] - axis) / reach) ** 2)
    down = torch.exp(-0.5 * ((points[..., 1, None] - axis) / reach) ** 2)
    near = torch.einsum("bky,bkx->byx", down, across).clamp(max=1)[:, None]
    weight = 1 + strength * near
    return weight / weight.mean((2, 3), keepdim=True)


def cast(net: Dagan) -> None:
    """Run the heavy convolutions in bfloat16."""
    generator = net.generator
    modules: list[nn.Module | None] = [
        generator.encoder,
        generator.depth_encoder,
        generator.bottleneck,
    ]
    modules += [generator.up1, generator.up2, generator.flow.stem, generator.flow.hourglass]
    modules += [generator.flow.unstem, net.keypoints.stem, net.keypoints.hourglass]
    if net.depth is not None:
        modules += [net.depth.encoder, net.depth.decoder]
    for module in modules:
        if module is not None:
            schedule.bfloat16(module)


def train(args: argparse.Namespace) -> None:
    """Train for ``args.minutes``, writing averaged weights to ``args.out`` every two minutes."""
    clips = data.load(args.cache, "train")
    shape = Shape.load(args.cache / "shape.npz")
    points = bank.load(clips, shape, args.cache / "bank.pt")
    net = schedule.load(args.start)
    if args.fresh and net.generator.attention is not None:
        with torch.no_grad():  # zero would leave queries and keys without a gradient
            net.generator.attention.gamma.fill_(0.2)
    schedule.channels_last(net)
    net.eval().requires_grad_(False)
    joint = args.keypoints == "joint"
    learning = [net.generator, net.keypoints] if joint else [net.generator]
    for module in learning:
        module.train().requires_grad_(True)
    average = schedule.Average(net)
    cast(net)
    features = MobileNetFeatures(FEATURES / "mobilenet_v2_imagenet.safetensors")
    groups = [{"params": net.generator.parameters(), "scale": 1.0}]
    if joint:
        groups.append({"params": net.keypoints.parameters(), "scale": 0.5})
    optimiser = torch.optim.AdamW(groups, lr=args.rate, betas=(0.5, 0.99), weight_decay=0.01)
    sampler = batches.FaceSampler(clips, seed=args.seed)
    torch.manual_seed(args.seed)
    totals: dict[str, float] = {}
    clock, step, counted, saved = schedule.Clock(args.minutes), 0, 0, 0.0
    while (progress := clock.progress()) < 1:
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate(progress, args.rate) * group["scale"]
        pair = pair_of(sampler, points, args.batch, args.size)
        terms: dict[str, Tensor] = {}
        assert net.depth is not None
        with torch.no_grad():
            disparity = net.depth(pair.portrait)
        source, driving = pair.source, pair.driving
        if args.keypoints != "bank":
            both = augment.degrade(augment.colour(torch.cat([pair.portrait, pair.driver])))
            both = net.keypoints.shrink(both)
            with torch.no_grad():
                seen = net.depth(both)
            with torch.set_grad_enabled(joint):
                value, jacobian = net.keypoints(both, seen)
            if joint:
                taught = keypoint_loss(value, jacobian, *pair.exact)
                terms["keypoints"] = torch.stack(list(taught.values())).sum()
            half = args.batch
            source, driving = (value[:half], jacobian[:half]), (value[half:], jacobian[half:])
        code = net.generator.encode(pair.portrait, disparity)
        taps: dict[str, Tensor] = {}
        affine = affine_of(source[1], driving[1]).clamp(-4, 4)
        result = net.generator(code, source[0], driving[0], affine, taps)
        weight = attention_map(pair.exact[0][args.batch :], args.size, args.speaking)
        terms["pixels"] = pyramid_distance(result, pair.driver, weight)
        terms["warp"] = 0.5 * pyramid_distance(taps["warped_portrait"], pair.driver, weight)
        with torch.autocast("cpu", torch.bfloat16):
            distance = feature_distance(features, result, pair.driver)
        terms["features"] = args.perceptual * distance.float()
        loss = torch.stack(list(terms.values())).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_([p for m in learning for p in m.parameters()], 1.0)
        if torch.isfinite(norm):
            optimiser.step()
            average.update(net)
        step, counted = step + 1, counted + 1
        terms["l1"] = (result.detach() - pair.driver).abs().mean()
        terms["copy"] = (pair.portrait - pair.driver).abs().mean()
        for name, term in terms.items():
            totals[name] = totals.get(name, 0.0) + float(term.detach())
        elapsed = progress * args.minutes
        if elapsed - saved > 1.5 or clock.progress() >= 1:
            saved = elapsed
            schedule.save(args.out, net.params, average.state)
            means = {k: round(v / counted, 4) for k, v in totals.items()}
            attention = net.generator.attention
            gamma = 0.0 if attention is None else float(attention.gamma.detach())
            log.info("%.1f min, step %d, %s, gamma %.3f", elapsed, step, means, gamma)
            totals, counted = {}, 0


def main() -> None:
    """Train stage 2, or only fill the bank of detected keypoints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="the checkpoint to go on from")
    parser.add_argument("--out", type=Path, help="the checkpoint to write")
    parser.add_argument("--fill", action="store_true", help="detect keypoints of all frames, stop")
    parser.add_argument("--fresh", action="store_true", help="the generator was never trained")
    parser.add_argument(
        "--keypoints",
        choices=("bank", "live", "joint"),
        default="bank",
        help="from the bank, from the detector as it is, or from a detector that learns on",
    )
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=128, choices=(128, 256))
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--speaking", type=float, default=2.0, help="extra weight of eyes, mouth")
    parser.add_argument("--perceptual", type=float, default=0.12)
    parser.add_argument("--seed", type=int, default=2)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(2)
    if args.fill:
        clips = data.load(args.cache, "train")
        shape = Shape.load(args.cache / "shape.npz")
        points = bank.fill(schedule.load(args.start), clips, shape, args.cache / "bank.pt")
        apart = (points.detected[0] - points.exact[0]).norm(dim=-1)
        log.info("detector misses by %.2f px on training frames", float(apart.mean()) * 127.5)
        return
    if args.out is None:
        parser.error("--out is needed to train")
    train(args)


if __name__ == "__main__":
    main()
