"""Weights files: what is saved comes back, and whatever is wrong with a file is said in words."""

import dataclasses
import json
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from avatar import shelf, weights
from avatar.errors import OutputError, WeightsError
from avatar.header import Header
from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS, ModelParams
from avatar.weights import Weights, load, locate, save

PARAMS = dataclasses.replace(PRESETS["compact"], name="tiny", num_keypoints=3, bottleneck=1)


@pytest.fixture(autouse=True)
def user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "user"
    folder.mkdir()
    monkeypatch.setattr(shelf, "user_folder", lambda: folder)
    return folder


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    state = Dagan(PARAMS).state_dict()
    return {name: torch.randn_like(t) for name, t in state.items() if t.is_floating_point()}


@pytest.fixture
def file(tmp_path: Path, tensors: dict[str, torch.Tensor]) -> Path:
    path = tmp_path / "tiny.safetensors"
    save(path, PARAMS, tensors, {"name": "my face", "licence": "CC0-1.0"})
    return path


def rewrite(path: Path, metadata: dict[str, str] | None = None, **changed: Any) -> None:
    """Write the file anew, with other metadata or tensors, as somebody else might have."""
    found = load_file(path) | changed
    kept = {name: tensor for name, tensor in found.items() if tensor is not None}
    save_file(kept, path, Header.read(path).metadata if metadata is None else metadata)


def test_what_is_saved_comes_back(file: Path, tensors: dict[str, torch.Tensor]) -> None:
    found = load(str(file))
    assert isinstance(found, Weights)
    assert found.params == PARAMS and found.name == "my face"
    assert found.tensors.keys() == tensors.keys()
    assert all(torch.equal(found.tensors[name], tensors[name]) for name in tensors)
    assert found.sha256 == weights.file_sha256(file) and len(found.sha256) == 64
    assert Header.read(file).metadata["licence"] == "CC0-1.0"


def test_float16_on_disk_is_float32_in_memory(
    tmp_path: Path, tensors: dict[str, torch.Tensor]
) -> None:
    path = tmp_path / "half.safetensors"
    save(path, PARAMS, tensors, half=True)
    assert set(Header.read(path).formats.values()) == {"F16"}
    found = load(str(path))
    for name, tensor in found.tensors.items():
        assert tensor.dtype == torch.float32
        torch.testing.assert_close(tensor, tensors[name], rtol=1e-3, atol=1e-6)


def test_a_state_dict_goes_in_and_fits_back_strictly(tmp_path: Path) -> None:
    model = Dagan(PARAMS)
    save(tmp_path / "m.safetensors", PARAMS, model.state_dict())
    found = load(str(tmp_path / "m.safetensors"))
    Dagan(found.params).load_state_dict(found.tensors, strict=True)


def test_needed_shapes_are_those_of_the_real_network() -> None:
    state = Dagan(PARAMS).state_dict()
    want = {n: tuple(t.shape) for n, t in state.items() if not n.endswith("num_batches_tracked")}
    assert weights.expected_shapes(PARAMS) == want


# Finding


def test_names_come_before_paths_and_bundled_before_installed(
    file: Path, user_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = tmp_path / "bundled"
    bundled.mkdir()
    monkeypatch.setattr(shelf, "BUNDLED", bundled)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()  # a folder of that name must not hide the model
    for folder in (bundled, user_folder):
        (folder / "compact.safetensors").write_bytes(file.read_bytes())
    (user_folder / "mine.safetensors").write_bytes(file.read_bytes())
    assert locate("compact") == bundled / "compact.safetensors"
    assert locate("mine") == user_folder / "mine.safetensors"
    assert locate("tiny.safetensors") == Path("tiny.safetensors")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vox256", "avatar weights fetch dagan"),
        ("fomm256", "avatar weights convert vox-adv-cpk.pth.tar"),
        ("compact", "install the package again"),
        ("nobody", "Installed are: compact, vox256"),
        ("nowhere/x.safetensors", "Check the path"),
    ],
)
def test_missing_weights_say_how_to_get_them(
    name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "BUNDLED", tmp_path)
    with pytest.raises(WeightsError) as caught:
        load(name)
    assert said in caught.value.hint


