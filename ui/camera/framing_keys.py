"""The keys that zoom and pan the driving crop."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QCoreApplication

from ui.camera.framing_panel import FINE, PAN, ZOOM
from ui.camera.sources import Sources
from ui.keys.keys import Keys


def bind_framing(keys: Keys, sources: Sources, pan: Callable[[float, float], None]) -> None:
    """Bind W and S, H, J, K and U, finer with Shift, and Shift+Z.

    Args:
        keys: of the window.
        sources: carries it out.
        pan: moves the crop right and down as it is seen, which may be mirrored.
    """
    fine_words = _tr("{what}, a little")
    zooms = (
        ("zoom-in", "W", _tr("Crop: closer"), ZOOM),
        ("zoom-out", "S", _tr("Crop: further away"), 1 / ZOOM),
    )
    for name, key, what, factor in zooms:
        keys.bind(name, key, what, partial(sources.zoom, factor))
    pans = (
        ("pan-left", "H", _tr("Crop: to the left"), -PAN, 0.0),
        ("pan-down", "J", _tr("Crop: down"), 0.0, PAN),
        ("pan-up", "U", _tr("Crop: up"), 0.0, -PAN),
        ("pan-right", "K", _tr("Crop: to the right"), PAN, 0.0),
    )
    for name, key, what, dx, dy in pans:
        keys.bind(name, key, what, partial(pan, dx, dy))
    for name, key, what, factor in zooms:
        fine = factor**FINE
        keys.bind(
            f"{name}-fine",
            f"Shift+{key}",
            fine_words.format(what=what),
            partial(sources.zoom, fine),
        )
    for name, key, what, dx, dy in pans:
        finely = partial(pan, dx * FINE, dy * FINE)
        keys.bind(f"{name}-fine", f"Shift+{key}", fine_words.format(what=what), finely)
    keys.bind("reset-view", "Shift+Z", _tr("Crop: as usual"), sources.reset_view)


def _tr(text: str) -> str:
    return QCoreApplication.translate("FramingKeys", text)
