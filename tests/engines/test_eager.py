from types import SimpleNamespace

import numpy as np
import pytest
import torch

from avatar.errors import EngineError
from avatar.frame import Keypoints
from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from engines.eager import EagerEngine


@pytest.fixture(scope="module")
def network() -> Dagan:
    torch.manual_seed(11)
    return Dagan(PRESETS["compact"]).eval()


@pytest.fixture
def engine(network: Dagan):  # type: ignore[no-untyped-def]
    weights = SimpleNamespace(params=network.params, tensors=network.state_dict())
    engine = EagerEngine(weights)  # type: ignore[arg-type]
    engine.open()
    yield engine
    engine.close()


def picture(seed: int) -> np.ndarray:
    image = np.random.default_rng(seed).integers(0, 256, (256, 256, 3), np.uint8)
    image.flags.writeable = False
    return image


def test_it_gives_what_the_networks_give(engine: EagerEngine, network: Dagan) -> None:
    code, portrait = engine.encode(picture(1))
    driving = engine.detect(picture(2))
    moved = Keypoints(portrait.value + np.float32(0.05), driving.jacobian)
    got = engine.render(code, moved)

    def tensor(image: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(image.copy()).permute(2, 0, 1)[None] / 255

    with torch.no_grad():
        encoded = network.encode(tensor(picture(1)))
        detected = network.detect(tensor(picture(2)))
        np.testing.assert_allclose(driving.value, detected.value[0], atol=1e-4)
        np.testing.assert_allclose(portrait.jacobian, encoded.jacobian[0], atol=1e-4)
        inverse = torch.linalg.inv(detected.jacobian)
        want = network.render(
            encoded.code, encoded.value, encoded.value + 0.05, encoded.jacobian @ inverse
        )
    difference = np.abs(want[0].permute(1, 2, 0).numpy() * 255 - got)
    assert difference.max() < 1.0
    assert got.dtype == np.uint8 and got.flags.c_contiguous


def test_results_do_not_share_memory(engine: EagerEngine) -> None:
    code, portrait = engine.encode(picture(1))
    first = engine.render(code, portrait)
    kept = first.copy()
    engine.render(code, engine.detect(picture(2)))
    np.testing.assert_array_equal(first, kept)


def test_inspect_gives_named_maps_and_refuses_unknown_ones(engine: EagerEngine) -> None:
    code, portrait = engine.encode(picture(1))
    maps = engine.inspect(code, picture(2), portrait, ["depth", "flow", "occlusion"])
    assert {name: m.shape for name, m in maps.items()} == {
        "depth": (128, 128),
        "flow": (64, 64, 2),
        "occlusion": (1, 64, 64),
    }
    with pytest.raises(EngineError, match="no map called hair"):
        engine.inspect(code, picture(2), portrait, ["hair"])


def test_misuse_is_an_error_that_says_what_is_missing(engine: EagerEngine) -> None:
    with pytest.raises(EngineError, match=r"\(256, 256, 3\) uint8, got \(64, 64, 3\)"):
        engine.detect(np.zeros((64, 64, 3), np.uint8))
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="not open"):
        engine.detect(picture(1))
    with pytest.raises(EngineError, match="no weights"):
        EagerEngine(None).open()
