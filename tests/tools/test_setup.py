"""Set-up's decisions; every command it would run is replaced by an answer."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import setup


class Machine:
    """Answers instead of running: what ``ask`` and ``run`` were given, and what they say."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[str] = []
        self.answer: Callable[[str], str | None] = lambda line: None
        self.succeeds: Callable[[str], bool] = lambda line: True
        monkeypatch.setattr(
            setup, "ask", lambda argv, timeout_s=0: self.answer(" ".join(map(str, argv)))
        )
        monkeypatch.setattr(setup, "run", self._run)

    def _ask(self, argv, timeout_s=0) -> str | None:
        return self.answer(" ".join(map(str, argv)))

    def _run(self, argv, env=None) -> bool:
        line = " ".join(map(str, argv))
        self.ran.append(line)
        return self.succeeds(line)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(sys, "platform", "linux")
    return Machine(monkeypatch)


def test_python_of_an_unfit_version_is_named(machine, monkeypatch) -> None:
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/bin/{Path(name).name}")
    machine.answer = lambda line: (
        "3 13" if line.startswith(f"/bin/{Path(sys.executable).name}") else None
    )
    with pytest.raises(setup.SetupError, match=r"found 3\.13 \(/bin/python") as caught:
        setup.find_python()
    assert "PYTHON=" in str(caught.value)


def test_python_on_the_path_is_tried_and_a_dead_shim_passed_over(machine, monkeypatch) -> None:
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/bin/{Path(name).name}")
    answers = {"/bin/python3.12": "3 12"}
    machine.answer = lambda line: answers.get(line.split()[0])
    assert setup.find_python() == "/bin/python3.12"


def test_a_working_environment_is_kept(machine, tmp_path) -> None:
    machine.answer = lambda line: "pip 25" if "pip" in line else "3 11"
    assert setup.make_venv(tmp_path) == tmp_path / "bin" / "python"
    assert machine.ran == []


def dpkg(monkeypatch, listing: str) -> None:
    monkeypatch.setattr(setup.shutil, "which", lambda name: "/usr/bin/dpkg-query")
    done = subprocess.CompletedProcess([], 1, stdout=listing, stderr="")
    monkeypatch.setattr(setup.subprocess, "run", lambda *args, **kwargs: done)


def test_missing_packages_know_both_names_and_removed_ones(monkeypatch) -> None:
    names = [group[-1] for group in setup.APT_PACKAGES]  # the new names: libglib2.0-0t64
    listing = "".join(f"installed {name}\n" for name in names[:-1]) + f"config-files {names[-1]}\n"
    dpkg(monkeypatch, listing)
    assert setup.missing_packages() == [setup.APT_PACKAGES[-1][0]]


def test_no_package_is_missed_without_dpkg(monkeypatch) -> None:
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    assert setup.missing_packages() == []


@pytest.mark.parametrize("root", [True, False])
def test_root_installs_and_others_get_a_line_to_paste(machine, monkeypatch, capsys, root) -> None:
    monkeypatch.setattr(setup, "missing_packages", lambda: ["libegl1", "libxcb-cursor0"])
    monkeypatch.setattr(setup.os, "geteuid", lambda: 0 if root else 1000)
    setup.check_system()
    pasted = "sudo apt-get install -y libegl1 libxcb-cursor0" in capsys.readouterr().out
    assert pasted is not root
    assert any("apt-get install" in line for line in machine.ran) is root


def test_build_follows_the_driver_unless_asked(machine, monkeypatch) -> None:
    monkeypatch.setattr(setup.Path, "exists", lambda self: False)
    assert setup.choose_build("auto") == setup.Build("cpu", "no NVIDIA driver found")
    machine.answer = lambda line: "NVIDIA H200, 580.1\nNVIDIA H200, 580.1"
    assert setup.choose_build("auto").kind == "cuda"
    assert "NVIDIA H200, 580.1" in setup.choose_build("auto").reason
    assert setup.choose_build("cpu") == setup.Build("cpu", "asked for")


