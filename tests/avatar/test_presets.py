"""Every preset of the official family through the engines, the Animator and the offline renderer.

At a few channels: the same code as at full size, for which test_contract.py has some presets.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from avatar.animator import Animator
from avatar.errors import EngineError
from avatar.frame import Crop, Image, Keypoints, Portrait
from avatar.model.dagan import Dagan
from avatar.model.params import OFFICIAL, PRESETS, ModelParams
from avatar.motion.settings import MotionSettings
from avatar.motion.transfer import Motion
from avatar.offline.render import RenderConfig, render
from avatar.weights import Weights, describe, save
from engines.eager import EagerEngine
from engines.exported import ExportedEngine
from engines.ort import OrtEngine
from engines.ov import OpenVinoEngine

NAMES = [params.name for params in OFFICIAL]
BOX = np.array([0, 0, 256, 256], np.float32)


def picture(seed: int) -> Image:
    """Smooth, so that interpolation differs little between runtimes."""
    from PIL import Image as Pillow

    noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    image = np.array(Pillow.fromarray(noise).resize((256, 256), Pillow.Resampling.BICUBIC))
    image.flags.writeable = False
    return image


def seeded(params: ModelParams) -> dict[str, torch.Tensor]:
    """Random weights; attention that counts, jacobians near the identity."""
    torch.manual_seed(3)
    network = Dagan(params)
    with torch.no_grad():
        for name, module in network.named_modules():
            if isinstance(module, torch.nn.Conv2d) and not name.endswith(".jacobian"):
                torch.nn.init.kaiming_normal_(module.weight)
        if network.generator.attention is not None:
            network.generator.attention.gamma.fill_(0.5)
    return {n: t for n, t in network.state_dict().items() if not n.endswith("batches_tracked")}


def marked(params: ModelParams) -> Any:
    """SPADE's layers have no widths to cut: a second for each picture."""
    return pytest.param(params.name, marks=pytest.mark.slow) if params.spade else params.name


@pytest.fixture(scope="module", params=[marked(params) for params in OFFICIAL])
def weights(
    request: pytest.FixtureRequest,
    tiny: Callable[[str], ModelParams],
    tmp_path_factory: pytest.TempPathFactory,
) -> Weights:
    params = tiny(request.param)
    path = tmp_path_factory.mktemp("family") / f"{params.name}.safetensors"
    save(path, params, seeded(params))
    return describe(str(path))


@pytest.fixture(scope="module")
def eager(weights: Weights) -> Iterator[EagerEngine]:
    engine = EagerEngine(weights)
    engine.open()
    yield engine
    engine.close()


def test_what_can_be_shown_follows_the_switches(eager: EagerEngine, weights: Weights) -> None:
    params = weights.params
    code, portrait = eager.encode(picture(1))
    assert portrait.value.shape == (params.num_keypoints, 2)
    maps = [("depth", params.use_depth), ("attention", params.use_attention), ("flow", True)]
    for name, there in maps:
        if there:
            shown = eager.inspect(code, picture(2), portrait, [name])[name]
            assert shown.dtype == np.float32 and np.isfinite(shown).all()
        else:
            with pytest.raises(EngineError, match=f"no map called {name}"):
                eager.inspect(code, picture(2), portrait, [name])


def test_the_animator_moves_the_portrait(eager: EagerEngine) -> None:
    animator = Animator(eager, Motion(MotionSettings(adapt_scale=False, smoothing=0)))
    animator.set_portrait(Portrait(picture(1), BOX, picture(1), None, "noise"))
    animator.calibrate()
    images = []
    for index in range(3):
        crop = Crop(picture(2 + index), BOX, None, False, index, 40_000_000 * index, 0.0)
        images.append(animator.animate(crop).frame.image)
    assert {image.shape for image in images} == {(256, 256, 3)}
    assert np.abs(images[0].astype(int) - images[2]).max() > 0


def test_the_offline_renderer_takes_it(
    weights: Weights, make_video: Callable[..., Path], play: Callable[[Path], Any], tmp_path: Path
) -> None:
    from PIL import Image as Pillow

    portrait = tmp_path / "portrait.png"
    Pillow.fromarray(picture(1)).save(portrait)
    driving = make_video(frames=2, size=(256, 256), pictures=lambda index: picture(2 + index))
    config = RenderConfig(
        portrait,
        driving,
        tmp_path / "out.mp4",
        model=str(weights.path),
        engine="eager",
        crop=False,
    )
    report = render(config)
    assert (report.frames, report.engine) == (2, "eager")
    assert play(report.output).pictures[0].shape == (256, 256, 3)


@pytest.fixture(scope="module")
def exported(weights: Weights) -> Weights:
    """The same with its graphs exported beside it."""
    from avatar.export import export

    pytest.importorskip("onnxscript")
    assert weights.path is not None and weights.graphs is not None
    folder = weights.path.parent / "made"
    folder.mkdir()
    made = export(weights, folder, lambda name: None)
    stored = {(name, "fp32"): [file] for name, file in made.items()}
    weights.graphs.store(weights.path.with_suffix(".graphs"), stored)
    return weights


@pytest.mark.slow
@pytest.mark.parametrize("kind", [OpenVinoEngine, OrtEngine], ids=lambda kind: kind.name)
def test_exported_graphs_give_what_eager_gives(
    kind: type[ExportedEngine], exported: Weights, eager: EagerEngine
) -> None:
    if lacks := kind.available():
        pytest.skip(lacks)
    engine = kind(exported)
    assert not engine.missing()
    engine.open()
    try:
        code, source = engine.encode(picture(1))
        want_code, want_source = eager.encode(picture(1))
        np.testing.assert_allclose(source.value, want_source.value, atol=1e-3)
        driving, want_driving = engine.detect(picture(2)), eager.detect(picture(2))
        np.testing.assert_allclose(driving.value, want_driving.value, atol=1e-3)
        np.testing.assert_allclose(driving.jacobian, want_driving.jacobian, atol=1e-2)
        moved = Keypoints(0.8 * want_source.value + 0.2 * want_driving.value, want_source.jacobian)
        levels = np.abs(engine.render(code, moved).astype(int) - eager.render(want_code, moved))
        assert levels.mean() < 0.5 and np.percentile(levels, 99.9) <= 4
        if exported.params.use_depth:
            shown = engine.inspect(code, picture(2), source, ["depth"])["depth"]
            want = eager.inspect(want_code, picture(2), want_source, ["depth"])["depth"]
            np.testing.assert_allclose(shown, want, atol=1e-3)
        else:
            with pytest.raises(EngineError, match="no map called depth"):
                engine.inspect(code, picture(2), source, ["depth"])
    finally:
        engine.close()


def test_no_official_preset_is_left_out() -> None:
    assert set(NAMES) == set(PRESETS) - {"compact"}
