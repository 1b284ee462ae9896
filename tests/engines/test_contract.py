"""What every engine promises (avatar/engine.py), for every one announced in pyproject.toml."""

import importlib
import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatar.engine import Engine
from avatar.errors import EngineError
from avatar.frame import Image, Keypoints
from avatar.weights import Weights, describe, save

ROOT = Path(__file__).resolve().parents[2]


def announced() -> dict[str, type[Engine]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = {}
    for name, target in project["entry-points"]["avatar.engines"].items():
        module, kind = target.split(":")
        found[name] = getattr(importlib.import_module(module), kind)
    return found


ENGINES = announced()
WAYS = [(kind, precision) for kind in ENGINES.values() for precision in kind.precisions]
FAKES = ("fake",)
"""They pretend: nothing can be used wrongly."""


def picture(seed: int) -> Image:
    """Smooth enough to have no aliasing, asymmetric enough to have keypoints."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (8, 8, 3)).astype(np.float32)
    image = np.kron(small, np.ones((32, 32, 1), np.float32)).astype(np.uint8)
    image.flags.writeable = False
    return image


def skip_unless_possible(engine: Engine) -> None:
    if lacks := type(engine).available():
        pytest.skip(lacks)
    if missing := engine.missing():
        pytest.skip(f"not built: {missing}")


def opened(kind: Any, precision: str | None, weights: Weights | None = None) -> Engine:
    engine = kind(weights or describe("compact"), precision)
    skip_unless_possible(engine)
    try:
        engine.open()
    except EngineError as error:
        if "does not compute in bfloat16" in error.message:
            pytest.skip(error.message)
        raise
    return engine


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: f"{way[0].name}-{way[1]}")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    kind, precision = request.param
    engine = opened(kind, precision)
    yield engine
    engine.close()


def assert_keypoints(keypoints: Keypoints) -> None:
    for array, shape in ((keypoints.value, (2,)), (keypoints.jacobian, (2, 2))):
        assert array.shape[1:] == shape and array.dtype == np.float32
        assert array.flags.c_contiguous and np.isfinite(array).all()
    assert len(keypoints.value) == len(keypoints.jacobian)


def assert_picture(image: Image) -> None:
    assert image.shape == (256, 256, 3) and image.dtype == np.uint8
    assert image.flags.c_contiguous and image.flags.writeable


@pytest.mark.parametrize("name", ENGINES)
def test_it_says_what_it_is(name: str) -> None:
    kind = ENGINES[name]
    assert kind.name == name
    assert isinstance(kind.rank, int)
    assert kind.precisions and len(set(kind.precisions)) == len(kind.precisions)
    assert ":" not in name and not any(":" in precision for precision in kind.precisions)
    assert isinstance(kind.available(), str)
    assert inspect.getdoc(kind)


def test_no_two_are_of_the_same_rank() -> None:
    ranks = [kind.rank for kind in ENGINES.values()]
    assert len(set(ranks)) == len(ranks)


@pytest.mark.parametrize("name", ENGINES)
def test_it_is_made_and_closed_without_being_opened(name: str) -> None:
    for weights in (describe("compact"), None):
        for precision in ENGINES[name].precisions:
            engine: Any = ENGINES[name]
            engine = engine(weights, precision)
            assert isinstance(engine, Engine)
            assert engine.precision == precision
            engine.close()
            engine.close()
        assert ENGINES[name](weights).precision == ENGINES[name].precisions[0]  # type: ignore


@pytest.mark.parametrize("name", [name for name in ENGINES if name not in FAKES])
def test_without_weights_it_does_not_open(name: str) -> None:
    kind: Any = ENGINES[name]
    if lacks := kind.available():
        pytest.skip(lacks)
    engine = kind(None)
    with pytest.raises(EngineError, match="no weights"):
        engine.open()
    engine.close()


@pytest.mark.parametrize("name", [name for name in ENGINES if name not in FAKES])
def test_what_is_not_open_says_so(name: str) -> None:
    kind: Any = ENGINES[name]
    engine = kind(describe("compact"))
    skip_unless_possible(engine)
    with pytest.raises(EngineError, match="not open") as raised:
        engine.detect(picture(1))
    assert "open()" in raised.value.hint
    with pytest.raises(EngineError, match="not open"):
        engine.encode(picture(1))
    engine.close()


@pytest.mark.parametrize("name", ENGINES)
def test_it_opens_again_after_closing(name: str) -> None:
    engine = opened(ENGINES[name], None)
    before = engine.detect(picture(1))
    engine.close()
    engine.close()
    if name not in FAKES:
        with pytest.raises(EngineError, match="not open"):
            engine.detect(picture(1))
    engine.open()
    np.testing.assert_allclose(engine.detect(picture(1)).value, before.value, atol=1e-5)
    engine.close()


def test_building_what_is_there_is_done_at_once(engine: Engine) -> None:
    told: list[float] = []
    engine.build(lambda share, text: told.append(share), lambda: False)
    assert told == [1.0] and engine.missing() == ""


def test_what_comes_out_has_the_shapes_of_the_port(engine: Engine) -> None:
    code, portrait = engine.encode(picture(1))
    assert_keypoints(portrait)
    driving = engine.detect(picture(2))
    assert_keypoints(driving)
    assert portrait.value.shape == driving.value.shape
    assert_picture(engine.render(code, driving))


def test_encode_and_detect_find_the_same_keypoints(engine: Engine) -> None:
    _, portrait = engine.encode(picture(1))
    found = engine.detect(picture(1))
    np.testing.assert_allclose(portrait.value, found.value, atol=2e-3)


def test_pictures_may_be_read_only_and_are_left_as_they_are(engine: Engine) -> None:
    frozen, free = picture(1), picture(1).copy()
    want = engine.detect(frozen)
    got = engine.detect(free)
    np.testing.assert_array_equal(got.value, want.value)
    np.testing.assert_array_equal(free, frozen)


def test_keypoints_may_be_read_only(engine: Engine) -> None:
    code, portrait = engine.encode(picture(1))
    want = engine.render(code, portrait)
    frozen = Keypoints(portrait.value.copy(), portrait.jacobian.copy())
    frozen.value.flags.writeable = frozen.jacobian.flags.writeable = False
    np.testing.assert_array_equal(engine.render(code, frozen), want)


def test_results_are_the_callers_own(engine: Engine) -> None:
    code, portrait = engine.encode(picture(1))
    picture_one, found = engine.render(code, portrait), engine.detect(picture(2))
    kept = picture_one.copy(), found.value.copy(), found.jacobian.copy()
    later = engine.detect(picture(3))
    engine.render(code, later)
    np.testing.assert_array_equal(picture_one, kept[0])
    np.testing.assert_array_equal(found.value, kept[1])
    np.testing.assert_array_equal(found.jacobian, kept[2])
    # Nor does writing to them disturb the engine.
    found.value[:] = 9
    found.jacobian[:] = 9
    picture_one[:] = 0
    np.testing.assert_array_equal(engine.detect(picture(2)).jacobian, kept[2])
    np.testing.assert_array_equal(engine.render(code, portrait), kept[0])


def test_two_portraits_may_alternate(engine: Engine) -> None:
    one, one_source = engine.encode(picture(1))
    two, _ = engine.encode(picture(2))
    before = engine.render(one, one_source)
    assert (engine.render(two, one_source) != before).any()
    np.testing.assert_array_equal(engine.render(one, one_source), before)


def test_the_same_input_gives_the_same_output(engine: Engine) -> None:
    code, _ = engine.encode(picture(1))
    driving = engine.detect(picture(2))
    first = engine.render(code, driving)
    engine.render(code, engine.detect(picture(3)))
    np.testing.assert_array_equal(engine.render(code, driving), first)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((64, 64, 3), np.uint8),
        np.zeros((256, 256), np.uint8),
        np.zeros((256, 256, 3), np.float32),
    ],
    ids=["small", "grey", "float"],
)
def test_pictures_of_another_kind_are_refused(engine: Engine, wrong: Any) -> None:
    if engine.name in FAKES:
        pytest.skip("it takes anything")
    for call in (engine.detect, engine.encode):
        with pytest.raises(EngineError, match=r"256, 256, 3\).*uint8, got"):
            call(wrong)
    assert_keypoints(engine.detect(picture(1)))  # it goes on


def test_depth_can_be_shown(engine: Engine) -> None:
    code, portrait = engine.encode(picture(1))
    depth = engine.inspect(code, picture(2), portrait, ["depth"])["depth"]
    assert depth.ndim == 2 and depth.dtype == np.float32 and np.isfinite(depth).all()


@pytest.fixture(scope="module", params=["vox256", "vox256-spade", "vox256-depth50", "fomm256"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """Random weights of an official network with their exported graphs."""
    import torch

    from avatar.export import export
    from avatar.model.dagan import Dagan
    from avatar.model.params import PRESETS

    pytest.importorskip("onnxscript")
    folder = tmp_path_factory.mktemp(request.param)
    torch.manual_seed(0)
    params = PRESETS[request.param]
    tensors = Dagan(params).state_dict()
    path = folder / "large.safetensors"
    save(path, params, {k: t for k, t in tensors.items() if "num_batches" not in k}, {})
    weights = describe(str(path))
    assert weights.graphs is not None
    (folder / "made").mkdir()
    made = export(weights, folder / "made", lambda name: None)
    stored = {(name, "fp32"): [file] for name, file in made.items()}
    weights.graphs.store(path.with_suffix(".graphs"), stored)
    return weights


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ENGINES if name not in FAKES])
def test_the_official_networks_run_too(name: str, large: Weights) -> None:
    engine = opened(ENGINES[name], None, large)
    code, portrait = engine.encode(picture(1))
    assert_keypoints(portrait)
    assert_picture(engine.render(code, engine.detect(picture(2))))
    engine.close()


def test_every_map_it_promises_is_given(engine: Engine) -> None:
    promised = tuple(getattr(engine, "shows", ()))
    assert "depth" in promised
    code, portrait = engine.encode(picture(1))
    maps = engine.inspect(code, picture(2), portrait, promised)
    assert set(maps) == set(promised)
    for name, ndim in {"depth": 2, "flow": 3, "occlusion": 3, "mask": 3, "attention": 2}.items():
        if name in maps:
            found = maps[name]
            assert found.ndim == ndim and found.dtype == np.float32 and np.isfinite(found).all()
    if "attention" in maps:
        np.testing.assert_allclose(maps["attention"].sum(axis=1), 1, rtol=1e-3)