def test_a_folder_is_answered_with_convert(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        load(str(tmp_path))
    assert "avatar weights convert" in caught.value.hint


# Damage


@pytest.mark.parametrize("left", [0, 5, 8, 200, -1])
def test_a_cut_file_is_refused(file: Path, left: int) -> None:
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(WeightsError, match="cut off|empty|not a safetensors"):
        load(str(file))


def test_a_cut_file_says_both_sizes(file: Path) -> None:
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(WeightsError, match=f"has {size - 100} bytes, expected {size} "):
        load(str(file))


def test_a_file_with_something_behind_it_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(WeightsError, match="damaged"):
        load(str(file))


def test_one_flipped_bit_is_found(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-2] ^= 1
    file.write_bytes(data)
    with pytest.raises(WeightsError, match="SHA-256"):
        load(str(file))


def test_large_files_are_verified_on_request(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "ALWAYS_VERIFIED", 0)
    data = bytearray(file.read_bytes())
    data[-2] ^= 1
    file.write_bytes(data)
    load(str(file))
    with pytest.raises(WeightsError, match="SHA-256"):
        load(str(file), verify=True)


@pytest.mark.parametrize(
    "content",
    [
        b"hello, I am a text file and no weights",
        b"<!DOCTYPE html><html>sign in</html>",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 12) + b'{"a": "b"}  ',
        struct.pack("<Q", 7) + b"not json"[:7],
        struct.pack("<Q", 2**40) + b"{}",
    ],
)
def test_other_files_are_not_safetensors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="is not a safetensors file"):
        load(str(path))


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_is_not_loaded(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "generator.pt"
    torch.save({"a": torch.zeros(3)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match="pickle") as caught:
        load(str(path))
    assert "convert" in caught.value.hint


# Metadata and architecture


def test_foreign_safetensors_are_told_apart(file: Path) -> None:
    rewrite(file, metadata={"format": "pt"})
    with pytest.raises(WeightsError, match="not an avatar model"):
        load(str(file))


def test_an_unknown_format_version_is_refused(file: Path) -> None:
    rewrite(file, metadata=Header.read(file).metadata | {"format": "avatar-dagan-9"})
    with pytest.raises(WeightsError, match="'avatar-dagan-9', expected 'avatar-dagan-1'"):
        load(str(file))


@pytest.mark.parametrize(
    "params", ["{", "[]", json.dumps({"wings": 2}), json.dumps({"num_keypoints": "many"})]
)
def test_unusable_parameters_are_refused(file: Path, params: str) -> None:
    rewrite(file, metadata=Header.read(file).metadata | {"params": params})
    with pytest.raises(WeightsError, match="parameters this version cannot use"):
        load(str(file))


def test_parameters_of_an_impossible_network_are_refused(file: Path) -> None:
    params = dataclasses.replace(PARAMS, encoder=(-1, 2, 3)).to_json()
    rewrite(file, metadata=Header.read(file).metadata | {"params": params})
    with pytest.raises(WeightsError, match="encoder should be between 0 and 8192"):
        load(str(file))


def test_a_network_that_torch_cannot_build_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(params: ModelParams) -> None:
        raise RuntimeError("too large")

    monkeypatch.setattr(weights, "expected_shapes", fail)
    with pytest.raises(WeightsError, match="no network that can be built: too large"):
        load(str(file))


def test_deep_nesting_in_a_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", 100_000) + b"[" * 100_000)
    with pytest.raises(WeightsError, match="is not a safetensors file"):
        load(str(path))


def test_another_architecture_names_three_differences(file: Path) -> None:
    params = dataclasses.replace(PARAMS, num_keypoints=4, bottleneck=2).to_json()
    rewrite(file, metadata=Header.read(file).metadata | {"params": params})
    with pytest.raises(WeightsError) as caught:
        load(str(file))
    said = caught.value.message
    assert "keypoints.heatmap.weight is (3, " in said and "expected (4, " in said
    assert said.count("expected (") == 3 and "more." in said


def test_missing_and_foreign_tensors_are_named(file: Path) -> None:
    rewrite(file, **{"generator.output.bias": None, "nose": torch.zeros(2)})
    with pytest.raises(WeightsError) as caught:
        load(str(file))
    assert "generator.output.bias is missing, expected (4,)" in caught.value.message
    assert "nose (2,) is not part of it" in caught.value.message


def test_another_number_format_is_refused(file: Path) -> None:
    rewrite(file, **{"generator.output.bias": torch.zeros(4, dtype=torch.float64)})
    with pytest.raises(WeightsError, match="stored as F64, expected F32 or F16"):
        load(str(file))


def test_numbers_that_are_not_finite_are_refused(
    file: Path, tmp_path: Path, tensors: dict[str, torch.Tensor]
) -> None:
    bad = tensors | {"generator.output.bias": torch.tensor([1.0, float("nan"), 0, 0])}
    with pytest.raises(WeightsError, match="generator.output.bias"):
        save(tmp_path / "bad.safetensors", PARAMS, bad)
    metadata = Header.read(file).metadata
    del metadata["tensors_sha256"]
    rewrite(file, metadata, **{"generator.output.bias": bad["generator.output.bias"]})
    with pytest.raises(WeightsError, match="not finite"):
        load(str(file))


def test_numbers_too_large_for_float16_are_refused(
    tmp_path: Path, tensors: dict[str, torch.Tensor]
) -> None:
    large = tensors | {"generator.output.bias": torch.full((4,), 1e6)}
    with pytest.raises(WeightsError, match="float16: tensor generator.output.bias"):
        save(tmp_path / "large.safetensors", PARAMS, large, half=True)


# Saving


def test_a_failed_save_leaves_the_old_file_and_nothing_else(
    file: Path, tensors: dict[str, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    before, names = file.read_bytes(), sorted(file.parent.iterdir())
    monkeypatch.setattr("safetensors.torch.save_file", full)
    with pytest.raises(OutputError, match="No space left"):
        save(file, PARAMS, tensors)
    assert file.read_bytes() == before and sorted(file.parent.iterdir()) == names


def test_a_missing_folder_is_an_output_error(
    tmp_path: Path, tensors: dict[str, torch.Tensor]
) -> None:
    with pytest.raises(OutputError, match="No such file"):
        save(tmp_path / "no" / "x.safetensors", PARAMS, tensors)


def test_tensors_of_another_architecture_are_not_saved(
    tmp_path: Path, tensors: dict[str, torch.Tensor]
) -> None:
    with pytest.raises(WeightsError, match="'compact'"):
        save(tmp_path / "x.safetensors", PRESETS["compact"], tensors)
    assert not (tmp_path / "x.safetensors").exists()


def test_our_own_metadata_cannot_be_overwritten(
    tmp_path: Path, tensors: dict[str, torch.Tensor]
) -> None:
    with pytest.raises(WeightsError, match="format"):
        save(tmp_path / "x.safetensors", PARAMS, tensors, {"format": "mine"})


def test_params_survive_the_metadata() -> None:
    assert ModelParams.from_json(PARAMS.to_json()) == PARAMS
