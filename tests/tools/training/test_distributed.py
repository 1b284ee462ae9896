import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from avatar.errors import UsageError
from tools import train
from tools.training import checkpoint
from tools.training.distributed import LOST, Team, join
from tools.training.failure import TrainingFailed

ROOT = Path(__file__).resolve().parents[3]
CPU = torch.device("cpu")


def start(size: int, *options: str) -> list[subprocess.Popen[str]]:
    """The processes of one training, as torchrun starts them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {"WORLD_SIZE": size, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [
        subprocess.Popen(
            [sys.executable, "-m", "tools.train", *options],
            env=os.environ | {k: str(v) for k, v in common.items()} | {"RANK": str(rank)},
            cwd=ROOT,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(size)
    ]


def ended(processes: list[subprocess.Popen[str]]) -> list[tuple[int, str]]:
    """Exit codes and what was said; a process that hangs is killed and fails the test."""
    try:
        said = [process.communicate(timeout=280) for process in processes]
        return [
            (process.returncode, out + err)
            for process, (out, err) in zip(processes, said, strict=True)
        ]
    finally:
        for process in processes:
            process.kill()


def alone(*options: str) -> int:
    """The same command in this process; its exit code."""
    try:
        return train.main(options)
    finally:
        torch.set_flush_denormal(False)


@pytest.fixture
def recipe(tmp_path: Path, fake_text: Callable[..., str]) -> Path:
    path = tmp_path / "fake.toml"
    path.write_text(fake_text(6, "checkpoint_every = 2"))
    return path


@pytest.mark.slow
@pytest.mark.timeout(600)  # a training beside it takes the cores
def test_two_processes_train_as_one_does(tmp_path: Path, recipe: Path) -> None:
    options = (str(recipe), "--data", str(tmp_path), "--device", "cpu", "--out")
    assert alone(*options, str(tmp_path / "run1")) == 0
    for code, said in ended(start(2, *options, str(tmp_path / "run2"))):
        assert code == 0, said
    one, two = (checkpoint.load(tmp_path / f"run{size}") for size in (1, 2))
    assert one.step == two.step == 6
    assert two.losses == pytest.approx(one.losses, rel=1e-3, abs=1e-5)
    for found, wanted in ((two.networks, one.networks), (two.average, one.average)):
        for name, value in wanted.items():
            # A bias before a batch normalisation has no gradient but for rounding, which Adam
            # blows up to whole steps; nothing depends on it but the running mean after it.
            if name not in ("body.0.bias", "body.1.running_mean"):
                torch.testing.assert_close(found[name], value, rtol=2e-3, atol=2e-4)
    for each in (one, two):
        assert int(each.networks["body.1.num_batches_tracked"]) == 6


@pytest.mark.slow
@pytest.mark.timeout(600)  # a training beside it takes the cores
@pytest.mark.parametrize("mishap", ["unreadable", "kill"])
def test_when_one_fails_the_other_ends(
    tmp_path: Path, recipe: Path, mishap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mishaps.toml").write_text(f"{mishap} = 3\nrank = 1")
    out = tmp_path / "run"
    options = (str(recipe), "--data", str(tmp_path), "--device", "cpu", "--out", str(out))
    (first, said), (second, reason) = ended(start(2, *options))
    assert first == 1 and "Process 0 of 2 lost the others" in said
    if mishap == "kill":
        assert second == -9
    else:
        assert second == 2 and "clip 2 cannot be read" in reason
    assert checkpoint.load(out).step == 2
    (tmp_path / "mishaps.toml").unlink()
    assert alone(*options) == 0  # and one process goes on where two were
    assert "going on at step 2 of 6" in capsys.readouterr().out


def test_one_process_needs_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    with join("cpu") as team:
        assert team == Team(0, 1, CPU) and team.first
        assert team.mean(torch.tensor([3.0])).tolist() == [3.0]
        assert team.highest(5) == team.spread(5) == 5
        net = torch.nn.Linear(1, 1)
        assert team.wrap(net) is net


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [("WORLD_SIZE", "two", "WORLD_SIZE is 'two'"), ("RANK", "3", "RANK is 3, expected 0 to 0")],
)
def test_an_environment_that_makes_no_sense(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match=said), join("cpu"):
        pass


def test_places_are_equal_shares() -> None:
    assert [list(Team(rank, 3, CPU).places(6)) for rank in range(3)] == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(UsageError, match="batch of 7 cannot be shared equally by 3"):
        Team(0, 3, CPU).places(7)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_no_gpu() -> None:
    with pytest.raises(UsageError, match="no CUDA device"), join("cuda"):
        pass


def test_more_processes_than_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(UsageError, match="no GPU of its own: there are 2"), join():
        pass


def test_only_the_loss_of_others_is_called_so() -> None:
    team = Team(1, 2, CPU)
    with pytest.raises(TrainingFailed, match="Process 1 of 2 lost"), team.guard():
        raise RuntimeError("[gloo/transport/tcp/pair.cc:534] Connection closed by peer")
    with pytest.raises(RuntimeError, match="size of tensor"), team.guard():
        raise RuntimeError("The size of tensor a (3) must match the size of tensor b (4)")
    assert LOST.search("Timed out waiting 1200000ms for recv operation to complete")
