"""The engines there are in their precisions, and the one that is asked for by name."""

from typing import Any

import pytest

from avatar.choosing.candidates import State, parse
from avatar.choosing.offer import ASKED
from avatar.engine import Installed
from avatar.errors import EngineError, UsageError
from engines.fake import FakeEngine


def test_candidates_are_listed_with_their_state(machine: Any) -> None:
    class Buggy(FakeEngine):
        name, rank = "buggy", 20

        def missing(self) -> str:
            raise ZeroDivisionError("oops")

    class Homeless(FakeEngine):
        name, rank = "homeless", 20

        def missing(self) -> str:
            raise EngineError("It was given no weights file.")

    machine.engines |= {"buggy": Buggy, "homeless": Homeless}
    machine.engines["ov"].needs = {"int8": "INT8 graphs"}
    machine.engines["ort"].why_not = "not installed"
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
        found[-2].make(machine.WEIGHTS)


def test_an_engine_is_asked_for_with_or_without_precision(machine: Any) -> None:
    chooser = machine.chooser()
    assert chooser.asked("ov").precision == "fp32"
    assert chooser.asked(" ov:int8 ").precision == "int8"
    assert chooser.asked("fake").name == "fake" and ASKED == "asked for"
    machine.engines["ort"].why_not = "not installed (pip install 'dagan-avatar[cpu]')"
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
