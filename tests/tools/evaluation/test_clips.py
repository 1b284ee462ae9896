import json
from fractions import Fraction

import numpy as np
import pytest

from avatar.errors import InputError
from avatar.media import VideoWriter
from tools.evaluation.clips import Clip, find_clips, person_of


def write_video(path, count: int, size: tuple[int, int] = (64, 64)) -> None:
    writer = VideoWriter(path, size, rate=Fraction(25), live=True)
    for i in range(count):
        picture = np.full((size[1], size[0], 3), 20 * i, np.uint8)
        writer.write(writer.picture(picture), i, 1)
    writer.finish()


def test_frames_of_a_folder_go_by_their_numbers(tmp_path, frame_folder) -> None:
    folder = frame_folder(tmp_path / "clips" / "anna", 12)
    for path in folder.iterdir():
        path.rename(folder / f"{int(path.stem)}.png")  # 10.png must not follow 1.png
    (clip,) = find_clips(tmp_path / "clips")
    assert (clip.name, clip.person, clip.length) == ("anna", "anna", 12)
    frames = clip.frames([2, 10])
    assert {i: int(frame.mean()) for i, frame in frames.items()} == {2: 20, 10: 100}
    assert frames[2].shape == (256, 256, 3)
    assert not frames[2].flags.writeable


def test_frames_of_a_video(tmp_path) -> None:
    write_video(tmp_path / "b.mp4", 6)
    (clip,) = find_clips(tmp_path)
    assert clip.length == 6
    frames = clip.frames({0, 4})
    assert sorted(frames) == [0, 4]
    assert abs(int(frames[4].mean()) - 80) < 4


def test_people_and_splits_come_from_the_manifest(tmp_path, frame_folder) -> None:
    for name in ("a", "b", "c"):
        frame_folder(tmp_path / name, 1)
    entries = [{"name": "a", "person": 7, "split": "val"}, {"name": "b", "split": "train"}]
    (tmp_path / "manifest.json").write_text(json.dumps(entries))
    assert {c.name: c.person for c in find_clips(tmp_path)} == {"a": "7", "b": "b", "c": "c"}
    assert [c.name for c in find_clips(tmp_path, "val")] == ["a"]
    with pytest.raises(InputError, match="no clips of the split 'test'"):
        find_clips(tmp_path, "test")


def test_voxceleb_names_tell_people() -> None:
    assert person_of("id10283#vaK4t1-WD4M#026109#026212.mp4") == "id10283"
    assert person_of("idle") == "idle"


@pytest.mark.parametrize("text", ["{", "[1]", '[{"person": 3}]', "null"])
def test_a_manifest_that_is_none(tmp_path, frame_folder, text: str) -> None:
    frame_folder(tmp_path / "a", 1)
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError, match="manifest.json cannot be used"):
        find_clips(tmp_path)


def test_a_split_needs_a_manifest(tmp_path, frame_folder) -> None:
    frame_folder(tmp_path / "a", 1)
    with pytest.raises(InputError, match="no manifest.json"):
        find_clips(tmp_path, "val")


def test_nothing_to_measure(tmp_path) -> None:
    with pytest.raises(InputError, match="has no clips"):
        find_clips(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        find_clips(tmp_path / "nowhere")


def test_two_clips_of_one_name(tmp_path, frame_folder) -> None:
    frame_folder(tmp_path / "a", 1)
    (tmp_path / "a.mp4").write_bytes(b"")
    with pytest.raises(InputError, match="two clips called a"):
        find_clips(tmp_path)


def test_a_video_that_is_none(tmp_path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"not a video at all")
    (clip,) = find_clips(tmp_path)
    with pytest.raises(InputError, match=r"a\.mp4"):
        _ = clip.length


def test_pictures_that_are_not_square(tmp_path, frame_folder) -> None:
    clip = Clip("a", "a", frame_folder(tmp_path / "a", 2, (40, 60)))
    with pytest.raises(InputError, match="60 x 40 pixels; expected a square"):
        clip.frames([0])


def test_a_frame_that_is_not_there(tmp_path, frame_folder) -> None:
    clip = Clip("a", "a", frame_folder(tmp_path / "a", 3))
    with pytest.raises(InputError, match="has no frame 9"):
        clip.frames([1, 9])
