import signal
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from avatar.cli import main
from avatar.errors import Cancelled
from avatar.motion.settings import MotionSettings
from avatar.offline import render as rendering
from avatar.offline.excerpt import Excerpt
from avatar.offline.film import Film
from avatar.offline.order import RenderReport
from avatar.portraits import portrait as portraits


class Blind:
    """A tracker that sees no face and loads no model."""

    def __init__(self, **options):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def track(self, image):
        return []


@pytest.fixture(autouse=True)
def blind(monkeypatch):
    monkeypatch.setattr(portraits, "MediaPipeTracker", Blind)


@pytest.fixture
def portrait(tmp_path):
    path = tmp_path / "portrait.png"
    Image.fromarray(np.full((64, 64, 3), 120, np.uint8)).save(path)
    return path


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """The configuration that a command line leads to; nothing is rendered."""
    configs = []

    def fake(config, progress, cancelled):
        configs.append(config)
        return RenderReport(config.output, 3, 1, 0.5, 6.0, "copied", "fake", "asked for", ("oh",))

    monkeypatch.setattr(rendering, "render", fake)

    def ask(*words):
        code = main(["render", *words])
        return code, configs[-1] if configs else None

    return ask


def test_defaults(asked, capsys):
    code, config = asked("--portrait", "p.png", "--driving", "v.mp4", "-o", "o.mp4")
    assert code == 0
    assert (str(config.portrait), str(config.driving), str(config.output)) == (
        "p.png",
        "v.mp4",
        "o.mp4",
    )
    assert (config.model, config.engine) == ("compact", "auto")
    assert config.motion == MotionSettings()
    assert (config.crop, config.best_frame) == (True, False)
    printed = capsys.readouterr()
    assert "o.mp4: 3 frames in 0.5 s (6.0 fps), sound copied, engine fake" in printed.out
    assert "warning: oh" in printed.err


def test_the_official_spellings(asked):
    words = "--source_image p.png --driving_video v.mp4 --result_video o.mp4 --relative"
    code, config = asked(*words.split(), "--adapt_scale")
    assert code == 0
    assert asked(*words.split(), "--find_best_frame")[1].best_frame
    assert asked(*words.split(), "--paste-back")[1].paste_back
    assert str(config.output) == "o.mp4"
    assert config.motion == MotionSettings()


def test_everything_else(asked):
    words = "--portrait p --driving v --output o --absolute --no-adapt-scale --no-crop"
    _, config = asked(
        *words.split(),
        *["--start", "1:15", "--end", "1:30.5"],
        "--side-by-side",
        *["--fps", "12.5"],
        "--no-smoothing",
        "--model",
        "m",
        "--engine",
        "e",
    )
    assert config.motion == MotionSettings(relative=False, adapt_scale=False, smoothing=0)
    assert config.crop is False
    assert config.side_by_side and config.fps == 12.5
    assert config.excerpt == Excerpt(Fraction(75), Fraction(181, 2))
    assert (config.model, config.engine) == ("m", "e")


@pytest.mark.parametrize(
    "words",
    [
        "--portrait p --driving v",
        "--portrait p --driving v -o o.mp4 --relative --absolute",
        "--portrait p --driving v -o o.mp4 --absolute --adapt-scale",
        "--portrait p --driving v -o o.mp4 --nonsense",
        "--portrait p --driving v -o o.mp4 --start 1:75",
        "--portrait p --driving v -o o.mp4 --start 9 --end 0:09",
    ],
)
def test_contradictions_end_with_two_lines(asked, capsys, words):
    code, config = asked(*words.split())
    assert (code, config) == (2, None)
    lines = capsys.readouterr().err.strip().splitlines()
    assert lines[-2].startswith("error: ") and lines[-1].startswith("  what to do: ")


def test_the_whole_command(make_video, play, portrait, tmp_path, capsys):
    driving = make_video(frames=6, sound_s=0.24)
    out = tmp_path / "o.mp4"
    words = ["--portrait", str(portrait), "--driving", str(driving), "-o", str(out)]
    assert main(["render", *words, "--engine", "fake", "--no-crop"]) == 0
    made = play(out)
    assert len(made.pictures) == 6
    assert made.sound_codec == "aac"
    printed = capsys.readouterr()
    assert f"{out}: 6 frames" in printed.out
    assert "6/6" in printed.err and " fps" in printed.err


@pytest.mark.parametrize("missing", ["portrait", "driving"])
def test_a_missing_input(make_video, portrait, tmp_path, capsys, missing):
    paths = {"portrait": portrait, "driving": make_video(frames=2)}
    paths[missing] = tmp_path / "not there.mp4"
    words = [w for name, path in paths.items() for w in (f"--{name}", str(path))]
    assert main(["render", *words, "-o", str(tmp_path / "o.mp4"), "--engine", "fake"]) == 2
    printed = capsys.readouterr().err
    assert "not there.mp4" in printed and "what to do:" in printed
    assert "Traceback" not in printed
    assert not (tmp_path / "o.mp4").exists()


def test_ctrl_c_says_where_the_rest_is(make_video, play, portrait, tmp_path, capsys, monkeypatch):
    real = Film.add

    def add(self, image, at):
        real(self, image, at)
        if self.frames == 4:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Film, "add", add)
    out = tmp_path / "o.mp4"
    words = ["--portrait", str(portrait), "--driving", str(make_video(frames=20)), "-o", str(out)]
    assert main(["render", *words, "--engine", "fake", "--no-crop"]) == Cancelled.exit_code == 130
    assert f"the first 4 of 20 frames are in {out}" in capsys.readouterr().err
    assert len(play(out).pictures) == 4
