"""Official checkpoints: both layouts end as the same weights; everything else is refused in words.

Each official tensor is one number expanded to its shape, so that files stay small; which number
arrives under which name proves the mapping. The slow test uses real numbers and golden outputs.
"""

import json
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from avatar.convert import convert, installed_name
from avatar.errors import WeightsError
from avatar.model.params import OFFICIAL, PRESETS, ModelParams
from avatar.official import NETWORKS, Traits
from avatar.weights import expected_shapes

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
KEYS = {
    "generator": "generator",
    "keypoints": "kp_detector",
    "depth encoder": "depth_encoder18",
    "depth decoder": "depth_decoder18",
}
"""Our names of the networks, and those of the key lists."""

State = dict[str, torch.Tensor]


def state(kind: str) -> State:
    """An official state dict; the n-th tensor is filled with n + 1."""
    listed = json.loads((GOLDEN / f"keys_{KEYS[kind]}.json").read_text())
    return OrderedDict(
        (name, torch.tensor(n + 1, dtype=getattr(torch, kind_)).expand(shape))
        for n, (name, shape, kind_) in enumerate(listed)
    )


def depth_encoder() -> dict[str, Any]:
    """As published: plain entries stand among the tensors."""
    return {**state("depth encoder"), "height": 256, "width": 256, "use_stereo": False}


