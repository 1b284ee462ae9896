import json

import numpy as np
import pytest
from PIL import Image

from avatar.cli import main
from avatar.errors import Cancelled, InputError, OutputError, UsageError
from avatar.motion.settings import MotionSettings
from avatar.offline.batch import find_pairs, is_batch, render_batch
from avatar.offline.order import RenderConfig, RenderReport


def picture(path, level=120):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.full((64, 64, 3), level, np.uint8)).save(path)
    return path


@pytest.fixture
def portraits(tmp_path):
    picture(tmp_path / "portraits" / "a.png")
    picture(tmp_path / "portraits" / "b.png")
    (tmp_path / "portraits" / "notes.txt").write_text("no picture")
    return tmp_path / "portraits"


@pytest.fixture
def videos(make_video):
    make_video("v.mp4", frames=2)
    return make_video("w.mkv", frames=3).parent


class Renderer:
    """Writes a file and tells what it was asked for; ``fail`` names outputs and their errors."""

    def __init__(self, **fail):
        self.asked, self.fail = [], fail

    def __call__(self, config, progress, cancelled):
        self.asked.append(config.output.name)
        config.output.write_bytes(b"video")
        if error := self.fail.get(config.output.stem.replace("--", "_")):
            raise error
        return RenderReport(config.output, 3, 1, 0.5, 6.0, "none", "fake", "asked for", ("oh",))


def config(portraits, videos, out, **options):
    return RenderConfig(portraits, videos, out, engine="fake", crop=False, **options)


def go(config, one, **options):
    return render_batch(config, lambda *told: None, one=one, **options)


def states(entries):
    return [entry.state for entry in entries]


ALL = ["a--v.mp4", "a--w.mp4", "b--v.mp4", "b--w.mp4"]


def test_each_with_each(portraits, videos, tmp_path):
    one, begun = Renderer(), []
    out = tmp_path / "deep" / "out"
    entries = go(config(portraits, videos, out), one, begun=lambda *told: begun.append(told))
    assert one.asked == ALL and states(entries) == ["done"] * 4
    assert begun[1] == (2, 4, out / "a--w.mp4")
    assert (entries[0].frames, entries[0].held, entries[0].note) == (3, 1, "oh")
    told = json.loads((out / "summary.json").read_text())["pairs"]
    assert [pair["state"] for pair in told] == ["done"] * 4
    assert told[3]["portrait"].endswith("b.png") and told[3]["driving"].endswith("w.mkv")


def test_one_that_fails_does_not_stop_the_rest_and_is_tried_again(portraits, videos, tmp_path):
    this = config(portraits, videos, tmp_path / "out")
    fail = {"a_w": InputError("Broken.", hint="Mend it."), "b_v": ZeroDivisionError("oops")}
    entries = go(this, Renderer(**fail))
    assert states(entries) == ["done", "failed", "failed", "done"]
    assert entries[1].note == "Broken. Mend it."
    assert entries[2].note == "unexpected ZeroDivisionError: oops"
    one = Renderer()
    assert states(go(this, one)) == ["skipped", "done", "done", "skipped"]
    assert one.asked == ["a--w.mp4", "b--v.mp4"]
    assert states(go(this, one)) == ["skipped"] * 4


def test_an_interruption_goes_on_where_it_was(portraits, videos, tmp_path):
    """The file of the pair that was interrupted is there, but not done."""
    this = config(portraits, videos, tmp_path / "out")
    with pytest.raises(Cancelled, match="1 of 4 pairs") as stopped:
        go(this, Renderer(a_w=Cancelled("Stopped.")))
    assert stopped.value.hint
    assert (tmp_path / "out" / "a--w.mp4").exists()
    one = Renderer()
    assert states(go(this, one)) == ["skipped", "done", "done", "done"]
    with pytest.raises(Cancelled, match="0 of 4"):
        go(this, one, cancelled=lambda: True)


def test_done_before_counts_only_for_the_same(portraits, videos, tmp_path):
    out = tmp_path / "out"
    go(config(portraits, videos, out), Renderer())
    (out / "b--w.mp4").unlink()
    assert states(go(config(portraits, videos, out), Renderer()))[3] == "done"
    picture(portraits / "a.png", level=7)
    again = states(go(config(portraits, videos, out), Renderer()))
    assert again == ["done", "done", "skipped", "skipped"]
    other = config(portraits, videos, out, motion=MotionSettings(smoothing=0))
    assert states(go(other, Renderer())) == ["done"] * 4


def test_what_is_a_batch(portraits, videos, tmp_path):
    a, v = portraits / "a.png", videos / "v.mp4"
    assert is_batch(portraits, v) and is_batch(a, videos) and not is_batch(a, v)
    assert not is_batch(a, portraits)  # pictures drive: one driver
    assert [o.name for *_, o in find_pairs(portraits, portraits, tmp_path)] == [
        "a--portraits.mp4",
        "b--portraits.mp4",
    ]


def test_names_that_are_alike(portraits, videos, tmp_path):
    picture(portraits / "a.jpg")
    names = [output.name for *_, output in find_pairs(portraits, videos / "v.mp4", tmp_path)]
    assert names == ["a.jpg--v.mp4", "a.png--v.mp4", "b.png--v.mp4"]


def test_refused(portraits, videos, tmp_path):
    one = Renderer()
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no portrait"):
        go(config(tmp_path / "empty", videos, tmp_path / "out"), one)
    with pytest.raises(UsageError, match="need a folder"):
        go(config(portraits, videos, tmp_path / "out.mp4"), one)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        go(config(portraits, videos, tmp_path / "file"), one)
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "summary.json").write_text("[1]")
    with pytest.raises(InputError, match="no summary"):
        go(config(portraits, videos, tmp_path / "odd"), one)
    assert one.asked == []


def test_the_whole_command(portraits, videos, tmp_path, play, capsys, monkeypatch):
    class Blind:
        def __init__(self, **options):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *exc):
            pass

        def track(self, image):
            return []

    monkeypatch.setattr("avatar.portraits.portrait.MediaPipeTracker", Blind)
    (videos / "x.mp4").write_bytes(b"no video")
    out = tmp_path / "out"
    words = ["--portrait", str(portraits), "--driving", str(videos), "-o", str(out)]
    assert main(["render", *words, "--engine", "fake", "--no-crop"]) == 1
    printed = capsys.readouterr()
    assert "4 rendered, 0 done before, 2 failed" in printed.out
    assert "6 of 6: b--x.mp4" in printed.err
    assert len(play(out / "b--w.mp4").pictures) == 3
    (videos / "x.mp4").unlink()
    assert main(["render", *words, "--engine", "fake", "--no-crop"]) == 0
    assert "0 rendered, 4 done before, 0 failed" in capsys.readouterr().out
