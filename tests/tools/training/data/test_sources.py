"""What counts as a clip, who is in it, and who is never trained on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.errors import InputError, UsageError
from tools.training.data.sources import Source, divide, find_sources, identity_of, place


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_videos_and_frame_folders_at_any_depth(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4", tmp_path / "deep" / "er" / "b.MOV", tmp_path / "notes.txt")
    touch(tmp_path / "c.d" / "10.png", tmp_path / "c.d" / "9.png", tmp_path / "c.d" / "._9.png")
    touch(tmp_path / "a.npz", tmp_path / ".hidden" / "x.mp4", tmp_path / "thumbnail.png")
    found = {source.name: source for source in find_sources(tmp_path)}
    assert sorted(found) == ["a", "c.d", "deep/er/b"]
    assert found["a"].landmarks == tmp_path / "a.npz"
    assert found["c.d"].landmarks is None
    assert [path.name for path in found["c.d"].files()] == ["9.png", "10.png"]


def test_a_folder_of_frames_is_itself_a_clip(tmp_path: Path) -> None:
    touch(tmp_path / "one" / "1.jpg", tmp_path / "one" / "2.jpg")
    assert [source.name for source in find_sources(tmp_path / "one")] == ["one"]


def test_official_layout(tmp_path: Path) -> None:
    touch(tmp_path / "train" / "id10001#x#1.mp4" / "0.png", tmp_path / "test" / "id10002#y.mp4")
    touch(tmp_path / "elsewhere.mp4")
    found = [(s.name, s.identity, s.split) for s in divide(find_sources(tmp_path), 0.5)]
    assert found == [
        ("test/id10002#y", "id10002", "val"),
        ("train/id10001#x#1.mp4", "id10001", "train"),
    ]


def test_manifest_tells_person_split_and_rate(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4", tmp_path / "b.mp4")
    manifest = [{"name": "a", "person": 7, "split": "test", "fps": 30}]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    a, b = divide(find_sources(tmp_path), 0.1)
    assert (a.identity, a.split, a.fps) == ("7", "val", 30)
    assert (b.identity, b.split, b.fps) == ("b", "train", None)


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("id10001#abc#001-100", "id10001"),
        ("id00012/21Uxsk56VDQ/00001", "id00012"),
        ("id10001_x", "id10001"),
        ("video/id100012/x", "video/id100012/x"),  # one digit too many
        ("grid10001", "grid10001"),
    ],
)
def test_identity_by_voxceleb_names(name: str, identity: str) -> None:
    assert identity_of(name) == identity


def clips_of(people: list[str]) -> list[Source]:
    return [Source(f"{who}{i}", who, None, Path("x")) for who in people for i in range(2)]


@given(st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=40), st.floats(0.01, 0.9))
def test_people_never_cross_and_both_sides_have_some(people: set[str], share: float) -> None:
    divided = divide(clips_of(sorted(people)), share)
    sides: dict[str, set[str | None]] = {}
    for source in divided:
        sides.setdefault(source.identity, set()).add(source.split)
    assert all(len(side) == 1 for side in sides.values())
    assert {source.split for source in divided} == {"train", "val"}


def test_added_people_move_nobody() -> None:
    few = [str(i) for i in range(40)]
    before = {s.identity: s.split for s in divide(clips_of(few), 0.2)}
    after = {s.identity: s.split for s in divide(clips_of([*few, "new", "other"]), 0.2)}
    assert {who: after[who] for who in few} == before
    assert 2 <= list(before.values()).count("val") <= 15
    assert all(0 <= place(who) < 1 for who in few)


def test_one_person_cannot_be_divided() -> None:
    with pytest.raises(UsageError, match="one identity") as caught:
        divide(clips_of(["a"]), 0.1)
    assert "data.validation=0" in caught.value.hint
    assert {s.split for s in divide(clips_of(["a"]), 0)} == {"train"}


def test_refused(tmp_path: Path, film: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="not a folder"):
        find_sources(tmp_path / "none")
    with pytest.raises(InputError, match="no clips"):
        find_sources(tmp_path)
    touch(tmp_path / "a.mp4", tmp_path / "a.mov")
    with pytest.raises(InputError, match="two clips called a"):
        find_sources(tmp_path)


def test_a_link_back_up_is_followed_once(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.mp4")
    (tmp_path / "in" / "loop").symlink_to(tmp_path)
    assert len(find_sources(tmp_path)) == 1
