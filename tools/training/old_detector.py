"""Stage 1: the depth network and the keypoint detector, taught by MediaPipe's landmarks.

The disparity is supervised by MediaPipe's z over the face and detached before it enters the
detector, so that it stays a depth map. Run
``python -m tools.training.detector --cache FOLDER --out FILE``.
"""

import argparse
import logging
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from tools.training import batches, landmarks, schedule
from tools.training import old_augment as augment
from tools.training import old_data as data
from tools.training.landmarks import GAPS, Shape
from tools.training.old_data import Clips

log = logging.getLogger(__name__)

WEIGHTS = (1.0,) * 5 + (1.5,) * 4 + (2.0,) * 8 + (1.0,) * 3
"""Of the keypoints: eyes and mouth count more than jaw and forehead."""


def keypoint_loss(
    value: Tensor, jacobian: Tensor, target: Tensor, target_jacobian: Tensor
) -> dict[str, Tensor]:
    """Distances to the targets: places, opening of lids and lips, local affine maps."""
    weight = value.new_tensor(WEIGHTS)[:, None]
    gap = value.new_zeros(())
    for upper, lower, share in GAPS:
        got = value[:, lower] - value[:, upper]
        gap = gap + share * (got - (target[:, lower] - target[:, upper])).abs().mean()
    return {
        "value": ((value - target).abs() * weight).mean(),
        "gap": gap,
        "jacobian": (jacobian - target_jacobian).abs().mean() * 0.15,
    }


def batch_of(
    sampler: batches.FaceSampler, shape: Shape, size: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """An augmented batch: pictures (B, 3, 128, 128), landmarks, target values and jacobians."""
    rows = sampler.rows(size)
    images = batches.pictures(sampler.clips, rows)
    points = torch.from_numpy(sampler.clips.landmarks[rows])
    flip = torch.rand(size) < 0.5
    images, points = batches.mirror_pictures(images, points, flip)
    placed = augment.placement(size, turn_deg=9, zoom=0.14, shift=0.1, stretch=0.06, bend=0.03)
    images, points = placed.image(images, 128), placed.points(points)
    value, jacobian = landmarks.keypoints(points, shape, flip)
    return images, points, value, jacobian


@torch.no_grad()
def check(net: Dagan, clips: Clips, shape: Shape) -> dict[str, float]:
    """Errors on clips never trained on: px at 256, jacobians, correlation of the gaps in a clip."""
    net.eval()
    found = [
        net.detect(batches.pictures(clips, r)) for r in np.array_split(np.arange(len(clips)), 8)
    ]
    value, jacobian = torch.cat([f.value for f in found]), torch.cat([f.jacobian for f in found])
    points = torch.from_numpy(clips.landmarks)
    target, target_jacobian = landmarks.keypoints(points, shape)
    disparity = torch.cat([F.avg_pool2d(f.disparity, 2) for f in found])
    depth, weight = landmarks.disparity(points, disparity.shape[-1])
    face = (weight == 1).float()
    result = {
        "px": float((value - target).norm(dim=-1).mean()) * 127.5,
        "eyes_px": float((value - target)[:, 5:13].norm(dim=-1).mean()) * 127.5,
        "mouth_px": float((value - target)[:, 13:17].norm(dim=-1).mean()) * 127.5,
        "jacobian": float((jacobian - target_jacobian).abs().mean()),
        "depth": float(((disparity - depth).abs() * face).sum() / face.sum()),
    }
    for name, (upper, lower, _) in zip(("eye_l", "eye_r", "lips"), GAPS, strict=True):
        got = (value[:, lower] - value[:, upper]).norm(dim=-1).numpy()
        want = (target[:, lower] - target[:, upper]).norm(dim=-1).numpy()
        each = [np.corrcoef(got[a:b], want[a:b])[0, 1] for a, b in clips.spans()]
        result[name] = float(np.mean(each))
    net.train()
    return result


def train(
    cache: Path, out: Path, minutes: float, batch: int, peak: float, start: Path | None
) -> None:
    """Train for ``minutes``, writing the averaged weights to ``out`` every two minutes."""
    clips, val = data.load(cache, "train"), data.load(cache, "val")
    if not (cache / "shape.npz").exists():
        landmarks.mean_shape(clips.landmarks).save(cache / "shape.npz")
    shape = Shape.load(cache / "shape.npz")
    params = PRESETS["compact"]
    net = schedule.load(start) if start else Dagan(params)
    net.train()
    assert net.depth is not None
    parts = nn.ModuleList([net.depth, net.keypoints])
    schedule.channels_last(parts)
    average = schedule.Average(parts)
    for module in (
        net.depth.encoder,
        net.depth.decoder,
        net.keypoints.stem,
        net.keypoints.hourglass,
    ):
        assert module is not None
        schedule.bfloat16(module)
    optimiser = torch.optim.AdamW(parts.parameters(), lr=peak, weight_decay=0.02)
    sampler = batches.FaceSampler(clips, seed=1)
    twin = Dagan(params)
    totals: dict[str, float] = {}
    clock, step, counted, saved = schedule.Clock(minutes), 0, 0, 0.0
    while (progress := clock.progress()) < 1:
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate(progress, peak)
        images, points, value, jacobian = batch_of(sampler, shape, batch)
        small = augment.degrade(augment.colour(images))
        small = small.contiguous(memory_format=torch.channels_last)
        # Depth is easy: a third of the steps will do, once it is roughly there.
        learns_depth = step % 3 == 0 or (start is None and step < 200)
        with torch.set_grad_enabled(learns_depth):
            disparity = net.depth(small)
        got, got_jacobian = net.keypoints(small, disparity.detach())
        terms = keypoint_loss(got, got_jacobian, value, jacobian)
        if learns_depth:
            depth, weight = landmarks.disparity(points, 64)
            terms["depth"] = ((F.avg_pool2d(disparity, 2) - depth).abs() * weight).mean()
        loss = torch.stack(list(terms.values())).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(parts.parameters(), 1.0)
        if torch.isfinite(norm):
            optimiser.step()
            average.update(parts)
        step, counted = step + 1, counted + 1
        for name, term in terms.items():
            totals[name] = totals.get(name, 0.0) + float(term.detach())
        elapsed = progress * minutes
        if elapsed - saved > 1.5 or clock.progress() >= 1:
            saved = elapsed
            assert twin.depth is not None
            nn.ModuleList([twin.depth, twin.keypoints]).load_state_dict(average.state)
            schedule.save(out, params, twin.state_dict())
            means = {k: round(v / counted, 4) for k, v in totals.items()}
            figures = {k: round(v, 3) for k, v in check(twin, val, shape).items()}
            log.info("%.1f min, step %d, loss %s, val %s", elapsed, step, means, figures)
            totals, counted = {}, 0


def main() -> None:
    """Train stage 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="a checkpoint to go on from")
    parser.add_argument("--minutes", type=float, default=22)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=3e-3)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(2)
    train(args.cache, args.out, args.minutes, args.batch, args.rate, args.start)


if __name__ == "__main__":
    main()
