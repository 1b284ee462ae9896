"""Which form of a graph is used, by stored verdicts; nothing is compiled here."""

from types import SimpleNamespace
from typing import Any

import pytest

from avatar.errors import EngineError
from engines.trt_forms import FULL, HALF, HALF_SAMPLING, LADDER
from engines.trt_ladder import Ladder


class Stored:
    """Plans by graph and form: compared with eager ("passed" or why not), or not yet ("")."""

    def __init__(self, **notes: str) -> None:
        self.notes = {tuple(name.split("_")): note for name, note in notes.items()}

    def find(self, graph: str, form: str) -> tuple[Any, str]:
        note = self.notes.get((graph, form.replace("-", "")))
        if note is None:
            return None, "none was compiled yet"
        verdict = SimpleNamespace(passed=note == "passed", note=note) if note else None
        return SimpleNamespace(verdict=verdict), ""


def ladder(**notes: str) -> Ladder:
    return Ladder(Stored(**notes))  # type: ignore[arg-type]


def test_without_plans_the_fastest_form_is_wanted_and_missing() -> None:
    empty = ladder()
    assert empty.forms() == {graph: forms[0] for graph, forms in LADDER.items()}
    assert empty.missing() == "none was compiled yet"
    with pytest.raises(EngineError, match="no TensorRT plan to open: none was compiled yet"):
        empty.plan("detect", HALF)


def test_a_form_that_differs_is_stepped_over_and_said() -> None:
    found = ladder(detect_half="", encode_half="passed", render_half="31 dB")
    assert found.form("detect") is HALF and found.form("render") is HALF_SAMPLING
    assert found.missing() == "none was compiled yet"
    assert found.passed_over("render", HALF_SAMPLING) == [f"render not in {HALF.sentence}: 31 dB"]
    assert found.passed_over("encode", HALF) == []
    assert ladder(detect_half="", encode_half="", render_half="").missing() == ""


def test_when_no_form_is_left_every_reason_is_given_and_nothing_is_missing() -> None:
    lost = ladder(detect_half="12 dB", detect_full="13 dB")
    assert lost.form("detect") is None and lost.missing() == ""
    with pytest.raises(EngineError, match=f"{HALF.sentence}: 12 dB; {FULL.sentence}: 13 dB"):
        lost.forms()
