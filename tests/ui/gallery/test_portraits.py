"""The gallery in the window: choosing, adding, renaming, removing, cropping; fake library."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PyQt6.QtWidgets import QApplication, QPushButton

from avatar.errors import InputError, NoFaceError, OutputError
from avatar.portraits.entry import Entry
from ui.gallery.cache import PortraitCache
from ui.gallery.incoming import MOST_AT_ONCE, Incoming, gather, incoming, pixels, promised
from ui.gallery.thumb import THUMB

from ..conftest import portrait


@pytest.fixture
def shelf(ports):
    return ports.shelf


@pytest.fixture
def panel(qtbot, running):
    """The panel of a running window, its gallery filled and nothing under way."""
    qtbot.waitUntil(lambda: len(running.portrait.paths) == 3, timeout=20000)
    qtbot.waitUntil(lambda: all(t.picture is not None for t in thumbs(running.portrait)))
    return running.portrait


def thumbs(panel):
    return panel.gallery._thumbs


def names(panel):
    return [path.stem for path in panel.paths]


def add(qtbot, panel, name, **fields):
    """A portrait of the user's, in the library and in the gallery."""
    collection = panel._portraits.collection
    shelf = collection.library()
    shelf.own.append(Entry(Path(f"/library/{name}.png"), name, **fields))
    collection.show_all(shelf.entries())
    return panel.gallery.thumb(Path(f"/library/{name}.png"))


def messages(window):
    return [(banner.kind, banner.message) for banner in window.banners.shown()]


def press(window, label):
    for banner in window.banners.shown():
        for button in banner.findChildren(QPushButton):
            if button.text() == label:
                button.click()
                return
    raise AssertionError(f"no button {label}")


def drop(window, data):
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(400, 300), copy, data, left, none))
    veil = window.veil.text
    event = QDropEvent(QPointF(400, 300), copy, data, left, none)
    QApplication.sendEvent(window, event)
    return veil


def picture_data(shade=120):
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(shade)
    data = QMimeData()
    data.setImageData(image)
    return data


def urls(*addresses):
    data = QMimeData()
    data.setUrls([QUrl(address) for address in addresses])
    return data


# -- choosing -------------------------------------------------------------------------------------


def test_every_picture_has_its_number_and_is_read_on_another_thread(panel, shelf):
    assert [thumb.number for thumb in thumbs(panel)] == [1, 2, 3]
    assert all(name.startswith("ui-") for name in shelf.threads)
    assert thumbs(panel)[1].accessibleName() == "Portrait Two"
    assert all((thumb.width(), thumb.height()) == (THUMB, THUMB) for thumb in thumbs(panel))
    assert panel.gallery.add.height() == panel.gallery.add.width() == THUMB - 6


def test_going_back_to_a_portrait_reads_nothing_and_waits_for_nothing(qtbot, panel, shelf, session):
    for key in (2, 3):
        panel.pick(key)
        qtbot.waitUntil(lambda k=key: panel._portraits.path == panel.paths[k - 1], timeout=20000)
    before = len(shelf.loaded)
    panel.pick(2)
    assert panel._portraits.path == panel.paths[1] and panel.name.text() == "Two"
    assert len(shelf.loaded) == before and len(session.asked("set_portrait")) == 3


def test_a_key_that_repeats_reads_only_the_first_and_the_last(qtbot, running, panel, shelf):
    shelf.hold.set()
    for _ in range(11):
        qtbot.keyClick(running, Qt.Key.Key_D)
    shelf.go.set()
    qtbot.waitUntil(lambda: panel._portraits.path == panel.paths[2], timeout=20000)
    assert len(shelf.loaded) == 2
    marked = [thumb.entry.path for thumb in thumbs(panel) if thumb.isChecked()]
    assert marked == [panel.paths[2]]


def test_the_choice_is_in_the_config(qtbot, running, panel):
    panel.pick(3)
    qtbot.waitUntil(lambda: running.controller.config.portrait == panel.paths[2], timeout=20000)


def test_a_portrait_that_cannot_be_read_leaves_the_old_one_marked(qtbot, running, panel, shelf):
    shelf.errors["portrait"] = InputError("It is gone.")
    panel.pick(2)
    qtbot.waitUntil(lambda: ("error", "It is gone.") in messages(running), timeout=20000)
    assert [thumb.isChecked() for thumb in thumbs(panel)] == [True, False, False]


