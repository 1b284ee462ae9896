"""From a folder to frames by row, through the cache."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avatar.errors import InputError, OutputError, UsageError
from tools.training.data import DataSettings, Footage, load
from tools.training.data import cache as cache_module
from tools.training.data.footage import MOST_OPEN
from tools.training.data.sources import find_sources

Film = Callable[..., Path]
Make = Callable[..., DataSettings]


def number_of(image: np.ndarray) -> int:
    """Which frame a made-up picture shows."""
    return round((float(image.mean()) - 20) / 10)


def quiet(doing: str, done: int, total: int) -> None:
    """No bar."""


def entries(settings: DataSettings) -> list[Path]:
    return sorted(path for path in Path(settings.cache_folder).iterdir())


@pytest.mark.parametrize("way", ["raw", "jpeg", "none"])
def test_frames_by_row(tmp_path: Path, film: Film, stills: Film, settings: Make, way: str) -> None:
    film(tmp_path / "clips" / "a.mp4", 5)
    stills(tmp_path / "clips" / "b", 11)
    footage = load(settings(cache=way), progress=quiet)
    assert footage.names == ("a", "b") and footage.identities == ("a", "b")
    assert list(footage.spans()) == [(0, 5), (5, 16)] and len(footage) == 16
    assert footage.clip.tolist() == [0] * 5 + [1] * 11 == footage.identity.tolist()
    assert footage.frame.tolist() == [*range(5), *range(11)]
    assert [footage.clip.dtype, footage.frame.dtype, footage.identity.dtype] == [np.int32] * 3
    assert footage.fps.tolist() == [10, 25]
    again = pickle.loads(pickle.dumps(footage))
    for row in (15, 0, 7, 3, 2, 4):  # 10.png comes after 9.png
        assert number_of(footage.image(row)) == footage.frame[row]
        assert np.array_equal(again.image(row), footage.image(row))
    assert footage.image(0).shape == (64, 64, 3) and footage.image(0).dtype == np.uint8
    assert footage.landmarks(0) is None and not footage.has_landmarks
    with pytest.raises(IndexError):
        footage.image(16)
    assert len(pickle.dumps(footage)) < 20_000


def test_the_second_time_nothing_is_decoded(
    tmp_path: Path, film: Film, settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film(tmp_path / "clips" / "a.mp4", 3)
    load(settings(), progress=quiet)
    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "read_all", lambda source: pytest.fail("decoded again"))
        assert len(load(settings(), progress=quiet)) == 3
    path.unlink()
    film(path, 4)
    assert len(load(settings(), progress=quiet)) == 4
    assert len(entries(settings())) == 2


@pytest.mark.parametrize("name", ["frames.bin", "index.json", "landmarks.bin"])
@pytest.mark.parametrize("damage", ["shorten", "remove"])
def test_damaged_entries_are_made_anew(
    tmp_path: Path,
    film: Film,
    settings: Make,
    beside: Callable[..., None],
    name: str,
    damage: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    film(tmp_path / "clips" / "a.mp4", 3)
    beside(tmp_path / "clips" / "a.npz", [1, 2, 3])
    load(settings(), progress=quiet)
    (entry,) = entries(settings())
    file = entry / name
    if damage == "remove":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-1])
    footage = load(settings(), progress=quiet)
    assert "made anew" in caplog.text
    assert [number_of(footage.image(i)) for i in range(3)] == [0, 1, 2]
    assert entries(settings()) == [entry]


def test_what_a_killed_process_left_is_not_taken(
    tmp_path: Path, film: Film, settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    film(tmp_path / "clips" / "a.mp4", 3)

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(cache_module.json, "dumps", killed)
        load(settings(), progress=quiet)
    assert entries(settings()) == []
    left = Path(settings().cache_folder) / "abc.part"
    left.mkdir()
    (left / "frames.bin").touch()
    assert len(load(settings(), progress=quiet)) == 3


def test_another_process_may_be_faster(
    tmp_path: Path, film: Film, settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    film(tmp_path / "clips" / "a.mp4", 3)
    write, other = cache_module.Cache._write, []

    def slow(self, source, choice, part):  # type: ignore[no-untyped-def]
        write(self, source, choice, part)
        if not other:
            other.append(True)
            other.append(self._entry(source, choice))  # meanwhile, elsewhere

    monkeypatch.setattr(cache_module.Cache, "_write", slow)
    footage = load(settings(), progress=quiet)
    assert len(footage) == len(other[1].numbers) == 3
    assert len(entries(settings())) == 1


def test_frames_are_fitted(
    tmp_path: Path, film: Film, settings: Make, caplog: pytest.LogCaptureFixture
) -> None:
    film(tmp_path / "clips" / "wide.mp4", 2, (128, 96))
    footage = load(settings(), progress=quiet)
    assert footage.image(1).shape == (64, 64, 3)
    assert number_of(footage.image(1)) == 1
    assert caplog.text.count("not square (wide") == 1


def test_stored_landmarks_belong_to_their_frames(
    tmp_path: Path, film: Film, settings: Make, beside: Callable[..., None]
) -> None:
    film(tmp_path / "clips" / "a.mp4", 4)
    beside(tmp_path / "clips" / "a.npz", [10, 11, 13.5, 20])
    for way in ("raw", "jpeg", "none"):
        footage = load(settings(cache=way, stride=3), progress=quiet)
        assert footage.has_landmarks and footage.frame.tolist() == [0, 3]
        points = footage.landmarks(1)
        assert points is not None and points.shape == (478, 3) and points.dtype == np.float32
        assert points[0].tolist() == [20, 40, 0]
        assert footage.clip_landmarks(0)[:, 0, 0].tolist() == [10, 20]  # type: ignore[index]


@pytest.mark.parametrize("way", ["raw", "none"])
def test_near_duplicates_are_left_out_of_training_only(
    tmp_path: Path, film: Film, settings: Make, beside: Callable[..., None], way: str
) -> None:
    for name in ("a", "b"):
        film(tmp_path / "clips" / f"{name}.mp4", 8)
        beside(tmp_path / "clips" / f"{name}.npz", [0, 0.5, 1.5, 1.5, 1.5, 1.5, 1.5, 9])
    manifest = [{"name": "b", "split": "val"}]
    (tmp_path / "clips" / "manifest.json").write_text(json.dumps(manifest))
    # Points move by (d, 2 d), so by 1.5 d in the mean; frame 6 is the fourth after frame 2.
    chosen = settings(least_motion=1.0, longest_still=4, validation_stride=2, cache=way)
    assert load(chosen, progress=quiet).frame.tolist() == [0, 2, 6, 7]
    assert load(chosen, "val", progress=quiet).frame.tolist() == [0, 2, 4, 6]


def test_landmarks_are_found_once_and_faceless_frames_left_out(
    tmp_path: Path,
    film: Film,
    settings: Make,
    tracker: type,
    caplog: pytest.LogCaptureFixture,
) -> None:
    film(tmp_path / "clips" / "a.mp4", 6)
    footage = load(settings(), landmarks=True, progress=quiet, make=tracker)
    assert footage.frame.tolist() == [0, 1, 2]
    assert "3 frames are left out because no face" in caplog.text
    points = footage.landmarks(2)
    assert points is not None
    assert points[0, 0] == pytest.approx(footage.image(2).mean() / 4 * 256 / 64, abs=0.01)
    again = load(settings(), landmarks=True, progress=quiet, make=lambda: pytest.fail("again"))
    assert again.has_landmarks
    assert len(load(settings(), progress=quiet)) == 6  # without them, all frames
    with pytest.raises(UsageError, match="landmarks"):
        load(settings(cache="none"), landmarks=True, progress=quiet)


def test_stored_landmarks_share_one_entry(
    tmp_path: Path, film: Film, settings: Make, beside: Callable[..., None]
) -> None:
    film(tmp_path / "clips" / "a.mp4", 3)
    beside(tmp_path / "clips" / "a.npz", [1, 2, 3])
    load(settings(), progress=quiet)
    load(settings(), landmarks=True, progress=quiet, make=lambda: pytest.fail("looked for"))
    assert len(entries(settings())) == 1


def test_clips_that_cannot_be_used_are_named(
    tmp_path: Path,
    film: Film,
    stills: Film,
    beside: Callable[..., None],
    settings: Make,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clips = tmp_path / "clips"
    good = film(clips / "good.mp4", 12)
    film(clips / "marked.mp4", 3)
    beside(clips / "marked.npz", [1, 2])
    (clips / "bad.mp4").write_bytes(b"no video")
    (clips / "cut.mp4").write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    stills(clips / "single", 1)
    stills(clips / "torn", 2)
    (clips / "torn" / "2.png").write_bytes(b"\x89PNG")
    footage = load(settings(), progress=quiet)
    assert footage.names == ("good",)
    assert "5 of 6 clips are left out" in caplog.text
    for name in ("bad", "cut", "marked", "single", "torn"):
        assert f"{name} is left out" in caplog.text
    with pytest.raises(InputError, match=r"bad\.mp4"):
        load(settings(strict=True), progress=quiet)
    good.unlink()
    with pytest.raises(InputError, match="None of 5 clips"):
        load(settings(), progress=quiet)
    assert load(settings(folder=str(clips / "torn")), "val", progress=quiet).names == ()


def test_a_video_that_breaks_off_is_noticed(
    tmp_path: Path, film: Film, settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import av

    source = film(tmp_path / "noise.mp4", 2)
    random = np.random.default_rng(0)
    with av.open(str(source), "w", options={"movflags": "faststart"}) as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width = stream.height = 64
        for _ in range(40):
            image = random.integers(0, 256, (64, 64, 3), dtype=np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode())
    (tmp_path / "clips").mkdir()
    whole = source.read_bytes()
    (tmp_path / "clips" / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"cut\.mp4"):
        load(settings(), progress=quiet)


def test_nothing_to_load(tmp_path: Path, film: Film, settings: Make) -> None:
    with pytest.raises(UsageError, match="No training data"):
        load(settings(folder=""))
    with pytest.raises(InputError, match="not a folder"):
        load(settings())
    film(tmp_path / "clips" / "test" / "a.mp4", 3)
    (tmp_path / "clips" / "train").mkdir()
    with pytest.raises(InputError, match="none is left to train on"):
        load(settings())


def test_cache_that_cannot_be_written(tmp_path: Path, film: Film, settings: Make) -> None:
    film(tmp_path / "clips" / "a.mp4", 3)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cache") as caught:
        load(settings(cache_folder=str(tmp_path / "file" / "in")), progress=quiet)
    assert "data.cache_folder" in caught.value.hint


def test_full_disk(
    tmp_path: Path, film: Film, settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    film(tmp_path / "clips" / "a.mp4", 3)

    def full(self: object, *args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache_module.Cache, "_write", full)
    with pytest.raises(OutputError, match="is full") as caught:
        load(settings(), progress=quiet)
    assert "jpeg" in caught.value.hint
    assert entries(settings()) == []


def test_only_so_many_clips_are_open(footage: Footage, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.training.data import footage as module

    assert MOST_OPEN < 65530 // 2  # Linux's limit of maps
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    for row in (0, 7, 12, 0, 12):
        assert footage.image(row).shape == (64, 64, 3)
        assert len(footage._open) <= 2


def test_shared_faces(shared: Path) -> None:
    sources = find_sources(shared / "faces")
    assert {source.split for source in sources} == {"train", "val"}
    assert all(source.landmarks is not None and source.fps for source in sources)