def prefixed(tensors: State) -> State:
    """As saved from parallel training."""
    return OrderedDict((f"module.{name}", tensor) for name, tensor in tensors.items())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The first layout: four files in one folder."""
    torch.save(state("generator"), tmp_path / "generator.pt")
    torch.save(prefixed(state("keypoints")), tmp_path / "kp_detector.pt")
    torch.save(depth_encoder(), tmp_path / "encoder.pth")
    torch.save(state("depth decoder"), tmp_path / "depth.pth")
    return tmp_path


@pytest.fixture
def training(tmp_path: Path) -> tuple[Path, Path]:
    """The second layout: a training checkpoint, and the depth folder with its other files."""
    optimiser = {"state": {0: {"step": 3, "exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 1}]}
    path, depth = tmp_path / "00000099-checkpoint.pth.tar", tmp_path / "depth"
    entries = {
        "generator": prefixed(state("generator")),
        "discriminator": {"module.discs.1.down_blocks.0.conv.weight": torch.zeros(3)},
        "kp_detector": prefixed(state("keypoints")),
        "optimizer_generator": optimiser,
        "optimizer_kp_detector": optimiser,
        "epoch": 99,
    }
    torch.save(entries, path)
    depth.mkdir()
    torch.save(depth_encoder(), depth / "encoder.pth")
    torch.save(state("depth decoder"), depth / "depth.pth")
    torch.save({"encoder.conv1.weight": torch.zeros(64, 6, 7, 7)}, depth / "pose_encoder.pth")
    torch.save(optimiser, depth / "adam.pth")
    return path, depth


def alter(path: Path, drop: str = "", **changed: torch.Tensor) -> None:
    """Save a state dict again with tensors added, replaced or dropped."""
    entries = torch.load(path, weights_only=True) | changed
    entries.pop(drop, None)
    torch.save(entries, path)


def check(tensors: State) -> None:
    """Every tensor of ours is there, in shape, and holds the number of the official one."""
    wanted = expected_shapes(PRESETS["vox256"])
    assert {name: tuple(tensor.shape) for name, tensor in tensors.items()} == wanted
    arrived = {name: tensor.flatten()[0].item() for name, tensor in tensors.items()}
    left = dict(arrived)
    for kind, network in NETWORKS.items():
        for name, tensor in state(kind).items():
            ours = network.rename(name)
            assert ours is not None, name
            if ours:
                assert left.pop(ours) == tensor.flatten()[0].item(), (name, ours)
    assert not left
    assert all(tensor.dtype == torch.float32 for tensor in tensors.values())


def test_the_folder_layout(folder: Path) -> None:
    params, tensors = convert([folder])
    assert params == PRESETS["vox256"]
    check(tensors)


def test_the_training_layout(training: tuple[Path, Path]) -> None:
    check(convert(training)[1])


def test_the_tensors_do_not_hold_on_to_the_files(folder: Path) -> None:
    _, tensors = convert([folder])
    for path in folder.iterdir():
        path.write_bytes(b"\0" * path.stat().st_size)
    check(tensors)


def test_old_files_without_zip_and_wrapped_ones(folder: Path) -> None:
    torch.save(
        {"generator": prefixed(state("generator")), "epoch": 3},
        folder / "generator.pt",
        _use_new_zipfile_serialization=False,
    )
    check(convert([folder / name for name in sorted(os.listdir(folder), reverse=True)])[1])


def test_the_spade_generator_is_converted_with_its_spectral_norm_divided_out(folder: Path) -> None:
    listed = json.loads((GOLDEN / "keys_spade_generator.json").read_text())
    tensors = {
        name: torch.ones((), dtype=getattr(torch, kind)).expand(shape)
        for name, shape, kind in listed
    }
    stem = "decoder.up_1.conv_s"  # (64, 256, 1, 1)
    tensors |= {
        f"{stem}.weight_orig": torch.full((64, 256, 1, 1), 6.0),
        f"{stem}.weight_u": torch.full((64,), 1 / 8),
        f"{stem}.weight_v": torch.full((256,), 1 / 16),
    }
    torch.save(prefixed(tensors), folder / "generator.pt")
    params, ours = convert([folder])
    assert params == PRESETS["vox256-spade"]
    assert {n: tuple(t.shape) for n, t in ours.items()} == expected_shapes(params)
    # sigma = u^T W v = 6 * 64 / 8 * 256 / 16
    expected = torch.full((64, 256, 1, 1), 6 / 768)
    torch.testing.assert_close(ours["generator.spade.up2.shortcut.weight"], expected)


# The rest of the family


def reshaped(tensors: State, **shapes: tuple[int, ...]) -> State:
    """With other shapes, and the same numbers."""
    return tensors | {n: tensors[n].flatten()[0].expand(shape) for n, shape in shapes.items()}


def variant(
    *, keypoints: int = 15, detects_by_depth: bool = True, asks: str = "depth"
) -> tuple[State, State]:
    """Generator and detector as the official code would build them with these options."""
    generator, detector = state("generator"), state("keypoints")
    if asks != "depth":
        generator = OrderedDict((n, t) for n, t in generator.items() if not n.startswith("src_"))
    if not asks:
        generator = OrderedDict((n, t) for n, t in generator.items() if "AttnModule" not in n)
    if asks == "appearance":
        generator = reshaped(generator, **{"AttnModule.query_conv.weight": (32, 256, 1, 1)})
    seen, flow = 4 if detects_by_depth else 3, 4 * (keypoints + 1)
    motion = "dense_motion_network"
    generator = reshaped(
        generator,
        **{
            f"{motion}.hourglass.encoder.down_blocks.0.conv.weight": (128, flow, 3, 3),
            f"{motion}.mask.weight": (keypoints + 1, 64 + flow, 7, 7),
            f"{motion}.mask.bias": (keypoints + 1,),
            f"{motion}.occlusion.weight": (1, 64 + flow, 7, 7),
        },
    )
    detector = reshaped(
        detector,
        **{
            "predictor.encoder.down_blocks.0.conv.weight": (64, seen, 3, 3),
            "kp.weight": (keypoints, 32 + seen, 7, 7),
            "kp.bias": (keypoints,),
            "jacobian.weight": (4 * keypoints, 32 + seen, 7, 7),
            "jacobian.bias": (4 * keypoints,),
            "down.weight": (seen, 1, 13, 13),
        },
    )
    return generator, detector


def deep() -> tuple[dict[str, Any], State]:
    """The ResNet-50 depth network."""
    found = []
    for net in ("depth_encoder50", "depth_decoder50"):
        listed = json.loads((GOLDEN / f"keys_{net}.json").read_text())
        found.append({n: torch.ones((), dtype=getattr(torch, k)).expand(s) for n, s, k in listed})
    return found[0] | {"height": 224, "width": 224, "use_stereo": False}, found[1]


def save_checkpoint(path: Path, generator: State, detector: State, zipped: bool = True) -> None:
    """A training checkpoint with everything that the official code puts into it."""
    optimiser = {"state": {0: {"step": 3, "exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 1}]}
    entries = {
        "generator": generator,
        "discriminator": {"discs.1.down_blocks.0.conv.weight": torch.zeros(3)},
        "kp_detector": detector,
        **{
            f"optimizer_{name}": optimiser for name in ("generator", "discriminator", "kp_detector")
        },
        "epoch": 149,
    }
    torch.save(entries, path, _use_new_zipfile_serialization=zipped)


def fits(params: ModelParams, tensors: State, preset: str) -> bool:
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    return params == PRESETS[preset] and shapes == expected_shapes(PRESETS[preset])


@pytest.mark.parametrize("zipped", [True, False])
def test_the_first_order_motion_model_is_one_file(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "vox-adv-cpk.pth.tar"
    generator, detector = variant(keypoints=10, detects_by_depth=False, asks="")
    save_checkpoint(path, generator, detector, zipped)
    params, tensors = convert([path])
    assert fits(params, tensors, "fomm256")
    assert params.num_keypoints == 10 and params.align_corners
    for kind, official in (("generator", generator), ("keypoints", detector)):
        for name, tensor in official.items():
            if ours := NETWORKS[kind].rename(name):
                assert tensors[ours].flatten()[0] == tensor.flatten()[0], name
    assert installed_name(params) == "fomm256"
    assert fits(*convert([tmp_path]), "fomm256")  # the folder with it will do


@pytest.mark.parametrize(
    ("preset", "options"),
    [
        ("vox256-baseline", {"detects_by_depth": False, "asks": ""}),
        ("vox256-fdn", {"asks": ""}),
        ("vox256-cam", {"detects_by_depth": False}),
        ("vox256-self", {"detects_by_depth": False, "asks": "appearance"}),
        ("fomm256-fdn", {"keypoints": 10, "asks": ""}),
        ("fomm256-cam", {"keypoints": 10, "detects_by_depth": False}),
        ("fomm256-fdn-cam", {"keypoints": 10}),
    ],
)
def test_the_rows_of_table_4(
    preset: str, options: dict[str, Any], training: tuple[Path, Path]
) -> None:
    path, depth = training
    save_checkpoint(path, *variant(**options))
    paths = [path, depth] if PRESETS[preset].use_depth else [path]
    assert fits(*convert(paths), preset)


@pytest.mark.parametrize("spade", [False, True])
def test_a_resnet50_depth_network(folder: Path, spade: bool) -> None:
    encoder, decoder = deep()
    torch.save(encoder, folder / "encoder.pth")
    torch.save(decoder, folder / "depth.pth")
    if spade:
        listed = json.loads((GOLDEN / "keys_spade_generator.json").read_text())
        ones = {n: torch.ones((), dtype=getattr(torch, k)).expand(s) for n, s, k in listed}
        torch.save(ones, folder / "generator.pt")
    assert fits(*convert([folder]), f"vox256{'-spade' if spade else ''}-depth50")


def test_encoder_and_decoder_of_different_depths_do_not_fit(folder: Path) -> None:
    torch.save(deep()[0], folder / "encoder.pth")
    with pytest.raises(WeightsError, match=r"before\.0\.conv\.weight is \(256, 512, 3, 3\)"):
        convert([folder])


def test_depth_files_that_the_model_does_not_use(training: tuple[Path, Path]) -> None:
    save_checkpoint(training[0], *variant(detects_by_depth=False, asks=""))
    with pytest.raises(WeightsError, match="makes no use of .*encoder.pth") as caught:
        convert(training)
    assert "Leave out" in caught.value.hint


def test_generator_and_detector_of_different_keypoints(training: tuple[Path, Path]) -> None:
    save_checkpoint(training[0], variant(keypoints=10)[0], variant()[1])
    with pytest.raises(WeightsError, match="is for 10 keypoints, .* finds 15"):
        convert(training)


def test_options_that_no_preset_has_are_told(training: tuple[Path, Path]) -> None:
    save_checkpoint(training[0], *variant(keypoints=12))
    with pytest.raises(WeightsError, match="12 RGB-D keypoints, attention by depth") as caught:
        convert(training)
    assert "fomm256 (10 RGB keypoints, no attention" in caught.value.hint


def test_a_detector_without_jacobians(training: tuple[Path, Path]) -> None:
    generator, detector = variant()
    detector = {n: t for n, t in detector.items() if not n.startswith("jacobian")}
    save_checkpoint(training[0], generator, detector)
    with pytest.raises(WeightsError, match="without jacobians"):
        convert(training)


def test_official_presets_are_told_apart_by_their_tensors() -> None:
    assert len({Traits.of(params) for params in OFFICIAL}) == len(OFFICIAL)


@pytest.mark.parametrize(
    ("kind", "official", "ours"),
    [
        ("generator", "first.conv.weight", "generator.encoder.0.conv.weight"),
        ("generator", "src_down_blocks.1.norm.bias", "generator.depth_encoder.2.norm.bias"),
        ("generator", "up_blocks.1.norm.running_var", "generator.up2.norm.running_var"),
        ("generator", "bottleneck.r5.conv2.bias", "generator.bottleneck.5.conv2.bias"),
        ("generator", "AttnModule.key_conv.bias", "generator.attention.key.bias"),
        (
            "generator",
            "dense_motion_network.hourglass.decoder.up_blocks.4.conv.weight",
            "generator.flow.hourglass.up.4.conv.weight",
        ),
        ("generator", "dense_motion_network.down.weight", ""),
        ("keypoints", "kp.weight", "keypoints.heatmap.weight"),
        ("keypoints", "down.weight", ""),
        ("depth encoder", "encoder.layer3.0.downsample.1.running_mean",
         "depth.encoder.layers.2.0.shortcut_norm.running_mean"),
        ("depth encoder", "encoder.layer1.1.bn2.num_batches_tracked", ""),
        ("depth decoder", "decoder.7.conv.conv.weight", "depth.decoder.after.3.conv.weight"),
        ("depth decoder", "decoder.13.conv.bias", "depth.decoder.heads.3.conv.bias"),
        ("keypoints", "final.weight", None),
    ],
)  # fmt: skip
def test_names(kind: str, official: str, ours: str | None) -> None:
    assert NETWORKS[kind].rename(official) == ours


# Files with code in them


class Bomb:
    """Pickles to a call that makes a directory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_checkpoint_never_runs(folder: Path, zipped: bool) -> None:
    made = folder / "made by the pickle"
    entries = {**state("generator"), "extra": Bomb(made)}
    path = folder / "generator.pt"
    torch.save(entries, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError) as caught:
        convert([folder])
    assert not made.exists()
    assert str(path) in caught.value.message and "mkdir" in caught.value.message
    assert "Nothing of it was run" in caught.value.hint
    torch.load(path, weights_only=False)
    assert made.exists(), "the file was harmless, so the test proves nothing"


