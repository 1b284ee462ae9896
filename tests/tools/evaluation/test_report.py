import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from avatar.errors import InputError, OutputError, UsageError
from tools.evaluation import page
from tools.evaluation.bootstrap import Estimate
from tools.evaluation.clips import Clip
from tools.evaluation.evaluation import Outcome, Result
from tools.evaluation.exhibit import Exhibit
from tools.evaluation.gallery import Pick, order_of, picks
from tools.evaluation.methods import CopyDriver, CopyPortrait
from tools.evaluation.metrics import METRICS
from tools.evaluation.report import Report, Setup
from tools.evaluation.scorers import Scorer
from tools.evaluation.table import best_of, rich_table, turn_table
from tools.evaluation.trials import LeftOut, Shot, Trial
from tools.evaluation.turns import Turned

EVIL = '<script>alert("x")</script>'
PORTRAIT, DRIVER = CopyPortrait.name, CopyDriver.name


def trial(name: str, frames: int = 3) -> Trial:
    clip = Clip(name, name, Path(name))
    return Trial(Shot(clip, 0), tuple(Shot(clip, i + 1) for i in range(frames)))


def outcomes(*akd: float) -> dict[str, Outcome]:
    frames = tuple({"l1": value / 100, "akd": value} for value in akd)
    still = tuple({"l1": 0.0, "akd": 0.0} for _ in akd)
    return {PORTRAIT: Outcome(frames, {"jitter": 0.25}), DRIVER: Outcome(still, {})}


@pytest.fixture
def report() -> Report:
    setup = Setup(
        settings={"data": EVIL, "every": 6, "versions": {"numpy": "1.26"}, "maps": ("flow",)},
        methods=[CopyPortrait(), CopyDriver()],
        chosen=["l1", "akd", "jitter", "ssim_range2"],
        absent={"csim": "needs --embedding FILE"},
        scorers=[Scorer("landmarks", EVIL, "ab" * 32)],
    )
    result = Result(
        outcomes=[(trial(EVIL), outcomes(1, 2, 3)), (trial("b"), outcomes(7, 6, 8))],
        left_out=[LeftOut(EVIL, "no face & no figure")],
        complete=False,
    )
    return Report(setup, result)


def test_estimates_are_over_trials(report: Report) -> None:
    row = report.table()[PORTRAIT]
    assert row["akd"] == Estimate(4.5, 2, 7, 2, 2)
    assert row["jitter"].mean == 0.25
    assert "ssim_range2" not in row
    assert "jitter" not in report.table()[DRIVER]


def test_json_holds_everything(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    report.write(path)
    got = json.loads(path.read_text())
    assert got["format"] == "avatar-evaluation-1"
    assert got["complete"] is False
    assert got["scorers"][0]["sha256"] == "ab" * 32
    assert got["not_measured"] == {"csim": "needs --embedding FILE"}
    assert got["left_out"] == [{"what": EVIL, "why": "no face & no figure"}]
    assert "478 landmarks" in got["metrics"]["akd"]["definition"]
    figures = got["methods"][0]["figures"]["akd"]
    assert figures == {"mean": 4.5, "low": 2, "high": 7, "trials": 2, "people": 2}
    assert got["trials"][1]["figures"][PORTRAIT]["frames"][2] == {"l1": 0.08, "akd": 8}
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_one_person_gives_null_and_not_nan(report: Report, tmp_path: Path) -> None:
    del report.result.outcomes[1]
    report.write(tmp_path / "a.json")
    got = json.loads((tmp_path / "a.json").read_text(), parse_constant=pytest.fail)
    assert got["methods"][0]["figures"]["akd"]["low"] is None


def test_a_report_that_cannot_be_written(report: Report, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        report.write(tmp_path / "nowhere" / "a.json")


def shown(report: Report, width: int) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(rich_table(report, width))
    return console.export_text()


def test_the_table(report: Report) -> None:
    wide, narrow = shown(report, 120), shown(report, 50)
    assert "2 trials, 2 people: interrupted" in wide
    assert "AKD, px ↓" in wide and "4.50" in wide and "2.00 to 7.00" in wide
    assert "SSIM, range 2" not in wide  # not of the main ones
    assert "4.50" in narrow and "2.00 to 7.00" not in narrow


def test_the_best_is_what_the_digits_tell() -> None:
    def figure(mean: float) -> Estimate:
        return Estimate(mean, 0, 0, 1, 2)

    figures = {"a": figure(1.001), "b": figure(1.004), "c": figure(2)}
    assert best_of(METRICS["akd"], figures) == ["a", "b"]
    assert best_of(METRICS["psnr"], figures) == ["c"]
    assert best_of(METRICS["akd"], {}) == ()
    assert best_of(METRICS["jitter"], {"a": figure(-0.9), "b": figure(0.1)}) == ["b"]


def test_frames_are_picked_worst_first_and_spread(report: Report) -> None:
    found = picks(report.result, PORTRAIT, "akd", 3)
    assert [(p.value, p.worst) for p in found] == [
        (8, True), (7, True), (3, True), (1, False), (2, False), (6, False),
    ]  # fmt: skip
    assert picks(report.result, PORTRAIT, "csim", 3) == []
    assert order_of(["l1", "akd"]) == "akd"
    assert order_of(["psnr"]) is None


def test_for_similarity_the_worst_is_the_lowest(report: Report) -> None:
    frames = tuple({"csim": value} for value in (0.9, 0.2, 0.5))
    report.result.outcomes[:] = [(trial("a"), {PORTRAIT: Outcome(frames, {})})]
    assert [p.value for p in picks(report.result, PORTRAIT, "csim", 1)] == [0.2, 0.9]


@pytest.fixture
def exhibit() -> Exhibit:
    image = np.full((256, 256, 3), 90, np.uint8)
    pick = Pick(trial(EVIL), 1, 2.0, True)
    return Exhibit(pick, (("Results", ((EVIL, image),)),), note=f"No maps {EVIL}")


def test_names_are_escaped_everywhere(report: Report, exhibit: Exhibit) -> None:
    text = page.html(report, [exhibit], "akd")
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 6  # settings, scorer, left out, exhibit, label, note
    assert "no face &amp; no figure" in text


def test_the_page_needs_nothing_else(report: Report, exhibit: Exhibit) -> None:
    text = page.html(report, [exhibit], "akd")
    assert not re.search(r"https?:|//|@import|url\(|<link|<script|<iframe", text.split("<h2>")[0])
    assert set(re.findall(r'(?:src|href)="?([a-z]+:)', text)) == {"data:"}
    assert "default-src 'none'" in text


def test_the_page_says_what_it_is(report: Report, exhibit: Exhibit) -> None:
    text = page.html(report, [exhibit], "akd")
    assert "Interrupted" in text
    assert "Among the worst" in text and "frame 2" in text
    assert METRICS["akd"].definition in text
    assert "needs --embedding FILE" in text
    report.result.complete = True
    assert "Interrupted" not in page.html(report, [], None)


def test_pictures_come_back(tmp_path: Path) -> None:
    import base64

    from PIL import Image

    image = np.zeros((256, 256, 3), np.uint8)
    image[:, 128:] = 200, 40, 40
    url = page.data_url(image)
    again = np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))
    assert np.abs(again.astype(int) - image).mean() < 2


