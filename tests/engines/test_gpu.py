import ctypes
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from engines import gpu as asked
from engines.gpu import Gpu, cuda_lacks, gpu, torch_cuda

H200 = Gpu("NVIDIA H200", (9, 0), 141 * 2**30, (13, 0))


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    gpu.cache_clear()
    yield
    gpu.cache_clear()


class Driver:
    """What libcuda answers on a machine with one GPU."""

    def __init__(self, count: int = 1, fails: str = "") -> None:
        self.count, self.fails = count, fails

    def __getattr__(self, function: str):  # type: ignore[no-untyped-def]
        def call(*arguments):  # type: ignore[no-untyped-def]
            return 100 if function == self.fails else self.answer(function, *arguments) or 0

        return call

    def answer(self, function: str, *arguments) -> None:  # type: ignore[no-untyped-def]
        if function == "cuDeviceGetCount":
            arguments[0]._obj.value = self.count
        elif function == "cuDeviceGetName":
            arguments[0].value = b"NVIDIA H200"
        elif function == "cuDeviceTotalMem_v2":
            arguments[0]._obj.value = 141 * 2**30
        elif function == "cuDeviceGetAttribute":
            arguments[0]._obj.value = {75: 9, 76: 0}[arguments[1]]
        elif function == "cuDriverGetVersion":
            arguments[0]._obj.value = 13000


def test_the_driver_describes_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Driver())
    assert gpu() == H200
    assert str(gpu()) == "NVIDIA H200 (141 GiB, compute capability 9.0)"


def test_no_driver_no_gpu_or_one_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    for library in (missing, lambda name: Driver(count=0), lambda name: Driver(fails="cuInit")):
        gpu.cache_clear()
        monkeypatch.setattr(ctypes, "CDLL", library)
        assert gpu() is None


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("cuda: Optional[str] = '13.0'\n", (13, 0)),
        ("cuda: Optional[str] = None\n", None),
        ("cuda = '12.8'\n", (12, 8)),
        (None, None),
    ],
)
def test_for_which_cuda_pytorch_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, want: object
) -> None:
    if text is not None:
        (tmp_path / "version.py").write_text(f"__version__ = '2.13.0'\n{text}")
    found = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(asked, "find_spec", lambda name: found)
    assert torch_cuda() == want


@pytest.mark.parametrize(
    ("found", "built", "why"),
    [
        (H200, (13, 0), ""),
        (None, (13, 0), "no NVIDIA GPU answers"),
        (H200, None, "CPU build; make setup"),
        (Gpu("GTX 1080", (6, 1), 8 * 2**30, (12, 8)), (12, 8), "too old: compute capability 7.0"),
        (Gpu("RTX 3060", (8, 6), 12 * 2**30, (12, 4)), (13, 0), "update the NVIDIA driver"),
    ],
)
def test_why_pytorch_cannot_use_it(
    monkeypatch: pytest.MonkeyPatch, found: Gpu | None, built: object, why: str
) -> None:
    monkeypatch.setattr(asked, "gpu", lambda: found)
    monkeypatch.setattr(asked, "torch_cuda", lambda: built)
    if why:
        assert why in cuda_lacks()
    else:
        assert cuda_lacks() == ""


def test_without_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "find_spec", lambda name: None)
    assert cuda_lacks() == "PyTorch is not installed"
    assert torch_cuda() is None
