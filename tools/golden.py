"""Compares our networks with golden numbers: ``python -m tools.golden FILE.npz ...``

A case file holds inputs and what the official code made of them with weights filled by
:mod:`tools.fill`; the seed is in its ``meta``. Each output's largest absolute error is printed
beside its tolerance; the exit code is 1 if one is over, 2 if a file cannot be used.
"""

import argparse
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avatar.convert import Part, rename
from avatar.frame import Keypoints
from avatar.model.dagan import Dagan, combine_jacobians
from avatar.model.depth import DepthNetwork
from avatar.model.generator import Code
from avatar.model.params import PRESETS, ModelParams
from avatar.motion.settings import MotionSettings
from avatar.motion.transfer import Motion
from avatar.official import NETWORKS
from tools.fill import fill

Arrays = Mapping[str, NDArray[np.generic]]

DISPARITY, KEYPOINT, NORMALISED = 2e-5, 2e-5, 5e-5
MASK, FLOW, ATTENTION, PREDICTION = 1e-4, 5e-5, 1e-3, 1e-4
SPADE_PREDICTION = 1e-3
"""The SPADE decoder amplifies what the keypoints differ by within their tolerance; fed with the
golden keypoints, its pictures differ by 4e-5."""

DEPTH50 = "disp50_source_u16"
"""The only output of the ResNet-50 depth network in the case files."""

MODES = {"TT": (True, True), "TF": (True, False), "FF": (False, False)}
"""Relative or absolute, and whether the movement scale is adapted."""

RENDERED = (("TT", 0), ("TT", 1), ("TT", 2), ("FF", 2))


@dataclass(frozen=True)
class Check:
    """One output: its largest absolute error beside what is allowed."""

    name: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """False for an error over the tolerance, or that is not a number."""
        return self.error <= self.tolerance


class CaseError(Exception):
    """A case file that cannot be used; the message says why."""


def read_case(path: Path) -> tuple[dict[str, NDArray[np.generic]], int]:
    """The arrays of a case file and its seed.

    Raises:
        CaseError: it cannot be read, or lacks the inputs or the seed.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        seed = json.loads(str(arrays["meta"]))["seed"]
        shapes = arrays["source_u8"].shape, arrays["driving_u8"].shape
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CaseError(f"{path} is no golden case: {error!r}") from error
    if shapes != ((256, 256, 3), (3, 256, 256, 3)):
        raise CaseError(f"{path}: inputs of shapes {shapes}, expected one source, three driving")
    return arrays, int(seed)


def network(seed: int, preset: str = "vox256") -> Dagan:
    """The official network with weights filled for ``seed``."""
    params = PRESETS[preset]
    generator = "spade_generator" if params.spade else "generator"
    tensors = filled("keypoints", "kp_detector", seed) | filled("generator", generator, seed)
    dagan = Dagan(params)
    dagan.load_state_dict(tensors | filled_depth(seed, params))
    return dagan.eval()


def depth_network(seed: int, preset: str) -> DepthNetwork:
    """The depth network alone."""
    params = PRESETS[preset]
    depth = DepthNetwork(params)
    tensors = filled_depth(seed, params)
    depth.load_state_dict({name.removeprefix("depth."): t for name, t in tensors.items()})
    return depth.eval()


def filled_depth(seed: int, params: ModelParams) -> dict[str, Tensor]:
    """Both parts of the depth network, by our names."""
    layers = 50 if params.depth_bottleneck else 18
    encoder = filled("depth encoder", f"depth_encoder{layers}", seed)
    return encoder | filled("depth decoder", f"depth_decoder{layers}", seed)


def filled(kind: str, net: str, seed: int) -> dict[str, Tensor]:
    """The recipe's network ``net``, filled; names as :data:`avatar.official.NETWORKS` make them."""
    official = {name: torch.from_numpy(array) for name, array in fill(net, seed).items()}
    return rename(NETWORKS[kind], Part(official, Path(f"{net} filled for seed {seed}")))


def picture(u8: NDArray[np.generic]) -> Tensor:
    """(..., 256, 256, 3) uint8 -> (N, 3, 256, 256) float32 in [0, 1]."""
    pixels = u8.reshape(-1, 256, 256, 3).astype(np.float32) / np.float32(255)
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()


def compare(
    case: Arrays, name: str, got: Tensor | NDArray[np.generic], tolerance: float
) -> Iterator[Check]:
    """One output against the case's, if the case has it."""
    if name in case:
        scale = 65535 if name.endswith("_u16") else 1
        want = case[name].astype(np.float64) / scale
        ours = np.asarray(got, np.float64).reshape(want.shape)
        yield Check(name, float(np.max(np.abs(ours - want))), tolerance)


@torch.no_grad()
def depth_checks(depth: DepthNetwork, case: Arrays) -> Iterator[Check]:
    """The disparity of the ResNet-50 network."""
    yield from compare(case, DEPTH50, depth(picture(case["source_u8"])), DISPARITY)


