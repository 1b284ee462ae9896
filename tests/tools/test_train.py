import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from avatar import weights
from avatar.errors import WeightsError
from avatar.model.dagan import Dagan
from tools import train
from tools.training import checkpoint
from tools.training.checkpoint import Checkpoint
from tools.training.stage import Trained

ROOT = Path(__file__).resolve().parents[2]

FAKE = """
stage = "fake"
[model]
preset = "compact"
[schedule]
steps = 6
[run]
batch = 4
workers = 0
report_every = 1
checkpoint_every = 2
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "fake.toml"
    path.write_text(FAKE)
    return path


@pytest.fixture
def call(recipe: Path, tmp_path: Path) -> Callable[..., int]:
    def run(*options: str) -> int:
        common = (str(recipe), "--data", str(tmp_path), "--device", "cpu")
        try:
            return train.main([*common, "--out", str(tmp_path / "run"), *options])
        finally:
            torch.set_flush_denormal(False)

    return run


def losses(folder: Path) -> list[dict[str, float]]:
    text = (folder / "log.jsonl").read_text()
    return [json.loads(line)["terms"] for line in text.splitlines()]


def test_in_pieces(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("--steps", "2") == 0
    said = capsys.readouterr().out
    assert "a new run of 6 steps on cpu" in said and "Step 2 of 6" in said
    assert "The same command goes on" in said
    assert call() == 0
    said = capsys.readouterr().out
    assert "going on at step 2 of 6; the last had maker/mean" in said
    assert "Step 6 of 6" in said and "tools.train export" in said
    assert 'stage = "fake"' in (tmp_path / "run" / "recipe.toml").read_text()


def test_another_recipe_is_refused(
    call: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("--steps", "1") == 0
    assert call("--set", "run.batch=8") == 2
    assert "run.batch was 4, is 8" in capsys.readouterr().err


def test_fresh_moves_the_old_run_aside(call: Callable[..., int], tmp_path: Path) -> None:
    assert call("--steps", "1") == 0
    assert call("--steps", "2", "--fresh", "--set", "run.batch=8") == 0
    assert call("--steps", "3", "--fresh") == 0
    run = tmp_path / "run"
    assert checkpoint.load(run).step == 3
    assert checkpoint.load(run / "earlier-1").step == 1
    assert checkpoint.load(run / "earlier-2").step == 2


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--steps", "0"), 2, "0 is not above 0"),
        (("--steps", "1", "--minutes", "1"), 2, "not allowed with"),
        (("--minutes", "nan"), 2, "nan is not above 0"),
        (("--set", "stage=fak"), 2, "stage is 'fak', expected one of depth, reenact"),
        (("--set", "optimiser.mker.rate=1"), 2, "Did you mean maker?"),
        (("--data", "nowhere"), 2, "--data nowhere is not a folder"),
        (("--start", "nowhere.safetensors"), 2, "nowhere.safetensors"),
        (("--set", "schedule.decay=fast"), 2, "decay is 'fast'"),
        (("--frsh",), 2, "Unrecognized arguments"),
    ],
)
def test_what_is_wrong_is_said_in_two_lines(
    call: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert call(*options) == code
    lines = capsys.readouterr().err.strip().splitlines()
    assert said in " ".join(lines) and len(lines) == 2
    assert lines[0].startswith("error: ") and lines[1].startswith("  what to do: ")


def test_a_file_in_the_place_of_the_run(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").write_text("")
    assert call() == 2
    assert "cannot be used" in capsys.readouterr().err


def test_a_damaged_checkpoint_names_the_one_before(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("--steps", "4") == 0
    last = tmp_path / "run" / "last.pt"
    last.write_bytes(last.read_bytes()[:1000])
    assert call() == 2
    assert "previous.pt; rename it to last.pt" in capsys.readouterr().err
    (tmp_path / "run" / "previous.pt").replace(last)
    assert call() == 0
    assert checkpoint.load(tmp_path / "run").step == 6


@pytest.mark.slow
def test_killed_in_the_middle_of_a_step_it_goes_on_to_the_same(
    call: Callable[..., int], recipe: Path, tmp_path: Path
) -> None:
    assert call() == 0
    straight = tmp_path / "straight"
    (tmp_path / "run").rename(straight)
    (tmp_path / "mishaps.toml").write_text("kill = 3")
    options = (str(recipe), "--data", str(tmp_path), "--out", str(tmp_path / "run"))
    done = subprocess.run([sys.executable, "-m", "tools.train", *options], cwd=ROOT)
    assert done.returncode == -9
    assert checkpoint.load(tmp_path / "run").step == 2
    (tmp_path / "mishaps.toml").unlink()
    assert call() == 0
    assert losses(tmp_path / "run") == losses(straight)
    one, two = checkpoint.load(straight), checkpoint.load(tmp_path / "run")
    for held, wanted in ((two.networks, one.networks), (two.average, one.average)):
        assert all(torch.equal(held[name], value) for name, value in wanted.items())


def test_help_needs_no_torch() -> None:
    code = (
        "import sys; from tools import train\n"
        "try: train.main(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and "--minutes" in done.stdout


@pytest.fixture
def runs(tmp_path: Path, tiny: Callable[[str], Any]) -> list[Path]:
    """Two runs of a tiny network whose weights are all 1 and all 2."""
    params = tiny("compact")
    folders = []
    for value in (1.0, 2.0):
        folders.append(tmp_path / f"run{value:.0f}")
        folders[-1].mkdir()
        state = {
            name: torch.full_like(tensor, value) if tensor.is_floating_point() else tensor
            for name, tensor in Dagan(params).state_dict().items()
        }
        trained = Trained(params, state)
        Checkpoint(FAKE, 10, state, state, 0, {}, trained, {}).save(folders[-1])
    return folders


def test_export(runs: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["export", str(runs[0])]) == 0
    path = runs[0] / "compact.safetensors"
    found = weights.load(str(path))
    assert all(bool((tensor == 1).all()) for tensor in found.tensors.values())
    with safe_open(path, framework="pt") as stored:
        assert stored.get_tensor(next(iter(stored.keys()))).dtype == torch.float16
        assert stored.metadata()["source"] == "trained by tools.train, stage fake, 10 steps"
    assert "compact.safetensors" in capsys.readouterr().out


def test_export_of_a_mean(runs: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "mean.safetensors"
    command = ["export", str(runs[0]), "--mean", str(runs[1]), "--out", str(out)]
    assert train.main(command) == 0
    assert all(bool((t == 1.5).all()) for t in weights.load(str(out)).tensors.values())


def test_export_between_the_start_and_the_end(
    runs: list[Path], tiny: Callable[[str], Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start, out = tmp_path / "start.safetensors", tmp_path / "between.safetensors"
    before = replace(tiny("compact"), motion_features=False)
    state = Dagan(before).state_dict()
    weights.save(start, before, {name: torch.zeros_like(t) for name, t in state.items()})
    command = ["export", str(runs[1]), "--out", str(out), "--blend", str(start)]
    assert train.main([*command, "0.25"]) == 0
    made = weights.load(str(out)).tensors
    assert {name for name in made if bool((made[name] == 2).all())} == set(made) - set(state)
    assert all(bool((made[name] == 1.5).all()) for name in made if name in state)
    for share in ("1.2", "most"):
        assert train.main([*command, share]) == 2
        assert f"got the share {share}" in capsys.readouterr().err


def test_export_of_different_networks_is_refused(
    runs: list[Path], tiny: Callable[[str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    other = Trained(tiny("vox256"), {})
    Checkpoint(FAKE, 10, {}, {}, 0, {}, other, {}).save(runs[1])
    assert train.main(["export", str(runs[0]), "--mean", str(runs[1])]) == 2
    assert "trained another network" in capsys.readouterr().err


def test_export_of_a_part_is_refused(
    runs: list[Path], tiny: Callable[[str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    params = tiny("compact")
    state = {k: v for k, v in Dagan(params).state_dict().items() if k.startswith("depth.")}
    Checkpoint(FAKE, 10, {}, {}, 0, {}, Trained(params, state), {}).save(runs[0])
    assert train.main(["export", str(runs[0])]) == 2
    said = capsys.readouterr().err
    assert "also needs generator and keypoints" in said and f"--start {runs[0]}" in said


def test_export_of_nothing_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["export", str(tmp_path)]) == 2
    assert "last.pt" in capsys.readouterr().err


def test_start_takes_a_run_or_a_weights_file(runs: list[Path]) -> None:
    assert all(
        bool((t == 1).all()) for t in train.start_tensors(runs[0]).values() if t.is_floating_point()
    )
    train.main(["export", str(runs[1])])
    stored = train.start_tensors(runs[1] / "compact.safetensors")
    assert all(bool((t == 2).all()) for t in stored.values())
    with pytest.raises(WeightsError):
        train.start_tensors(Path("nowhere.safetensors"))
