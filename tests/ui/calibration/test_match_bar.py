"""The match bar: number, word, hint and buttons, never colour alone."""

from datetime import datetime
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QLabel

from avatar.config import RunConfig
from avatar.pose.drift import Drifted
from avatar.pose.head import FRONTAL, HeadPose
from avatar.pose.match import FAIR, GOOD, STRAIGHT, Hint, match
from avatar.pose.reference import Progress
from ui.bridge import Bridge
from ui.calibration.calibration import Calibration
from ui.calibration.match_bar import MatchBar
from ui.calibration.match_ring import MatchRing
from ui.calibration.match_words import drift_words, hint_words, score_words
from ui.calibration.standing import Origin, Standing
from ui.sidebar import WIDTH
from ui.theme import MIN_POINT_SIZE

GOOD_MATCH = match(FRONTAL, None, STRAIGHT)
POOR_MATCH = match(HeadPose(yaw=25), None, STRAIGHT)


@pytest.fixture
def part(ports: Any) -> Calibration:
    return Calibration(Bridge(), ports, RunConfig, str)


@pytest.fixture
def bar(qtbot: Any, part: Calibration) -> MatchBar:
    made = MatchBar(part)
    qtbot.addWidget(made)
    made.setFixedWidth(WIDTH)
    made.show()
    return made


@pytest.fixture
def live(bar: MatchBar, part: Calibration, session: Any) -> MatchBar:
    part.attach(session)
    return bar


def test_without_a_session_nothing_can_be_pressed(bar: MatchBar) -> None:
    assert not bar.calibrate.isEnabled() and not bar.find_best.isEnabled()
    assert bar.word.text() == "Not running" and bar.ring.score is None


def test_the_score_is_number_and_word(live: MatchBar, part: Calibration) -> None:
    part.matched.emit(GOOD_MATCH)
    assert live.ring.score == 100 and live.word.text() == "Good match"
    assert "X" in live.hint.text()
    assert "Good match" in live.accessibleDescription()
    for _ in range(20):
        part.matched.emit(POOR_MATCH)
    assert live.ring.score == round(POOR_MATCH.score) and live.word.text() == "Poor match"
    assert live.hint.text() == "Turn a little to your right"


def test_the_score_does_not_jump(live: MatchBar, part: Calibration) -> None:
    part.matched.emit(GOOD_MATCH)
    part.matched.emit(POOR_MATCH)
    assert POOR_MATCH.score < live.ring.score < GOOD_MATCH.score


def test_one_different_hint_does_not_flicker(live: MatchBar, part: Calibration) -> None:
    left = match(HeadPose(yaw=-25), None, STRAIGHT)
    for given in (POOR_MATCH, POOR_MATCH, left, POOR_MATCH):
        part.matched.emit(given)
        assert live.hint.text() == "Turn a little to your right"
    part.matched.emit(left)
    part.matched.emit(left)
    assert live.hint.text() == "Turn a little to your left"


def test_no_face_is_said(live: MatchBar, part: Calibration) -> None:
    part.matched.emit(GOOD_MATCH)
    part.matched.emit(None)
    assert live.ring.score is None and live.word.text() == "No face"


def test_the_buttons_and_the_search(
    qtbot: Any, live: MatchBar, part: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    part.searching.emit(Progress(0.4, 81.6))
    assert live.progress.isVisible() and live.progress.value() == 40
    assert live.find_best.text() == live.find_best.accessibleName() == "Cancel"
    part.matched.emit(POOR_MATCH)
    assert live.hint.text() == "Best so far: 82 of 100"  # not the hint of one picture
    part.searching.emit(None)
    assert not live.progress.isVisible() and live.find_best.text() == "Find best"


def test_the_bar_keeps_its_height_while_it_searches(live: MatchBar, part: Calibration) -> None:
    def height() -> int:
        layout = live.layout()
        assert layout is not None
        layout.activate()
        return layout.totalHeightForWidth(WIDTH)

    part.matched.emit(POOR_MATCH)
    before = height()
    part.searching.emit(Progress(0.4, 81.6))
    assert live.progress.isVisible() and height() == before > 80


def test_waiting_for_a_face_can_be_cancelled(live: MatchBar, part: Calibration) -> None:
    part.waiting_changed.emit(True)
    assert live.find_best.text() == "Cancel"
    part.waiting_changed.emit(False)
    assert live.find_best.text() == "Find best"


def test_clicks_reach_the_session(
    qtbot: Any, live: MatchBar, part: Calibration, session: Any
) -> None:
    qtbot.mouseClick(live.calibrate, Qt.MouseButton.LeftButton)
    assert session.asked("calibrate") == [()]
    session.show()
    session.seen = None
    qtbot.mouseClick(live.find_best, Qt.MouseButton.LeftButton)
    assert session.asked("cancel_calibration") == [()]  # X waited for a face


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing(), "No neutral pose yet"),
        (Standing(Origin.ITSELF), "first frontal face"),
        (Standing(Origin.TAKEN, datetime(2019, 11, 3).astimezone()), "for now"),
        (Standing(Origin.FOUND, datetime(2019, 11, 3).astimezone(), True), "remembered"),
        (Standing(Origin.REMEMBERED, datetime(2019, 11, 3).astimezone(), True), "3 Nov 2019"),
    ],
)
def test_what_is_neutral_is_said(
    live: MatchBar, part: Calibration, standing: Standing, words: str
) -> None:
    part.standing_changed.emit(standing)
    assert words in live.standing.accessibleName()
    assert live.standing.text().rstrip("…") in live.standing.accessibleName()


def test_everything_is_named_reachable_and_large_enough(live: MatchBar) -> None:
    for button in live.findChildren(QAbstractButton):
        assert button.accessibleName() and button.accessibleDescription()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    for label in live.findChildren(QLabel):
        assert label.font().pointSizeF() >= MIN_POINT_SIZE
    assert live.minimumSizeHint().width() <= WIDTH


@pytest.mark.parametrize("hint", list(Hint))
def test_every_hint_has_words(hint: Hint) -> None:
    assert hint_words(hint)
    assert hint is Hint.NONE or hint_words(hint) == hint.value


def test_words_for_scores_and_drifts() -> None:
    words = [score_words(score) for score in (GOOD, FAIR, FAIR - 1)]
    assert len(set(words)) == 3
    said = {drift_words(Drifted(FRONTAL, what, 2.0)) for what in ("yaw", "x", "size")}
    assert len(said) == 3
    assert drift_words(Drifted(FRONTAL, "y", 2.0)) == drift_words(Drifted(FRONTAL, "x", 2.0))


def test_the_ring_fills_with_the_score(qtbot: Any) -> None:
    ring = MatchRing()
    qtbot.addWidget(ring)
    ring.resize(ring.sizeHint())

    def coloured(score: float | None) -> int:
        ring.set_score(score)
        shown = ring.grab().toImage()
        return sum(
            shown.pixelColor(x, y).hsvSaturation() > 90
            for x in range(shown.width())
            for y in range(shown.height())
        )

    counts = [coloured(score) for score in (None, 20.0, 60.0, 95.0)]
    assert counts[0] < 5 and counts == sorted(counts) and counts[3] > 3 * counts[1]
    assert ring.accessibleDescription() == "95 of 100"