def test_l_reads_the_portrait_in_use_again(qtbot, running, panel, shelf):
    panel.pick(2)
    qtbot.waitUntil(lambda: panel._portraits.path == panel.paths[1], timeout=20000)
    before = len(shelf.loaded)
    qtbot.keyClick(running, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: len(shelf.loaded) > before, timeout=20000)
    assert shelf.loaded[-1][0] == panel.paths[1]


def test_arrows_move_and_enter_chooses(qtbot, panel):
    first, second, third = thumbs(panel)
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Right)
    qtbot.waitUntil(second.hasFocus, timeout=20000)
    qtbot.keyClick(second, Qt.Key.Key_Left)
    qtbot.keyClick(first, Qt.Key.Key_Left)
    assert first.hasFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert panel.gallery.add.hasFocus()
    third.setFocus()
    qtbot.keyClick(third, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel._portraits.path == panel.paths[2], timeout=20000)


def test_the_gallery_wraps_and_what_is_chosen_is_scrolled_to(qtbot, panel):
    collection = panel._portraits.collection
    shelf = collection.library()
    shelf.own = [Entry(Path(f"/library/{i}.png"), str(i)) for i in range(60)]
    collection.show_all(shelf.entries())
    gallery, last = panel.gallery, thumbs(panel)[-1]
    qtbot.waitUntil(lambda: last.y() > thumbs(panel)[0].y(), timeout=20000)
    assert gallery.columns == 4
    assert len({thumb.x() for thumb in thumbs(panel)}) == 4
    assert max(thumb.geometry().right() for thumb in thumbs(panel)) <= gallery.width()
    assert all((thumb.width(), thumb.height()) == (THUMB, THUMB) for thumb in thumbs(panel))
    assert last.visibleRegion().isEmpty()
    panel.step(-1)
    qtbot.waitUntil(lambda: not last.visibleRegion().isEmpty(), timeout=20000)


# -- warnings -------------------------------------------------------------------------------------


def test_why_a_portrait_animates_badly_is_said_under_it_and_on_its_picture(qtbot, running, panel):
    thumb = add(qtbot, panel, "profile", warnings=("Turned away.", "Blurred."))
    assert thumb.accessibleDescription() == "Turned away. Blurred."
    assert "Turned away." in thumb.toolTip()
    assert panel.concerns.isHidden()
    thumb.click()
    qtbot.waitUntil(lambda: panel.concerns.isVisible(), timeout=20000)
    assert panel.concerns.sentences == ("Turned away.", "Blurred.")
    panel.pick(1)
    qtbot.waitUntil(lambda: panel.concerns.isHidden(), timeout=20000)


def test_a_new_picture_that_animates_badly_is_told_at_once(qtbot, running, panel, shelf):
    shelf.warnings = ("Turned away.",)
    running.controller.portraits.choose(Path("/pictures/me.png"))
    qtbot.waitUntil(lambda: bool(messages(running)), timeout=20000)
    assert messages(running) == [("warning", "Me may animate badly.")]


# -- adding ---------------------------------------------------------------------------------------


def test_an_image_from_a_browser_is_added_and_animated(qtbot, running, panel, shelf, session):
    veil = drop(running, picture_data())
    assert "portrait" in veil
    qtbot.waitUntil(lambda: panel.name.text() == "Pasted picture", timeout=20000)
    assert shelf.image.shape == (30, 40, 4)
    assert "Pasted picture" in names(panel)
    assert len(session.asked("set_portrait")) == 1


def test_an_address_on_the_web_is_not_downloaded(qtbot, running, panel, shelf):
    before = len(shelf.loaded)
    veil = drop(running, urls("https://example.org/cat.png"))
    assert "nothing is downloaded" in veil
    ((kind, message),) = messages(running)
    assert kind == "info" and "address" in message
    assert len(shelf.loaded) == before


def test_a_picture_is_preferred_to_its_address():
    data = picture_data()
    data.setUrls([QUrl("https://example.org/cat.png")])
    came = incoming(data)
    assert came.image is not None and not came.web
    assert promised(data).image is not None


