"""Engines over exported graphs, held to the eager engine on the bundled weights."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from avatar.errors import Cancelled, EngineError
from avatar.frame import Image
from avatar.graphs import Graphs
from avatar.picture import read
from avatar.portraits.portrait import bundled
from avatar.weights import Weights, describe, load
from engines.eager import EagerEngine
from engines.exported import ExportedEngine
from engines.ort import OrtEngine
from engines.ov import OpenVinoEngine

ENGINES = [OpenVinoEngine, OrtEngine]


def picture(index: int) -> Image:
    image = np.ascontiguousarray(read(bundled()[index]).image[:256, :256])
    image.flags.writeable = False
    return image


@pytest.fixture(scope="module")
def eager() -> Iterator[EagerEngine]:
    engine = EagerEngine(load("compact"))
    engine.open()
    yield engine
    engine.close()


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Iterator[ExportedEngine]:
    if missing := request.param.available():
        pytest.skip(missing)
    engine = request.param(describe("compact"))
    engine.open()
    yield engine
    engine.close()


def test_it_gives_what_eager_gives(engine: ExportedEngine, eager: EagerEngine) -> None:
    code, source = engine.encode(picture(0))
    want_code, want_source = eager.encode(picture(0))
    np.testing.assert_allclose(source.value, want_source.value, atol=1e-4)
    np.testing.assert_allclose(source.jacobian, want_source.jacobian, atol=1e-3)
    driving = engine.detect(picture(1))
    want_driving = eager.detect(picture(1))
    np.testing.assert_allclose(driving.value, want_driving.value, atol=1e-4)
    got = engine.render(code, want_driving)
    want = eager.render(want_code, want_driving)
    assert got.shape == (256, 256, 3) and got.dtype == np.uint8 and got.flags.c_contiguous
    # Rounding to whole levels may fall on either side.
    assert np.abs(got.astype(int) - want).max() <= 1
    assert (got != want).mean() < 0.01


def test_results_do_not_share_memory(engine: ExportedEngine) -> None:
    code, source = engine.encode(picture(0))
    first, seen = engine.render(code, source), engine.detect(picture(0))
    kept, value = first.copy(), seen.value.copy()
    engine.render(code, engine.detect(picture(1)))
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(seen.value, value)


def test_portraits_may_alternate(engine: ExportedEngine) -> None:
    one, one_source = engine.encode(picture(0))
    two, _ = engine.encode(picture(1))
    before = engine.render(one, one_source)
    assert (engine.render(two, one_source) != before).any()
    np.testing.assert_array_equal(engine.render(one, one_source), before)


def test_the_next_frame_does_not_need_a_new_array(engine: ExportedEngine) -> None:
    """A caller may write its next frame where the last one was."""
    frame = picture(0).copy()
    first = engine.detect(frame)
    frame[:] = picture(1)
    assert np.abs(engine.detect(frame).value - first.value).max() > 1e-3


def test_it_shows_depth_and_names_who_shows_more(
    engine: ExportedEngine, eager: EagerEngine
) -> None:
    code, source = engine.encode(picture(0))
    maps = engine.inspect(code, picture(1), source, ["depth"])
    eager_code, _ = eager.encode(picture(0))
    want = eager.inspect(eager_code, picture(1), source, ["depth"])
    np.testing.assert_allclose(maps["depth"], want["depth"], atol=1e-4)
    with pytest.raises(EngineError, match="no map called flow") as raised:
        engine.inspect(code, picture(1), source, ["flow"])
    assert "eager" in raised.value.hint


def test_misuse_is_an_error_that_says_what_is_missing() -> None:
    engine = OpenVinoEngine(describe("compact"))
    with pytest.raises(EngineError, match="not open"):
        engine.detect(picture(0))
    with pytest.raises(EngineError, match="no weights"):
        OpenVinoEngine(None).open()
    with pytest.raises(EngineError, match=r"\(256, 256, 3\) uint8, got \(64, 64, 3\)"):
        engine.detect(np.zeros((64, 64, 3), np.uint8))


@pytest.fixture
def copied(tmp_path: Path) -> Weights:
    """The bundled weights in a folder of their own, without their graphs."""
    source = describe("compact").path
    assert source is not None
    shutil.copy(source, tmp_path / "mine.safetensors")
    return describe(str(tmp_path / "mine.safetensors"))


@pytest.fixture
def shelved(copied: Weights) -> Weights:
    """The same with its graphs beside it."""
    assert copied.path is not None
    source = describe("compact").path
    assert source is not None
    shutil.copytree(source.with_suffix(".graphs"), copied.path.with_suffix(".graphs"))
    return copied


def test_ov_measures_how_many_threads_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engines.ov.usable_cores", lambda: 4)
    engine = OpenVinoEngine(describe("compact"))
    if missing := engine.available():
        pytest.skip(missing)
    engine.open()
    assert engine.threads in (2, 4)
    assert np.isfinite(engine.detect(picture(0)).value).all()
    engine.close()


def test_bfloat16_is_close_or_refused(eager: EagerEngine) -> None:
    engine = OpenVinoEngine(describe("compact"), "bf16")
    if missing := engine.available():
        pytest.skip(missing)
    try:
        engine.open()
    except EngineError as error:
        assert "bfloat16" in error.message
        return
    code, source = engine.encode(picture(0))
    want_code, want_source = eager.encode(picture(0))
    got, want = engine.render(code, source), eager.render(want_code, want_source)
    engine.close()
    error = np.square(got.astype(np.float32) - want).mean()
    assert 0 < error < 255**2 / 10**3.5  # 35 dB, and not fp32 under another name


def test_weights_without_graphs_have_to_be_exported(
    copied: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatar.graphs.cache_folder", lambda: tmp_path / "cache")
    engine = OpenVinoEngine(copied)
    assert "exported graphs" in engine.missing()
    with pytest.raises(EngineError, match="no fp32 graph detect"):
        engine.open()
    with pytest.raises(Cancelled):
        engine.build(lambda share, text: None, lambda: True)
    assert not (tmp_path / "cache").exists()


@pytest.mark.slow
def test_an_export_is_kept_and_used(
    copied: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatar.graphs.cache_folder", lambda: tmp_path / "cache")
    told: list[tuple[float, str]] = []
    engine = OpenVinoEngine(copied)
    engine.build(lambda share, text: told.append((share, text)), lambda: False)
    assert [text.rsplit(" ", 1)[-1] for _, text in told] == [
        "detect",
        "encode",
        "render",
        "exported",
    ]
    assert told == sorted(told, key=lambda item: item[0])
    assert OpenVinoEngine(copied).missing() == ""
    engine.open()
    assert np.isfinite(engine.detect(picture(0)).value).all()
    engine.close()


def test_int8_names_the_command_that_makes_it(shelved: Weights) -> None:
    assert shelved.path is not None
    manifest = shelved.path.with_suffix(".graphs") / "graphs.json"
    content = json.loads(manifest.read_text())
    del content["files"]["render.int8"]
    manifest.write_text(json.dumps(content))
    engine = OpenVinoEngine(shelved, "int8")
    assert "quantize" in engine.missing()
    with pytest.raises(EngineError, match="no INT8 graphs") as raised:
        engine.build(lambda share, text: None, lambda: False)
    assert "avatar weights quantize mine" in raised.value.hint


def test_a_damaged_graph_is_named(shelved: Weights) -> None:
    assert shelved.path is not None
    file = shelved.path.with_suffix(".graphs") / "render.onnx"
    content = bytearray(file.read_bytes())
    content[1000] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(Exception, match="render.onnx is damaged"):
        OpenVinoEngine(shelved).open()


def test_graphs_of_other_weights_are_not_used(shelved: Weights) -> None:
    assert shelved.path is not None
    manifest = shelved.path.with_suffix(".graphs") / "graphs.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"weights_sha256": "0" * 64}))
    assert Graphs(shelved.path, shelved.sha256).file("render") is None


@pytest.mark.slow
def test_the_bundled_graphs_are_of_the_bundled_weights() -> None:
    """python -m tools.export makes them again when the weights or the graphs change."""
    onnx = pytest.importorskip("onnx")
    from avatar.export import export

    weights = load("compact")
    assert weights.graphs is not None
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        made = export(weights, Path(folder), lambda name: None)
        for name, path in made.items():
            bundled_file = weights.graphs.file(name)
            assert bundled_file is not None
            fresh, kept = onnx.load(path), onnx.load(bundled_file)
            numbers = [
                {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
                for model in (fresh, kept)
            ]
            assert numbers[0].keys() == numbers[1].keys()
            for key, array in numbers[0].items():
                np.testing.assert_allclose(array, numbers[1][key], rtol=1e-5, atol=1e-6)
            assert [n.op_type for n in fresh.graph.node] == [n.op_type for n in kept.graph.node]
