"""Every installed model: its header, its numbers and its exported graphs against their hashes."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from avatar.doctor.apart import Apart
from avatar.doctor.finding import Finding, Status, failure
from avatar.errors import AvatarError, Cancelled, WeightsError
from avatar.shelf import BUNDLED, installed

WEIGHTS_S = 90.0


def check(apart: Apart) -> Iterator[Finding]:
    """A finding for every weights file by name."""
    for name in installed():
        try:
            told = apart.ask("avatar.doctor.weights:verify", name, limit_s=WEIGHTS_S)
        except Cancelled:
            raise
        except AvatarError as error:
            yield failure(f"weights {name}", error)
            continue
        what = ["numbers"] if told["numbers"] else []
        what += [f"{told['graphs']} graphs"] if told["graphs"] else []
        found = f"{' and '.join(what)} have the hashes they state" if what else "can be read"
        note = "" if told["numbers"] else "; without PyTorch the numbers were not looked at"
        yield Finding(
            f"weights {name}",
            Status.OK if what else Status.SKIPPED,
            f"{found[:1].upper()}{found[1:]}{note}.",
            details=told,
        )


def verify(name: str) -> dict[str, Any]:
    """Read weights and compare hashes, in a process of its own.

    Returns:
        sha256 of the file; numbers: whether the tensors were verified, which needs PyTorch; graphs:
        how many exported ones were verified.

    Raises:
        WeightsError: missing, damaged or not ours.
    """
    from avatar.graphs import FP32, INT8, NAMES
    from avatar.weights import describe, load

    numbers = find_spec("torch") is not None
    weights = load(name, verify=True) if numbers else describe(name)
    graphs = weights.graphs
    assert graphs is not None and weights.path is not None
    listed = [(graph, kind) for graph in NAMES for kind in (FP32, INT8)]
    found = [graphs.file(graph, kind) is not None for graph, kind in listed]
    beside = weights.path.with_suffix(".graphs")
    if weights.path.parent == BUNDLED and beside.is_dir() and not graphs.has(FP32):
        raise WeightsError(
            f"{weights.path} and {beside.name} beside it do not belong together: one of them was "
            "changed.",
            hint="Install the package again.",
        )
    return {"sha256": weights.sha256, "numbers": numbers, "graphs": sum(found)}
