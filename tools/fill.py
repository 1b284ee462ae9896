"""Deterministic pseudo-random weights for the official networks, so that numbers can be compared.

The golden numbers were made with networks filled by this rule: one NumPy generator per tensor,
seeded by the CRC-32 of its full name plus the seed, and a scale that keeps every activation in a
healthy range. All arithmetic is float64 with one cast to float32 at the end.
"""

import json
import re
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

KEYS = Path(__file__).parent.parent / "tests" / "golden"
"""Where ``keys_<net>.json`` lie: the names and shapes of the official state dicts."""

GAMMA = 0.7
WEIGHTS = ("weight", "weight_orig")

# The standard deviation of weights is sqrt(2 / fan-in) times the first gain whose pattern matches
# the full name, else 1.
GAINS = [
    (re.compile(pattern), gain)
    for pattern, gain in (
        (r"kp_detector.jacobian.weight", 0.15),
        (r"(spade_)?generator.dense_motion_network.mask.weight", 2.5),
        (r"(spade_)?generator.AttnModule.(query|key)_conv.weight", 2.0),
        (r"generator.bottleneck.r\d.conv2.weight", 0.5),
        (r"generator.final.weight", 0.3),
        (r"spade_generator.decoder.conv_img.weight", 0.5),
        (r"depth_encoder18.encoder.layer\d.\d.bn2.weight", 0.35),
        (r"depth_encoder50.encoder.layer\d.\d.bn3.weight", 0.35),
        (r"depth_decoder(18|50).decoder.1[0-3].conv.weight", 0.35),
    )
]


def official_shapes(net: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of an official state dict, in its order."""
    rows = json.loads((KEYS / f"keys_{net}.json").read_text())
    return {name: tuple(shape) for name, shape, _ in rows}


def fill(net: str, seed: int) -> dict[str, NDArray[np.generic]]:
    """The filled state dict of an official network, without its constant blur kernels."""
    shapes = official_shapes(net)
    filled: dict[str, NDArray[np.generic]] = {}
    for name, shape in shapes.items():
        leaf = name.split(".")[-1]
        if name.split(".")[-2:] == ["down", "weight"]:
            continue  # the anti-alias Gaussian: a constant, not a weight
        if leaf in ("weight_u", "weight_v"):
            continue  # made from their weight_orig, below
        filled[name] = fill_tensor(net, name, shape, shapes, seed)
    for name in shapes:
        if name.endswith(".weight_u"):
            stem = name.removesuffix(".weight_u")
            u, v = spectral_vectors(f"{net}.{name}", filled[f"{stem}.weight_orig"], seed)
            filled[name], filled[f"{stem}.weight_v"] = u, v
    return filled


def spectral_vectors(
    full: str, weight: NDArray[np.generic], seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The vectors u and v of a spectrally normalised weight: five power iterations from noise."""
    matrix = weight.astype(np.float64).reshape(len(weight), -1)
    u = generator(full, seed).standard_normal(len(weight))
    u /= np.linalg.norm(u)
    for _ in range(5):
        v = matrix.T @ u
        v /= np.linalg.norm(v)
        u = matrix @ v
        u /= np.linalg.norm(u)
    return u.astype(np.float32), v.astype(np.float32)


def generator(full: str, seed: int) -> np.random.Generator:
    """The generator of one tensor, from its full name and the seed."""
    return np.random.Generator(np.random.PCG64((zlib.crc32(full.encode()) + seed) % 2**32))


def fill_tensor(
    net: str, name: str, shape: tuple[int, ...], shapes: dict[str, tuple[int, ...]], seed: int
) -> NDArray[np.generic]:
    """One tensor; ``shapes`` tells whether a bias belongs to a normalisation."""
    full = f"{net}.{name}"
    rng = generator(full, seed)
    stem, _, leaf = name.rpartition(".")
    gain = next((g for pattern, g in GAINS if pattern.fullmatch(full)), 1.0)
    if leaf == "num_batches_tracked":
        return np.zeros(shape, np.int64)
    if leaf == "gamma":
        values = np.full(shape, GAMMA)
    elif leaf == "running_mean":
        values = 0.1 * rng.standard_normal(shape)
    elif leaf == "running_var":
        values = 0.5 + rng.random(shape)
    elif leaf in WEIGHTS and len(shape) == 1:
        values = (0.8 + 0.4 * rng.random(shape)) * gain
    elif leaf in WEIGHTS:
        values = rng.standard_normal(shape) * np.sqrt(2.0 / np.prod(shape[1:])) * gain
    elif leaf == "bias":
        of_norm = len(shapes.get(f"{stem}.weight", ())) == 1
        values = (0.1 if of_norm else 0.05) * rng.standard_normal(shape)
        if full == "kp_detector.jacobian.bias":
            values = values + np.tile([1.0, 0.0, 0.0, 1.0], shape[0] // 4)
    else:
        raise KeyError(f"the fill has no rule for {full}")
    return values.astype(np.float32)
