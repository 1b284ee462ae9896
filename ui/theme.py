"""Colours and type: one light and one dark palette, and the style sheet made from them.

The window follows the desktop's colour scheme and changes with it. Widgets that paint themselves
ask :func:`tokens` for the colours of their own palette, so nothing has to be told about a change.
"""

from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFont, QPalette
from PyQt6.QtWidgets import QApplication, QWidget

MIN_POINT_SIZE = 9.0
"""No text is smaller than this, in points."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme, as ``#rrggbb``."""

    window: str
    panel: str
    control: str
    hover: str
    border: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    danger: str
    on_danger: str
    warning: str
    success: str
    canvas: str
    on_canvas: str


DARK = Tokens(
    window="#15171c",
    panel="#1d2027",
    control="#282c35",
    hover="#323743",
    border="#3b414e",
    text="#eceef3",
    muted="#a3abb9",
    accent="#5b8cff",
    accent_hover="#7aa2ff",
    on_accent="#0b1020",
    danger="#ff6b6b",
    on_danger="#260508",
    warning="#f5b83d",
    success="#4fd08b",
    canvas="#0c0d10",
    on_canvas="#c9cfda",
)

LIGHT = Tokens(
    window="#f1f3f6",
    panel="#ffffff",
    control="#f4f6f9",
    hover="#e7ebf1",
    border="#cbd2dc",
    text="#1a1e26",
    muted="#566070",
    accent="#1f5fe0",
    accent_hover="#184fc0",
    on_accent="#ffffff",
    danger="#c62a2f",
    on_danger="#ffffff",
    warning="#8a5a00",
    success="#18794e",
    canvas="#e3e7ed",
    on_canvas="#4a5362",
)


def tokens(palette: QPalette) -> Tokens:
    """The colours that belong to a palette: dark ones where its window colour is dark."""
    return DARK if palette.color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def apply(app: QApplication, scheme: Qt.ColorScheme | None = None) -> None:
    """Dress the whole application for a colour scheme; without one, for the desktop's own."""
    if scheme is None:
        hints = app.styleHints()
        scheme = hints.colorScheme() if hints is not None else Qt.ColorScheme.Unknown
    look = DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    app.setStyle("Fusion")
    font = app.font()
    font.setPointSizeF(max(10.0, font.pointSizeF()))
    app.setFont(font)
    app.setPalette(_palette(look))
    outlined = _palette(look)  # Fusion draws a check box's frame in a darker window colour
    outlined.setColor(QPalette.ColorRole.Window, QColor(look.muted))
    app.setPalette(outlined, "QCheckBox")
    app.setStyleSheet(_style_sheet(look))


def follow_desktop(app: QApplication) -> None:
    """Dress the application now, and again whenever the desktop's colour scheme changes.

    A scheme that the user chose (:func:`wear`) goes before the desktop's.
    """
    apply(app)
    hints = app.styleHints()
    if hints is not None:
        hints.colorSchemeChanged.connect(lambda scheme: apply(app, _CHOSEN.get(_worn(app), scheme)))


def wear(app: QApplication, theme: str) -> None:
    """Dress the application as the user chose: "light", "dark", anything else as the desktop."""
    if theme != _worn(app):
        app.setProperty("theme", theme)
        apply(app, _CHOSEN.get(theme))


_CHOSEN = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


def _worn(app: QApplication) -> str:
    return str(app.property("theme") or "system")


def heading(widget: QWidget) -> QFont:
    """The font of a section's title."""
    font = QFont(widget.font())
    font.setWeight(QFont.Weight.DemiBold)
    return font


def caption(widget: QWidget) -> QFont:
    """The font of secondary text: a little smaller, never under :data:`MIN_POINT_SIZE`."""
    font = QFont(widget.font())
    font.setPointSizeF(max(MIN_POINT_SIZE, font.pointSizeF() - 0.5))
    return font


