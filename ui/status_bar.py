"""StatusBar: what is going on, and the figures: frames per second, frame age, drops, engine."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QStatusBar, QWidget

from avatar.stats import SKIPPED
from ui.engine_button import EngineButton
from ui.theme import caption

DASH = "–"


class StatusBar(QStatusBar):
    """A line for words on the left, fixed places for figures on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(12, 1, 12, 1)
        self.words = QLabel()
        self.words.setAccessibleName(self.tr("State"))
        self.addWidget(self.words, 1)
        self.fps = self._figure("000 fps", self.tr("Distinct animated pictures a second"))
        self.age = self._figure(
            "age 0000 / 0000 ms",
            self.tr(
                "Time from the camera to this window: half of the pictures are faster than the"
                " first figure, 95 of 100 faster than the second"
            ),
        )
        self.drops = self._figure("00000 dropped", "")
        self.engine = EngineButton()
        self.addPermanentWidget(self.engine)
        self.clear_figures()

    def set_words(self, text: str) -> None:
        """Say what is going on."""
        self.words.setText(text)

    def clear_figures(self) -> None:
        """Show dashes: nothing runs."""
        self.fps.setText(self.tr("{n} fps").format(n=DASH))
        self.age.setText(self.tr("age {p50} / {p95} ms").format(p50=DASH, p95=DASH))
        self.drops.setText(self.tr("{n} dropped").format(n=DASH))
        self.drops.setToolTip(self.tr("Pictures replaced by newer ones before they were used"))
        self.engine.show_engine("", "")

    def show_rate(self, fps: float, p50_ms: float | None, p95_ms: float | None) -> None:
        """Show the frames per second and the age of the pictures in ms; None where unknown."""
        self.fps.setText(self.tr("{n} fps").format(n=f"{fps:.0f}" if fps >= 10 else f"{fps:.1f}"))
        p50, p95 = (DASH if v is None else f"{v:.0f}" for v in (p50_ms, p95_ms))
        self.age.setText(self.tr("age {p50} / {p95} ms").format(p50=p50, p95=p95))

    def show_drops(self, drops: dict[str, int]) -> None:
        """Show the pictures dropped altogether; the tooltip says where, and why."""
        self.drops.setText(self.tr("{n} dropped").format(n=sum(drops.values())))
        lines = [self.tr("Pictures replaced by newer ones before they were used")]
        for name, count in drops.items():
            if name != SKIPPED:
                lines.append(f"{name}: {count}")
            elif count:
                lines.append(self.tr("{n} skipped: engine slower than camera").format(n=count))
        self.drops.setToolTip("\n".join(lines))

    def show_engine(self, name: str, reason: str) -> None:
        """Show the engine; the tooltip says why this one."""
        self.engine.show_engine(name, reason)

    def _figure(self, widest: str, tip: str) -> QLabel:
        label = QLabel()
        label.setObjectName("muted")
        label.setFont(caption(label))
        label.setContentsMargins(14, 0, 0, 0)
        label.setToolTip(tip)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest) + 14)
        self.addPermanentWidget(label)
        return label