def test_paste_takes_a_picture_or_a_file_and_says_so_where_there_is_none(
    qtbot, running, panel, shelf
):
    clipboard = QGuiApplication.clipboard()
    clipboard.setMimeData(picture_data())
    qtbot.keyClick(running, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "Pasted picture" in names(panel), timeout=20000)
    clipboard.setMimeData(urls("file:///pictures/aunt.png"))
    qtbot.keyClick(running, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "aunt" in names(panel), timeout=20000)
    clipboard.setText("no picture")
    qtbot.keyClick(running, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "no picture in the clipboard" in running.status.words.text()


def test_the_same_picture_again_is_only_chosen(qtbot, running, panel, shelf):
    for _ in range(2):
        running.controller.portraits.choose(Path("/pictures/me.png"))
        qtbot.waitUntil(lambda: panel.name.text() == "Me", timeout=20000)
        panel.pick(1)
        qtbot.waitUntil(lambda: panel.name.text() == "One", timeout=20000)
    assert names(panel).count("me") == 1
    assert "already: Me" in running.status.words.text()


def test_a_picture_that_cannot_be_kept_is_used_and_it_is_told(qtbot, running, panel, shelf):
    shelf.errors["keep"] = OutputError("The disk is full.", hint="Make room.")
    running.controller.portraits.choose(Path("/pictures/me.png"))
    qtbot.waitUntil(lambda: panel.name.text() == "Me", timeout=20000)
    ((kind, message),) = messages(running)
    assert kind == "warning" and message.startswith("The disk is full.")
    thumb = panel.gallery.thumb(Path("/pictures/me.png"))
    assert thumb is not None and not thumb.can("rename") and thumb.can("remove")


def test_an_image_without_a_face_can_be_used_anyway(qtbot, running, panel, shelf):
    shelf.errors["portrait"] = NoFaceError("No face was found.")
    drop(running, picture_data())
    qtbot.waitUntil(lambda: bool(messages(running)), timeout=20000)
    assert "Pasted picture" not in names(panel)
    press(running, "Use it anyway")
    qtbot.waitUntil(lambda: panel.name.text() == "Pasted picture", timeout=20000)


def test_a_folder_is_added_with_progress_and_what_is_wrong_is_summed_up(
    qtbot, running, panel, shelf, tmp_path
):
    for name in ("a.png", "b.jpg", "c.webp", "notes.txt", ".hidden.png"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    seen = []
    running.controller.portraits.collection.adding.progress.connect(lambda *at: seen.append(at))
    drop(running, urls(tmp_path.as_uri()))
    qtbot.waitUntil(lambda: ("info", "Portraits added: 3.") in messages(running), timeout=20000)
    assert names(panel)[3:] == ["a", "b", "c"]
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3), (0, 0)]
    assert panel.cancel.isHidden() and panel.name.text() == "Someone"  # none of them is animated
    shelf.errors["portrait"] = NoFaceError("No face.")
    drop(running, urls(tmp_path.as_uri()))
    qtbot.waitUntil(lambda: ("warning", "Portraits added: 0.") in messages(running), timeout=20000)
    assert "a.png, b.jpg, c.webp" in running.banners.shown()[-1].hint