def test_the_page_is_never_written_into_the_repository(report: Report, tmp_path: Path) -> None:
    for folder in (page.ROOT, page.ROOT / "docs", page.ROOT / "tests" / ".." / "x"):
        with pytest.raises(UsageError, match="inside the repository"):
            page.write(folder, report, [], None)
    link = tmp_path / "link"
    link.symlink_to(page.ROOT)
    with pytest.raises(UsageError, match="inside the repository"):
        page.write(link / "page", report, [], None)
    assert page.write(tmp_path / "a" / "b", report, [], None).read_text().startswith("<!DOCTYPE")


def test_halves_apart(report: Report) -> None:
    assert report.by_half() == {}
    report = Report(replace(report.setup, halves=True), report.result)
    with pytest.raises(InputError, match="has no number"):
        report.by_half()
    numbered = [(trial(f"{i}"), outcomes(i, i, i)) for i in (30, 96, 47)]
    both = replace(trial("9"), portrait=Shot(Clip("8", "8", Path("8")), 0))
    report.result.outcomes[:] = [*numbered, (both, outcomes(5, 5, 5))]
    parts = report.by_half()
    means = {half: part.table()[PORTRAIT]["akd"].mean for half, part in parts.items()}
    assert means == {"even": 63, "odd": 47, "mixed": 5}
    got = json.loads(json.dumps(report.to_json()))
    assert got["odd"]["methods"][0]["figures"]["akd"]["mean"] == 47
    console = Console(width=90, record=True, file=io.StringIO())
    console.print(rich_table(parts["odd"], 90, "odd"))
    assert "1 trials, 1 people, odd" in console.export_text()


def test_medians_where_a_metric_is_one(report: Report) -> None:
    frames = tuple({"turn_error": value} for value in (1.0, 2.0, 30.0))
    assert Outcome(frames, {}).figures() == {"turn_error": 2}
    report = Report(replace(report.setup, chosen=["turn_error"]), report.result)
    report.result.outcomes[:] = [
        (trial(f"{i}"), {PORTRAIT: Outcome(({"turn_error": i},), {}), DRIVER: Outcome((), {})})
        for i in (1.0, 2.0, 60.0)
    ]
    assert report.table()[PORTRAIT]["turn_error"].mean == 2


def test_turns_in_table_and_json(report: Report) -> None:
    report = Report(replace(report.setup, chosen=["turn_error"]), report.result)
    turns = (Turned(np.array([0, 20.0, 0]), np.array([0, 15.0, 0])), None)
    report.result.outcomes[:] = [
        (trial("1"), {PORTRAIT: Outcome((), {}, turns), DRIVER: Outcome((), {}, ())})
    ]
    got = report.to_json()
    assert got["methods"][0]["turn_gains"]["yaw"] == pytest.approx(0.75)
    assert [row["from"] for row in got["methods"][0]["turns_by_size"]] == [20, 0]
    assert "turns_by_size" not in got["methods"][1]
    kept = got["trials"][0]["figures"][PORTRAIT]["turns"]
    assert kept == [{"asked": [0, 20, 0], "made": [0, 15, 0]}, None]
    console = Console(width=90, record=True, file=io.StringIO())
    console.print(turn_table(report))
    text = console.export_text()
    assert "20 to 30" in text and "all" in text and "yaw 0.75" in text