def test_a_light_set_up_stays_light_until_a_build_is_asked_for(machine, monkeypatch) -> None:
    monkeypatch.setattr(setup.Path, "exists", lambda self: False)
    assert setup.choose_build("none") == setup.Build("none", "asked for")
    assert setup.choose_build("auto", before="none").kind == "none"
    assert setup.choose_build("cpu", before="none").kind == "cpu"
    assert setup.choose_build("auto", before="cuda").kind == "cpu"  # the driver decides anew


def test_no_torch_is_installed_by_the_light_set_up(machine, tmp_path, capsys) -> None:
    setup.install_torch(tmp_path / "python", setup.Build("none", "asked for"))
    assert machine.ran == []
    assert "no torch (asked for)" in capsys.readouterr().out


def test_the_tests_refuse_the_light_set_up(machine, monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "fingerprint", lambda: "")
    assert setup.main(["--dev", "--torch", "none"]) == 1
    assert "LIGHT=1" in capsys.readouterr().err and machine.ran == []


def test_cpu_build_can_only_resolve_to_the_cpu_build(machine, tmp_path) -> None:
    setup.install_torch(tmp_path / "python", setup.Build("cpu", "because"))
    (line,) = machine.ran
    assert line.endswith("+cpu") and f"--index-url {setup.CPU_INDEX}" in line


def test_cpu_index_out_of_reach_falls_back_and_says_so(machine, tmp_path, capsys) -> None:
    machine.succeeds = lambda line: setup.CPU_INDEX not in line
    setup.install_torch(tmp_path / "python", setup.Build("cpu", "because"))
    assert machine.ran[-1].endswith(f"torch=={setup.pinned('torch')}")
    assert "CUDA libraries" in capsys.readouterr().out


def test_changing_the_build_removes_the_other_first(machine, tmp_path) -> None:
    machine.answer = lambda line: "2.13.0+cpu"
    setup.install_torch(tmp_path / "python", setup.Build("cuda", "asked for"))
    assert "uninstall" in machine.ran[0] and "+cpu" not in machine.ran[1]


PROJECT = {
    "dependencies": ["mediapipe==0.10.21", "rich>=13"],
    "optional-dependencies": {
        "cpu": ["openvino>=2025.4"],
        "torch": ["torch>=2.6"],
        "dev": ["dagan-avatar[cpu,torch]", "rich>=13", "pytest>=8"],
    },
}


@pytest.fixture
def project(machine) -> None:
    machine.answer = lambda line: json.dumps({"project": PROJECT}) if "tomllib" in line else None


def test_our_own_extras_are_replaced_by_what_they_stand_for(machine, project, tmp_path) -> None:
    assert setup.declared(tmp_path / "python", "dev") == [
        *("mediapipe==0.10.21", "rich>=13", "openvino>=2025.4", "torch>=2.6", "pytest>=8")
    ]
    machine.answer = lambda line: None
    with pytest.raises(setup.SetupError, match="restore it"):
        setup.declared(tmp_path / "python", "dev")


def test_mediapipe_comes_without_what_face_mesh_never_imports(machine, project, tmp_path) -> None:
    setup.install_rest(tmp_path / "python", "cpu")
    rest, mediapipe, ours, _ = machine.ran
    assert "openvino>=2025.4" in rest and "protobuf>" in rest
    assert "mediapipe==" not in rest and "torch>" not in rest
    assert mediapipe.endswith(f"--no-deps mediapipe=={setup.pinned('mediapipe')}")
    assert ours.endswith(f"--no-deps -e {setup.ROOT}")


def test_mediapipe_names_no_more_than_we_install_or_leave_out() -> None:
    metadata = pytest.importorskip("importlib.metadata")
    requirements = pytest.importorskip("packaging.requirements")
    try:
        named = metadata.requires("mediapipe")
    except metadata.PackageNotFoundError:
        pytest.skip("mediapipe is not installed")
    known = {requirements.Requirement(text).name for text in setup.MEDIAPIPE_NEEDS}
    known |= {*setup.LEFT_OUT, "numpy", "opencv-contrib-python"}
    assert {requirements.Requirement(text).name for text in named} == known


