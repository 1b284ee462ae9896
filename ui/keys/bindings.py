"""Bindings: which key of the window does what, unless the user chooses otherwise."""

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from ui.camera.framing_keys import bind_framing

if TYPE_CHECKING:
    from ui.window import MainWindow


class Bindings(QObject):
    """Binds the usual keys of a window, avatarify's where it has them."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window

    def bind(self) -> None:
        """Bind all of them."""
        window, keys = self._window, self._window.keys
        bar, gallery, controller = window.bar, window.portrait, window.controller
        # Handled in keyPressEvent, so that it still presses a button reached with Tab.
        keys.tell(self.tr("Space"), self.tr("Start or stop"))
        keys.bind(
            "calibrate", "X", self.tr("Calibrate: this is my neutral pose"), bar.calibrate.click
        )
        find = window.match.find_best.click
        keys.bind("find-reference", "F", self.tr("Find the best neutral pose, or cancel"), find)
        bind_framing(keys, controller.sources, window.pan)
        mirrors = window.mirrors
        keys.bind("mirror-preview", "R", self.tr("Mirror the preview"), mirrors.preview.click)
        keys.bind("mirror-motion", "T", self.tr("Mirror the motion"), mirrors.output.click)
        keys.bind(
            "virtual-camera", "V", self.tr("Virtual camera on or off"), bar.virtual_camera.click
        )
        safety = controller.safety
        keys.bind("panic", "B", self.tr("Hide: the slate in every output"), safety.toggle_hidden)
        keys.bind("raw-camera", "0", self.tr("Show my camera; asks first"), safety.toggle_raw)
        keys.bind("snapshot", "F12", self.tr("Snapshot of the result"), controller.take_snapshot)
        keys.bind("record", "F5", self.tr("Record on or off"), bar.record.click)
        keys.bind_numbers(self.tr("Portrait of the gallery"), gallery.pick)
        keys.bind("previous-portrait", "A", self.tr("Previous portrait"), lambda: gallery.step(-1))
        keys.bind("next-portrait", "D", self.tr("Next portrait"), lambda: gallery.step(1))
        portraits = controller.portraits
        keys.bind(
            "reload-portrait", "L", self.tr("Read the portrait from its file"), portraits.reload
        )
        keys.bind("open-portrait", "Ctrl+O", self.tr("Open portraits"), window.browse_portraits)
        keys.bind("paste-portrait", "Ctrl+V", self.tr("Paste a portrait"), gallery.paste)
        keys.bind(
            "overlay", "O", self.tr("Show or hide crop box and keypoints"), window.toggle_overlay
        )
        views = window.views.bar
        keys.bind("next-view", "M", self.tr("Next view of the result"), views.next_view)
        keys.bind(
            "overlay-down",
            "Z",
            self.tr("Less driver over the result"),
            partial(views.change_overlay, -1),
        )
        keys.bind(
            "overlay-up",
            "C",
            self.tr("More driver over the result"),
            partial(views.change_overlay, 1),
        )
        keys.bind("figures", "I", self.tr("Show where the time goes"), views.graph.click)
        keys.bind("full-screen", "F11", self.tr("Full screen"), window.toggle_full_screen)
        keys.bind("keys", "? F1", self.tr("This list"), keys.show_list)
        keys.bind("quit", "Esc Ctrl+Q", self.tr("Quit"), window.leave)
