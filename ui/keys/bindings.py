"""Bindings: which key of the window does what, unless the user chooses otherwise."""

from functools import partial
from typing import Protocol

from PyQt6.QtCore import QCoreApplication

from ui.calibration.match_bar import MatchBar
from ui.camera.bar import CameraBar
from ui.camera.framing_keys import bind_framing
from ui.camera.mirror_panel import MirrorPanel
from ui.controller import Controller
from ui.gallery.panel import PortraitPanel
from ui.keys.keys import Keys
from ui.views.area import ResultArea


class Bindable(Protocol):
    """What keys act on: the window."""

    controller: Controller
    keys: Keys
    bar: CameraBar
    match: MatchBar
    mirrors: MirrorPanel
    portrait: PortraitPanel
    views: ResultArea

    def pan(self, dx: float, dy: float) -> None:
        """Move the crop right and down, as it is seen."""

    def browse_portraits(self) -> None:
        """Ask for pictures and add them to the gallery."""

    def toggle_overlay(self) -> None:
        """Show or hide crop box and keypoints on the driving picture."""

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""

    def leave(self) -> None:
        """Leave full screen, else the guide, else the app."""


def bind_keys(window: Bindable) -> None:
    """Bind the usual keys of a window, avatarify's where it has them."""
    keys, controller = window.keys, window.controller
    bar, gallery = window.bar, window.portrait
    # Handled in keyPressEvent, so that it still presses a button reached with Tab.
    keys.tell(_tr("Space"), _tr("Start or stop"))
    keys.bind("calibrate", "X", _tr("Calibrate: this is my neutral pose"), bar.calibrate.click)
    find = window.match.find_best.click
    keys.bind("find-reference", "F", _tr("Find the best neutral pose, or cancel"), find)
    bind_framing(keys, controller.sources, window.pan)
    mirrors = window.mirrors
    keys.bind("mirror-preview", "R", _tr("Mirror the preview"), mirrors.preview.click)
    keys.bind("mirror-motion", "T", _tr("Mirror the motion"), mirrors.output.click)
    keys.bind("virtual-camera", "V", _tr("Virtual camera on or off"), bar.virtual_camera.click)
    safety = controller.safety
    keys.bind("panic", "B", _tr("Hide: the slate in every output"), safety.toggle_hidden)
    keys.bind("raw-camera", "0", _tr("Show my camera; asks first"), safety.toggle_raw)
    keys.bind("snapshot", "F12", _tr("Snapshot of the result"), controller.take_snapshot)
    keys.bind("record", "F5", _tr("Record on or off"), bar.record.click)
    keys.bind_numbers(_tr("Portrait of the gallery"), gallery.pick)
    keys.bind("previous-portrait", "A", _tr("Previous portrait"), lambda: gallery.step(-1))
    keys.bind("next-portrait", "D", _tr("Next portrait"), lambda: gallery.step(1))
    portraits = controller.portraits
    keys.bind("reload-portrait", "L", _tr("Read the portrait from its file"), portraits.reload)
    keys.bind("open-portrait", "Ctrl+O", _tr("Open portraits"), window.browse_portraits)
    keys.bind("paste-portrait", "Ctrl+V", _tr("Paste a portrait"), gallery.paste)
    keys.bind("overlay", "O", _tr("Show or hide crop box and keypoints"), window.toggle_overlay)
    views = window.views.bar
    keys.bind("next-view", "M", _tr("Next view of the result"), views.next_view)
    keys.bind(
        "overlay-down",
        "Z",
        _tr("Less driver over the result"),
        partial(views.change_overlay, -1),
    )
    keys.bind(
        "overlay-up",
        "C",
        _tr("More driver over the result"),
        partial(views.change_overlay, 1),
    )
    keys.bind("figures", "I", _tr("Show where the time goes"), views.graph.click)
    keys.bind("full-screen", "F11", _tr("Full screen"), window.toggle_full_screen)
    keys.bind("keys", "? F1", _tr("This list"), keys.show_list)
    keys.bind("quit", "Esc Ctrl+Q", _tr("Quit"), window.leave)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Bindings", text)