def test_code_in_a_bare_pickle_never_runs(tmp_path: Path) -> None:
    made = tmp_path / "made"
    path = tmp_path / "generator.pt"
    path.write_bytes(pickle.dumps(Bomb(made)))
    with pytest.raises(WeightsError):
        convert([path])
    assert not made.exists()


def test_a_whole_module_is_refused_by_its_class(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), tmp_path / "generator.pt")
    with pytest.raises(WeightsError, match=r"torch\.nn\.modules\.linear\.Linear"):
        convert([tmp_path / "generator.pt"])


# Files that are broken or not there


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_cut_file_is_refused(folder: Path, share: float) -> None:
    path = folder / "depth.pth"
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(WeightsError, match=r"depth\.pth cannot be read"):
        convert([folder])


@pytest.mark.parametrize("content", [b"hello", b"<html></html>" * 50, b"\x80\x02", b"PK\x03\x04"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="x.pt"):
        convert([path])


@pytest.mark.parametrize(
    ("zipped", "old", "new"),
    [
        (True, b"PK\x06\x07\0\0\0\0", b"PK\x06\x07\1\0\0\0"),  # a zip on several disks
        (False, b"X\x09\0\0\0generator", b"X\xff\xff\xff\xffgenerator"),  # a word of 4 GB
        (False, b"X\x09\0\0\0generator", b"r\x09"),  # a number cut off
    ],
)
def test_a_damaged_checkpoint_is_refused(
    tmp_path: Path, zipped: bool, old: bytes, new: bytes
) -> None:
    path = tmp_path / "x.pth"
    torch.save({"generator": {}}, path, _use_new_zipfile_serialization=zipped)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new)[: None if zipped else content.index(old) + 20])
    with pytest.raises(WeightsError, match="cannot be read|refused"):
        convert([path])


