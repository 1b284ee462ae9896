"""Head squares out of clips."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avatar.errors import Cancelled, InputError, NoFaceError
from avatar.footage import cut_footage, find_clips, spread
from avatar.frame import Face, Image


class Faces:
    """A tracker that finds one face in the middle of every picture but the first ``blind``."""

    def __init__(self, blind: int = 0) -> None:
        self.blind = blind
        self.looked = 0

    def track(self, image: Image) -> list[Face]:
        self.looked += 1
        if self.looked <= self.blind:
            return []
        height, width = image.shape[:2]
        box = np.array([width * 0.3, height * 0.3, width * 0.7, height * 0.7], np.float32)
        return [Face(box, np.zeros((478, 3), np.float32), 1.0)]

    def close(self) -> None:
        raise AssertionError("a tracker that was given is not closed here")


def quiet(doing: str, done: int, total: int) -> None:
    assert 0 <= done <= total


def cut(clips: list[Path], squares: int, tracker: Faces | None = None):
    return cut_footage(clips, squares, quiet, lambda: False, tracker or Faces())


def test_a_folder_means_its_videos_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.MP4", "a.mkv", "notes.txt", "manifest.json"):
        (tmp_path / name).touch()
    assert [p.name for p in find_clips([tmp_path, tmp_path / "a.mkv"])] == ["a.mkv", "b.MP4"]


def test_no_clips_is_an_error_that_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no clip in"):
        find_clips([tmp_path])
    with pytest.raises(InputError, match="No clips were given") as raised:
        find_clips([])
    assert "--clips" in raised.value.hint


def test_spread_takes_from_everywhere() -> None:
    clips = [Path(str(i)) for i in range(10)]
    assert spread(clips, 20) == clips
    assert spread(clips, 3) == [Path("0"), Path("3"), Path("6")]


def test_squares_lie_evenly_over_the_clip(make_video: Callable[..., Path]) -> None:
    clip = make_video("a.mp4", frames=40, size=(320, 240))
    ([found], warnings) = cut([clip], 5)
    assert found.path == clip and len(found.squares) == 5 and warnings == []
    assert all(s.shape == (256, 256, 3) and s.dtype == np.uint8 for s in found.squares)
    shades = [int(s.mean()) for s in found.squares]
    # Frames 0, 8, 16, 24, 32; the grey level repeats every ten.
    assert np.abs(np.array(shades) - [40, 200, 160, 120, 80]).max() <= 6


def test_frames_without_a_face_are_left_out(make_video: Callable[..., Path]) -> None:
    clip = make_video("a.mp4", frames=10, size=(320, 240))
    ([found], _) = cut([clip], 10, Faces(blind=4))
    assert len(found.squares) == 6
    assert abs(int(found.squares[0].mean()) - 120) <= 6


def test_squares_that_are_cut_already_stay_as_they_are(make_video: Callable[..., Path]) -> None:
    clip = make_video("a.mp4", frames=4, size=(256, 256))
    tracker = Faces()
    ([found], _) = cut([clip], 4, tracker)
    assert tracker.looked == 0 and len(found.squares) == 4


def test_a_clip_of_no_use_is_told_and_left_out(
    make_video: Callable[..., Path], tmp_path: Path
) -> None:
    good = make_video("good.mp4", frames=4, size=(256, 256))
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"not a video at all")
    short = make_video("short.mp4", frames=1, size=(256, 256))
    found, warnings = cut([bad, short, good], 4)
    assert [clip.path for clip in found] == [good]
    assert warnings[0].startswith("bad.mp4 is left out") and "1 of its frames" in warnings[1]


def test_nothing_readable_and_no_face_are_different_errors(
    make_video: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="None of 1 clips can be read.*No such file"):
        cut([tmp_path / "missing.mp4"], 4)
    clip = make_video("a.mp4", frames=4, size=(320, 240))
    with pytest.raises(NoFaceError, match="None of 1 clips shows a face"):
        cut([clip], 4, Faces(blind=99))


def test_it_stops_when_asked(make_video: Callable[..., Path]) -> None:
    clip = make_video("a.mp4", frames=4, size=(256, 256))
    with pytest.raises(Cancelled):
        cut_footage([clip], 4, quiet, lambda: True, Faces())


@pytest.mark.slow
def test_media_pipe_finds_the_face_of_a_real_clip(tmp_path: Path) -> None:
    """The bundled portrait, small in a wide picture."""
    import av

    from avatar.picture import read
    from avatar.portraits.portrait import bundled

    face = read(bundled()[0]).image[:512, :512]
    wide = np.full((512, 900, 3), 90, np.uint8)
    wide[: face.shape[0], 200 : 200 + face.shape[1]] = face
    clip = tmp_path / "wide.mp4"
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 900, 512, "yuv420p"
        for _ in range(6):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(wide, format="rgb24")))
        out.mux(stream.encode(None))
    ([found], _) = cut_footage([clip], 3, quiet, lambda: False)
    assert len(found.squares) == 3
    assert (found.squares[0] != 90).mean() > 0.5
