"""MotionPanel: how the driver's movement reaches the portrait, changed while it moves."""

from dataclasses import replace

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avatar.motion.settings import PRESETS, RANGES, MotionSettings
from ui import theme
from ui.combo import Combo
from ui.motion.controls import MotionControls
from ui.motion.gain_slider import GainSlider

GROUPS: dict[str, tuple[str, ...]] = {
    "movement": ("movement", "head", "pose_limit"),
    "expression": ("expression", "eyes", "mouth"),
    "smoothing": ("smoothing",),
}
"""What each group resets."""

LABELLED = ("eyes", "mouth")
"""What needs keypoints that are known parts of the face."""


class MotionPanel(QFrame):
    """Presets, relative or absolute, gains, smoothing, limits; every change holds at once."""

    def __init__(self, controls: MotionControls, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._controls = controls
        self.presets = self._presets()
        self.relative, self.absolute = self._modes()
        self.adapt_scale = self._check(
            self.tr("Adapt scale"),
            self.tr("Scale the movement by the sizes of the two faces"),
            "adapt_scale",
        )
        self.pose_limit = self._check(
            self.tr("Limit the pose"),
            self.tr("Stops softly before a turn or a shift would tear the portrait"),
            "pose_limit",
        )
        self.sliders = self._sliders()
        self._reason = QLabel(
            self.tr("This model found its keypoints by itself: which are eyes and mouth is unknown")
        )
        self._reason.setObjectName("muted")
        self._reason.setFont(theme.caption(self))
        self._reason.setWordWrap(True)
        self.resets: dict[str, QToolButton] = {}
        self._lay_out()
        controls.changed.connect(self._show)
        controls.labelled_changed.connect(self._show_labelled)
        self._show(controls.settings)
        self._show_labelled(controls.labelled)

    # -- construction -----------------------------------------------------------------------------

    def _presets(self) -> Combo:
        combo = Combo()
        names = {
            "natural": self.tr("Natural"),
            "calm": self.tr("Calm"),
            "lively": self.tr("Lively"),
            "steady": self.tr("Steady, for a broadcast"),
        }
        for name in PRESETS:
            combo.addItem(names[name], name)
        combo.addItem(self.tr("Custom"), "")
        tip = self.tr("Sets everything below but relative, absolute and scale")
        combo.setAccessibleName(self.tr("Motion preset"))
        combo.setAccessibleDescription(tip)
        combo.setToolTip(tip)
        combo.activated.connect(self._choose_preset)
        return combo

    def _modes(self) -> tuple[QToolButton, QToolButton]:
        relative = self._segment(
            "segmentLeft",
            self.tr("Relative"),
            self.tr(
                "Movements are taken relative to your calibrated pose; keeps the portrait's shape"
            ),
        )
        absolute = self._segment(
            "segmentRight",
            self.tr("Absolute"),
            self.tr("Your keypoints are used as they are; the portrait takes on your proportions"),
        )
        group = QButtonGroup(self)
        group.addButton(relative)
        group.addButton(absolute)
        relative.toggled.connect(lambda on: self._set(relative=on))
        return relative, absolute

    def _sliders(self) -> dict[str, GainSlider]:
        usual = MotionSettings()
        said = {
            "movement": (self.tr("All"), self.tr("Scale of all movement")),
            "head": (self.tr("Head"), ""),  # its tip depends on the model
            "expression": (
                self.tr("Expression"),
                self.tr("How much of what your face does beside the head's motion"),
            ),
            "eyes": (self.tr("Eyes"), self.tr("More or less for the eyelids")),
            "mouth": (self.tr("Mouth"), self.tr("More or less for lips and chin")),
            "smoothing": (
                self.tr("Strength"),
                self.tr("Steadies the keypoints; off follows fast moves closest"),
            ),
        }
        made = {}
        for name, (title, tip) in said.items():
            off = self.tr("Off") if name == "smoothing" else ""
            slider = GainSlider(title, tip, RANGES[name], getattr(usual, name), off)
            slider.changed.connect(lambda value, name=name: self._set(**{name: value}))
            made[name] = slider
        return made

    def _lay_out(self) -> None:
        titles = {
            "movement": self.tr("Movement"),
            "expression": self.tr("Expression"),
            "smoothing": self.tr("Smoothing"),
        }
        modes = QHBoxLayout()
        modes.setSpacing(0)
        modes.addWidget(self.relative, 1)
        modes.addWidget(self.absolute, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.presets)
        column.addLayout(modes)
        column.addWidget(self.adapt_scale)
        for group, names in GROUPS.items():
            column.addLayout(self._heading(group, titles[group]))
            for name in names:
                column.addWidget(self.sliders.get(name) or self.pose_limit)
            if group == "expression":
                column.addWidget(self._reason)

    def _heading(self, group: str, title: str) -> QHBoxLayout:
        label = QLabel(title)
        label.setFont(theme.heading(self))
        reset = QToolButton()
        reset.setObjectName("plain")
        reset.setText(self.tr("Reset"))
        reset.setAccessibleName(self.tr("Reset {group}").format(group=title))
        tip = self.tr("The usual values of this group; a double click on a slider resets it alone")
        reset.setToolTip(tip)
        reset.setAccessibleDescription(tip)
        reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        reset.clicked.connect(lambda: self._reset(group))
        self.resets[group] = reset
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 0)
        row.addWidget(label, 1)
        row.addWidget(reset)
        return row

    def _check(self, text: str, tip: str, name: str) -> QCheckBox:
        box = QCheckBox(text)
        box.setToolTip(tip)
        box.setAccessibleName(text)
        box.setAccessibleDescription(tip)
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.toggled.connect(lambda on: self._set(**{name: on}))
        return box

    def _segment(self, side: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(side)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setAccessibleDescription(tip)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = button.sizePolicy()
        policy.setHorizontalPolicy(policy.Policy.Expanding)
        button.setSizePolicy(policy)
        return button

    # -- what the user does -----------------------------------------------------------------------

    def _set(self, **values: float | bool) -> None:
        self._controls.choose(replace(self._controls.settings, **values))  # type: ignore[arg-type]

    def _choose_preset(self) -> None:
        preset = PRESETS.get(self.presets.currentData())
        if preset is None:
            self._show(self._controls.settings)  # "Custom" is a name, not a choice
        else:
            self._controls.choose(self._controls.settings.like(preset))

    def _reset(self, group: str) -> None:
        self._controls.choose(self._controls.settings.like(MotionSettings(), *GROUPS[group]))

    # -- what it shows ----------------------------------------------------------------------------

    def _show(self, settings: MotionSettings) -> None:
        for control, on in (
            (self.relative, settings.relative),
            (self.absolute, not settings.relative),
            (self.adapt_scale, settings.adapt_scale),
            (self.pose_limit, settings.pose_limit),
        ):
            with QSignalBlocker(control):
                control.setChecked(on)
        self.adapt_scale.setEnabled(settings.relative)
        for name, slider in self.sliders.items():
            if slider.value != getattr(settings, name) or not slider.text:
                slider.show_value(getattr(settings, name))
        usual = MotionSettings()
        for group, reset in self.resets.items():
            reset.setEnabled(settings != settings.like(usual, *GROUPS[group]))
        self.presets.setCurrentIndex(self.presets.findData(settings.preset))

    def _show_labelled(self, labelled: bool) -> None:
        reason = self._reason.text()
        self._reason.setVisible(not labelled)
        for name in LABELLED:
            self.sliders[name].set_reason("" if labelled else reason)
        turns = self.tr("How much of your head's turns, distance and place the portrait takes")
        blind = self.tr(
            "How much of your head's roll, distance and place the portrait takes; with this model, "
            "turns and nods go with the expression"
        )
        self.sliders["head"].set_tip(turns if labelled else blind)
