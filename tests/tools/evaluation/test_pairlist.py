from pathlib import Path

import pytest

from avatar.errors import InputError
from tools.evaluation.clips import Clip, find_clips
from tools.evaluation.pairlist import PairList

VOX = "/data/someone/vox1_frames/test"
A, B = "id10282#Zbz058o9j6s#004557#004656", "id10292#ENIHEvg_VLM#011570#011689"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def vox(tmp_path: Path, frame_folder) -> Path:
    """Frame folders named like videos, as VoxCeleb's are after preprocessing."""
    for name in (A, B):
        frame_folder(tmp_path / "data" / "test" / f"{name}.mp4", 5)
    return tmp_path / "data"


def test_frames_by_paths_of_another_machine(vox: Path, tmp_path: Path) -> None:
    # The published list has a third column in its heading and none in its rows.
    path = write(
        tmp_path / "vox_evaluation.csv",
        "source,driving,frame",
        f"{VOX}/{A}.mp4/0000003.png,{VOX}/{A}.mp4/0000001.png",
        f"{VOX}/{A}.mp4/0000000.png,{VOX}/{B}.mp4/0000004.png",
    )
    found, left_out = PairList(vox, []).read(path, every=1)
    assert not left_out
    assert [(t.portrait.index, t.driving[0].index, t.same) for t in found] == [
        (3, 1, True),
        (0, 4, False),
    ]
    assert found[1].people == ("id10282", "id10292")
    assert found[0].neutral is None


def test_best_frame_is_the_neutral_one(vox: Path, tmp_path: Path) -> None:
    path = write(
        tmp_path / "best.csv",
        "source,driving,best_frame",
        f"{VOX}/{A}.mp4/0000003.png,{VOX}/{B}.mp4/0000001.png,{VOX}/{B}.mp4/0000002.png",
    )
    (trial,), _ = PairList(vox, []).read(path, every=1)
    assert trial.neutral is not None
    assert (trial.neutral.clip.person, trial.neutral.index) == ("id10292", 2)


def test_numbers_in_names_are_frames_of_a_video() -> None:
    class Video(Clip):
        length = 10  # type: ignore[assignment]

    clip = Video(A, "id10282", Path("clips") / f"{A}.mp4")
    pairs = PairList(Path("clips"), [clip])
    shot = pairs._find(f"{VOX}/{A}.mp4/0000007.png")
    assert (shot.clip, shot.index) == (clip, 7)
    with pytest.raises(InputError, match="has 10 frames, no frame 10"):
        pairs._find(f"{VOX}/{A}.mp4/0000010.png")


def test_whole_clips(vox: Path, tmp_path: Path) -> None:
    path = write(
        tmp_path / "vox256.csv",
        "distance,source,driving",
        f"0,{A}.mp4,{B}.mp4",
        f"0,{A}.mp4,{A}.mp4",
    )
    clips = find_clips(vox / "test")
    (crossed, same), _ = PairList(vox / "test", clips).read(path, every=2)
    assert [s.index for s in crossed.driving] == [2, 4]
    assert crossed.neutral is not None and crossed.neutral.clip.name.startswith("id10292")
    assert same.same and same.neutral is None


def test_celebv_keeps_people_in_folders(tmp_path: Path, frame_folder) -> None:
    frame_folder(tmp_path / "data" / "Jack_Ma" / "Image", 2)
    frame_folder(tmp_path / "data" / "Kathleen" / "Image", 2)
    path = write(
        tmp_path / "celebv.csv",
        "source,driving",
        "/x/CelebV/Jack_Ma/Image/0000001.png,/x/CelebV/Kathleen/Image/0000000.png",
    )
    (trial,), _ = PairList(tmp_path / "data", []).read(path, every=1)
    assert trial.people == ("Jack_Ma", "Kathleen")


def test_rows_that_cannot_be_used_are_named(vox: Path, tmp_path: Path) -> None:
    path = write(
        tmp_path / "some.csv",
        "source,driving",
        f"{VOX}/{A}.mp4/0000003.png,{VOX}/{A}.mp4/0000001.png",
        f"{VOX}/{A}.mp4/0000003.png,{VOX}/nobody.mp4/0000001.png",
        f"{A}.mp4,",
    )
    found, left_out = PairList(vox, []).read(path, every=1)
    assert len(found) == 1
    assert [one.what for one in left_out] == ["some.csv, line 3", "some.csv, line 4"]
    assert "nobody.mp4/0000001.png" in left_out[0].why


def test_lists_that_are_none(vox: Path, tmp_path: Path) -> None:
    pairs = PairList(vox, [])
    with pytest.raises(InputError, match="has the columns from, to; source and driving missing"):
        pairs.read(write(tmp_path / "a.csv", "from,to", "x,y"), every=1)
    with pytest.raises(InputError, match="None of the 1 rows"):
        pairs.read(write(tmp_path / "b.csv", "source,driving", "x.png,y.png"), every=1)
    with pytest.raises(InputError, match="None of the 0 rows"):
        pairs.read(write(tmp_path / "c.csv", "source,driving"), every=1)
    with pytest.raises(InputError, match="cannot be read"):
        pairs.read(tmp_path / "nowhere.csv", every=1)
