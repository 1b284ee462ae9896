"""MatchBar: how near the driver is to the portrait, what would help, and the calibration."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from avatar.pose.match import Hint, Match
from avatar.pose.reference import Progress
from ui.calibration.calibration import Calibration
from ui.calibration.match_ring import MatchRing
from ui.calibration.match_words import hint_words, score_words
from ui.calibration.standing import Origin, Standing, spoken
from ui.theme import caption, heading

_NEW = 0.5  # share of the newest score in the one shown, so that it does not tremble


class MatchBar(QFrame):
    """Shows what Calibration tells. A new hint is shown when it was given twice in a row."""

    def __init__(self, calibration: Calibration, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._calibration = calibration
        self._score: float | None = None
        self._hint: Hint | None = None
        self._hint_shown = Hint.NONE
        self._waits = False
        self._searches = False
        self._standing_words = ""

        self.ring = MatchRing()
        self.word, self.hint, self.standing = QLabel(), QLabel(), QLabel()
        self.word.setFont(heading(self.word))
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.standing.setFont(caption(self.standing))
        self.standing.setObjectName("muted")
        self.standing.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName(self.tr("Search for the best pose"))
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.progress.hide()
        self.calibrate = self._button(
            self.tr("Calibrate"),
            self.tr("Look as the portrait does, then press (X): this is the neutral pose"),
        )
        self.calibrate.clicked.connect(calibration.calibrate)
        self.find_best = self._button("", "")
        self.find_best.clicked.connect(calibration.find)

        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.word)
        words.addWidget(self.hint, 1)
        words.addWidget(self.standing)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.ring, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.calibrate, 1)
        buttons.addWidget(self.find_best, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 9, 12, 9)
        column.setSpacing(5)
        column.addLayout(top)
        column.addWidget(self.progress)
        column.addLayout(buttons)

        calibration.running_changed.connect(self.set_running)
        calibration.matched.connect(self._show_match)
        calibration.searching.connect(self._show_search)
        calibration.waiting_changed.connect(self._show_wait)
        calibration.standing_changed.connect(self._show_standing)
        self._show_match(calibration.match)
        self._show_standing(calibration.standing)
        self._name_find()
        self.set_running(calibration.running)

    def set_running(self, running: bool) -> None:
        """Whether there is a session to calibrate."""
        self.calibrate.setEnabled(running)
        self.find_best.setEnabled(running)
        if not running:
            self._say(self.tr("Not running"), "")

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._elide()

    def _show_match(self, match: Match | None) -> None:
        if match is None:
            self._score = self._hint = None
            self.ring.set_score(None)
            if self._calibration.running:
                self._say(self.tr("No face"), self.tr("Come into the camera's picture"))
            return
        before = match.score if self._score is None else self._score
        self._score = before + _NEW * (match.score - before)
        if match.hint is self._hint or self._hint is None:
            self._hint_shown = match.hint
        self._hint = match.hint
        self.ring.set_score(round(self._score))
        self._say(score_words(self._score), hint_words(self._hint_shown))

    def _show_search(self, progress: Progress | None) -> None:
        started, self._searches = not self._searches, progress is not None
        self.progress.setVisible(self._searches)
        if progress is not None:
            self.progress.setValue(round(100 * progress.share))
            if progress.best is not None:
                told = self.tr("Best so far: {score} of 100").format(score=round(progress.best))
                self.hint.setText(told)
        if started or progress is None:
            self._name_find()

    def _show_wait(self, waits: bool) -> None:
        self._waits = waits
        self._name_find()

    def _show_standing(self, standing: Standing) -> None:
        self._standing_words = self._words_of(standing)
        self.standing.setToolTip(self._standing_words)
        self._elide()

    def _words_of(self, standing: Standing) -> str:
        date = "" if standing.taken is None else spoken(standing.taken)
        if standing.origin is Origin.NONE:
            return self.tr("No neutral pose yet")
        if standing.origin is Origin.ITSELF:
            return self.tr("Neutral: the first frontal face seen")
        if standing.origin is Origin.REMEMBERED:
            return self.tr("Remembered from {date}").format(date=date)
        if standing.kept:
            return self.tr("Neutral: taken {date}, remembered").format(date=date)
        return self.tr("Neutral: taken {date}, for now").format(date=date)

    def _name_find(self) -> None:
        if self._searches or self._waits:
            text, tip = self.tr("Cancel"), self.tr("Keep the neutral pose as it was (F)")
        else:
            text = self.tr("Find best")
            tip = self.tr(
                "Move slowly through the portrait's pose for three seconds (F): the picture most "
                "like it becomes the neutral pose"
            )
        self.find_best.setText(text)
        self.find_best.setAccessibleName(text)
        self.find_best.setAccessibleDescription(tip)
        self.find_best.setToolTip(tip)

    def _say(self, word: str, hint: str) -> None:
        self.word.setText(word)
        if not self._searches:
            self.hint.setText(hint)
        self.setAccessibleName(self.tr("Match with the portrait"))
        self.setAccessibleDescription(f"{word}. {self.hint.text()}")

    def _elide(self) -> None:
        metrics = self.standing.fontMetrics()
        mode, width = Qt.TextElideMode.ElideRight, max(60, self.standing.width())
        self.standing.setText(metrics.elidedText(self._standing_words, mode, width))
        self.standing.setAccessibleName(self._standing_words)

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setAccessibleDescription(tip)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(QSize(18, 18))
        return button
