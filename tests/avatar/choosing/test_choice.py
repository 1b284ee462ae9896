"""Which engine is taken, and why: through engines without a network and a memory in a folder."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from avatar.choosing.choice import Chooser
from avatar.engine import Installed, label_of
from avatar.errors import EngineError, WeightsError


def test_without_quantised_graphs_full_precision_is_measured(machine: Any) -> None:
    machine.engines["ov"].needs = {"int8": "the INT8 graphs"}
    offer = machine.chooser().auto()
    assert (offer.engine.name, offer.engine.precision) == ("ov", "fp32")
    assert "ov:int8 (needs the INT8 graphs)" in offer.reason and offer.better is None


def test_while_frames_come_nothing_is_measured(machine: Any) -> None:
    by_rank = machine.chooser().auto(measuring=False)
    assert by_rank.engine.precision == "int8" and machine.opened() == []
    assert by_rank.reason.startswith("the fastest that is ready")
    machine.engines["ov"].ms = {"fp32": 30.0, "int8": 40.0}
    assert machine.chooser().auto().engine.name == "ort"
    assert machine.chooser().auto(measuring=False).engine.name == "ort"


def test_one_candidate_is_not_measured(machine: Any) -> None:
    del machine.engines["ov"]
    offer = machine.chooser().auto()
    assert (offer.engine.name, offer.opened) == ("ort", False) and machine.opened() == []
    assert offer.reason.startswith("the fastest that is ready")
    del machine.engines["eager"]
    assert machine.chooser().auto().reason == "the only one that is ready"


def test_without_a_gpu_its_engines_are_not_even_asked(machine: Any) -> None:
    machine.add("trt", 80, precisions=("fp16",))
    offer = machine.chooser().auto()
    assert "trt (no NVIDIA GPU was found)" in offer.reason
    assert "available trt" not in machine.log


def test_with_a_gpu_its_best_engine_is_taken_unmeasured(machine: Any) -> None:
    machine.gpu = machine.CARD
    machine.add("compiled", 60, precisions=("fp16", "fp32"))
    offer = machine.chooser().auto()
    assert (offer.engine.name, offer.engine.precision, offer.opened) == ("compiled", "fp16", False)
    assert offer.reason.startswith("the fastest engine ready on NVIDIA T4; rejected: ")
    assert "compiled:fp32 (only when asked for)" in offer.reason
    assert "ort (of a lower rank)" in offer.reason and machine.opened() == []
    machine.add("trt", 80, precisions=("fp16",))
    assert machine.chooser().auto().engine.name == "trt"


def test_what_is_better_once_built_is_offered_beside(machine: Any) -> None:
    machine.gpu = machine.CARD
    machine.add("compiled", 60, precisions=("fp16",))
    machine.add("trt", 80, precisions=("fp16",), needs={"fp16": "a plan for this GPU"})
    offer = machine.chooser().auto()
    assert offer.engine.name == "compiled" and offer.better is not None
    assert offer.better.name == "trt"
    assert "trt (needs a plan for this GPU, built meanwhile)" in offer.reason
    assert offer.better_reason.startswith("the fastest on NVIDIA T4, built in the background")
    assert "compiled (ran while trt was built)" in offer.better_reason
    assert machine.chooser().auto({"trt": "its build was cancelled"}).better is None


def test_exports_are_built_beside_the_reference(machine: Any) -> None:
    machine.engines["ov"].needs = {"fp32": "the graphs", "int8": "INT8"}
    machine.engines["ort"].needs = {"fp32": "the graphs"}
    offer = machine.chooser().auto()
    assert offer.engine.name == "eager" and offer.better is not None
    assert (offer.better.name, offer.better.precision) == ("ov", "fp32")
    machine.engines["eager"].why_not = "PyTorch is not installed"
    alone = machine.chooser().auto()
    assert (alone.engine.name, alone.better) == ("ov", None)
    assert alone.reason.startswith("the fastest once it has the graphs")


def test_offline_takes_full_precision_and_builds_first(machine: Any) -> None:
    offer = machine.chooser(offline=True).auto()
    assert (offer.engine.name, offer.engine.precision) == ("ov", "fp32") and offer.opened
    assert "ov:int8 (lower precision, only when asked for)" in offer.reason
    machine.gpu = machine.CARD
    machine.add("compiled", 60, precisions=("fp16",))
    machine.add("trt", 80, precisions=("fp16",), needs={"fp16": "a plan"})
    offer = machine.chooser(offline=True).auto()
    assert (offer.engine.name, offer.better, offer.opened) == ("trt", None, False)
    assert offer.reason.startswith("the fastest once it has a plan")


def test_when_nothing_can_run_every_reason_is_given(machine: Any) -> None:
    for engine in machine.engines.values():
        engine.why_not = "no package"  # type: ignore[attr-defined]
    machine.broken["odd"] = "its module cannot be imported"
    with pytest.raises(EngineError, match="ov:int8/fp32 .no package.*odd .its module") as caught:
        machine.chooser().auto()
    assert "dagan-avatar[cpu]" in caught.value.hint


def test_fakes_need_no_weights(machine: Any) -> None:
    def lost() -> Any:
        raise WeightsError("There are no weights.")

    chooser = Chooser(lost, installed=Installed(machine.engines), gpu=lambda: None)
    assert chooser.asked("fake").name == "fake"
    for call in (chooser.auto, chooser.candidates, lambda: chooser.asked("ov")):
        with pytest.raises(WeightsError):
            call()


def test_a_gpu_that_is_left_unused_is_told_with_the_cure(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avatar.gpu._installed", lambda _: "2.13.0+cpu")
    chooser = machine.chooser()
    ov = chooser.asked("ov")
    assert chooser.unused_gpu(ov, {}) is None
    machine.gpu = machine.CARD
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
    machine: Any,
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


def test_maps_that_no_engine_here_has_are_refused_with_the_reason(machine: Any) -> None:
    del machine.engines["fake"]
    for name, engine in machine.engines.items():
        engine.shows = ("depth", "flow") if name == "eager" else ("depth",)
    machine.engines["eager"].why_not = "PyTorch is not installed"
    with pytest.raises(EngineError, match=r"shows flow \(eager: PyTorch is not installed\)"):
        machine.chooser().showing(("flow",))
    with pytest.raises(EngineError, match=r"shows hair\."):
        machine.chooser().showing(("hair",))
