import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.model.params import PRESETS, ModelParams


@pytest.mark.parametrize("params", PRESETS.values(), ids=PRESETS)
def test_json_round_trip(params: ModelParams) -> None:
    assert ModelParams.from_json(params.to_json()) == params


def test_attention_without_depth_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the depth network"):
        ModelParams(use_depth=False)


def test_self_attention_needs_no_depth() -> None:
    params = ModelParams(use_depth=False, attention_queries="appearance")
    assert params.use_attention and not params.attends_by_depth and not params.detects_by_depth


def test_queries_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="'colour', expected depth or appearance"):
        ModelParams(attention_queries="colour")


@pytest.mark.parametrize("change", [{"use_attention": False}, {"attention_queries": "appearance"}])
def test_a_depth_network_that_nothing_uses_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="neither keypoints .* nor attention use"):
        ModelParams(keypoint_depth=False, **change)


def test_presets_are_listed_under_their_names_and_differ() -> None:
    assert all(params.name == name for name, params in PRESETS.items())
    assert len({replace(params, name="") for params in PRESETS.values()}) == len(PRESETS)


@pytest.mark.parametrize(
    ("name", "keypoints", "detects", "attends"),
    [
        ("vox256-baseline", 15, False, ""),
        ("vox256-fdn", 15, True, ""),
        ("vox256-cam", 15, False, "depth"),
        ("vox256-self", 15, False, "appearance"),
        ("vox256", 15, True, "depth"),
        ("fomm256", 10, False, ""),
        ("fomm256-fdn", 10, True, ""),
        ("fomm256-cam", 10, False, "depth"),
        ("fomm256-fdn-cam", 10, True, "depth"),
    ],
)
def test_the_rows_of_table_4(name: str, keypoints: int, detects: bool, attends: str) -> None:
    params = PRESETS[name]
    assert params.num_keypoints == keypoints
    assert params.detects_by_depth is detects
    assert (params.attention_queries if params.use_attention else "") == attends
    assert params.use_depth is (detects or attends == "depth")


def test_depth_features_must_fill_the_attention_grid() -> None:
    with pytest.raises(ValueError, match=r"32 x 32 .* attention grid of 64 x 64"):
        replace(PRESETS["vox256"], depth_size=128)
    assert replace(PRESETS["vox256"], depth_size=128, attention_pool=2).attends_by_depth


def test_sizes_that_do_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match="100 does not divide"):
        replace(PRESETS["compact"], depth_size=100)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 3}, "unknown parameters: colour"),
        ({"num_keypoints": "many"}, "num_keypoints should be int, got 'many'"),
        ({"encoder": [1, "two", 3]}, "encoder should hold integers"),
        ({"use_depth": 1}, "use_depth should be bool"),
        ({"temperature": None}, "temperature should be float"),
    ],
)
def test_bad_json_values_are_named(change: dict[str, object], message: str) -> None:
    values = json.loads(PRESETS["compact"].to_json()) | change
    with pytest.raises(ValueError, match=message):
        ModelParams.from_json(json.dumps(values))


@given(st.text() | st.integers().map(str) | st.lists(st.integers()).map(json.dumps))
def test_anything_else_raises_value_error_only(text: str) -> None:
    with pytest.raises(ValueError):
        ModelParams.from_json(text)


@pytest.mark.parametrize("change", [{"bottleneck": 10**9}, {"depth_blocks": [2, 2, 2, 65]}])
def test_a_network_that_could_not_be_built_in_a_lifetime_is_refused(change: Any) -> None:
    with pytest.raises(ValueError, match="between 0 and 64"):
        ModelParams.from_json(json.dumps(change))


@pytest.mark.parametrize("change", [{"flow_base": -1}, {"encoder": [64, 128, 10**6]}])
def test_sizes_out_of_range_are_refused(change: Any) -> None:
    with pytest.raises(ValueError, match="between 0 and 8192"):
        ModelParams.from_json(json.dumps(change))


def test_deep_nesting_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        ModelParams.from_json("[" * 100_000)


@pytest.mark.parametrize("name", ["depth_size", "keypoint_size", "flow_size", "attention_pool"])
def test_sizes_of_nothing_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a size is 0"):
        ModelParams.from_json(json.dumps({name: 0}))
