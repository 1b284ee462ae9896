"""Which engine is taken, and why: through engines without a network and a memory in a folder."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from avatar.choosing import choice
from avatar.choosing.candidates import State, parse
from avatar.choosing.choice import ASKED, Chooser
from avatar.choosing.speeds import Speeds
from avatar.engine import Installed, label_of
from avatar.errors import Cancelled, EngineError, UsageError, WeightsError
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


def test_the_fastest_is_measured_once_stays_open_and_is_remembered(machine: Machine) -> None:
    offer = machine.chooser().auto()
    assert (offer.engine.name, offer.engine.precision, offer.opened) == ("ov", "int8", True)
    assert sorted(machine.opened()) == ["ort:fp32", "ov:fp32", "ov:int8"]
    assert sorted(machine.closed()) == ["ort:fp32", "ov:fp32"]
    assert offer.reason.startswith("5.0 ms a frame, measured 20")
    assert "ort (21.3 ms)" in offer.reason and "ov:fp32 (10.0 ms)" in offer.reason
    assert "eager (not measured, avatar engines --measure does)" in offer.reason
    assert "fake" not in offer.reason and offer.better is None

    machine.log.clear()
    again = machine.chooser().auto()
    assert (again.engine.precision, again.opened, again.reason) == ("int8", False, offer.reason)
    assert machine.opened() == []
    assert machine.chooser(cpu="another").auto().opened


def test_measuring_ends_in_time_and_the_rest_has_its_turn_at_another_start(
    machine: Machine,
) -> None:
    for engine in machine.engines.values():
        engine.open_s = 0.7  # type: ignore[attr-defined]
    first = machine.chooser().auto()
    assert sorted(machine.opened()) == ["ov:fp32", "ov:int8"] and first.engine.precision == "int8"
    assert machine.clock.now < choice.BUDGET_S + 0.2
    machine.log.clear()
    for name in ("ov", "ort"):  # a busier machine: everything takes twice as long
        engine = machine.engines[name]
        engine.ms = {p: 2 * ms for p, ms in engine.ms.items()}  # type: ignore[attr-defined]
    second = machine.chooser().auto()
    assert machine.opened() == ["ort:fp32", "ov:int8"] and second.engine.precision == "int8"
    assert "ort (42.6 ms)" in second.reason and "ov:fp32 (20.0 ms)" in second.reason
    machine.log.clear()
    assert not machine.chooser().auto().opened and machine.opened() == []


def test_without_quantised_graphs_full_precision_is_measured(machine: Machine) -> None:
    machine.engines["ov"].needs = {"int8": "the INT8 graphs"}  # type: ignore[attr-defined]
    offer = machine.chooser().auto()
    assert (offer.engine.name, offer.engine.precision) == ("ov", "fp32")
    assert "ov:int8 (needs the INT8 graphs)" in offer.reason and offer.better is None


def test_while_frames_come_nothing_is_measured(machine: Machine) -> None:
    by_rank = machine.chooser().auto(measuring=False)
    assert by_rank.engine.precision == "int8" and machine.opened() == []
    assert by_rank.reason.startswith("the fastest that is ready")
    machine.engines["ov"].ms = {"fp32": 30.0, "int8": 40.0}  # type: ignore[attr-defined]
    assert machine.chooser().auto().engine.name == "ort"
    assert machine.chooser().auto(measuring=False).engine.name == "ort"


def test_one_candidate_is_not_measured(machine: Machine) -> None:
    del machine.engines["ov"]
    offer = machine.chooser().auto()
    assert (offer.engine.name, offer.opened) == ("ort", False) and machine.opened() == []
    assert offer.reason.startswith("the fastest that is ready")
    del machine.engines["eager"]
    assert machine.chooser().auto().reason == "the only one that is ready"


def test_what_cannot_start_or_breaks_in_the_contest_is_a_reason(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    machine.engines["ort"].fail_open = True
    machine.engines["ov"].fail_after = 3
    machine.broken["trt"] = "its module cannot be imported: OSError: libfoo"
    offer = machine.chooser().auto()
    assert offer.engine.name == "eager" and not offer.opened
    assert "ort (cannot start: the fake engine was told not to open)" in offer.reason
    assert "ov:int8/fp32 (failed: the fake engine was told to fail after 3 frames)" in offer.reason
    assert "trt (its module cannot be imported: OSError: libfoo)" in offer.reason
    assert set(offer.failed) == {"ort", "ov:fp32", "ov:int8"}
    assert "ort cannot start" in caplog.text
    assert sorted(machine.closed()) == ["ort:fp32", "ov:fp32", "ov:int8"]


def test_without_a_gpu_its_engines_are_not_even_asked(machine: Machine) -> None:
    machine.add("trt", 80, precisions=("fp16",))
    offer = machine.chooser().auto()
    assert "trt (no NVIDIA GPU was found)" in offer.reason
    assert "available trt" not in machine.log


def test_with_a_gpu_its_best_engine_is_taken_unmeasured(machine: Machine) -> None:
    machine.gpu = CARD
    machine.add("compiled", 60, precisions=("fp16", "fp32"))
    offer = machine.chooser().auto()
    assert (offer.engine.name, offer.engine.precision, offer.opened) == ("compiled", "fp16", False)
    assert offer.reason.startswith("the fastest engine ready on NVIDIA T4; rejected: ")
    assert "compiled:fp32 (only when asked for)" in offer.reason
    assert "ort (of a lower rank)" in offer.reason and machine.opened() == []
    machine.add("trt", 80, precisions=("fp16",))
    assert machine.chooser().auto().engine.name == "trt"


def test_what_is_better_once_built_is_offered_beside(machine: Machine) -> None:
    machine.gpu = CARD
    machine.add("compiled", 60, precisions=("fp16",))
    machine.add("trt", 80, precisions=("fp16",), needs={"fp16": "a plan for this GPU"})
    offer = machine.chooser().auto()
    assert offer.engine.name == "compiled" and offer.better is not None
    assert offer.better.name == "trt"
    assert "trt (needs a plan for this GPU, built meanwhile)" in offer.reason
    assert offer.better_reason.startswith("the fastest on NVIDIA T4, built in the background")
    assert "compiled (ran while trt was built)" in offer.better_reason
    assert machine.chooser().auto({"trt": "its build was cancelled"}).better is None


def test_exports_are_built_beside_the_reference(machine: Machine) -> None:
    machine.engines["ov"].needs = {"fp32": "the graphs", "int8": "INT8"}  # type: ignore[attr-defined]
    machine.engines["ort"].needs = {"fp32": "the graphs"}  # type: ignore[attr-defined]
    offer = machine.chooser().auto()
    assert offer.engine.name == "eager" and offer.better is not None
    assert (offer.better.name, offer.better.precision) == ("ov", "fp32")
    machine.engines["eager"].why_not = "PyTorch is not installed"  # type: ignore[attr-defined]
    alone = machine.chooser().auto()
    assert (alone.engine.name, alone.better) == ("ov", None)
    assert alone.reason.startswith("the fastest once it has the graphs")


def test_offline_takes_full_precision_and_builds_first(machine: Machine) -> None:
    offer = machine.chooser(offline=True).auto()
    assert (offer.engine.name, offer.engine.precision) == ("ov", "fp32") and offer.opened
    assert "ov:int8 (lower precision, only when asked for)" in offer.reason
    machine.gpu = CARD
    machine.add("compiled", 60, precisions=("fp16",))
    machine.add("trt", 80, precisions=("fp16",), needs={"fp16": "a plan"})
    offer = machine.chooser(offline=True).auto()
    assert (offer.engine.name, offer.better, offer.opened) == ("trt", None, False)
    assert offer.reason.startswith("the fastest once it has a plan")


def test_when_nothing_can_run_every_reason_is_given(machine: Machine) -> None:
    for engine in machine.engines.values():
        engine.why_not = "no package"  # type: ignore[attr-defined]
    machine.broken["odd"] = "its module cannot be imported"
    with pytest.raises(EngineError, match="ov:int8/fp32 .no package.*odd .its module") as caught:
        machine.chooser().auto()
    assert "dagan-avatar[cpu]" in caught.value.hint


def test_cancelling_leaves_nothing_open(machine: Machine) -> None:
    with pytest.raises(Cancelled):
        machine.chooser().auto(cancelled=lambda: len(machine.opened()) == 2)
    assert sorted(machine.closed()) == sorted(machine.opened())


def test_a_memory_that_cannot_be_written_does_not_stop_it(machine: Machine) -> None:
    (machine.folder / "speeds.json").mkdir()
    offer = machine.chooser().auto()
    assert offer.engine.precision == "int8" and offer.reason.startswith("5.0 ms")


def test_candidates_are_listed_with_their_state(machine: Machine) -> None:
    class Buggy(FakeEngine):
        name, rank = "buggy", 20

        def missing(self) -> str:
            raise ZeroDivisionError("oops")

    class Homeless(FakeEngine):
        name, rank = "homeless", 20

        def missing(self) -> str:
            raise EngineError("It was given no weights file.")

    machine.engines |= {"buggy": Buggy, "homeless": Homeless}
    machine.engines["ov"].needs = {"int8": "INT8 graphs"}  # type: ignore[attr-defined]
    machine.engines["ort"].why_not = "not installed"  # type: ignore[attr-defined]
    machine.broken["odd"] = "broken"
    found = machine.chooser().candidates()
    assert [(c.label, c.state, c.why) for c in found] == [
        ("ov:int8", State.UNBUILT, "INT8 graphs"),
        ("ov:fp32", State.READY, ""),
        ("ort", State.UNAVAILABLE, "not installed"),
        ("buggy", State.UNAVAILABLE, "ZeroDivisionError: oops"),
        ("homeless", State.UNAVAILABLE, "It was given no weights file"),
        ("eager", State.READY, ""),
        ("odd", State.UNAVAILABLE, "broken"),
        ("fake", State.READY, ""),
    ]
    with pytest.raises(EngineError, match="broken"):
        found[-2].make(WEIGHTS)


def test_an_engine_is_asked_for_with_or_without_precision(machine: Machine) -> None:
    chooser = machine.chooser()
    assert chooser.asked("ov").precision == "fp32"
    assert chooser.asked(" ov:int8 ").precision == "int8"
    assert chooser.asked("fake").name == "fake" and ASKED == "asked for"
    machine.engines["ort"].why_not = "not installed (pip install 'dagan-avatar[cpu]')"  # type: ignore[attr-defined]
    machine.broken["odd"] = "its module cannot be imported: ImportError: x"
    for spec, error, words, hint in (
        ("warp", UsageError, "there are: eager, fake, odd, ort, ov", "--engine"),
        ("", UsageError, "No engine is called ''", "--engine"),
        ("ov:fp8", UsageError, "no precision 'fp8'; it has: fp32, int8", "ov:fp32"),
        ("ov:", UsageError, "no precision ''", "ov:fp32"),
        ("eager:int8", UsageError, "it has: fp32", "--engine eager"),
        ("ort", EngineError, "dagan-avatar", "Leave --engine out"),
        ("odd", EngineError, "ImportError: x", "Install the package again"),
    ):
        with pytest.raises(error, match=words.replace("[", r"\[")) as caught:
            chooser.asked(spec)
        assert hint in caught.value.hint
    with pytest.raises(UsageError, match="there are: none"):
        parse("ov", Installed({}))


def test_fakes_need_no_weights(machine: Machine) -> None:
    def lost() -> Any:
        raise WeightsError("There are no weights.")

    chooser = Chooser(lost, installed=Installed(machine.engines), gpu=lambda: None)
    assert chooser.asked("fake").name == "fake"
    for call in (chooser.auto, chooser.candidates, lambda: chooser.asked("ov")):
        with pytest.raises(WeightsError):
            call()


def test_measuring_all_builds_what_is_quick_to_build(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Exporting:
        def build(self, progress: Any, cancelled: Any) -> None:
            progress(0.5, "Exporting")
            self.needs = {}  # type: ignore[misc]

    class Endless:
        def build(self, progress: Any, cancelled: Any) -> None:
            self.clock.now += choice.BUILD_LIMIT_S + 1  # type: ignore[attr-defined]
            if cancelled():
                raise Cancelled("")

    machine.gpu = CARD
    quick = machine.add("quick", 35, needs={"fp32": "graphs"})
    quick.build = Exporting.build  # type: ignore[assignment]
    machine.add("trt", 80, needs={"fp32": "a plan"}).build = Endless.build  # type: ignore[assignment]
    machine.add("sick", 20, fail_open=True)
    told: list[str] = []
    chooser = machine.chooser()
    failed = chooser.measure_all(lambda share, what: told.append(what))
    assert set(chooser.speeds()) == {"ov:fp32", "ov:int8", "ort", "eager", "quick"}
    assert chooser.speeds()["eager"].ms == pytest.approx(30)
    assert set(failed) == {"trt", "sick"} and "more than 60 s" in failed["trt"]
    assert {"Exporting", "Starting eager"} <= set(told)
    assert sorted(machine.closed()) >= sorted(machine.opened())
    machine.engines["eager"].ms = {"fp32": 60.0}  # type: ignore[attr-defined]
    chooser.measure_all()
    assert chooser.speeds()["ort"].ms == pytest.approx(21.3), "it was measured for itself"
    with pytest.raises(Cancelled):
        machine.chooser().measure_all(cancelled=lambda: True)


def test_what_an_engine_says_of_itself_is_part_of_the_reason() -> None:
    engine = FakeEngine()
    assert choice.noted("asked for", engine) == "asked for"
    engine.note = "on 1 thread"  # type: ignore[attr-defined]
    told = choice.noted("5.0 ms a frame; rejected: ort (21.3 ms)", engine)
    assert told == "5.0 ms a frame; on 1 thread; rejected: ort (21.3 ms)"
    assert choice.noted(told, engine) == told


def test_a_gpu_that_is_left_unused_is_told_with_the_cure(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatar.gpu._installed", lambda _: "2.13.0+cpu")
    chooser = machine.chooser()
    ov = chooser.asked("ov")
    assert chooser.unused_gpu(ov, {}) is None
    machine.gpu = CARD
    machine.add("compiled", 60, why_not="PyTorch was built without CUDA")
    chooser = machine.chooser()
    warning = chooser.unused_gpu(ov, {})
    assert warning is not None and "make setup TORCH=cuda" in warning.hint
    assert warning.message == "NVIDIA T4 is not used: ov:fp32 runs on the CPU."
    monkeypatch.setattr("avatar.gpu._installed", lambda _: "2.13.0")
    told = chooser.unused_gpu(ov, {"compiled": "failed: out of memory"})
    assert told is not None and "out of memory" in told.hint
    ov.note = "CPU provider; CUDA rejected: no driver"  # type: ignore[attr-defined]
    assert chooser.unused_gpu(ov, {}) is not None
    ov.note = "CUDA provider"  # type: ignore[attr-defined]
    assert chooser.unused_gpu(ov, {}) is None
    ov.note, ov.device = "", "cuda:0"  # type: ignore[attr-defined]
    assert chooser.unused_gpu(ov, {}) is None
    assert chooser.unused_gpu(machine.engines["compiled"](), {}) is None


def test_maps_come_from_a_quick_engine_where_one_has_them_and_else_from_any(
    machine: Machine,
) -> None:
    every = ("depth", "flow", "occlusion", "mask", "attention")
    for name, engine in machine.engines.items():
        engine.shows = every if name in ("eager", "fake") else ("depth",)
    chooser = machine.chooser()
    quick = chooser.showing(("depth",))
    assert (quick.name, quick.precision) == ("ov", "fp32")
    assert chooser.showing(("flow", "occlusion")).name == "eager"
    on_disk: Any = SimpleNamespace(sha256="a" * 64, path=Path("compact.safetensors"))
    chooser = Chooser(lambda: on_disk, installed=Installed(machine.engines), gpu=lambda: None)
    assert label_of(chooser.showing(("flow",))) == "remote:eager"  # in a process of its own
    assert chooser.showing(("depth",)).name == "ov"
    assert machine.opened() == []


def test_maps_that_no_engine_here_has_are_refused_with_the_reason(machine: Machine) -> None:
    del machine.engines["fake"]
    for name, engine in machine.engines.items():
        engine.shows = ("depth", "flow") if name == "eager" else ("depth",)
    machine.engines["eager"].why_not = "PyTorch is not installed"  # type: ignore[attr-defined]
    with pytest.raises(EngineError, match=r"shows flow \(eager: PyTorch is not installed\)"):
        machine.chooser().showing(("flow",))
    with pytest.raises(EngineError, match=r"shows hair\."):
        machine.chooser().showing(("hair",))
