"""Quantising render: what is chosen, what is measured, when it is kept."""

import json
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from avatar import quality, quantize
from avatar.errors import Cancelled, EngineError, InputError, WeightsError
from avatar.footage import Footage
from avatar.graphs import Graphs
from avatar.model.params import PRESETS
from avatar.quality import Bench, Quality, psnr_db
from avatar.weights import Weights, describe

# Not importorskip: importing them is what reports, unless it was turned off before.
needs_openvino = pytest.mark.skipif(not find_spec("openvino"), reason="openvino is not installed")
needs_nncf = pytest.mark.skipif(not find_spec("nncf"), reason="nncf is not installed")

DRIVING = Path(quantize.__file__).parent / "assets" / "driving.mp4"


def quiet(doing: str, done: int, total: int) -> None:
    assert 0 <= done <= max(total, done)


def never() -> bool:
    return False


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shelf of its own."""
    monkeypatch.setattr("avatar.graphs.user_folder", lambda: tmp_path / "kept")
    monkeypatch.setattr("avatar.graphs.cache_folder", lambda: tmp_path / "cache")
    return tmp_path


@pytest.fixture
def mine(shelf: Path) -> Weights:
    """The bundled weights on it, with their FP32 graphs alone."""
    source = describe("compact").path
    assert source is not None
    shutil.copy(source, shelf / "mine.safetensors")
    weights = describe(str(shelf / "mine.safetensors"))
    folder = (shelf / "mine.safetensors").with_suffix(".graphs")
    shutil.copytree(source.with_suffix(".graphs"), folder)
    manifest = folder / "graphs.json"
    content = json.loads(manifest.read_text())
    content["files"] = {k: v for k, v in content["files"].items() if k.endswith("fp32")}
    manifest.write_text(json.dumps(content))
    return weights


def good(**changes: float) -> Quality:
    fields = dict(psnr_db=40.0, least_psnr_db=36.0, shift_px=0.1, most_shift_px=0.5)
    return Quality(frames=9, **(fields | dict(fp32_ms=10.0, int8_ms=5.0) | changes))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_part_to_quantise_is_in_the_network(preset: str) -> None:
    """The names of weights in a graph are those of the module, below ``network``."""
    import torch

    from avatar.model.dagan import Dagan

    with torch.device("meta"):
        network = Dagan(PRESETS[preset])
    names = [f"network.{n}" for n, m in network.named_modules() if isinstance(m, torch.nn.Conv2d)]
    for _, prefixes in quantize.scopes(PRESETS[preset]):
        for prefix in prefixes:
            assert any(f"{name}.".startswith(prefix) for name in names), prefix


@needs_openvino
def test_what_makes_coordinates_the_first_and_the_least_convolution_stay(mine: Weights) -> None:
    assert mine.graphs is not None
    model = Bench(mine.graphs, quiet, never).read("render")
    (_, most), (_, least) = quantize.scopes(mine.params)
    chosen = quantize.choose(model, most)
    names = dict((node.get_friendly_name(), name) for node, name in quantize.convolutions(model))
    left = [name for node, name in names.items() if node not in chosen]
    assert [name.removeprefix("network.generator.") for name in left] == [
        "flow.stem.conv.weight",
        "flow.mask.weight",
        "flow.residual.weight",
        "flow.occlusion.weight",
        "motion.weight",
    ]
    assert all(".flow." not in names[node] for node in quantize.choose(model, least))
    with pytest.raises(EngineError, match="no convolution in network.generator.spade"):
        quantize.choose(model, ("network.generator.spade.",))


def test_objections_name_what_was_measured_and_what_is_needed() -> None:
    assert list(good().objections()) == []
    (text,) = good(psnr_db=34.9).objections()
    assert "34.9 dB" in text and "35 are needed" in text
    (text,) = good(shift_px=0.3).objections()
    assert "0.30 px" in text
    (text,) = good(int8_ms=9.5).objections()
    assert "gains too little" in text
    assert good(int8_ms=99.0).faithful and not good(shift_px=0.3).faithful


def test_psnr() -> None:
    black = np.zeros((4, 4, 3), np.uint8)
    assert psnr_db(black, black) == 100
    assert psnr_db(black, black + np.uint8(255)) == pytest.approx(0)


def footage(*lengths: int) -> list[Footage]:
    squares = [np.full((2, 2, 3), i, np.uint8) for i in range(max(lengths))]
    return [Footage(Path(str(i)), tuple(squares[:n])) for i, n in enumerate(lengths)]


def shades(clips: Sequence[Footage]) -> list[list[int]]:
    return [[int(s.max()) for s in clip.squares] for clip in clips]


def test_whole_clips_are_held_out_where_there_are_enough() -> None:
    calibration, test = quantize.split(footage(3, 3, 3, 3, 3))
    assert [c.path.name for c in calibration] == ["0", "1", "2", "4"]
    assert [c.path.name for c in test] == ["3"]


def test_of_few_clips_the_end_is_held_out() -> None:
    calibration, test = quantize.split(footage(9, 2))
    assert shades(calibration) == [[0, 1, 2, 3, 4, 5, 6]]
    assert shades(test) == [[0, 7, 8], [0, 1]]
    with pytest.raises(InputError, match="in 2 frames only"):
        quantize.split(footage(2))


def test_a_missing_package_is_named_with_its_extra(
    mine: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        quantize, "find_spec", lambda name: None if name == "nncf" else find_spec(name)
    )
    with pytest.raises(EngineError, match="nncf, which is not installed") as raised:
        quantize.quantize(mine, [DRIVING], quiet, never)
    assert "[quantize]" in raised.value.hint


@needs_nncf
def test_exporting_needs_pytorch(mine: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mine.path is not None
    shutil.rmtree(mine.path.with_suffix(".graphs"))
    monkeypatch.setattr(
        quantize, "find_spec", lambda name: None if name == "torch" else find_spec(name)
    )
    with pytest.raises(EngineError, match="PyTorch, which exports them") as raised:
        quantize.quantize(mine, [DRIVING], quiet, never)
    assert "[torch]" in raised.value.hint


@needs_nncf
def test_no_clips_and_too_few_frames(mine: Weights, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="There is no clip in"):
        quantize.quantize(mine, [tmp_path / "empty"], quiet, never)
    with pytest.raises(InputError, match="Got 3 frames; .* at least 8"):
        quantize.quantize(mine, [DRIVING], quiet, never, frames=3)


@needs_openvino
def test_a_file_that_is_no_graph_is_an_error(mine: Weights, tmp_path: Path) -> None:
    """Its digest is right, so only OpenVINO can tell."""
    assert mine.graphs is not None
    folder = mine.graphs.kept
    for graph in ("detect", "encode"):
        (tmp_path / f"{graph}.onnx").write_bytes(b"garbage" * 99)
        mine.graphs.store(folder, {(graph, "fp32"): [tmp_path / f"{graph}.onnx"]})
    with pytest.raises(WeightsError, match="OpenVINO cannot read .*detect.onnx"):
        Bench(mine.graphs, quiet, never)


@pytest.mark.slow
@needs_nncf
def test_render_becomes_int8_and_the_ov_engine_runs_it(mine: Weights) -> None:
    from engines.ov import OpenVinoEngine

    told: list[str] = []
    made = quantize.quantize(
        mine, [DRIVING], lambda doing, *_: told.append(doing), never, frames=12, force=True
    )
    assert mine.graphs is not None
    assert made.kept == mine.graphs.kept / "render.int8.xml" and made.kept.is_file()
    assert made.convolutions == 16 and made.calibrated == 12
    assert made.quality.faithful, made.quality
    assert list(dict.fromkeys(told))[-4:] == [
        "Quantising",
        "Measuring INT8",
        "Measuring the time",
        "Storing",
    ]
    stored = json.loads((mine.graphs.kept / "graphs.json").read_text())
    assert stored["quality"]["render.int8"]["psnr_db"] == made.quality.psnr_db
    assert 'element_type="i8"' in made.kept.read_text()
    engine = OpenVinoEngine(mine, "int8")
    assert engine.missing() == ""
    engine.open()
    code, keypoints = engine.encode(np.zeros((256, 256, 3), np.uint8))
    assert engine.render(code, keypoints).shape == (256, 256, 3)
    engine.close()


@pytest.mark.slow
@needs_nncf
def test_what_is_not_good_enough_is_not_kept(
    mine: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quality, "PSNR_DB", 99.0)
    made = quantize.quantize(mine, [DRIVING], quiet, never, frames=8)
    assert made.kept is None and "99 are needed" in made.objections[0]
    assert made.parts == "decoder"  # less was tried too
    assert mine.graphs is not None and not mine.graphs.kept.exists()


@pytest.mark.slow
@pytest.mark.parametrize("when", ["Preparing the calibration", "Quantising", "Measuring INT8"])
@needs_nncf
def test_it_stops_when_asked_and_leaves_nothing(mine: Weights, when: str) -> None:
    doing: list[str] = []
    with pytest.raises(Cancelled, match="nothing was written"):
        quantize.quantize(
            mine, [DRIVING], lambda what, *_: doing.append(what), lambda: when in doing, frames=8
        )
    assert mine.graphs is not None and not mine.graphs.kept.exists()


@pytest.fixture
def bundled_graphs() -> Graphs:
    graphs = describe("compact").graphs
    assert graphs is not None
    if graphs.file("render", "int8") is None:
        pytest.skip("the bundled weights have no INT8 graph")
    return graphs


@pytest.mark.slow
@needs_openvino
def test_the_bundled_int8_graph_is_near_fp32_on_strangers(
    bundled_graphs: Graphs, shared: Path
) -> None:
    """Val clips, which neither training nor calibration saw."""
    from avatar.footage import cut_footage

    faces = shared / "faces"
    entries = json.loads((faces / "manifest.json").read_text())
    clips = [faces / f"{e['name']}.mp4" for e in entries if e["split"] == "val"][:4]
    found, _ = cut_footage(clips, 4, quiet, never)
    bench = Bench(bundled_graphs, quiet, never)
    bench.measure_fp32(bench.samples(found, "samples"))
    path = bundled_graphs.file("render", "int8")
    measured = bench.measure(bench._core.read_model(str(path)))
    assert measured.faithful, measured


def test_the_kept_graph_goes_before_the_bundled_one(mine: Weights, tmp_path: Path) -> None:
    graphs = mine.graphs
    assert graphs is not None
    path = tmp_path / "render.onnx"
    path.write_bytes(b"mine")
    graphs.store(graphs.kept, {("render", "fp32"): [path]})
    assert graphs.file("render") == graphs.kept / "render.onnx"
