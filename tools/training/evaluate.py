"""Self-reenactment on people never trained on: the first frame of a clip is driven by its frames.

Every sixth frame of every validation clip; keypoints absolute (portrait and first driving frame are
the same picture, so relative motion is the same thing). "copy" is the portrait itself, unchanged.

Run ``python -m tools.training.evaluate --cache FOLDER --weights FILE [--switches]``; the last line
of stdout is one JSON object. A frame in which MediaPipe finds no face counts as missed and is left
out of the landmark figures only.
"""

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avatar.model.dagan import Dagan
from tools.training import batches, data, schedule
from tools.training.data import Clips
from tools.training.landmarks import openness
from tools.training.losses import FEATURES
from tools.training.measures import Identity, Mesh, ssim
from tools.training.motion import affine_of

Images = NDArray[np.uint8]
EYES = (33, 133, 159, 145, 160, 158, 153, 144, 362, 263, 386, 374, 385, 387, 380, 373)
MOUTH = (61, 291, 13, 14, 0, 17, 82, 312, 87, 317, 40, 270, 91, 321, 78, 308)


def network(path: Path) -> Dagan:
    """A checkpoint of the training, or a safetensors file of the project."""
    if path.suffix != ".safetensors":
        return schedule.load(path)
    from avatar import weights

    loaded = weights.load(str(path))
    net = Dagan(loaded.params)
    net.load_state_dict(loaded.tensors, strict=False)
    return net.eval()


