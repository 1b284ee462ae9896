import pytest
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QIcon

from ui import icons
from ui.theme import DARK, LIGHT, _palette, apply, tokens


def contrast(one, other):
    """WCAG 2 contrast ratio of two colours."""

    def luminance(name):
        parts = [QColor(name).redF(), QColor(name).greenF(), QColor(name).blueF()]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", [DARK, LIGHT], ids=["dark", "light"])
def test_text_is_readable(look):
    grounds = (look.window, look.panel, look.control, look.hover)
    colours = (look.text, look.muted)
    signs = (look.danger, look.warning, look.success, look.accent)
    for text, ground in (
        *((text, ground) for text in colours for ground in grounds),
        *((sign, ground) for sign in signs for ground in (look.window, look.panel)),
        (look.text, look.border),  # a button while it is pressed
        (look.on_accent, look.accent),
        (look.on_accent, look.accent_hover),
        (look.on_danger, look.danger),
        (look.on_canvas, look.canvas),
    ):
        assert contrast(text, ground) >= 4.5, (text, ground)


@pytest.mark.parametrize("look", [DARK, LIGHT], ids=["dark", "light"])
def test_a_palette_is_recognised(qapp, look):
    assert tokens(_palette(look)) is look


def test_the_application_changes_with_the_scheme(qapp):
    try:
        apply(qapp, Qt.ColorScheme.Dark)
        assert tokens(qapp.palette()) is DARK and DARK.panel in qapp.styleSheet()
        apply(qapp, Qt.ColorScheme.Unknown)
        assert tokens(qapp.palette()) is LIGHT
    finally:
        qapp.setStyleSheet("")


def test_every_icon_draws_something_in_the_colour_of_the_text(qapp):
    for name in icons.names():
        shown = icons.icon(name).pixmap(QSize(24, 24)).toImage()
        inked = [
            shown.pixelColor(x, y).alpha() > 128
            for x in range(shown.width())
            for y in range(shown.height())
        ]
        assert any(inked), name


def test_a_checked_button_gets_another_colour(qapp):
    made = icons.icon("stop", "text", "on_danger")
    off, on = (
        made.pixmap(QSize(24, 24), QIcon.Mode.Normal, state).toImage().pixelColor(12, 12).name()
        for state in (QIcon.State.Off, QIcon.State.On)
    )
    look = tokens(qapp.palette())
    assert (off, on) == (look.text, look.on_danger)


def test_an_unknown_icon_is_named(qapp):
    with pytest.raises(KeyError, match="nothing"):
        icons.icon("nothing")
