"""Levels 2 and 3 of the three tests that stand in for a GPU: our compiler and runtime over the real
Python half of Torch-TensorRT and a stand-in for the ``tensorrt`` module.

Level 2: every operation of every graph passes the validators of its converter. Level 3: the network
that the converters define, evaluated by PyTorch under the rules of a strongly typed network, gives
what the module gives. In processes of their own, because they replace parts of torch.cuda.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engines.trt_forms import LADDER
from tools.trt_front_end import folder

HARNESS = Path(__file__).parent / "tensorrt_standin" / "harness.py"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

COVERED = ("compact", "fomm256", "vox256", "vox256-depth50", "vox256-self", "vox256-spade")
"""The other presets are made of the same parts."""

PRESET = pytest.mark.parametrize("preset", COVERED)

FULL_WITHIN = 1e-4
"""Largest error in FP32; measured: 1e-7, with SPADE 6e-6, and 3e-5 where noise is sampled at full
size."""
HALF_WITHIN = 5e-3
"""In mixed FP16, accumulated in FP32 on both sides; measured: 0, and 1.5e-3 with SPADE's instance
normalisations, which are rounded at other places."""
HALF_SAMPLING_WITHIN = 0.1
"""Between sampling in FP16 and in FP32; measured: 0.043 where noise is sampled at full size."""


def run(what: str, preset: str) -> Any:
    site = folder()
    if not site.is_dir():
        pytest.skip("Torch-TensorRT's front end is not here: python -m tools.trt_front_end")
    done = subprocess.run(
        [sys.executable, str(HARNESS), str(site), what, preset],
        # Minutes of arithmetic, and nothing else runs meanwhile: all cores, unlike other tests.
        env=os.environ | {"OMP_NUM_THREADS": str(os.cpu_count() or 1)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=850,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@PRESET
def test_level_2_every_operation_passes_the_real_validators(preset: str) -> None:
    found = run("coverage", preset)
    assert {graph["graph"] for graph in found} == set(LADDER)
    assert {graph["form"] for graph in found} >= {"half", "half-sampling", "tf32"}
    for graph in found:
        assert graph["nodes"] >= 8  # an encoder without depth has 9
        assert graph["missing"] == [], f"{preset}, {graph['graph']} in {graph['form']}"


@PRESET
def test_level_3_the_network_gives_what_the_module_gives(preset: str) -> None:
    bounds = {"half": HALF_WITHIN, "half-sampling": HALF_SAMPLING_WITHIN}
    found = run("network", preset)
    assert {graph["graph"] for graph in found} == set(LADDER)
    for graph in found:
        where = f"{preset}, {graph['graph']} in {graph['form']}"
        for output, error in graph["errors"].items():
            assert error <= bounds.get(graph["form"], FULL_WITHIN), f"{where}, {output}"
        assert graph["tf32"] == (graph["form"] == "tf32"), where
        sampled = ["DataType.HALF" if graph["form"] == "half-sampling" else "DataType.FLOAT"]
        assert graph["sampled"] == (sampled if graph["graph"] == "render" else []), where


def test_what_tensorrt_would_refuse_is_refused() -> None:
    found = run("refusals", "compact")
    assert [line.partition(":")[0] for line in found] == [
        "inverse", "attention", "volume",
        "sum of two types", "sum of two ranks", "concatenation", "grid sample", "late",
    ]  # fmt: skip
    assert all("strong typing" in line for line in found[3:-1])


def test_the_engine_itself_runs_on_what_was_compiled() -> None:
    opened, damaged = run("engine", "compact")
    assert opened["told"] == ["detect", "encode", "render", "check"]
    assert opened["note"].startswith("FP16, coordinates in FP32; ")
    assert opened["psnr"] > 45  # measured: see tools/LOG.md
    assert opened["missing"] == ""
    assert "is damaged" in damaged["missing"]
