from pathlib import Path

import numpy as np
import pytest
import torch

from tools import golden

CASE = Path(__file__).parent.parent / "golden" / "case_2.npz"


@pytest.fixture(scope="module")
def results() -> dict[str, golden.Check]:
    case, seed = golden.read_case(CASE)
    return {check.name: check for check in golden.checks(golden.network(seed), case)}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_spade_generator_is_within_its_tolerances() -> None:
    case, seed = golden.read_case(CASE)
    found = golden.checks(golden.network(seed, "vox256-spade"), case)
    checked = [check for check in found if check.name.startswith("spade_")]
    assert len(checked) > 20
    assert [check for check in checked if not check.passed] == []


@pytest.mark.slow
def test_the_resnet50_disparity_is_within_its_tolerance() -> None:
    case, seed = golden.read_case(CASE)
    (found,) = golden.depth_checks(golden.depth_network(seed, "vox256-depth50"), case)
    assert found.name == "disp50_source_u16" and found.tolerance == 2e-5
    assert found.passed, found


def test_every_output_is_within_its_tolerance(results: dict[str, golden.Check]) -> None:
    over = [c for c in results.values() if not c.passed]
    assert not over


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("disp0_source_u16", 2e-5),
        ("disp_driving_u16", 2e-5),
        ("kp_source_value", 2e-5),
        ("kp_driving_jacobian", 2e-5),
        ("kn_TT_value", 5e-5),
        ("kn_FF_jacobian", 5e-5),
        ("gen_TT1_mask_u16", 1e-4),
        ("gen_TT1_occlusion", 5e-5),
        ("gen_FF2_deformation", 5e-5),
        ("gen_TT1_attn_out_ch", 1e-3),
        ("gen_TT1_attn_w_rows", 1e-3),
        ("gen_TT1_prediction_u16", 1e-4),
        ("gen_FF2_prediction_u16", 1e-4),
    ],
)
def test_the_outputs_that_matter_are_checked(
    results: dict[str, golden.Check], name: str, tolerance: float
) -> None:
    assert results[name].tolerance == tolerance


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
def test_cases_with_real_footage(shared: Path, number: int) -> None:
    assert golden.main([str(shared / "golden" / f"case_{number}.npz")]) == 0


def test_an_error_over_the_tolerance_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [golden.Check("a", 1e-6, 1e-5), golden.Check("b", float("nan"), 1e-5)]
    monkeypatch.setattr(golden, "network", lambda seed, preset="": torch.nn.Identity())
    monkeypatch.setattr(golden, "checks", lambda network, case: iter(found))
    third = golden.Check("c", 0.0, 1e-5)
    monkeypatch.setattr(golden, "depth_network", lambda seed, preset: torch.nn.Identity())
    monkeypatch.setattr(golden, "depth_checks", lambda network, case: iter([third]))
    assert golden.main([str(CASE)]) == 1
    assert "3 outputs, 1 over their tolerance" in capsys.readouterr().out


def test_files_that_are_no_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK\x03\x04 cut off")
    empty = tmp_path / "empty.npz"
    np.savez(empty, meta='{"seed": 1}')
    for path in (broken, empty, tmp_path / "missing.npz"):
        assert golden.main([str(path)]) == 2
        assert "is no golden case" in capsys.readouterr().err
