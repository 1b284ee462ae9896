"""The light install: the app without PyTorch, jax and whatever else it must not need."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from avatar.assets import asset
from avatar.errors import UsageError
from avatar.extras import EXTRAS, lacking, need_torch

ABSENT = (
    *("jax", "jaxlib", "matplotlib", "nncf", "onnx", "onnxscript", "scipy", "sentencepiece"),
    *("sounddevice", "tensorrt", "torch", "torch_tensorrt"),
)
RUN = f"import sys\nfor name in {ABSENT!r}: sys.modules[name] = None\n"

needs_ov = pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not installed")


def light(*words: str, code: str = "") -> "subprocess.CompletedProcess[str]":
    """Run ``avatar`` as if those packages were not there."""
    code = code or f"from avatar.cli import main\nsys.exit(main({words!r}))\n"
    argv = [sys.executable, "-c", RUN + code]
    return subprocess.run(argv, capture_output=True, text=True, timeout=120)


def test_what_needs_torch_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match="Converting weights needs PyTorch") as caught:
        need_torch("Converting weights")
    assert caught.value.hint == "pip install 'dagan-avatar[torch]'"


@pytest.mark.parametrize("package", EXTRAS)
def test_every_extra_named_is_declared(package) -> None:
    metadata = pytest.importorskip("importlib.metadata").metadata("dagan-avatar")
    assert EXTRAS[package] in (metadata.get_all("Provides-Extra") or [])
    assert f"[{EXTRAS[package]}]" in lacking(package).hint


def test_core_modules_import_without_torch() -> None:
    modules = "avatar.motion.transfer, avatar.session, avatar.offline.render, avatar.weights"
    done = light(code=f"import {modules}, engines.exported, ui.app\nprint('fine')")
    assert done.stdout == "fine\n", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("weights", "verify", "compact"),
        ("weights", "fetch", "dagan", "--yes"),
        ("weights", "convert", str(asset("compact.safetensors")), "-o", "x.safetensors"),
    ],
    ids=lambda words: words[1],
)
def test_commands_that_need_torch_say_so(words, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    done = light(*words)
    assert done.returncode == 2
    assert "needs PyTorch, which is not installed" in done.stderr
    assert "pip install 'dagan-avatar[torch]'" in done.stderr
    assert "Traceback" not in done.stderr and not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("words", [("engines",), ("weights", "list"), ("cameras",)], ids=" ".join)
def test_commands_that_list_work(words) -> None:
    done = light(*words)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@needs_ov
def test_a_live_session_runs() -> None:
    done = light(
        *("run", "--headless", "--camera", "synthetic", "--duration", "0.5"),
        *("--engine", "ov", "--json"),
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["frames"] > 0 and report["engine"].startswith("ov")


@pytest.mark.slow
@needs_ov
def test_a_video_is_rendered(make_video, tmp_path) -> None:
    output = tmp_path / "out.mp4"
    done = light(
        *("render", "--engine", "ov", "--no-crop", "-o", str(output)),
        *("--portrait", str(asset("portraits/astronaut.png"))),
        *("--driving", str(make_video("in.mp4", frames=5))),
    )
    assert done.returncode == 0, done.stderr
    assert output.stat().st_size > 1000