def _palette(look: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for name, colour in {
        role.Window: look.window,
        role.WindowText: look.text,
        role.Base: look.control,
        role.AlternateBase: look.panel,
        role.Text: look.text,
        role.Button: look.control,
        role.ButtonText: look.text,
        role.BrightText: look.on_accent,
        role.PlaceholderText: look.muted,
        role.ToolTipBase: look.panel,
        role.ToolTipText: look.text,
        role.Highlight: look.accent,
        role.HighlightedText: look.on_accent,
        role.Link: look.accent,
        role.Mid: look.border,
        role.Accent: look.accent,
    }.items():
        palette.setColor(name, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, name, QColor(look.muted))
    return palette


def _style_sheet(look: Tokens) -> str:
    return f"""
    QToolTip {{ color: {look.text}; background: {look.panel}; border: 1px solid {look.border};
        padding: 4px 6px; }}
    QFrame#panel, QFrame#header {{ background: {look.panel}; border: 1px solid {look.border};
        border-radius: 10px; }}
    QFrame#header {{ border-radius: 0; border-width: 0 0 1px 0; }}
    QLabel#muted {{ color: {look.muted}; }}
    QPushButton, QToolButton, QComboBox {{ color: {look.text}; background: {look.control};
        border: 1px solid {look.border}; border-radius: 7px; padding: 5px 11px; min-height: 20px; }}
    QPushButton:hover, QToolButton:hover, QComboBox:hover {{ background: {look.hover}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {look.border}; }}
    QPushButton:focus, QToolButton:focus, QComboBox:focus {{ border: 1px solid {look.accent};
        outline: none; }}
    QPushButton:disabled, QToolButton:disabled, QComboBox:disabled {{ color: {look.muted};
        background: {look.panel}; }}
    QPushButton#primary {{ color: {look.on_accent}; background: {look.accent};
        border-color: {look.accent}; font-weight: 600; }}
    QPushButton#primary:hover, QPushButton#primary:focus {{ background: {look.accent_hover}; }}
    QPushButton#primary:focus {{ border-color: {look.text}; }}
    QPushButton#primary:disabled {{ color: {look.muted}; background: {look.control};
        border-color: {look.border}; }}
    QToolButton:checked {{ color: {look.on_accent}; background: {look.accent};
        border-color: {look.accent}; }}
    QToolButton:checked:focus {{ border-color: {look.text}; }}
    QToolButton#record:checked {{ color: {look.on_danger}; background: {look.danger};
        border-color: {look.danger}; }}
    QToolButton[toolButtonStyle="2"] {{ padding-right: 5px; }}
    QToolButton[popupMode="1"] {{ padding-right: 22px; }}
    QToolButton#plain, QToolButton#menu {{ background: transparent; border-color: transparent;
        padding: 4px; }}
    QToolButton#plain:hover, QToolButton#menu:hover {{ background: {look.hover}; }}
    QToolButton#plain:focus, QToolButton#menu:focus {{ border-color: {look.accent}; }}
    QFileDialog QToolButton {{ padding: 2px; min-height: 0; }}
    QToolButton#engine {{ color: {look.muted}; background: transparent; border-color: transparent;
        padding: 0 6px; min-height: 18px; }}
    QToolButton#engine:hover {{ background: {look.hover}; }}
    QToolButton#engine:focus {{ border-color: {look.accent}; }}
    QToolButton#engine[alarm="true"] {{ color: {look.danger}; border-color: {look.danger}; }}
    QToolButton#engine::menu-indicator, QToolButton#menu::menu-indicator {{ image: none;
        width: 0; }}
    QToolButton::menu-button {{ border: none; border-left: 1px solid {look.border}; width: 18px; }}
    QToolButton#segmentLeft {{ border-top-right-radius: 0; border-bottom-right-radius: 0; }}
    QToolButton#segmentRight {{ border-top-left-radius: 0; border-bottom-left-radius: 0;
        border-left-width: 0; }}
    QToolButton#view {{ background: transparent; border-color: transparent; padding: 4px 9px; }}
    QToolButton#view:hover {{ background: {look.hover}; }}
    QToolButton#view:checked {{ color: {look.on_accent}; background: {look.accent}; }}
    QToolButton#view:focus {{ border-color: {look.accent}; }}
    QToolButton#view:checked:focus {{ border-color: {look.text}; }}
    QToolButton#view:disabled {{ color: {look.muted}; text-decoration: line-through; }}
    QToolButton#tab {{ padding: 5px 1px; border: none; border-radius: 0; background: transparent;
        color: {look.muted}; border-bottom: 2px solid {look.border}; }}
    QToolButton#tab:checked {{ color: {look.text}; border-bottom: 2px solid {look.accent}; }}
    QToolButton#thumb, QToolButton#thumb:hover {{ padding: 0; border: none;
        background: transparent; }}
    QComboBox::drop-down {{ border: none; width: 22px; }}
    QComboBox QAbstractItemView {{ color: {look.text}; background: {look.panel};
        border: 1px solid {look.border}; selection-background-color: {look.accent};
        selection-color: {look.on_accent}; padding: 4px; outline: none; }}
    QMenu {{ color: {look.text}; background: {look.panel}; border: 1px solid {look.border};
        padding: 4px; }}
    QMenu::item {{ padding: 5px 18px; border-radius: 5px; }}
    QMenu::item:disabled {{ color: {look.muted}; }}
    QMenu::separator {{ height: 1px; background: {look.border}; margin: 4px 8px; }}
    QMenu::item:selected {{ color: {look.on_accent}; background: {look.accent}; }}
    QCheckBox {{ spacing: 8px; color: {look.text}; }}
    QCheckBox:disabled {{ color: {look.muted}; }}
    QSlider::groove:horizontal {{ background: {look.border}; height: 4px; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {look.accent}; border-radius: 2px; }}
    QSlider::sub-page:horizontal:disabled {{ background: {look.border}; }}
    QSlider::handle:horizontal {{ background: {look.accent}; width: 10px; margin: -5px 0;
        border: 2px solid {look.panel}; border-radius: 7px; }}
    QSlider::handle:horizontal:hover {{ background: {look.accent_hover}; }}
    QSlider::handle:horizontal:focus {{ border-color: {look.text}; }}
    QSlider::handle:horizontal:disabled {{ background: {look.border}; }}
    QProgressBar {{ background: {look.border}; border: none; border-radius: 3px; height: 6px; }}
    QProgressBar::chunk {{ background: {look.accent}; border-radius: 3px; }}
    QStatusBar {{ background: {look.panel}; border-top: 1px solid {look.border}; }}
    QStatusBar::item {{ border: none; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {look.border}; border-radius: 4px; min-height: 32px;
        margin: 0 1px; }}
    QScrollBar::handle:vertical:hover {{ background: {look.muted}; }}
    QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
    QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: transparent; }}
    QFrame#alarm {{ background: {look.danger}; border-radius: 8px; }}
    QFrame#alarm QLabel {{ color: {look.on_danger}; }}
    QRadioButton {{ spacing: 8px; color: {look.text}; }}
    QFrame#banner {{ background: {look.panel}; border: 1px solid {look.border};
        border-radius: 8px; }}
    QFrame#banner[kind="error"] {{ border-color: {look.danger}; }}
    QFrame#banner[kind="warning"] {{ border-color: {look.warning}; }}
    QFrame#banner[kind="info"] {{ border-color: {look.accent}; }}
    """
