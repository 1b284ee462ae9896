"""What the process of an engine does: say which there are, and animate the pair with one."""

from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

FRAMES = 5
"""So many are timed, after one that is not."""


def survey(model: str) -> dict[str, Any]:
    """Every engine in every precision, and whether it can run: ``{"engines": [...]}``.

    Raises:
        WeightsError: the weights are missing or damaged.
    """
    from avatar.choosing.candidates import survey as candidates
    from avatar.engine import find_engines
    from avatar.gpu import find_gpu
    from avatar.weights import describe

    weights = describe(model)
    return {
        "engines": [
            {
                "label": c.label,
                "name": c.name,
                "precision": c.precision,
                "state": c.state.name.lower(),
                "why": c.why,
                "on_gpu": c.on_gpu,
                "broken": c.engine is None,
            }
            for c in candidates(find_engines(), lambda: weights, find_gpu())
            if c.rank >= 0
        ]
    }


def animate(label: str, model: str, file: str) -> dict[str, Any]:
    """Animate the pair with one engine; the picture and keypoints go into ``file`` (.npz).

    Returns:
        Where it ran, its note, and the milliseconds that a frame took.

    Raises:
        EngineError: it cannot run here, or failed.
        WeightsError: the weights are missing or damaged.
    """
    from avatar.choosing.candidates import asked_for
    from avatar.doctor.pair import pair
    from avatar.engine import find_engines
    from avatar.weights import describe

    portrait, driving = pair()
    engine = asked_for(label, find_engines(), lambda: describe(model))
    began = perf_counter()
    engine.open()
    try:
        opened_s = perf_counter() - began
        code, _ = engine.encode(portrait)
        keypoints = engine.detect(driving)
        picture = engine.render(code, keypoints)
        times = []
        for _ in range(FRAMES):
            began = perf_counter()
            engine.render(code, engine.detect(driving))
            times.append(1e3 * (perf_counter() - began))
        np.savez(file, picture=picture, value=keypoints.value, jacobian=keypoints.jacobian)
        return {
            "device": str(getattr(engine, "device", "cpu")),
            "note": str(getattr(engine, "note", "")),
            "opened_s": round(opened_s, 2),
            "ms": round(median(times), 1),
        }
    finally:
        engine.close()
