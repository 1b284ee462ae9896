"""Engines measured against each other: engines without a network, by a clock of the test."""

from typing import Any

import pytest

from avatar.choosing.contest import BUDGET_S, BUILD_LIMIT_S
from avatar.errors import Cancelled


def test_the_fastest_is_measured_once_stays_open_and_is_remembered(machine: Any) -> None:
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
    machine: Any,
) -> None:
    for engine in machine.engines.values():
        engine.open_s = 0.7
    first = machine.chooser().auto()
    assert sorted(machine.opened()) == ["ov:fp32", "ov:int8"] and first.engine.precision == "int8"
    assert machine.clock.now < BUDGET_S + 0.2
    machine.log.clear()
    for name in ("ov", "ort"):  # a busier machine: everything takes twice as long
        engine = machine.engines[name]
        engine.ms = {p: 2 * ms for p, ms in engine.ms.items()}
    second = machine.chooser().auto()
    assert machine.opened() == ["ort:fp32", "ov:int8"] and second.engine.precision == "int8"
    assert "ort (42.6 ms)" in second.reason and "ov:fp32 (20.0 ms)" in second.reason
    machine.log.clear()
    assert not machine.chooser().auto().opened and machine.opened() == []


def test_what_cannot_start_or_breaks_in_the_contest_is_a_reason(
    machine: Any, caplog: pytest.LogCaptureFixture
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


def test_cancelling_leaves_nothing_open(machine: Any) -> None:
    with pytest.raises(Cancelled):
        machine.chooser().auto(cancelled=lambda: len(machine.opened()) == 2)
    assert sorted(machine.closed()) == sorted(machine.opened())


def test_a_memory_that_cannot_be_written_does_not_stop_it(machine: Any) -> None:
    (machine.folder / "speeds.json").mkdir()
    offer = machine.chooser().auto()
    assert offer.engine.precision == "int8" and offer.reason.startswith("5.0 ms")


def test_measuring_all_builds_what_is_quick_to_build(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Exporting:
        def build(self, progress: Any, cancelled: Any) -> None:
            progress(0.5, "Exporting")
            self.needs = {}  # type: ignore[misc]

    class Endless:
        def build(self, progress: Any, cancelled: Any) -> None:
            self.clock.now += BUILD_LIMIT_S + 1  # type: ignore[attr-defined]
            if cancelled():
                raise Cancelled("")

    machine.gpu = machine.CARD
    quick = machine.add("quick", 35, needs={"fp32": "graphs"})
    quick.build = Exporting.build  # type: ignore[assignment]
    machine.add("trt", 80, needs={"fp32": "a plan"}).build = Endless.build
    machine.add("sick", 20, fail_open=True)
    told: list[str] = []
    chooser = machine.chooser()
    failed = chooser.measure_all(lambda share, what: told.append(what))
    assert set(chooser.speeds()) == {"ov:fp32", "ov:int8", "ort", "eager", "quick"}
    assert chooser.speeds()["eager"].ms == pytest.approx(30)
    assert set(failed) == {"trt", "sick"} and "more than 60 s" in failed["trt"]
    assert {"Exporting", "Starting eager"} <= set(told)
    assert sorted(machine.closed()) >= sorted(machine.opened())
    machine.engines["eager"].ms = {"fp32": 60.0}
    chooser.measure_all()
    assert chooser.speeds()["ort"].ms == pytest.approx(21.3), "it was measured for itself"
    with pytest.raises(Cancelled):
        machine.chooser().measure_all(cancelled=lambda: True)