def test_a_zip_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "hello")
    with pytest.raises(WeightsError, match="cannot be read as a PyTorch checkpoint"):
        convert([path])


def test_a_checkpoint_without_a_dictionary_is_refused(tmp_path: Path) -> None:
    torch.save([1, 2], tmp_path / "x.pt")
    with pytest.raises(WeightsError, match="holds a list, expected a dictionary"):
        convert([tmp_path / "x.pt"])


def test_missing_paths_and_empty_folders(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no file or folder"):
        convert([tmp_path / "nowhere"])
    with pytest.raises(WeightsError, match=r"none of generator\.pt"):
        convert([tmp_path])


def test_a_missing_network_is_named_with_its_usual_file(training: tuple[Path, Path]) -> None:
    with pytest.raises(WeightsError) as caught:
        convert([training[0]])
    said = caught.value.message
    assert "Missing: depth encoder (encoder.pth), depth decoder (depth.pth)" in said
    assert f"generator in {training[0]}" in said
    assert "together with the depth folder" in caught.value.hint


def test_the_same_network_twice_is_refused(folder: Path) -> None:
    torch.save(state("keypoints"), folder / "other.pt")
    with pytest.raises(WeightsError, match="Two files hold a keypoint detector"):
        convert([folder, folder / "other.pt"])


def test_several_training_checkpoints_in_a_folder(folder: Path) -> None:
    for epoch in (1, 2):
        torch.save({}, folder / f"0000000{epoch}-checkpoint.pth.tar")
    with pytest.raises(WeightsError, match="2 training checkpoints"):
        convert([folder])


@pytest.mark.parametrize("name", ["pose_encoder.pth", "adam.pth"])
def test_a_file_without_a_network_is_refused(training: tuple[Path, Path], name: str) -> None:
    with pytest.raises(WeightsError, match="no network of DaGAN"):
        convert([*training, training[1] / name])


# Other variants


def test_unknown_and_missing_tensors_are_named(folder: Path) -> None:
    path = folder / "generator.pt"
    alter(path, **{"moustache.weight": torch.zeros(2, 3)})
    with pytest.raises(WeightsError, match=r"moustache\.weight \(2, 3\)"):
        convert([folder])
    alter(path, drop="moustache.weight")
    alter(path, drop="final.bias")
    with pytest.raises(WeightsError, match=r"generator\.output\.bias is missing, expected \(3,\)"):
        convert([folder])


def test_another_shape_is_named_with_both(folder: Path) -> None:
    alter(folder / "generator.pt", **{"final.weight": torch.zeros(3, 64, 3, 3)})
    with pytest.raises(WeightsError, match=r"\(3, 64, 3, 3\), expected \(3, 64, 7, 7\)"):
        convert([folder])


def test_a_generator_with_a_part_of_the_attention(folder: Path) -> None:
    alter(folder / "generator.pt", drop="AttnModule.gamma")
    with pytest.raises(WeightsError, match=r"'vox256-fdn' has.* is not part of it"):
        convert([folder])


def test_tensors_with_too_few_axes_are_no_networks(folder: Path) -> None:
    alter(folder / "encoder.pth", **{"encoder.conv1.weight": torch.zeros(())})
    with pytest.raises(WeightsError, match="no network of DaGAN"):
        convert([folder])
    torch.save(depth_encoder(), folder / "encoder.pth")
    alter(folder / "kp_detector.pt", **{"module.kp.weight": torch.zeros(())})
    with pytest.raises(WeightsError, match="for 15 keypoints, .* finds 0"):
        convert([folder])


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_converted_weights_give_the_golden_numbers(tmp_path: Path) -> None:
    from avatar import weights
    from avatar.model.dagan import Dagan
    from tools import golden
    from tools.fill import fill

    case, seed = golden.read_case(GOLDEN / "case_2.npz")
    files = ("generator.pt", "kp_detector.pt", "encoder.pth", "depth.pth")
    for file, net in zip(files, KEYS.values(), strict=True):
        torch.save({n: torch.from_numpy(a) for n, a in fill(net, seed).items()}, tmp_path / file)
    path = tmp_path / "vox256.safetensors"
    weights.save(path, *convert([tmp_path]))
    loaded = weights.load(str(path), verify=True)
    dagan = Dagan(loaded.params)
    dagan.load_state_dict(loaded.tensors)
    wanted = ("disp0_source_u16", "kp_driving_value", "gen_TT0_prediction_stride4_u16")
    found = {}
    for check in golden.checks(dagan.eval(), case):
        found[check.name] = check.passed
        if check.name == wanted[-1]:
            break  # one picture is enough, tests/tools/test_golden.py compares them all
    assert set(wanted) <= set(found) and all(found.values())


class Official:
    """The first order motion model written down anew on official names: one function a step,
    nothing shared with avatar.model."""

    def __init__(self, *states: State) -> None:
        self.state = {name: tensor for state in states for name, tensor in state.items()}

    def conv(self, x: torch.Tensor, name: str, padding: int) -> torch.Tensor:
        return F.conv2d(x, self.state[f"{name}.weight"], self.state[f"{name}.bias"], 1, padding)

    def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        leaves = ("running_mean", "running_var", "weight", "bias")
        return F.relu(F.batch_norm(x, *(self.state[f"{name}.{leaf}"] for leaf in leaves)))

    def block(self, x: torch.Tensor, name: str, padding: int = 1) -> torch.Tensor:
        return self.norm(self.conv(x, f"{name}.conv", padding), f"{name}.norm")

    def hourglass(self, x: torch.Tensor, name: str) -> torch.Tensor:
        skips = []
        for i in range(5):
            skips.append(x)
            x = F.avg_pool2d(self.block(x, f"{name}.encoder.down_blocks.{i}"), 2)
        for i in range(5):
            up = self.block(F.interpolate(x, scale_factor=2), f"{name}.decoder.up_blocks.{i}")
            x = torch.cat([up, skips.pop()], 1)
        return x

    @staticmethod
    def small(x: torch.Tensor) -> torch.Tensor:
        line = torch.exp(-((torch.arange(13) - 6.0) ** 2) / (2 * 1.5**2))
        kernel = torch.outer(line, line) / line.sum() ** 2
        return F.conv2d(x, kernel.expand(3, 1, 13, 13), padding=6, groups=3)[..., ::4, ::4]

    @staticmethod
    def grid(side: int) -> torch.Tensor:
        axis = 2 * torch.arange(side) / (side - 1) - 1
        return torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1)

    def detect(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.hourglass(self.small(image), "predictor")
        heat = torch.softmax(self.conv(x, "kp", 0).flatten(2) / 0.1, 2).reshape(1, -1, 58, 58)
        value = torch.einsum("bkhw,hwc->bkc", heat, self.grid(58))
        maps = self.conv(x, "jacobian", 0).reshape(1, -1, 4, 58, 58)
        return value, torch.einsum("bkhw,bkjhw->bkj", heat, maps).reshape(1, -1, 2, 2)

    def generate(
        self,
        image: torch.Tensor,
        source: tuple[torch.Tensor, torch.Tensor],
        driving: tuple[torch.Tensor, torch.Tensor],
    ) -> torch.Tensor:
        z, count = self.grid(64), source[0].shape[1]
        moves, inputs = [z], []
        for k in range(count):
            turn = source[1][0, k] @ torch.linalg.inv(driving[1][0, k])
            moves.append((z - driving[0][0, k]) @ turn.T + source[0][0, k])
        for k, move in enumerate(moves):
            heat = torch.zeros(64, 64)
            if k:
                heat = torch.exp(-((z - driving[0][0, k - 1]) ** 2).sum(-1) / 0.02)
                heat = heat - torch.exp(-((z - source[0][0, k - 1]) ** 2).sum(-1) / 0.02)
            warped = F.grid_sample(self.small(image), move[None], align_corners=True)
            inputs.append(torch.cat([heat[None, None], warped], 1))
        x = self.hourglass(torch.cat(inputs, 1), "dense_motion_network.hourglass")
        mask = torch.softmax(self.conv(x, "dense_motion_network.mask", 3), 1)
        flow = torch.einsum("bkhw,khwc->bhwc", mask, torch.stack(moves))
        occlusion = torch.sigmoid(self.conv(x, "dense_motion_network.occlusion", 3))
        x = self.block(image, "first", 3)
        for i in range(2):
            x = F.avg_pool2d(self.block(x, f"down_blocks.{i}"), 2)
        x = F.grid_sample(x, flow, align_corners=True) * occlusion
        for i in range(6):
            y = self.conv(self.norm(x, f"bottleneck.r{i}.norm1"), f"bottleneck.r{i}.conv1", 1)
            x = x + self.conv(self.norm(y, f"bottleneck.r{i}.norm2"), f"bottleneck.r{i}.conv2", 1)
        for i in range(2):
            x = self.block(F.interpolate(x, scale_factor=2), f"up_blocks.{i}")
        return torch.sigmoid(self.conv(x, "final", 3))


def healthy(tensors: State, seed: int) -> State:
    """The same names and shapes with random numbers of a healthy size."""
    rng = torch.Generator().manual_seed(seed)
    filled: State = OrderedDict()
    for name, tensor in tensors.items():
        noise = torch.randn(tensor.shape, generator=rng)
        if name.endswith("num_batches_tracked"):
            filled[name] = torch.tensor(7)
        elif name.endswith("running_var"):
            filled[name] = 0.5 + noise.abs()
        elif tensor.dim() > 1:
            gain = 0.1 if name.startswith("jacobian") else 1.0
            filled[name] = gain * noise * (2 / tensor[0].numel()) ** 0.5
        else:
            filled[name] = 0.1 * noise + (1.0 if name.endswith("norm.weight") else 0.0)
    if "jacobian.bias" in filled:
        filled["jacobian.bias"] += torch.tensor([1.0, 0, 0, 1]).repeat(
            len(filled["jacobian.bias"]) // 4
        )
    return filled


@pytest.mark.slow
def test_a_converted_first_order_motion_model_computes_what_its_paper_says(tmp_path: Path) -> None:
    from avatar.model.dagan import Dagan, combine_jacobians

    generator, detector = variant(keypoints=10, detects_by_depth=False, asks="")
    generator, detector = healthy(generator, 1), healthy(detector, 2)
    save_checkpoint(tmp_path / "vox-adv-cpk.pth.tar", generator, detector, zipped=False)
    params, tensors = convert([tmp_path])
    network, official = Dagan(params), Official(generator, detector)
    network.load_state_dict(tensors)
    network.eval()
    rng = torch.Generator().manual_seed(3)
    images = [
        F.interpolate(torch.rand(1, 3, 16, 16, generator=rng), size=256, mode="bicubic").clamp(0, 1)
        for _ in range(2)
    ]
    with torch.no_grad():
        source, driving = (official.detect(image) for image in images)
        want = official.generate(images[0], source, driving)
        encoded, found = network.encode(images[0]), network.detect(images[1])
        affine = combine_jacobians(encoded.jacobian[0].numpy(), found.jacobian[0].numpy())
        motion = encoded.value, found.value, torch.from_numpy(affine)[None]
        got = network.render(encoded.code, *motion)
    torch.testing.assert_close(found.value, driving[0], atol=2e-5, rtol=0)
    torch.testing.assert_close(found.jacobian, driving[1], atol=2e-5, rtol=0)
    assert (source[0] - driving[0]).abs().max() > 0.01 and want.std() > 0.02
    torch.testing.assert_close(got, want, atol=5e-5, rtol=0)  # measured: 3.3e-6
