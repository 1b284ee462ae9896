"""Preferences: all of the window that is about remembering: settings, profiles, keys, the guide."""

import logging
from pathlib import Path

from PyQt6.QtCore import QByteArray, QObject, QStandardPaths, pyqtSignal
from PyQt6.QtWidgets import QApplication, QMainWindow

from avatar.places import config_dir, log_dir
from ui import theme, translation
from ui.ask import NameQuestion, YesQuestion
from ui.bridge import Bridge
from ui.controller import Controller
from ui.file_dialogs import show_folder
from ui.guide.guide import Guide
from ui.keys.keys import Keys
from ui.look import Look
from ui.main_menu import MainMenu
from ui.settings.dialog import SettingsDialog
from ui.settings.memory import Memory
from ui.settings.profiles import ProfileChooser
from ui.settings.saver import Saver
from ui.sidebar import Sidebar

log = logging.getLogger(__name__)

SAVE_S = 1.0
"""How long closing waits for the last change to be written, in seconds."""


class Preferences(QObject):
    """Connects a window with what is remembered of it.

    Args:
        window: complete, not shown yet.
        controller: of the window; its look is what is remembered.
        keys, side, guide: parts of the window that change by what is remembered.
        memory: where it is remembered; None = nowhere, and there are no profiles.

    Signals:
        reopen_wanted: a window in the place of this one: with this profile; after which that one
            ("" for none) is deleted; and whether everything is reset.
    """

    reopen_wanted = pyqtSignal(str, str, bool)

    def __init__(
        self,
        window: QMainWindow,
        controller: Controller,
        keys: Keys,
        side: Sidebar,
        guide: Guide,
        memory: Memory | None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._keys = keys
        self._side = side
        self._bridge = Bridge(self)
        self._dialog: SettingsDialog | None = None
        self._saver: Saver | None = None
        self.profiles: ProfileChooser | None = None
        self.menu = MainMenu()
        self._remembers = memory is not None
        keys.bind("settings", "Ctrl+,", self.tr("Settings"), self.show_settings)
        keys.bind("guide", "", self.tr("Guide"), guide.begin)
        keys.bind("menu", "F10", self.tr("Menu"), self.menu.showMenu)
        keys.use(self._look.keys)
        keys.changed.connect(lambda chosen: self._controller.change_look(keys=chosen))
        keys.guide_wanted.connect(guide.begin)
        self.menu.settings_wanted.connect(self.show_settings)
        self.menu.keys_wanted.connect(keys.show_list)
        self.menu.guide_wanted.connect(guide.begin)
        self.menu.logs_wanted.connect(lambda: self._show_place(log_dir()))
        guide.left.connect(lambda: controller.change_look(guide_seen=True))
        self._controller.look_changed.connect(self._show_look)
        side.show_page(self._look.page)
        if self._look.geometry:
            window.restoreGeometry(QByteArray.fromBase64(self._look.geometry.encode()))
        if memory is not None:
            self._saver = Saver(self._controller, memory, self._bridge, self)
            self._saver.problem.connect(self._controller.problem)
            self._connect_profiles(memory)
            if not self._look.guide_seen:
                guide.begin()

    def close(self) -> list[str]:
        """Remember the window's place and write what is not written yet; threads left."""
        geometry = bytes(self._window.saveGeometry().toBase64().data()).decode()
        self._controller.change_look(geometry=geometry, page=self._side.page)
        if self._dialog is not None:
            self._dialog.close()
        if self._saver is None:
            return self._bridge.close(SAVE_S)
        return self._saver.close(SAVE_S)

    def show_settings(self) -> None:
        """Show the settings, beside the window."""
        if self._dialog is None:
            places = QStandardPaths.StandardLocation
            folders = [
                Path(QStandardPaths.writableLocation(place) or Path.home())
                for place in (places.MoviesLocation, places.PicturesLocation)
            ]
            names = [(code, translation.own_name(code)) for code in translation.languages()]
            self._dialog = SettingsDialog(
                self._look, names, (folders[0], folders[1]), config_dir(), self._window
            )
            self._dialog.changed.connect(lambda changes: self._controller.change_look(**changes))
            self._dialog.keys_wanted.connect(self._keys.show_map)
            self._dialog.folder_wanted.connect(lambda: self._show_place(config_dir()))
            self._dialog.reset_wanted.connect(lambda: self.reopen_wanted.emit("", "", True))
        self._dialog.show_look(self._look)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    @property
    def _look(self) -> Look:
        return self._controller.look

    def _show_look(self, look: Look) -> None:
        if self._dialog is not None:
            self._dialog.show_look(look)
        app = QApplication.instance()
        if not isinstance(app, QApplication) or not self._remembers:
            return
        theme.wear(app, look.theme.value)
        if translation.chosen(look.language) != self._spoken(app):
            self.reopen_wanted.emit(look.profile, "", False)

    def _spoken(self, app: QApplication) -> str:
        return str(app.property("language") or translation.ENGLISH)

    def _show_place(self, place: Path) -> None:
        def make() -> None:
            place.mkdir(parents=True, exist_ok=True)

        self._bridge.run("folder", make, lambda _: show_folder(place / "any"))

    # -- profiles ---------------------------------------------------------------------------------

    def _connect_profiles(self, memory: Memory) -> None:
        chooser = ProfileChooser(self._bridge, memory, self._look.profile, self)
        self.profiles = chooser
        chooser.changed.connect(self.menu.show_profiles)
        chooser.problem.connect(self._controller.problem)
        chooser.renamed.connect(lambda name: self._controller.change_look(profile=name))
        chooser.switch_wanted.connect(lambda name, gone: self.reopen_wanted.emit(name, gone, False))
        self.menu.profile_chosen.connect(chooser.switch)
        self.menu.save_as_wanted.connect(self._ask_save_as)
        self.menu.rename_wanted.connect(self._ask_rename)
        self.menu.delete_wanted.connect(self._ask_delete)
        self._controller.look_changed.connect(lambda _: self._name_window())
        self._name_window()
        chooser.find()

    def _name_window(self) -> None:
        profile = self._look.profile
        title = self.tr("Avatar")
        self._window.setWindowTitle(f"{profile} – {title}" if profile else title)

    def _ask_save_as(self) -> None:
        assert self.profiles is not None
        chooser = self.profiles
        NameQuestion(
            self.tr("Save as a profile"),
            self.tr("&Name of the profile"),
            "",
            lambda name: chooser.save_as(name, self._controller.config),
            self._window,
        ).show()

    def _ask_rename(self) -> None:
        assert self.profiles is not None
        NameQuestion(
            self.tr("Rename the profile"),
            self.tr("&New name"),
            self.profiles.active,
            self.profiles.rename,
            self._window,
        ).show()

    def _ask_delete(self) -> None:
        assert self.profiles is not None
        words = self.tr("The profile {name} is deleted for good.")
        YesQuestion(
            self.tr("Delete the profile"),
            words.format(name=self.profiles.active),
            self.profiles.delete,
            self._window,
        ).show()
