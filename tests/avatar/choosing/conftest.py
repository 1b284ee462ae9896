"""Engines made up by a test, on a computer made up too."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from avatar.choosing.choice import Chooser
from avatar.choosing.speeds import Speeds
from avatar.engine import Installed
from avatar.gpu import Gpu
from engines.fake import FakeEngine

WEIGHTS: Any = SimpleNamespace(sha256="a" * 64, path=None)
CARD = Gpu("NVIDIA T4", "580.65")


class Clock:
    """Seconds that only pass when an engine takes them."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Timed(FakeEngine):
    """Takes ``ms`` a frame by the test's clock; notes what is open."""

    rank = 30
    ms: dict[str, float] = {"fp32": 10.0, "int8": 5.0, "fp16": 1.0}
    precisions = ("fp32",)
    open_s = 0.1
    needs: dict[str, str] = {}
    why_not = ""
    clock: Clock
    log: list[str]

    @classmethod
    def available(cls) -> str:
        cls.log.append(f"available {cls.name}")
        return cls.why_not

    def missing(self) -> str:
        return self.needs.get(self.precision, "")

    def open(self) -> None:
        super().open()
        self.clock.now += self.open_s
        self.log.append(f"open {self.name}:{self.precision}")

    def render(self, code: Any, driving: Any) -> Any:
        picture = super().render(code, driving)
        self.clock.now += self.ms[self.precision] / 1e3
        return picture

    def close(self) -> None:
        self.log.append(f"close {self.name}:{self.precision}")


class Machine:
    """Engines made up by a test, on a computer made up too."""

    WEIGHTS, CARD = WEIGHTS, CARD

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.log: list[str] = []
        self.engines: dict[str, type[FakeEngine]] = {}
        self.broken: dict[str, str] = {}
        self.gpu: Gpu | None = None
        self.folder = folder

    def add(self, name: str, rank: int, **knobs: Any) -> type[Timed]:
        more = {"name": name, "rank": rank, "clock": self.clock, "log": self.log, **knobs}
        self.engines[name] = made = type(name.title(), (Timed,), more)
        return made

    def chooser(self, *, offline: bool = False, cpu: str = "a CPU") -> Chooser:
        return Chooser(
            lambda: WEIGHTS,
            installed=Installed(self.engines, self.broken),
            speeds=Speeds({"cpu": cpu}, self.folder / "speeds.json"),
            gpu=lambda: self.gpu,
            offline=offline,
            clock=self.clock,
        )

    def opened(self) -> list[str]:
        return [line.removeprefix("open ") for line in self.log if line.startswith("open ")]

    def closed(self) -> list[str]:
        return [line.removeprefix("close ") for line in self.log if line.startswith("close ")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """ov (fp32 and int8), ort and eager as on a CPU, and the fake."""
    machine = Machine(tmp_path)
    machine.add("ov", 40, precisions=("fp32", "int8"))
    machine.add("ort", 30, ms={"fp32": 21.3})
    machine.add("eager", 10, ms={"fp32": 30.0})
    machine.engines["fake"] = FakeEngine
    return machine
