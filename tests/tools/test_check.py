import sys

import pytest

from tools import check


def passes() -> str:
    return ""


def fails() -> str:
    return "line 3 is wrong"


FAKES = [check.Gate("lint", passes), check.Gate("types", fails), check.Gate("tests", passes)]


def test_goes_on_after_a_failure_and_exits_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([], FAKES) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines if line.endswith(" s")] == [
        ["lint", "ok"],
        ["types", "FAILED"],
        ["tests", "ok"],
    ]
    assert "line 3 is wrong" in lines
    assert lines[-1] == "failed: types"


def test_exits_0_when_all_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["--only", "lint"], FAKES) == 0
    assert capsys.readouterr().out.endswith("all 1 gates passed\n")


def test_no_tests_leaves_out_only_the_tests(capsys: pytest.CaptureFixture[str]) -> None:
    check.main(["--no-tests"], FAKES)
    out = capsys.readouterr().out
    assert "types" in out and "tests" not in out


def test_unknown_and_empty_choices_are_refused() -> None:
    with pytest.raises(SystemExit, match="2"):
        check.main(["--only", "nothing"], FAKES)
    with pytest.raises(SystemExit, match="2"):
        check.main(["--only", "tests", "--no-tests"], FAKES)


def test_a_command_complains_with_its_output() -> None:
    assert check.command(sys.executable, "-c", "pass")() == ""
    loud = check.command(sys.executable, "-c", "import sys; sys.exit('broken here')")
    assert "broken here" in loud()
    silent = check.command(sys.executable, "-c", "raise SystemExit(3)")
    assert silent() == "exit code 3"


def test_every_gate_of_the_house_is_there() -> None:
    names = [gate.name for gate in check.gates()]
    assert names == ["lint", "format", "types", "imports", "wheel", "tests"]


def test_wheel_problems_names_what_is_missing_and_what_is_too_much() -> None:
    expected = {"avatar/frame.py", "avatar/assets/compact.safetensors", "engines/a.py", "ui/a.py"}
    expected.add(f"{check.GRAPHS}/detect.onnx")
    good = [*expected, "dagan_avatar-1.dist-info/METADATA"]
    assert check.wheel_problems(good, expected) == []
    bad = [*good, "tools/check.py", "tests/conftest.py"]
    bad.remove("avatar/assets/compact.safetensors")
    bad.remove(f"{check.GRAPHS}/detect.onnx")
    assert check.wheel_problems(bad, expected) == [
        "missing from the wheel: avatar/assets/compact.graphs/detect.onnx",
        "missing from the wheel: avatar/assets/compact.safetensors",
        "should not be in the wheel: tests/conftest.py",
        "should not be in the wheel: tools/check.py",
        "the wheel holds nothing of avatar/assets/",
        "the wheel holds nothing of avatar/assets/compact.graphs/",
    ]


def test_expected_files_leave_out_caches_and_the_readmes_pictures(tmp_path) -> None:
    for name in (
        "avatar/a.py",
        "avatar/__pycache__/a.pyc",
        "avatar/assets/w.safetensors",
        "avatar/assets/docs/window.png",
        "ui/b.py",
        "tests/test_a.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert check.expected_files(tmp_path) == {
        "avatar/a.py",
        "avatar/assets/w.safetensors",
        "ui/b.py",
    }