def test_pip_check_is_explained_where_it_names_what_was_left_out(monkeypatch, capsys) -> None:
    version = setup.pinned("mediapipe")
    out = f"mediapipe {version} requires jax, which is not installed.\nav 1 requires x 2.\n"
    done = subprocess.CompletedProcess([], 1, stdout=out, stderr="")
    monkeypatch.setattr(setup.subprocess, "run", lambda *args, **kwargs: done)
    setup.check_packages(Path("python"))
    said = capsys.readouterr().out
    assert "pip check: av 1 requires x 2." in said and "left out jax" in said
    assert "requires jax" not in said


def test_a_failing_pip_stops_all_but_the_virtual_camera(machine, project, tmp_path, capsys) -> None:
    machine.succeeds = lambda line: not line.endswith("pyvirtualcam")
    setup.install_rest(tmp_path / "python", "dev")
    assert "pytest>=8" in machine.ran[0]
    assert "all but" in capsys.readouterr().out
    machine.succeeds = lambda line: "--no-deps" not in line
    with pytest.raises(setup.SetupError, match="pip could not install"):
        setup.install_rest(tmp_path / "python", "cpu")


def test_qt_that_does_not_load_stops_with_the_line_to_paste(monkeypatch, tmp_path) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "ImportError: libEGL.so.1: cannot open\n")
    monkeypatch.setattr(setup.subprocess, "run", lambda *args, **kwargs: failed)
    monkeypatch.setattr(setup, "missing_packages", lambda: ["libegl1"])
    with pytest.raises(setup.SetupError, match=r"libEGL.so.1.*sudo apt-get install -y libegl1"):
        setup.check_imports(tmp_path / "python")


def stamped(tmp_path: Path, **changes: object) -> Path:
    stamp = tmp_path / "stamp.json"
    have = {"fingerprint": setup.fingerprint(), "torch": "cpu", "dev": False, **changes}
    stamp.write_text(json.dumps(have))
    (tmp_path / "bin").mkdir(exist_ok=True)
    (tmp_path / "bin" / "python").touch()
    return stamp


def test_stamp_spares_the_second_run_everything(tmp_path) -> None:
    stamp = stamped(tmp_path)
    assert setup.up_to_date(stamp, "auto", dev=False)
    assert setup.up_to_date(stamp, "cpu", dev=False)
    assert not setup.up_to_date(stamp, "cuda", dev=False)
    assert not setup.up_to_date(stamp, "auto", dev=True)
    assert setup.up_to_date(stamp, "none", dev=False)  # more than asked for
    assert not setup.up_to_date(stamped(tmp_path, torch="none"), "cpu", dev=False)
    assert setup.up_to_date(stamped(tmp_path, torch="none"), "auto", dev=False)
    (tmp_path / "bin" / "python").unlink()
    assert not setup.up_to_date(stamp, "auto", dev=False)


def test_stamp_of_other_pins_or_torn_is_not_trusted(tmp_path) -> None:
    assert not setup.up_to_date(stamped(tmp_path, fingerprint="old"), "auto", dev=False)
    torn = stamped(tmp_path)
    for text in ("[]", '{"fing'):
        torn.write_text(text)
        assert setup.installed(torn) == {}
    assert not setup.up_to_date(torn, "auto", dev=False)
    assert not setup.up_to_date(tmp_path / "none", "auto", dev=False)


def test_an_error_is_one_line_and_leaves_no_stamp(machine, monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "check_system", lambda: None)
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    assert setup.main([]) == 1
    assert capsys.readouterr().err.startswith("set-up: error: Python 3.11 or 3.12 is needed")
    assert not list(tmp_path.rglob("*.json"))


def test_pins_agree_with_the_declared_ranges() -> None:
    requirements = pytest.importorskip("packaging.requirements")
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((setup.ROOT / "pyproject.toml").read_text())["project"]
    declared = setup.expanded([*project["dependencies"], f"{setup.NAME}[dev,vcam]"], project)
    declared += [*setup.MEDIAPIPE_NEEDS, setup.EDITABLE_NEEDS]
    pins = {
        name.lower().replace("_", "-"): version
        for name, _, version in (
            line.partition("==")
            for line in (setup.ROOT / "tools" / "constraints.txt").read_text().splitlines()
            if not line.startswith("#")
        )
    }
    for text in declared:
        requirement = requirements.Requirement(text)
        assert requirement.specifier.contains(pins[requirement.name.lower()]), text