def test_adding_can_be_cancelled(qtbot, running, panel, shelf, tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.png").write_bytes(b"x")
    shelf.hold.set()
    drop(running, urls(tmp_path.as_uri()))
    qtbot.waitUntil(lambda: panel.cancel.isVisible(), timeout=20000)
    assert panel.adding.text() == "Adding 1 of 5"
    panel.cancel.click()
    shelf.go.set()
    qtbot.waitUntil(lambda: panel.cancel.isHidden(), timeout=20000)
    assert len(names(panel)) == 4


def test_files_and_folders_are_gathered_and_bounded(tmp_path):
    for number in range(MOST_AT_ONCE + 3):
        (tmp_path / f"{number:03}.PNG").write_bytes(b"x")
    found = gather([tmp_path])
    assert len(found.pictures) == MOST_AT_ONCE and found.left_out == 3 and not found.single
    only = gather([tmp_path / "notes.txt"])
    assert only.single and only.pictures == (tmp_path / "notes.txt",)
    assert gather([tmp_path / "missing", tmp_path / "a.mp4"]).pictures == ()


def test_an_image_becomes_an_array_whatever_its_format():
    image = QImage(5, 3, QImage.Format.Format_RGB888)  # lines of 15 bytes, padded to 16
    image.fill(Qt.GlobalColor.red)
    got = pixels(image)
    assert got.shape == (3, 5, 4) and (got == [255, 0, 0, 255]).all()
    assert pixels(QImage()).size == 0


def test_an_image_with_too_many_pixels_is_refused_before_it_is_converted(monkeypatch):
    monkeypatch.setattr("ui.gallery.incoming.MOST_PIXELS", 100)
    with pytest.raises(InputError, match="20 x 10"):
        pixels(QImage(20, 10, QImage.Format.Format_RGB32))


@pytest.mark.parametrize(
    ("files", "video"), [(["a.mp4"], True), (["a.png"], False), (["a.mp4", "b.png"], False)]
)
def test_only_a_lone_video_drives(files, video):
    came = Incoming(tuple(Path(file) for file in files))
    assert (came.video is not None) == video


# -- renaming, removing, cropping -----------------------------------------------------------------


def test_f2_renames_and_escape_does_not(qtbot, panel, shelf):
    thumb = add(qtbot, panel, "anna")
    thumb.setFocus()
    qtbot.keyClick(thumb, Qt.Key.Key_F2)
    assert panel.rename.isVisible() and panel.rename.edit.text() == "anna"
    qtbot.keyClicks(panel.rename.edit, "Berta 2")
    qtbot.keyClick(panel.rename.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: thumb.accessibleName() == "Portrait Berta 2", timeout=20000)
    assert panel.rename.isHidden() and shelf.own[0].name == "Berta 2"
    assert panel._portraits.path == panel.paths[0]  # the digit was typed, not a key of the window
    qtbot.keyClick(thumb, Qt.Key.Key_F2)
    qtbot.keyClicks(panel.rename.edit, "x")
    qtbot.keyClick(panel.rename.edit, Qt.Key.Key_Escape)
    assert panel.rename.isHidden() and shelf.own[0].name == "Berta 2"
    assert panel.window().isVisible()


def test_the_name_of_the_portrait_in_use_changes_at_once(qtbot, panel):
    add(qtbot, panel, "anna").click()
    qtbot.waitUntil(lambda: panel.name.text() == "Anna", timeout=20000)
    panel._portraits.collection.rename(panel.paths[3], "Berta")
    qtbot.waitUntil(lambda: panel.name.text() == "Berta", timeout=20000)


def test_bundled_ones_can_be_neither_renamed_nor_removed(qtbot, panel):
    thumb = thumbs(panel)[0]
    qtbot.keyClick(thumb, Qt.Key.Key_F2)
    qtbot.keyClick(thumb, Qt.Key.Key_Delete)
    assert panel.rename.isHidden() and len(panel.paths) == 3
    enabled = {a.text().split("\t")[0]: a.isEnabled() for a in thumb.menu_of().actions()}
    assert enabled == {
        "Use": True,
        "Crop…": True,
        "Rename…": False,
        "Read it again": True,
        "Remove": False,
    }


def test_del_removes_and_undo_brings_back(qtbot, running, panel):
    add(qtbot, panel, "anna")
    thumb = add(qtbot, panel, "berta")
    thumb.click()
    qtbot.waitUntil(lambda: panel.name.text() == "Berta", timeout=20000)
    thumb.setFocus()
    qtbot.keyClick(thumb, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: names(panel) == ["one", "two", "three", "anna"], timeout=20000)
    qtbot.waitUntil(lambda: panel.name.text() == "Anna", timeout=20000)  # its neighbour
    assert ("info", "Berta was removed.") in messages(running)
    press(running, "Undo")
    qtbot.waitUntil(lambda: panel.name.text() == "Berta", timeout=20000)
    assert names(panel) == ["one", "two", "three", "anna", "berta"]


def test_removing_another_leaves_the_portrait_in_use(qtbot, running, panel):
    thumb = add(qtbot, panel, "anna")
    qtbot.keyClick(thumb, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(panel.paths) == 3, timeout=20000)
    assert panel.name.text() == "Someone"
    press(running, "Undo")
    qtbot.waitUntil(lambda: len(panel.paths) == 4, timeout=20000)
    assert panel.name.text() == "Someone"


def test_what_cannot_be_removed_stays_and_says_why(qtbot, running, panel, shelf):
    thumb = add(qtbot, panel, "anna")
    shelf.errors["remove"] = OutputError("Permission denied.")
    qtbot.keyClick(thumb, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: ("error", "Permission denied.") in messages(running), timeout=20000)
    assert len(panel.paths) == 4


def test_a_crop_by_hand_changes_the_live_portrait(qtbot, running, panel, shelf, session):
    panel.crop.click()
    qtbot.waitUntil(lambda: bool(panel._editors), timeout=20000)
    (editor,) = panel._editors.values()
    assert editor.isVisible() and not editor.isModal()
    qtbot.keyClick(editor.canvas, Qt.Key.Key_Plus)
    editor.accept()
    qtbot.waitUntil(lambda: bool(session.asked("set_portrait")), timeout=20000)
    box = shelf.entries()[0].box
    assert box[2] - box[0] == pytest.approx(120 * 1.04) and not panel._editors


def test_a_second_editor_of_the_same_portrait_is_not_opened(qtbot, panel):
    for _ in range(2):
        panel.crop.click()
        qtbot.waitUntil(lambda: bool(panel._editors), timeout=20000)
    qtbot.wait(50)
    (editor,) = panel._editors.values()
    editor.reject()
    assert not panel._editors


# -- starting -------------------------------------------------------------------------------------


def test_a_portrait_from_elsewhere_is_a_guest(qtbot, ports, session):
    from avatar.config import RunConfig
    from ui.controller import Controller

    controller = Controller(RunConfig(portrait=Path("/pictures/me.png"), crop=False), ports)
    controller.portraits.fill_gallery()
    qtbot.waitUntil(lambda: len(controller.portraits.collection.entries) == 4, timeout=20000)
    guest = controller.portraits.collection.entries[-1]
    assert guest.guest and guest.whole and guest.path == Path("/pictures/me.png")
    controller.close(1.0)


def test_before_the_first_start_the_portrait_to_be_animated_is_shown(qtbot, window):
    window.controller.portraits.fill_gallery()
    panel = window.portrait
    qtbot.waitUntil(lambda: panel.view.image is not None, timeout=20000)
    assert panel.name.text() == "One"
    assert [thumb.isChecked() for thumb in thumbs(panel)] == [True, False, False]


def test_what_the_library_has_to_say_is_told(qtbot, window, ports):
    ports.shelf.told = ["The list was damaged."]
    window.controller.begin()
    qtbot.waitUntil(lambda: ("warning", "The list was damaged.") in messages(window), timeout=20000)


def test_portraits_read_lately_are_kept_within_bounds():
    cache = PortraitCache(entries=3, most_bytes=10_000_000)
    entries = [Entry(Path(f"{i}.png"), str(i)) for i in range(5)]
    for entry in entries:
        cache.put(entry, portrait(entry.name))
    assert len(cache) == 3 and cache.get(entries[1]) is None
    assert cache.get(entries[2]).name == "2"
    assert cache.get(replace(entries[2], box=(0.0, 0.0, 9.0, 9.0))) is None
    cache.put(entries[0], portrait("0"))
    assert cache.get(entries[3]) is None and cache.get(entries[2]) is not None
    big = replace(portrait("big"), full=np.zeros((2000, 2000, 3), np.uint8))
    cache.put(entries[4], big)
    assert len(cache) == 1 and cache.get(entries[4]) is big
    cache.drop(entries[4].path)
    assert len(cache) == 0


# -- with real files ------------------------------------------------------------------------------


def test_a_thumbnail_shows_the_square():
    from avatar.portraits.portrait import bundled, known_box, load_portrait
    from ui.ports import Ports

    path = bundled()[0]
    small = Ports().thumbnail(path, known_box(path))
    large = load_portrait(path).image.reshape(128, 2, 128, 2, 3).mean((1, 3))
    assert small.shape == (128, 128, 3) and np.abs(small - large).mean() < 6
    middle = Ports().thumbnail(path, None)
    assert np.abs(middle.astype(int) - small).mean() > 10


def test_a_picture_lives_in_the_real_library_from_drop_to_undo(
    qtbot, running, ports, tmp_path, monkeypatch
):
    from PIL import Image as Pillow

    from avatar.frame import Face
    from avatar.portraits.library import Library

    class Tracker:
        def __enter__(self):
            return self

        def __exit__(self, *exc):
            pass

        def track(self, image):
            return [Face(np.array([40, 30, 120, 130], np.float32), np.zeros((478, 3), "f4"), 1.0)]

    monkeypatch.setattr("avatar.portraits.portrait.MediaPipeTracker", lambda **_: Tracker())
    portraits = running.controller.portraits
    portraits.collection._library = Library(tmp_path / "portraits", [])
    noise = np.random.default_rng(0).integers(0, 256, (160, 180, 3), np.uint8)
    Pillow.fromarray(noise).save(tmp_path / "anna.png")
    drop(running, urls((tmp_path / "anna.png").as_uri()))
    copy = tmp_path / "portraits" / "anna.png"
    qtbot.waitUntil(lambda: portraits.path == copy, timeout=20000)
    assert copy.read_bytes() == (tmp_path / "anna.png").read_bytes()
    qtbot.waitUntil(lambda: running.portrait.gallery.thumb(copy) is not None, timeout=20000)
    portraits.collection.remove(copy)
    qtbot.waitUntil(lambda: not copy.exists(), timeout=20000)
    qtbot.waitUntil(lambda: ("info", "Anna was removed.") in messages(running), timeout=20000)
    press(running, "Undo")
    qtbot.waitUntil(copy.exists, timeout=20000)
    qtbot.waitUntil(lambda: running.portrait.paths == [copy], timeout=20000)
