"""Engines against the reference: sound, wrong, crashed, missing; and the real one in a process."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatar.doctor import engines
from avatar.doctor.animation import animate, survey
from avatar.doctor.apart import Apart, NoAnswer
from avatar.doctor.engines import Shown, check, compared
from avatar.doctor.finding import Status
from avatar.errors import Cancelled
from avatar.gpu import Gpu

PICTURE = np.random.default_rng(0).integers(0, 256, (256, 256, 3)).astype(np.uint8)
VALUE = np.linspace(-0.5, 0.5, 20, dtype=np.float32).reshape(10, 2)
FIGURES = {"device": "cpu", "note": "", "opened_s": 0.1, "ms": 12.0}


def shown(noise: int = 0, shift: float = 0.0) -> Shown:
    picture = np.clip(PICTURE.astype(int) + noise, 0, 255).astype(np.uint8)
    return Shown(picture, VALUE + np.float32(shift), FIGURES)


def entry(label: str, state: str = "ready", why: str = "", **more: Any) -> dict[str, Any]:
    name, _, precision = label.partition(":")
    return {"label": label, "name": name, "precision": precision or "fp32", "state": state,
            "why": why, "on_gpu": False, "broken": False} | more  # fmt: skip


def answers(found: list[dict[str, Any]], results: dict[str, Any]) -> Any:
    def answer(function: str, *args: str) -> Any:
        if function.endswith(":survey"):
            return {"engines": found}
        result = results[args[0]]
        if isinstance(result, Shown):
            np.savez(args[2], picture=result.picture, value=result.value)
            return dict(result.told)
        return result

    return answer


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_gpu", lambda: None)


def test_the_reference_runs_first_and_the_others_are_compared(told: Any) -> None:
    apart = told(answers([entry("ov:int8"), entry("eager")],
                         {"eager": shown(), "ov:int8": shown(1)}))  # fmt: skip
    first, second = check(apart, "compact")
    assert first.name == "engine eager" and "the reference" in first.found
    assert second.status is Status.OK and second.details["reference"] == "eager"
    assert second.details["psnr_db"] > 40 and second.details["keypoints_px"] == 0


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (shown(40), "something else"),
        (shown(0, 0.02), "something else"),
        (shown(0, float("nan")), "no numbers"),
    ],
)
def test_one_that_shows_something_else_fails(made: Shown, reason: str) -> None:
    finding = compared("ort", "fp32", made, ("eager", shown()))
    assert finding.status is Status.FAILED and reason in finding.found
    assert "--engine eager" in finding.cure


def test_a_crash_and_a_hang_are_findings_and_the_rest_goes_on(told: Any) -> None:
    results = {"eager": NoAnswer("It crashed: signal 11.", hint="h"), "ov:fp32": shown(),
               "ort": shown()}  # fmt: skip
    crashed, reference, other = check(
        told(answers([entry("ort"), entry("ov:fp32"), entry("eager")], results)), "compact"
    )
    assert (crashed.status, crashed.cure) == (Status.FAILED, "h")
    assert reference.works and "compared with nothing" in reference.found
    assert other.details["reference"] == "engine ort".removeprefix("engine ") or other.works


def test_what_cannot_run_says_why_and_what_to_do(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "find_gpu", lambda: Gpu("Big", "400.1"))
    found = [
        entry("trt", "unavailable", "no tensorrt", on_gpu=True),
        entry("ort", "unbuilt", "exported graphs"),
        entry("x", "unavailable", "its module cannot be imported", broken=True),
    ]
    trt, ort, broken, unused = check(told(answers(found, {})), "compact")
    assert trt.status is Status.SKIPPED and trt.cure
    assert "engines --measure" in ort.cure
    assert broken.status is Status.WARNING
    assert unused.status is Status.WARNING and "Big is not used: no tensorrt" in unused.found


def test_the_wish_to_stop_is_not_a_finding(told: Any) -> None:
    apart = told(answers([entry("eager")], {"eager": Cancelled("stop")}))
    with pytest.raises(Cancelled):
        list(check(apart, "compact"))


def test_the_survey_leaves_fakes_out() -> None:
    labels = [engine["label"] for engine in survey("compact")["engines"]]
    assert labels and "fake" not in labels


def test_an_engine_animates_the_pair(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    file = tmp_path / "shown.npz"
    told = animate("ov", "compact", str(file))
    with np.load(file) as made:
        assert made["picture"].shape == (256, 256, 3) and made["value"].shape[1] == 2
    assert told["ms"] > 0


@pytest.mark.slow
def test_it_really_runs_in_a_process_of_its_own() -> None:
    findings = {finding.name: finding for finding in check(Apart(), "compact")}
    assert any(finding.status is Status.OK for finding in findings.values())
    assert not [f for f in findings.values() if f.status is Status.FAILED]