@torch.no_grad()
def animate(net: Dagan, pictures: Tensor) -> Images:
    """The first picture driven by all of them: (N, 3, 256, 256) -> (N, 256, 256, 3) uint8."""
    source = net.encode(pictures[:1])
    done = []
    for picture in pictures.split(1):
        driving = net.detect(picture)
        affine = affine_of(source.jacobian, driving.jacobian)
        image = net.render(source.code, source.value, driving.value, affine)
        done.append((image[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())
    return np.stack(done)


def without_depth(net: Dagan) -> None:
    """Zero the disparity at test time, for detector and attention alike."""
    assert net.depth is not None
    net.depth.register_forward_hook(lambda module, inputs, output: torch.zeros_like(output))


def without_attention(net: Dagan) -> None:
    """Zero the attention's gamma at test time."""
    assert net.generator.attention is not None
    with torch.no_grad():
        net.generator.attention.gamma.zero_()


def correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Pearson's, 0 where either does not move at all."""
    if len(a) < 4 or a.std() < 1e-6 or b.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


class Judge:
    """Compares results with the truth; the truth's landmarks and embeddings are found once."""

    def __init__(self, clips: Clips) -> None:
        self.clips = clips
        self.mesh = Mesh()
        self.identity = Identity(FEATURES / "mobilefacenet.onnx")
        self.truth = [self.mesh(np.ascontiguousarray(frame)) for frame in clips.frames]

    def clip(
        self, span: tuple[int, int], results: Images, copied: bool = False
    ) -> dict[str, float]:
        """Figures of one clip; the first frame, which is the portrait itself, does not count."""
        start, stop = span
        rows = range(start + 1, stop)
        figures: dict[str, list[float]] = {
            key: []
            for key in (
                *("l1", "psnr", "ssim", "akd", "akd_euclidean"),
                *("akd_eyes", "akd_mouth", "csim", "missed"),
            )
        }
        got_open, want_open = [], []
        portrait = self.truth[start]
        me = None if portrait is None else self.identity(self.clips.frames[start], portrait)
        for row, image in zip(rows, results[1:], strict=True):
            true = self.clips.frames[row]
            difference = image.astype(np.float32) / 255 - true.astype(np.float32) / 255
            figures["l1"].append(float(np.abs(difference).mean()))
            figures["psnr"].append(float(-10 * np.log10(max((difference**2).mean(), 1e-10))))
            figures["ssim"].append(ssim(image, true))
            want = self.truth[row]
            got = portrait if copied else self.mesh(image)
            if want is not None:
                figures["missed"].append(float(got is None))
            if want is None or got is None:
                continue
            apart = got[:, :2] - want[:, :2]
            far = np.linalg.norm(apart, axis=-1)
            figures["akd"].append(float(np.abs(apart).mean()))
            figures["akd_euclidean"].append(float(far.mean()))
            figures["akd_eyes"].append(float(far[list(EYES)].mean()))
            figures["akd_mouth"].append(float(far[list(MOUTH)].mean()))
            if me is not None:
                figures["csim"].append(float(self.identity(image, got) @ me))
            got_open.append(got)
            want_open.append(want)
        result = {key: float(np.mean(values)) for key, values in figures.items() if values}
        if len(got_open) > 3:
            for key, got, want in zip(
                ("eye_correlation", "mouth_correlation"),
                openness(np.stack(got_open)),
                openness(np.stack(want_open)),
                strict=True,
            ):
                result[key] = correlation(got, want)
        return result


def summary(
    clips: Clips, each: list[dict[str, float]], draws: int = 2000
) -> dict[str, dict[str, float]]:
    """Mean over clips, with a 95 % bootstrap interval that redraws people, not clips."""
    people = [int(clips.person[a]) for a, _ in clips.spans()]
    names = sorted(set(people))
    random = np.random.default_rng(0)
    picks = [random.choice(len(names), len(names)) for _ in range(draws)]
    result = {}
    for key in each[0]:
        by_person = [
            [e[key] for e, p in zip(each, people, strict=True) if p == name and key in e]
            for name in names
        ]
        means = [np.mean([v for i in pick for v in by_person[i]]) for pick in picks]
        low, high = np.percentile(means, [2.5, 97.5])
        everything = [v for values in by_person for v in values]
        result[key] = {
            "mean": round(float(np.mean(everything)), 4),
            "low": round(float(low), 4),
            "high": round(float(high), 4),
        }
    return result


def evaluate(
    clips: Clips, judge: Judge, method: Callable[[Tensor], Images], copied: bool = False
) -> list[dict[str, float]]:
    """Figures of every clip under ``method``: (N, 3, 256, 256) -> (N, 256, 256, 3) uint8."""
    each = []
    for a, b in clips.spans():
        pictures = batches.pictures(clips, np.arange(a, b))
        each.append(judge.clip((a, b), method(pictures), copied))
    return each


def copy(pictures: Tensor) -> Images:
    """The baseline that does nothing: the portrait, again and again."""
    first = (pictures[:1] * 255).round().byte().permute(0, 2, 3, 1).numpy()
    return np.repeat(first, len(pictures), 0)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--switches", action="store_true", help="also without depth, attention")
    parser.add_argument("--clips", action="store_true", help="print every clip too")
    args = parser.parse_args()
    torch.set_num_threads(2)
    clips = data.load(args.cache, "val")
    judge = Judge(clips)
    runs: dict[str, list[dict[str, float]]] = {"copy": evaluate(clips, judge, copy, copied=True)}
    changes: dict[str, Callable[[Dagan], None] | None] = {"compact": None}
    if args.switches:
        changes |= {"no depth": without_depth, "no attention": without_attention}
    for name, change in changes.items():
        net = network(args.weights)
        if change:
            change(net)
        runs[name] = evaluate(clips, judge, partial(animate, net))
    judge.mesh.close()
    if args.clips:
        for name, each in runs.items():
            for clip, figures in zip(clips.names, each, strict=True):
                print(name, clip, {k: round(v, 3) for k, v in figures.items()})
    table = {name: summary(clips, each) for name, each in runs.items()}
    for name, rows in table.items():
        print(f"{name:13}", {k: v["mean"] for k, v in rows.items()})
    print(json.dumps(table))


if __name__ == "__main__":
    main()
