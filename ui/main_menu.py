"""MainMenu: the button at the end of the top row: profiles, settings, keys, guide."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from ui.icons import icon


class MainMenu(QToolButton):
    """Says what the user wants through signals.

    Signals:
        profiles_wanted: the list of profiles is about to be looked at.
        profile_chosen: a name; "" for none.
        save_as_wanted, rename_wanted, delete_wanted: something about the profile in use.
        settings_wanted, keys_wanted, guide_wanted: the window of that name.
        logs_wanted: the folder of log files.
    """

    profiles_wanted = pyqtSignal()
    profile_chosen = pyqtSignal(str)
    save_as_wanted = pyqtSignal()
    rename_wanted = pyqtSignal()
    delete_wanted = pyqtSignal()
    settings_wanted = pyqtSignal()
    keys_wanted = pyqtSignal()
    guide_wanted = pyqtSignal()
    logs_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("menu")
        self.setIcon(icon("menu"))
        self.setIconSize(QSize(18, 18))
        self.setToolTip(self.tr("Profiles, settings and help"))
        self.setAccessibleName(self.tr("Menu"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self.profiles = QMenu(self.tr("&Profile"), menu)
        self.profiles.setEnabled(False)
        menu.addMenu(self.profiles)
        menu.addSeparator()
        for text, signal in (
            (self.tr("&Settings…"), self.settings_wanted),
            (self.tr("&Keys"), self.keys_wanted),
            (self.tr("&Guide"), self.guide_wanted),
            (self.tr("Open the &log folder"), self.logs_wanted),
        ):
            action = menu.addAction(text)
            assert action is not None
            action.triggered.connect(signal)
        self.setMenu(menu)

    def show_profiles(self, names: list[str], active: str) -> None:
        """List the profiles."""
        menu = self.profiles
        menu.setEnabled(True)
        menu.clear()
        group = QActionGroup(menu)
        for name in ("", *names):
            text = name.replace("&", "&&") if name else self.tr("None")
            action = menu.addAction(text)
            assert action is not None
            action.setCheckable(True)
            action.setChecked(name == active)
            action.triggered.connect(lambda _, name=name: self.profile_chosen.emit(name))
            group.addAction(action)
        menu.addSeparator()
        for text, signal, always in (
            (self.tr("&Save as…"), self.save_as_wanted, True),
            (self.tr("&Rename…"), self.rename_wanted, False),
            (self.tr("&Delete…"), self.delete_wanted, False),
        ):
            action = menu.addAction(text)
            assert action is not None
            action.setEnabled(always or bool(active))
            action.triggered.connect(signal)
