"""The fake engine moves the portrait with the driving picture, and fails when told to."""

import numpy as np
import pytest

from avatar.engine import Engine
from avatar.errors import EngineError
from avatar.frame import Image
from engines.fake import FakeEngine


def spot(x: int, y: int) -> Image:
    image = np.zeros((256, 256, 3), np.uint8)
    image[y - 8 : y + 8, x - 8 : x + 8] = 255
    return image


def test_is_an_engine() -> None:
    assert isinstance(FakeEngine(), Engine)
    assert FakeEngine.available() == ""


def test_the_portrait_follows_the_spot() -> None:
    engine = FakeEngine()
    engine.open()
    portrait = spot(100, 120)
    code, source = engine.encode(portrait)
    assert np.array_equal(engine.render(code, source), portrait)
    moved = engine.render(code, engine.detect(spot(140, 104)))
    ys, xs = np.nonzero(moved[..., 0])
    assert abs(xs.mean() - 140) < 4 and abs(ys.mean() - 104) < 4
    engine.close()
    engine.close()


def test_knobs() -> None:
    class Broken(FakeEngine):
        fail_open = True

    class Tired(FakeEngine):
        fail_after = 1

    with pytest.raises(EngineError):
        Broken().open()
    engine = Tired()
    code, source = engine.encode(spot(100, 100))
    engine.render(code, source)
    with pytest.raises(EngineError, match="after 1"):
        engine.render(code, source)


def test_black_picture_and_inspection() -> None:
    engine = FakeEngine()
    black = np.zeros((256, 256, 3), np.uint8)
    code, source = engine.encode(black)
    assert np.isfinite(source.value).all()
    maps = engine.inspect(code, black, source, ["depth", "flow"])
    assert list(maps) == ["depth", "flow"]
    assert maps["depth"].shape == (256, 256) and not maps["depth"].any()
    assert maps["flow"][0, 0].tolist() == [-1, -1] and maps["flow"][-1, -1].tolist() == [1, 1]
    with pytest.raises(EngineError, match="no map called blend"):
        engine.inspect(code, black, source, ["depth", "blend"])
