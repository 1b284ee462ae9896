"""The locks agree with what is required and tested; a lock that does not is told; no network."""

import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import lock
from tools.setup import LEFT_OUT

A = "a" * 64
TEXT = f"""# by python -m tools.lock
Numpy==1.26.4 ; python_full_version < '3.13' \\
    --hash=sha256:{A} \\
    --hash=sha256:{"b" * 64}
only-mac==2 ; sys_platform == 'darwin' \\
    --hash=sha256:{A}
"""


@pytest.fixture(scope="module", params=sorted(lock.LOCKS))
def pins(request: pytest.FixtureRequest) -> dict[str, lock.Pin]:
    return lock.parse((lock.FOLDER / f"{request.param}.txt").read_text())


def test_the_locks_are_right() -> None:
    assert lock.check() == []


def test_everything_that_is_needed_here_is_locked(pins: dict[str, lock.Pin]) -> None:
    """Follows what the installed packages require, on every system their metadata tells of."""
    left = list(pins)
    followed = 0
    for name in left:
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # of another system, CUDA, or another set-up
            continue
        followed += 1
        for need in map(Requirement, requires):
            found = canonicalize_name(need.name)
            if found in LEFT_OUT:
                continue
            for environment in lock.ENVIRONMENTS:
                here = environment | {"extra": ""}
                if not pins[name].wanted(environment):
                    continue
                if need.marker is None or need.marker.evaluate(here):
                    assert found in pins, f"{name} requires {need}"
                    assert pins[found].wanted(environment), f"{name} requires {need}"
    assert followed > 20


def test_versions_outside_the_constraints_are_of_other_systems_or_cuda(
    pins: dict[str, lock.Pin],
) -> None:
    """What runs on the tested system is what was tested there."""
    tested = lock.constraints()
    for name, pin in pins.items():
        if name in tested or name.startswith(("nvidia-", "cuda-", "triton", "setuptools")):
            continue
        linux = [place for place in lock.ENVIRONMENTS if place["sys_platform"] == "linux"]
        assert not any(pin.wanted(place) for place in linux), name


def test_a_lock_is_read() -> None:
    pins = lock.parse(TEXT)
    assert pins["numpy"].version == "1.26.4" and len(pins["numpy"].hashes) == 2
    assert [pins["only-mac"].wanted(place) for place in lock.ENVIRONMENTS] == [False] * 4 + [
        True
    ] * 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("numpy==1.26.4\n", "expected a sha256 for every file of numpy, got none"),
        (f"numpy==1.26.4 \\\n    --hash=sha256:{A[1:]}\n", "expected a sha256"),
        (f"numpy==1.26.4 \\\n    --hash=md5:{A}\n", "expected a sha256"),
        (f"numpy>=1.26 \\\n    --hash=sha256:{A}\n", "expected NAME==VERSION, got 'numpy>=1.26'"),
        (f"--index-url x \\\n    --hash=sha256:{A}\n", "expected NAME==VERSION"),
        (TEXT + f"numpy==2 \\\n    --hash=sha256:{A}\n", "numpy is there twice"),
    ],
)
def test_a_lock_that_does_not_hold_is_refused(text: str, says: str) -> None:
    with pytest.raises(lock.LockError) as caught:
        lock.parse(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("required", "tested", "says"),
    [
        (["numpy>=1.26,<2"], {"numpy": "1.26.4"}, []),
        (["numpy"], {"numpy": "1.26.5"}, ["numpy: locked 1.26.4, tested 1.26.5"]),
        (["numpy>=2"], {}, ["numpy: locked 1.26.4, required >=2"]),
        (["av>=14"], {}, ["av: required, not locked"]),
        (["only-mac; sys_platform == 'darwin'"], {}, []),
        (
            ["only-mac; sys_platform != 'linux'"],
            {},
            [f"only-mac: required and not locked on win32, Python {v}" for v in lock.PYTHONS],
        ),
    ],
)
def test_disagreements_are_told(required: list[str], tested: dict[str, str], says: list) -> None:
    assert lock.problems(lock.parse(TEXT), required, tested) == says


def test_what_is_left_out_may_not_come_back() -> None:
    pins = lock.parse(f"jax==1 \\\n    --hash=sha256:{A}\n")
    assert lock.problems(pins, [], {}) == ["jax: is left out on purpose"]


def test_without_uv_nothing_is_made(monkeypatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)
    assert lock.main([]) == 1
    assert "pip install uv" in capsys.readouterr().err


@pytest.fixture
def folder(monkeypatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(lock, "FOLDER", tmp_path / "locks")
    return tmp_path / "locks"


def test_no_lock_is_written_unless_every_system_has_every_package(
    monkeypatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(argv, **kwargs) -> subprocess.CompletedProcess[str]:
        if "compile" in argv:
            Path(argv[argv.index("-o") + 1]).write_text(TEXT)
        lacks = "macos" in argv
        return subprocess.CompletedProcess(argv, int(lacks), "", "av has no usable wheels")

    monkeypatch.setattr(lock.subprocess, "run", run)
    monkeypatch.setattr(lock.shutil, "which", lambda name, path=None: "/bin/uv")
    assert lock.main([]) == 1
    assert "av has no usable wheels" in capsys.readouterr().err
    assert not folder.exists()


def test_locks_are_made_from_the_last_ones(monkeypatch, folder: Path) -> None:
    """What constraints.txt does not name keeps its version, as uv reads it from the file there."""
    folder.mkdir()
    (folder / "light.txt").write_text("before")
    seen = []

    def run(argv, **kwargs) -> subprocess.CompletedProcess[str]:
        if "compile" in argv:
            path = Path(argv[argv.index("-o") + 1])
            seen.append(path.read_text() if path.exists() else None)
            path.write_text(TEXT)
        else:
            assert {"--require-hashes", "--no-deps", "--only-binary"} < set(argv)
        return subprocess.CompletedProcess(argv, 0, "", "")

    monkeypatch.setattr(lock.subprocess, "run", run)
    lock.make("/bin/uv", upgrade=False)
    lock.make("/bin/uv", upgrade=True)
    assert seen == ["before", None, None, None]
    assert {path.name for path in folder.iterdir()} == {"light.txt", "torch.txt"}
    assert (folder / "light.txt").read_text() == TEXT
