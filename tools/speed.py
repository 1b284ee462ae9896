"""What the portrait cache saves: ``python -m tools.speed [--model vox256] [--rounds N]``

Runs the eager engine's frame with the portrait encoded once (detect, render) and without any cache
(encode, detect, render), interleaved, so that a busy machine slows both alike. A preset's name gets
random weights where none are installed: the time does not depend on them. The last line is JSON.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from avatar.errors import AvatarError, WeightsError
from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from avatar.weights import Weights, load
from engines.eager import EagerEngine


def weights(name: str) -> Weights:
    """Installed weights, or random ones of the preset.

    Raises:
        WeightsError: neither.
    """
    try:
        return load(name)
    except WeightsError:
        if name not in PRESETS:
            raise
    torch.manual_seed(0)
    params = PRESETS[name]
    tensors = {
        key: tensor
        for key, tensor in Dagan(params).state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    return Weights(params, tensors, f"{name} (random)", "")


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that one call takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def measure(engine: EagerEngine, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each stage in each round."""
    rng = np.random.default_rng(0)
    portrait, driving = (rng.integers(0, 256, (256, 256, 3), np.uint8) for _ in range(2))
    code, _ = engine.encode(portrait)
    moved = engine.detect(driving)
    stages: dict[str, Callable[[], object]] = {
        "encode": lambda: engine.encode(portrait),
        "detect": lambda: engine.detect(driving),
        "render": lambda: engine.render(code, moved),
    }
    for work in stages.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(rounds):
        for name, work in stages.items():
            times[name].append(timed(work))
    times["cached"] = [d + r for d, r in zip(times["detect"], times["render"], strict=True)]
    times["uncached"] = [e + c for e, c in zip(times["encode"], times["cached"], strict=True)]
    return times


def main(argv: list[str] | None = None) -> int:
    """Measure, print a table and the JSON line."""
    parser = argparse.ArgumentParser(prog="python -m tools.speed", description=__doc__)
    parser.add_argument("--model", default="vox256", help="preset, installed name or file")
    parser.add_argument("--rounds", type=int, default=10)
    args = parser.parse_args(argv)
    try:
        chosen = weights(args.model)
        engine = EagerEngine(chosen)
        engine.open()
        times = measure(engine, max(1, args.rounds))
        engine.close()
    except AvatarError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(f"{chosen.name}, eager on {engine.device}, {torch.get_num_threads()} threads, ms a frame")
    for name, values in times.items():
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"  {name:9} median {middle:8.1f}   {low:8.1f} to {high:8.1f}")
    medians = {name: round(statistics.median(values), 2) for name, values in times.items()}
    ratios = [u / c for u, c in zip(times["uncached"], times["cached"], strict=True)]
    print(f"  without the cache a frame costs {statistics.median(ratios):.2f} times as much")
    print(json.dumps({"model": chosen.name, "ratio": statistics.median(ratios), "ms": medians}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
