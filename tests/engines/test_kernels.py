import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from avatar.errors import Cancelled, EngineError, OutputError
from avatar.model.params import PRESETS
from engines import kernels
from engines.kernels import Kernels, compile_aside

COMPACT = PRESETS["compact"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kernels, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(kernels, "triton_lacks", lambda: "")
    return tmp_path / "cache"


def test_they_are_ready_once_marked_for_this_architecture_and_precision(cache: Path) -> None:
    ours = Kernels(COMPACT, "fp16")
    assert not ours.ready
    ours.mark("60 dB")
    assert Kernels(COMPACT, "fp16").ready
    assert not Kernels(COMPACT, "fp32").ready
    assert not Kernels(replace(COMPACT, bottleneck=3), "fp16").ready
    (mark,) = (cache / "kernels").glob("*.json")
    assert json.loads(mark.read_text())["checked"] == "60 dB"


def test_another_release_of_pytorch_has_others(monkeypatch: pytest.MonkeyPatch) -> None:
    Kernels(COMPACT, "fp16").mark("")
    monkeypatch.setattr(kernels, "version", lambda package: "9.9")
    assert not Kernels(COMPACT, "fp16").ready


def test_without_triton_they_are_never_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    Kernels(COMPACT, "fp16").mark("")
    monkeypatch.setattr(kernels, "triton_lacks", lambda: "no Triton")
    assert not Kernels(COMPACT, "fp16").ready


def test_a_cache_that_cannot_be_written(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="cannot be written"):
        Kernels(COMPACT, "fp16").mark("")


def test_pytorch_keeps_its_code_in_our_cache_unless_told_otherwise(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "")
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR")
    Kernels(COMPACT, "fp16").use()
    assert kernels.os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(cache / "kernels" / "inductor")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "/elsewhere")
    Kernels(COMPACT, "fp16").use()
    assert kernels.os.environ["TORCHINDUCTOR_CACHE_DIR"] == "/elsewhere"


def script(text: str) -> list[str]:
    return [sys.executable, "-S", "-c", text]


def test_the_process_tells_how_far_it_is() -> None:
    told: list[tuple[float, str]] = []
    text = "for step in ('detect', 'noise', 'render', 'check'): print(step, flush=True)"
    compile_aside(script(text), lambda share, what: told.append((share, what)), lambda: False)
    assert told == [
        (0.0, "Compiling detect for this GPU"),
        (0.4, "Compiling render for this GPU"),
        (0.95, "Checking the kernels"),
        (1.0, "The kernels are compiled"),
    ]


def test_a_process_that_fails_says_why() -> None:
    text = "import sys; print('long story', file=sys.stderr); sys.exit('no memory left')"
    with pytest.raises(EngineError, match="cannot be compiled: no memory left"):
        compile_aside(script(text), lambda share, what: None, lambda: False)


def test_it_ends_when_cancelled() -> None:
    with pytest.raises(Cancelled):
        compile_aside(script("import time; time.sleep(60)"), lambda share, what: None, lambda: True)
