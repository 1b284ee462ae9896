"""File dialogs that do not stop the picture: each returns at once and calls back with the file."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QStandardPaths, Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog, QWidget

from ui.gallery.incoming import VIDEOS

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif")
"""Suffixes offered for a portrait; any other file can be chosen through "All files"."""

Chosen = Callable[[Path], None]
Place = QStandardPaths.StandardLocation


def ask_picture(parent: QWidget, chosen: Chosen) -> None:
    """Let the user choose a portrait."""
    _ask(
        parent, _tr("Choose a portrait"), Place.PicturesLocation, _tr("Pictures"), PICTURES, chosen
    )


def ask_slate(parent: QWidget, chosen: Chosen) -> None:
    """Let the user choose the picture that hides them."""
    _ask(parent, _tr("Choose a slate"), Place.PicturesLocation, _tr("Pictures"), PICTURES, chosen)


def ask_pictures(parent: QWidget, chosen: Callable[[list[Path]], None]) -> None:
    """Let the user choose one or several portraits."""
    folder = Path(QStandardPaths.writableLocation(Place.PicturesLocation))
    title = _tr("Choose portraits")
    dialog = QFileDialog(parent, title, str(folder if folder.is_dir() else Path.home()))
    dialog.setModal(False)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    shown = " ".join(f"*{ending}" for ending in PICTURES)
    dialog.setNameFilters([f"{_tr('Pictures')} ({shown})", _tr("All files (*)")])
    dialog.filesSelected.connect(lambda paths: chosen([Path(path) for path in paths]))
    dialog.show()


def ask_video(parent: QWidget, chosen: Chosen) -> None:
    """Let the user choose a video that drives the portrait."""
    _ask(parent, _tr("Choose a video"), Place.MoviesLocation, _tr("Videos"), sorted(VIDEOS), chosen)


def ask_recording(parent: QWidget, chosen: Chosen) -> None:
    """Let the user say where to record to."""
    dialog = _dialog(parent, _tr("Record to"), Place.MoviesLocation, chosen)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters([_tr("Videos ({endings})").format(endings="*.mp4 *.mov *.mkv")])
    dialog.setDefaultSuffix("mp4")
    dialog.selectFile(default_recording().name)
    dialog.show()


def ask_folder(parent: QWidget, title: str, now: Path, chosen: Chosen) -> None:
    """Let the user choose a folder; ``now`` is the one in use."""
    dialog = _dialog(parent, title, Place.HomeLocation, chosen)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.setDirectory(str(now))
    dialog.show()


def recordings_folder() -> Path:
    """Where recordings go when nobody says: the user's videos."""
    return Path(QStandardPaths.writableLocation(Place.MoviesLocation) or Path.home())


def default_recording(folder: Path | None = None) -> Path:
    """A new file in a folder, or in the user's videos: avatar-<time>.mp4."""
    return (folder or recordings_folder()) / f"avatar-{datetime.now():%Y-%m-%d-%H%M%S}.mp4"


def show_folder(path: Path) -> None:
    """Show the folder of a file in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def _ask(
    parent: QWidget,
    title: str,
    place: Place,
    kind: str,
    endings: tuple[str, ...] | list[str],
    chosen: Chosen,
) -> None:
    dialog = _dialog(parent, title, place, chosen)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    shown = " ".join(f"*{ending}" for ending in endings)
    dialog.setNameFilters([f"{kind} ({shown})", _tr("All files (*)")])
    dialog.show()


def _dialog(parent: QWidget, title: str, place: Place, chosen: Chosen) -> QFileDialog:
    folder = Path(QStandardPaths.writableLocation(place))
    dialog = QFileDialog(parent, title, str(folder if folder.is_dir() else Path.home()))
    dialog.setModal(False)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    return dialog


def _tr(text: str) -> str:
    return QCoreApplication.translate("FileDialogs", text)
