"""The user's portraits: against a model, and when the disk or the index lets us down."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from PIL import Image as Pillow

from avatar.errors import AvatarError, InputError, NoFaceError, OutputError, UsageError
from avatar.frame import Face
from avatar.portraits import album, catalogue, library
from avatar.portraits.album import LONGEST_NAME, TRASH, Album, cleaned
from avatar.portraits.catalogue import INDEX, Record
from avatar.portraits.entry import Removed
from avatar.portraits.library import Library


def face(x: float = 80, y: float = 60, size: float = 100) -> Face:
    box = np.array([x - 0.4 * size, y - size / 2, x + 0.4 * size, y + size / 2], np.float32)
    return Face(box, np.zeros((478, 3), np.float32), 1.0)


class Tracker:
    """Finds what it is told, and counts."""

    def __init__(self, *faces: Face, static: bool = True, max_faces: int = 5) -> None:
        self.faces = list(faces)
        self.asked = 0

    def track(self, image):
        self.asked += 1
        return self.faces

    def close(self) -> None:
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc) -> None:
        pass


@pytest.fixture
def tracker(monkeypatch) -> Tracker:
    """Stands in for MediaPipe wherever a portrait is read."""
    made = Tracker(face())
    monkeypatch.setattr("avatar.portraits.portrait.MediaPipeTracker", lambda **_: made)
    return made


@pytest.fixture
def shelf(tmp_path, tracker) -> Library:
    return Library(tmp_path / "portraits", [])


def picture(path: Path, shade: int = 0, size: tuple[int, int] = (160, 120)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(shade).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Pillow.fromarray(noise).save(path)
    return path


def names(shelf: Library) -> list[str]:
    return [entry.name for entry in shelf.entries()]


# -- adding ---------------------------------------------------------------------------------------


def test_a_picture_is_copied_in_under_its_name_and_the_original_stays(shelf, tmp_path):
    original = picture(tmp_path / "Aunt May.PNG")
    before = original.read_bytes()
    brought = shelf.bring(original)
    assert brought.new and brought.entry.own and brought.entry.name == "Aunt May"
    assert brought.portrait.name == "Aunt May" and brought.portrait.image.shape == (256, 256, 3)
    assert brought.entry.path == tmp_path / "portraits" / "Aunt May.png"
    assert brought.entry.path.read_bytes() == before == original.read_bytes()
    assert shelf.entries() == [brought.entry]


def test_names_that_are_taken_are_numbered(shelf, tmp_path):
    for number in range(3):
        shelf.bring(picture(tmp_path / str(number) / "me.png", number))
    shelf.bring(picture(tmp_path / "ME.bmp", 3))
    assert names(shelf) == ["me", "me (2)", "me (3)", "ME (4)"]


def test_the_same_pixels_are_the_same_portrait_whatever_the_file(shelf, tmp_path):
    first = shelf.bring(picture(tmp_path / "a.png", 1)).entry
    shelf.bring(picture(tmp_path / "b.png", 2))
    again = shelf.bring(picture(tmp_path / "other.bmp", 1))
    assert not again.new and again.entry == first and names(shelf) == ["a", "b"]


def test_a_picture_of_the_library_itself_is_not_added_again(shelf, tmp_path):
    entry = shelf.bring(picture(tmp_path / "a.png", 1)).entry
    assert shelf.bring(entry.path).entry == entry and len(shelf.entries()) == 1


def test_a_bundled_picture_is_known_by_its_pixels(tmp_path, tracker):
    shipped = picture(tmp_path / "package" / "star.png", 7)
    shelf = Library(tmp_path / "portraits", [shipped])
    brought = shelf.bring(picture(tmp_path / "copy.png", 7))
    assert not brought.new and brought.entry.path == shipped and not brought.entry.own
    assert names(shelf) == ["star"]


def test_a_pasted_picture_is_kept_as_png(shelf):
    image = np.random.default_rng(0).integers(0, 256, (120, 160, 4), np.uint8)
    brought = shelf.bring_image(image, "Pasted: now")
    assert brought.new and brought.entry.name == "Pasted: now"
    assert brought.entry.path.suffix == ".png" and ":" not in brought.entry.path.name
    assert np.array_equal(np.asarray(Pillow.open(brought.entry.path)), image)
    assert not shelf.bring_image(image, "Again").new


@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 4), (4, 4, 2), (20_000, 10_000, 3)])
def test_pixels_that_are_no_picture_are_refused(shelf, shape):
    huge = np.broadcast_to(np.zeros((1,) * len(shape), np.uint8), shape)
    with pytest.raises(InputError):
        shelf.bring_image(huge, "x")
    assert shelf.entries() == []


def test_what_is_no_picture_or_has_no_face_is_not_added(shelf, tmp_path, tracker):
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(InputError):
        shelf.bring(tmp_path / "notes.txt")
    tracker.faces = []
    with pytest.raises(NoFaceError):
        shelf.bring(picture(tmp_path / "cat.png"))
    assert shelf.entries() == []
    whole = shelf.bring(tmp_path / "cat.png", whole=True)
    assert whole.new and whole.entry.whole and "No face" in whole.entry.warnings[0]


def test_a_picture_of_an_odd_ending_becomes_a_png(shelf, tmp_path):
    path = picture(tmp_path / "me.png").rename(tmp_path / "me.picture")
    entry = shelf.bring(path).entry
    assert entry.path.suffix == ".png" and Pillow.open(entry.path).format == "PNG"


# -- reading --------------------------------------------------------------------------------------


def test_the_face_is_looked_for_once(shelf, tmp_path, tracker):
    brought = shelf.bring(picture(tmp_path / "a.png"))
    assert tracker.asked == 1
    again, entry = Library(tmp_path / "portraits", []).portrait(brought.entry)
    assert tracker.asked == 1 and entry == brought.entry
    np.testing.assert_array_equal(again.image, brought.portrait.image)
    assert again.warnings == brought.portrait.warnings


def test_a_fresh_look_takes_the_file_as_it_is_now(shelf, tmp_path, tracker):
    entry = shelf.bring(picture(tmp_path / "a.png")).entry
    picture(entry.path, 5)
    tracker.faces = [face(90, 60, 100), face(20, 20, 30)]
    portrait, entry = shelf.portrait(entry, fresh=True)
    assert tracker.asked == 2 and "2 faces" in entry.warnings[0]
    assert shelf.entry(entry.path) == entry
    assert not shelf.bring(picture(tmp_path / "b.png", 5)).new  # by its new pixels


def test_a_chosen_crop_is_remembered_and_automatic_again(shelf, tmp_path, tracker):
    entry = shelf.bring(picture(tmp_path / "a.png")).entry
    found = entry.found
    entry = shelf.choose_crop(entry, (30.0, 20.0, 90.0, 80.0))
    portrait, _ = shelf.portrait(entry)
    np.testing.assert_allclose(portrait.box, [30, 20, 90, 80])
    assert Library(tmp_path / "portraits", []).entry(entry.path).box == (30, 20, 90, 80)
    _, entry = shelf.portrait(shelf.choose_crop(shelf.entry(entry.path), None))
    assert entry.box is None and entry.found == found


def test_the_crop_of_a_bundled_portrait_is_remembered_too(tmp_path, tracker):
    shipped = picture(tmp_path / "package" / "star.png")
    shelf = Library(tmp_path / "portraits", [shipped])
    shelf.choose_crop(shelf.entries()[0], (10.0, 10.0, 60.0, 60.0))
    (entry,) = Library(tmp_path / "portraits", [shipped]).entries()
    assert entry.box == (10, 10, 60, 60) and not entry.own
    with pytest.raises(UsageError, match="ships"):
        shelf.remove(entry)
    with pytest.raises(UsageError, match="ships"):
        shelf.rename(entry, "x")


# -- when things go wrong -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 99}',
        '{"version": 1, "portraits": [{"file": "../x.png", "name": "x"}], "bundled": []}',
        '{"version": 1, "portraits": [{"file": "a.png", "name": "a", "box": [1, 2, 3]}]}',
        '{"version": 1, "portraits": 3, "bundled": []}',
        "\x00\xff",
        "[" * 100_000,
    ],
    ids=range(9),
)
def test_a_damaged_index_is_set_aside_and_made_anew(shelf, tmp_path, text):
    for number in range(3):
        shelf.bring(picture(tmp_path / f"{number}.png", number))
    folder = tmp_path / "portraits"
    (folder / INDEX).write_bytes(text.encode("latin-1"))
    again = Library(folder, [])
    assert sorted(names(again)) == ["0", "1", "2"]
    (notice,) = again.notices()
    assert "damaged" in notice and "index.damaged-1.json" in notice
    assert (folder / "index.damaged-1.json").read_bytes() == text.encode("latin-1")
    assert again.notices() == []
    assert not again.bring(picture(tmp_path / "again.png", 1)).new  # known by its pixels still


def test_pictures_put_into_the_folder_by_hand_are_listed_and_lost_ones_are_not(shelf, tmp_path):
    entry = shelf.bring(picture(tmp_path / "a.png", 1)).entry
    picture(tmp_path / "portraits" / "mine.png", 2)
    (tmp_path / "portraits" / ".hidden.png").write_bytes(b"x")
    (tmp_path / "portraits" / "notes.txt").write_bytes(b"x")
    entry.path.unlink()
    assert names(shelf) == ["mine"]


def disk_full(monkeypatch, when):
    """Files whose path fulfils ``when`` cannot be put in place."""
    real = os.replace

    def refuse(source, target):
        if when(Path(target)):
            raise OSError(28, "No space left on device")
        return real(source, target)

    monkeypatch.setattr(catalogue.os, "replace", refuse)


@pytest.mark.parametrize("what", ["picture", "index"])
def test_a_full_disk_keeps_what_there_was_and_the_picture_can_be_used(
    shelf, tmp_path, monkeypatch, what
):
    shelf.bring(picture(tmp_path / "a.png", 1))
    before = (tmp_path / "portraits" / INDEX).read_bytes()
    disk_full(monkeypatch, lambda p: (p.name == INDEX) == (what == "index"))
    brought = shelf.bring(picture(tmp_path / "b.png", 2))
    assert brought.entry.guest and brought.entry.path == tmp_path / "b.png"
    assert isinstance(brought.refused, OutputError) and "No space left" in brought.refused.message
    with pytest.raises(OutputError):
        shelf.bring_image(np.zeros((80, 80, 3), np.uint8), "pasted")
    assert names(shelf) == ["a"]
    assert (tmp_path / "portraits" / INDEX).read_bytes() == before
    files = {p.name for p in (tmp_path / "portraits").iterdir()}
    assert files == {"a.png", INDEX}


def test_a_full_disk_when_removing_or_renaming_changes_nothing(shelf, tmp_path, monkeypatch):
    entry = shelf.bring(picture(tmp_path / "a.png", 1)).entry
    disk_full(monkeypatch, lambda p: p.name == INDEX)
    for change in (lambda: shelf.remove(entry), lambda: shelf.rename(entry, "b")):
        with pytest.raises(OutputError):
            change()
    assert shelf.entries() == [entry] and entry.path.is_file()


def test_a_read_only_folder(shelf, tmp_path, monkeypatch):
    entry = shelf.bring(picture(tmp_path / "a.png", 1)).entry

    def refuse(*args, **more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(catalogue.tempfile, "mkstemp", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    for change in (lambda: shelf.remove(entry), lambda: shelf.rename(entry, "b")):
        with pytest.raises(OutputError, match="Permission denied"):
            change()
    brought = shelf.bring(picture(tmp_path / "b.png", 2))
    assert brought.refused is not None and brought.portrait.image.shape == (256, 256, 3)
    portrait, _ = shelf.portrait(entry, fresh=True)  # found again, only not remembered
    assert portrait.name == "a" and names(shelf) == ["a"]


def test_an_index_that_cannot_be_read_is_told_and_pictures_are_still_there(
    shelf, tmp_path, monkeypatch
):
    shelf.bring(picture(tmp_path / "a.png", 1))

    def refuse(self, *args, **more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    assert names(shelf) == ["a"]
    (notice,) = shelf.notices()
    assert "Permission denied" in notice


def test_a_removed_picture_that_is_gone_cannot_come_back(shelf, tmp_path):
    removed = shelf.remove(shelf.bring(picture(tmp_path / "a.png", 1)).entry)
    removed.taken.kept.unlink()
    with pytest.raises(InputError, match="gone"):
        shelf.restore(removed)


def test_old_trash_is_deleted_at_the_next_start(shelf, tmp_path, monkeypatch):
    removed = shelf.remove(shelf.bring(picture(tmp_path / "a.png", 1)).entry)
    Library(tmp_path / "portraits", [])
    assert removed.taken.kept.is_file()
    monkeypatch.setattr(album, "TRASH_S", -1.0)
    Library(tmp_path / "portraits", [])
    assert removed.taken.kept.is_file()  # this run's own: it can still be undone
    monkeypatch.setattr(album, "_removed_here", set())
    Library(tmp_path / "portraits", [])
    assert not removed.taken.kept.exists()


def test_warnings_of_older_rules_are_looked_at_again(shelf, tmp_path, tracker, monkeypatch):
    entry = shelf.bring(picture(tmp_path / "a.png", 1)).entry
    monkeypatch.setattr(library, "RULES", library.RULES + 1)
    newer = Library(tmp_path / "portraits", [])
    newer.portrait(newer.entry(entry.path))
    assert tracker.asked == 2


@pytest.mark.parametrize(
    ("name", "clean"),
    [("  Anna \n Maria ", "Anna Maria"), ("\x07\u200b", ""), ("x" * 99, "x" * LONGEST_NAME)],
)
def test_names_are_cleaned(name, clean):
    assert cleaned(name) == clean


def test_a_portrait_needs_a_name(shelf, tmp_path):
    entry = shelf.bring(picture(tmp_path / "a.png", 1)).entry
    with pytest.raises(UsageError):
        shelf.rename(entry, " \n")


# -- against a model ------------------------------------------------------------------------------


class AlbumMachine(RuleBasedStateMachine):
    """Add, rename, remove, undo and open again, in any order, against a list of names."""

    removed = Bundle("removed")

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.temporary = tempfile.TemporaryDirectory()
        self.album = Album(Path(self.temporary.name) / "portraits", 1)
        self.model: list[tuple[str, str]] = []  # (name, content)
        self.count = 0

    def teardown(self) -> None:
        self.temporary.cleanup()

    def free(self, name: str) -> str:
        taken = {n.casefold() for n, _ in self.model}
        names = [name] + [f"{name} ({i})" for i in range(2, 60)]
        return next(n for n in names if n.casefold() not in taken)

    @rule(name=st.sampled_from(["me", "Me", "anna", "a/b", "ä.x", "..", "CON"]))
    def add(self, name):
        self.count += 1
        content = str(self.count)
        record = Record(f"{name}.png", name, digest=content)
        kept, new = self.album.keep(record, lambda path: path.write_text(content))
        self.model.append((self.free(name), content))
        assert new and kept.name == self.model[-1][0]

    @rule(place=st.integers(0, 9))
    def add_again(self, place):
        if self.model:
            name, content = self.model[place % len(self.model)]
            kept, new = self.album.keep(Record("other.png", "other", content), lambda path: None)
            assert not new and kept.name == name

    @rule(place=st.integers(0, 9), name=st.sampled_from(["me", "bob", " Anna ", "x" * 80]))
    def rename(self, place, name):
        if self.model:
            place %= len(self.model)
            record = self.album.rename(self.album.read().own[place].file, name)
            content = self.model.pop(place)[1]
            self.model.insert(place, (self.free(cleaned(name)), content))
            assert record.name == self.model[place][0]

    @rule(target=removed, place=st.integers(0, 9))
    def remove(self, place):
        if not self.model:
            return None
        place %= len(self.model)
        taken = self.album.remove(self.album.read().own[place].file)
        return taken, place, self.model.pop(place)

    @rule(what=consumes(removed))
    def undo(self, what):
        if what is not None:
            taken, place, (name, content) = what
            record = self.album.restore(taken)
            self.model.insert(place, (self.free(name), content))
            assert record.name == self.model[min(place, len(self.model) - 1)][0]

    @rule()
    def open_again(self):
        self.album = Album(self.album.folder, 1)

    @invariant()
    def they_agree(self):
        own = self.album.read().own
        assert [r.name for r in own] == [name for name, _ in self.model]
        contents = [(self.album.folder / r.file).read_text() for r in own]
        assert contents == [content for _, content in self.model]
        assert not self.album.notices()
        if self.album.folder.is_dir():
            stray = {p.name for p in self.album.folder.iterdir()} - {r.file for r in own}
            assert stray <= {INDEX, TRASH}


TestAlbum = AlbumMachine.TestCase
TestAlbum.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


def test_what_is_written_is_read_back(tmp_path):
    record = Record("a.png", "ä", "d", (1.0, 2.0, 3.5, 4.0), False, (0.0, 0.0, 1.0, 1.0), ("w",))
    picture(tmp_path / "a.png")
    known = catalogue.Catalogue((record,), (Record("star.png", "star", whole=True),))
    catalogue.write(tmp_path, known, 3)
    assert catalogue.read(tmp_path, 3) == known
    assert catalogue.read(tmp_path, 4).own[0].warnings is None
    assert json.loads((tmp_path / INDEX).read_text("utf-8"))["version"] == 1


def test_a_removed_entry_says_which(shelf, tmp_path):
    entry = shelf.bring(picture(tmp_path / "a.png", 1)).entry
    removed = shelf.remove(entry)
    assert isinstance(removed, Removed) and removed.entry == entry and names(shelf) == []
    assert shelf.restore(removed) == entry
    with pytest.raises(AvatarError):
        shelf.restore(removed)