@torch.no_grad()
def checks(dagan: Dagan, case: Arrays) -> Iterator[Check]:
    """Every output of the case that our networks have, but for the ResNet-50 disparity."""
    check = partial(compare, case)
    assert dagan.depth is not None
    source, driving = picture(case["source_u8"]), picture(case["driving_u8"])
    taps: dict[str, Tensor] = {}
    encoded = dagan.encode(source, taps)
    detected = dagan.detect(driving)
    for scale, disparity in enumerate(dagan.depth.pyramid(source)):
        yield from check(f"disp{scale}_source_u16", disparity, DISPARITY)
    yield from check("disp_driving_u16", detected.disparity, DISPARITY)
    yield from check("kp_down_source", taps["kp_input"], KEYPOINT)
    yield from check("kp_heatmap_source_k0_14", taps["kp_heatmap"][0, [0, 14]], KEYPOINT)
    yield from check("kp_source_value", encoded.value, KEYPOINT)
    yield from check("kp_source_jacobian", encoded.jacobian, KEYPOINT)
    yield from check("kp_driving_value", detected.value, KEYPOINT)
    yield from check("kp_driving_jacobian", detected.jacobian, KEYPOINT)

    portrait = Keypoints(encoded.value[0].numpy(), encoded.jacobian[0].numpy())
    frames = [
        Keypoints(value.numpy(), jacobian.numpy())
        for value, jacobian in zip(detected.value, detected.jacobian, strict=True)
    ]
    moved: dict[str, list[Keypoints]] = {}
    for mode, (relative, adapt) in MODES.items():
        motion = Motion(MotionSettings(relative=relative, adapt_scale=adapt, smoothing=0))
        motion.reset(portrait)
        motion.calibrate(frames[0])
        moved[mode] = [motion(frame, t_ns) for t_ns, frame in enumerate(frames)]
        values = np.stack([k.value for k in moved[mode]])
        jacobians = np.stack([k.jacobian for k in moved[mode]])
        yield from check(f"kn_{mode}_value", values, NORMALISED)
        yield from check(f"kn_{mode}_jacobian", jacobians, NORMALISED)

    for mode, index in RENDERED:
        tag = f"{'spade' if dagan.params.spade else 'gen'}_{mode}{index}"
        stages = render(dagan, encoded.code, portrait, moved[mode][index])
        stages |= {"attn_src": taps["depth_features"], "enc": taps["features"]}
        tolerance = SPADE_PREDICTION if dagan.params.spade else PREDICTION
        yield from check(f"{tag}_prediction_u16", stages["prediction"], tolerance)
        thinned = stages["prediction"][..., ::4, ::4]
        yield from check(f"{tag}_prediction_stride4_u16", thinned, tolerance)
        yield from check(f"{tag}_occlusion", stages["occlusion"], FLOW)
        yield from check(f"{tag}_deformation", stages["flow"], FLOW)
        yield from check(f"{tag}_mask_u16", stages["mask"], MASK)
        candidates = stages["candidates"][0, [0, 7]]
        yield from check(f"{tag}_sparse_deformed_0_7_u16", candidates, MASK)
        rows = stages["attention"][0, [0, 1000, 2080, 4095]]
        yield from check(f"{tag}_attn_w_rows", rows, ATTENTION)
        for name in ("attn_src", "attn_in", "attn_out", "enc"):
            maps = stages[name][0]
            statistics = torch.stack([maps.mean((1, 2)), maps.std((1, 2), correction=0)])
            yield from check(f"{tag}_{name}_chmean_chstd", statistics, ATTENTION)
            chosen = [0, 37] if name == "enc" else [0, 37, 128, 255]
            yield from check(f"{tag}_{name}_ch", maps[chosen], ATTENTION)


def render(dagan: Dagan, code: Code, portrait: Keypoints, driving: Keypoints) -> dict[str, Tensor]:
    """The picture and every stage on the way, by the names of the case files."""
    taps: dict[str, Tensor] = {}
    affine = combine_jacobians(portrait.jacobian, driving.jacobian)
    source, target, affines = (
        torch.from_numpy(array).unsqueeze(0) for array in (portrait.value, driving.value, affine)
    )
    taps["prediction"] = dagan.render(code, source, target, affines, taps)
    return taps | {"attn_in": taps["warped"], "attn_out": taps["attended"]}


def main(argv: list[str] | None = None) -> int:
    """Check every file named; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.golden", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.npz")
    failed = 0
    for path in parser.parse_args(argv).files:
        try:
            case, seed = read_case(path)
        except CaseError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        found = list(checks(network(seed), case))
        if any(name.startswith("spade_") for name in case):
            spade = checks(network(seed, "vox256-spade"), case)
            found += [check for check in spade if check.name.startswith("spade_")]
        if DEPTH50 in case:
            found += depth_checks(depth_network(seed, "vox256-depth50"), case)
        if not found:
            print(f"error: {path} has inputs but none of the outputs known here", file=sys.stderr)
            return 2
        print(f"{path} (seed {seed})")
        for check in found:
            verdict = "ok" if check.passed else "OVER"
            print(f"  {check.name:38} {check.error:9.2e} of {check.tolerance:.0e}  {verdict}")
        over = sum(not check.passed for check in found)
        print(f"  {len(found)} outputs, {over} over their tolerance")
        failed += over
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
