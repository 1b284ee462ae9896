from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest
from PIL import Image

from avatar import output
from avatar.engine import Installed
from avatar.errors import (
    Cancelled,
    EngineError,
    InputError,
    NoFaceError,
    OutputError,
    SourceError,
    UsageError,
)
from avatar.frame import Face
from avatar.motion.settings import MotionSettings
from avatar.offline import film
from avatar.offline import render as rendering
from avatar.offline.excerpt import Excerpt
from avatar.offline.order import RenderConfig
from avatar.offline.render import render
from engines.fake import FakeEngine


class LightTracker:
    """Sees a face wherever a picture is not nearly black."""

    def __init__(self):
        self.closed = False

    def track(self, image):
        if image.mean() < 20:
            return []
        h, w = image.shape[:2]
        box = np.array([w * 0.3, h * 0.25, w * 0.7, h * 0.7], np.float32)
        landmarks = np.tile(np.array([w / 2, h / 2, 0], np.float32), (478, 1))
        landmarks[::2, 0] += w * 0.2
        landmarks[1::2, 1] += h * 0.2
        return [Face(box, landmarks, 1.0)]

    def close(self):
        self.closed = True


def shade(index):
    return 40 + 20 * (index % 10)  # as make_video's pictures are


def blob(index):
    """A 96 x 64 picture with a bright spot that wanders right; no face in 3 to 5 (black)."""
    image = np.zeros((64, 96, 3), np.uint8)
    if index not in (3, 4, 5):
        image += 40
        image[24:40, 20 + 3 * index : 40 + 3 * index] = 250
    return image


@pytest.fixture
def portrait(tmp_path):
    path = tmp_path / "portrait.png"
    image = np.zeros((128, 128, 3), np.uint8)
    image[..., 0], image[..., 1], image[..., 2] = 180, 120, 60
    Image.fromarray(image).save(path)
    return path


@pytest.fixture
def shoot(portrait, tmp_path):
    """Render with the fake engine; options go to RenderConfig."""

    def run(
        driving, *, name="out.mp4", progress=lambda *_: None, cancelled=lambda: False, **options
    ):
        options = {"engine": "fake", "crop": False, **options}
        config = RenderConfig(portrait, driving, tmp_path / name, **options)
        return render(
            config,
            progress,
            cancelled,
            portrait_tracker=LightTracker(),
            driving_tracker=LightTracker(),
        )

    return run


def files(folder):
    return sorted(p.name for p in folder.iterdir() if p.is_file())


@pytest.mark.parametrize("rate", [25, Fraction(30000, 1001), 60, Fraction(25, 2)])
@pytest.mark.parametrize("name", ["in.mp4", "in.mkv"])
def test_frames_rate_and_length_are_kept(make_video, play, shoot, tmp_path, rate, name):
    driving = make_video(name, frames=12, rate=rate)
    report = shoot(driving)
    assert report.output == tmp_path / "out.mp4"
    assert (report.frames, report.held, report.sound) == (12, 0, "none")
    assert (report.engine, report.reason) == ("fake", "asked for")
    assert report.fps > 0 and report.seconds > 0
    made = play(report.output)
    assert len(made.pictures) == 12
    assert made.rate == rate
    assert made.seconds == pytest.approx(12 / rate, abs=0.002)
    assert made.times_s == pytest.approx([float(i / rate) for i in range(12)], abs=0.001)
    assert files(tmp_path) == ["out.mp4", "portrait.png"]


def test_the_portrait_is_what_is_seen(make_video, play, shoot):
    picture = play(shoot(make_video(frames=3)).output).pictures[-1]
    assert picture.shape == (256, 256, 3)
    assert np.abs(picture.astype(int) - (180, 120, 60)).max() <= 5


def test_a_variable_frame_rate_keeps_its_time_stamps(make_video, play, shoot):
    times = [0, 40, 55, 200, 700, 1000]
    made = play(shoot(make_video(frames=6, times_ms=times)).output)
    assert [round(t * 1000) for t in made.times_s] == times


def test_the_sound_is_kept(make_video, play, shoot):
    driving = make_video(frames=25, sound_s=1.0)
    report = shoot(driving)
    before, made = play(driving), play(report.output)
    assert report.sound == "copied"
    assert made.sound_s == pytest.approx(before.sound_s, abs=0.001)
    assert made.pitch_hz == pytest.approx(440, abs=2)
    assert made.seconds == pytest.approx(before.seconds, abs=0.03)


def test_pictures_that_begin_after_the_sound_stay_in_step(make_video, play, shoot):
    made = play(shoot(make_video(frames=10, sound_s=0.6, first_ms=200)).output)
    assert made.times_s[0] == pytest.approx(0.2, abs=0.001)
    assert made.sound_start_s == pytest.approx(0.0, abs=0.001)


def test_frames_without_a_face_are_held(make_video, play, shoot):
    report = shoot(make_video(size=(96, 64), pictures=blob), crop=True)
    assert (report.frames, report.held) == (10, 3)
    assert len(play(report.output).pictures) == 10
    assert any("3 of 10 frames" in w for w in report.warnings)


def test_faceless_beginnings_and_videos_are_survived(make_video, play, shoot):
    report = shoot(
        make_video(size=(64, 64), pictures=lambda i: np.zeros((64, 64, 3), np.uint8)), crop=True
    )
    assert (report.frames, report.held) == (10, 10)
    assert len(play(report.output).pictures) == 10
    assert "No face was found" in report.warnings[-1]


def test_the_first_frame_with_a_face_is_neutral(make_video, shoot, monkeypatch):
    calibrated = []
    real = rendering.Motion.calibrate
    monkeypatch.setattr(
        rendering.Motion,
        "calibrate",
        lambda self, driving: (calibrated.append(driving), real(self, driving)),
    )
    shoot(make_video(size=(96, 64), pictures=lambda i: blob((i + 3) % 10)), crop=True)
    assert len(calibrated) == 1


class TiltTracker(LightTracker):
    """Sees a face that is turned by one degree for each step of brightness."""

    def track(self, image):
        angle = np.deg2rad(float(image.mean()))
        points = np.random.default_rng(1).normal(size=(478, 2)) * 8
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        h, w = image.shape[:2]
        landmarks = np.zeros((478, 3), np.float32)
        landmarks[:, :2] = points @ turn + (w / 2, h / 2)
        box = np.array([w * 0.3, h * 0.25, w * 0.7, h * 0.7], np.float32)
        return [Face(box, landmarks, 1.0)]


@pytest.mark.parametrize("crop", [True, False])
def test_the_best_frame_is_neutral(make_video, play, portrait, tmp_path, monkeypatch, crop):
    calibrated, rendered = [], []
    real, detect = rendering.Motion.calibrate, FakeEngine.detect
    monkeypatch.setattr(
        rendering.Motion,
        "calibrate",
        lambda self, driving: (calibrated.append(driving), real(self, driving)),
    )
    monkeypatch.setattr(
        FakeEngine,
        "render",
        lambda self, code, pose: (rendered.append(pose), code[0])[1],
    )
    # The portrait is 120 grey on average: picture 4 of the ten shades.
    driving = make_video(frames=10, sound_s=0.4, rate=25)
    config = RenderConfig(
        portrait, driving, tmp_path / "o.mp4", engine="fake", crop=crop, best_frame=True
    )
    steps = []
    report = render(
        config,
        lambda *told: steps.append(told),
        portrait_tracker=TiltTracker(),
        driving_tracker=TiltTracker(),
    )
    assert (report.neutral, report.frames, len(rendered), len(calibrated)) == (4, 10, 10, 1)
    grey = np.full((256, 256, 3), shade(4), np.uint8)
    assert calibrated[0].value == pytest.approx(detect(FakeEngine(), grey).value, abs=1e-3)
    made = play(report.output)
    assert made.times_s == pytest.approx([i / 25 for i in range(10)], abs=0.001)
    assert made.sound_s == pytest.approx(play(driving).sound_s, abs=0.001)
    assert ("Finding the best frame", 10, 10) in steps


def test_a_best_frame_needs_a_face_in_the_portrait(make_video, portrait, shoot, tmp_path):
    Image.fromarray(np.zeros((128, 128, 3), np.uint8)).save(portrait)
    with pytest.raises(NoFaceError, match="compared") as error:
        shoot(make_video(frames=2), best_frame=True)
    assert "--find-best-frame" in error.value.hint
    assert files(tmp_path) == ["portrait.png"]


def test_a_best_frame_without_faces_in_the_video(make_video, shoot):
    dark = make_video(size=(64, 64), pictures=lambda i: np.zeros((64, 64, 3), np.uint8))
    report = shoot(dark, crop=True, best_frame=True)
    assert (report.neutral, report.frames) == (None, 10)
    assert "No face was found" in report.warnings[-1]
    report = shoot(dark, crop=False, best_frame=True)
    assert report.neutral is None and "the first is the neutral pose" in report.warnings[-1]


def test_a_best_frame_with_absolute_motion_is_a_contradiction(portrait, tmp_path):
    with pytest.raises(UsageError, match="best frame"):
        RenderConfig(
            portrait,
            portrait,
            tmp_path / "o.mp4",
            motion=MotionSettings(relative=False),
            best_frame=True,
        )


def test_side_by_side(make_video, play, shoot, monkeypatch):
    made = play(shoot(make_video(frames=3, sound_s=0.1), side_by_side=True).output)
    assert [p.shape for p in made.pictures] == [(256, 1024, 3)] * 3
    for index, picture in enumerate(made.pictures):
        assert np.abs(picture[20:236, 20:236].astype(int) - (180, 120, 60)).max() <= 5
        assert np.abs(picture[20:236, 276:492].astype(int) - shade(index)).max() <= 5
    assert made.sound_codec == "aac"

    def refuse(self, code, driving, motion, wanted):
        raise EngineError("no maps.")

    monkeypatch.setattr(FakeEngine, "inspect", refuse)
    report = shoot(make_video("b.mp4", frames=2), side_by_side=True)
    assert play(report.output).pictures[0].shape == (256, 768, 3)
    assert "no depth beside the result: no maps." in report.warnings[-1]


@pytest.mark.parametrize("name", ["in.mp4", "in.mkv"])
@pytest.mark.parametrize("best_frame", [False, True])
def test_an_excerpt(make_video, play, shoot, name, best_frame):
    driving = make_video(name, frames=50, sound_s=2.0)
    part = Excerpt(Fraction(2, 5), Fraction(6, 5))
    report = shoot(driving, excerpt=part, side_by_side=True, best_frame=best_frame)
    made = play(report.output)
    assert (report.frames, report.sound) == (20, "copied")
    assert made.times_s == pytest.approx([i / 25 for i in range(20)], abs=0.001)
    levels = [float(p[128, 384].mean()) for p in made.pictures]
    assert levels == pytest.approx([shade(10 + i) for i in range(20)], abs=4)
    assert made.seconds == pytest.approx(0.8, abs=0.05)
    assert made.sound_s == pytest.approx(0.8, abs=0.05)
    assert 0 <= made.sound_start_s < 0.03
    assert made.pitch_hz == pytest.approx(440, abs=3)


def test_the_sound_of_an_excerpt_stays_in_step(make_video, play, shoot, tmp_path):
    """A tone that begins at 1 s is heard 0.6 s after a start at 0.4 s."""
    late = make_video("late.mp4", frames=50)
    with av.open(str(late)) as old, av.open(str(tmp_path / "beep.mkv"), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        sound = new.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
        tone = np.zeros(96_000, np.int16)
        tone[48_000:] = np.tile([9000, -9000], 480).repeat(50)
        for start in range(0, 96_000, 960):
            chunk = av.AudioFrame.from_ndarray(
                tone[None, start : start + 960], format="s16", layout="mono"
            )
            chunk.sample_rate, chunk.pts, chunk.time_base = 48_000, start, Fraction(1, 48_000)
            new.mux(sound.encode(chunk))
    for name in ("o.mkv", "o.mp4"):  # copied, re-encoded
        report = shoot(tmp_path / "beep.mkv", name=name, excerpt=Excerpt(Fraction(2, 5)))
        assert report.frames == 40
        with av.open(str(report.output)) as file:
            frames = [(f.time, np.abs(f.to_ndarray()).max()) for f in file.decode(audio=0)]
        loud = next(time for time, level in frames if level > (1000 if level > 2 else 0.05))
        assert loud == pytest.approx(0.6, abs=0.045)


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [(0, 5, "lasts 0:00.4, but an end at 0:05"), (3, None, "no picture from 0:03 on")],
)
@pytest.mark.parametrize("name", ["in.mp4", "in.mkv"])
def test_an_excerpt_outside_the_video(make_video, shoot, tmp_path, start, end, says, name):
    part = Excerpt(Fraction(start), None if end is None else Fraction(end))
    with pytest.raises(InputError, match=says) as error:
        shoot(make_video(name), excerpt=part)
    assert error.value.hint
    assert files(tmp_path) == ["portrait.png"]


@pytest.fixture
def make_pictures(tmp_path):
    """A folder of shades, numbered as named."""

    def make(numbers, name="p%d.png"):
        folder = tmp_path / "pictures"
        folder.mkdir(exist_ok=True)
        for index, number in enumerate(numbers):
            image = np.full((64, 64, 3), shade(index), np.uint8)
            Image.fromarray(image).save(folder / (name % number))
        return folder

    return make


def drivers(pictures):
    """Mean levels of the driver's column of side-by-side pictures."""
    return [float(p[128, 384].mean()) for p in pictures]


@pytest.mark.parametrize("pattern", ["", "p%d.png"])
def test_pictures_drive_it(make_pictures, play, shoot, pattern):
    folder = make_pictures(range(8, 12))
    report = shoot(folder / pattern, fps=12.5, side_by_side=True)
    made = play(report.output)
    assert (report.frames, report.sound, made.rate) == (4, "none", Fraction(25, 2))
    assert made.times_s == pytest.approx([0, 0.08, 0.16, 0.24], abs=0.001)
    assert made.seconds == pytest.approx(0.32, abs=0.002)
    assert drivers(made.pictures) == pytest.approx([shade(i) for i in range(4)], abs=4)


def test_a_part_of_pictures(make_pictures, play, shoot):
    part = Excerpt(Fraction(2, 25), Fraction(5, 25))
    made = play(shoot(make_pictures(range(10)), excerpt=part, side_by_side=True).output)
    assert drivers(made.pictures) == pytest.approx([shade(i) for i in (2, 3, 4)], abs=4)


def test_a_gif_drives_it(play, shoot, tmp_path):
    shades = [Image.fromarray(np.full((64, 64, 3), shade(i), np.uint8)) for i in range(4)]
    path = tmp_path / "in.gif"
    shades[0].save(path, save_all=True, append_images=shades[1:], duration=80)
    made = play(shoot(path, side_by_side=True).output)
    assert drivers(made.pictures) == pytest.approx([shade(i) for i in range(4)], abs=4)
    assert made.times_s == pytest.approx([0, 0.08, 0.16, 0.24], abs=0.001)


def test_a_gif_is_made(make_video, shoot, tmp_path):
    report = shoot(make_video(frames=5, sound_s=0.2), name="o.gif", side_by_side=True)
    assert (report.frames, report.sound) == (5, "none")
    assert "holds no sound" in report.warnings[-1]
    with Image.open(report.output) as made:
        assert (made.n_frames, made.info["duration"], made.size) == (5, 40, (1024, 256))
        made.seek(3)
        picture = np.asarray(made.convert("RGB")).astype(int)
    assert np.abs(picture[100, 100] - (180, 120, 60)).max() <= 6
    assert np.abs(picture[128, 384] - shade(3)).max() <= 6
    assert files(tmp_path) == ["o.gif", "portrait.png"]


def test_a_gif_keeps_its_time_where_it_is_too_fast(make_video, shoot):
    report = shoot(make_video(frames=20, rate=100), name="o.gif", side_by_side=True)
    assert "10 of 20 pictures are left out" in report.warnings[-1]
    with Image.open(report.output) as made:
        assert (made.n_frames, made.info["duration"]) == (10, 20)


def test_an_interrupted_gif(make_video, shoot, tmp_path):
    with pytest.raises(Cancelled, match=r"first 5 of 20 frames are in .*o\.gif"):
        shoot(make_video(frames=20), name="o.gif", cancelled=stop_after(5), side_by_side=True)
    with Image.open(tmp_path / "o.gif") as made:
        assert made.n_frames == 5


def test_pictures_are_made(make_video, shoot, tmp_path):
    (tmp_path / "out").mkdir()
    driving = make_video(frames=3)
    report = shoot(driving, name="out/a_%03d.png", side_by_side=True)
    assert report.output == tmp_path / "out" / "a_%03d.png"
    assert files(tmp_path / "out") == ["a_001.png", "a_002.png", "a_003.png"]
    last = np.asarray(Image.open(tmp_path / "out" / "a_003.png")).astype(int)
    assert np.abs(last[100, 100] - (180, 120, 60)).max() == 0
    assert np.abs(last[128, 384] - shade(2)).max() <= 4
    with pytest.raises(OutputError, match="already, such as a_00"):
        shoot(driving, name="out/a_%03d.png")


def test_interrupted_pictures(make_video, shoot, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(Cancelled, match=r"first 2 of 9 frames are in .*%d\.jpg"):
        shoot(make_video(frames=9), name="out/%d.jpg", cancelled=stop_after(2))
    assert files(tmp_path / "out") == ["1.jpg", "2.jpg"]


def test_a_missing_picture(make_pictures, shoot):
    folder = make_pictures([1, 2, 4])
    with pytest.raises(InputError, match="p3.png is missing between pictures 1 and 4"):
        shoot(folder / "p%d.png")
    assert shoot(folder).frames == 3


def test_a_damaged_picture_ends_it(make_pictures, shoot, tmp_path):
    folder = make_pictures(range(5))
    (folder / "p3.png").write_bytes(b"nothing")
    with pytest.raises(SourceError, match=r"p3\.png is not a picture.*; the first 3 of 5"):
        shoot(folder)


def test_pictures_that_are_refused(make_pictures, make_video, shoot, tmp_path):
    with pytest.raises(InputError, match="no picture"):
        shoot(make_pictures([]))
    with pytest.raises(InputError, match="No such folder"):
        shoot(tmp_path / "none" / "%d.png")
    with pytest.raises(UsageError, match="has its own"):
        shoot(make_video(), fps=25)
    with pytest.raises(UsageError, match="1 to 1000"):
        shoot(make_pictures([1]), fps=0)
    with pytest.raises(OutputError, match="gif"):
        shoot(make_video(), name="o.webm")


def test_paste_back(make_video, play, shoot, portrait, tmp_path):
    wide = np.full((101, 201, 3), 90, np.uint8)
    wide[30:70, 90:110] = 160
    Image.fromarray(wide).save(portrait)
    made = play(shoot(make_video(frames=2, sound_s=0.08), paste_back=True).output)
    assert [p.shape for p in made.pictures] == [(102, 202, 3)] * 2
    assert np.abs(made.pictures[1][:101, :201].astype(int) - wide).mean() < 3
    assert made.sound_codec == "aac"
    with pytest.raises(UsageError, match="not both"):
        RenderConfig(portrait, portrait, tmp_path / "o.mp4", paste_back=True, side_by_side=True)


def test_motion_options_arrive(make_video, shoot, monkeypatch):
    made = []
    real = rendering.Motion
    monkeypatch.setattr(rendering, "Motion", lambda *args: (made.append(args), real(*args))[1])
    driving = make_video(frames=2)
    shoot(driving)
    lively = MotionSettings(relative=False, smoothing=0, mouth=2)
    shoot(driving, motion=lively)
    assert [args[0] for args in made] == [MotionSettings(), lively]


def test_progress_counts_the_frames(make_video, shoot):
    told = []
    shoot(make_video(frames=8), progress=lambda *told_: told.append(told_))
    assert [t[1:] for t in told if t[0] == "Rendering"] == [(i, 8) for i in range(9)]
    assert told[0] == ("Finding the face in the portrait", 0, 0)


def test_an_older_result_is_replaced(make_video, play, shoot, tmp_path):
    (tmp_path / "out.mp4").write_bytes(b"old")
    assert len(play(shoot(make_video(frames=4)).output).pictures) == 4
    assert files(tmp_path) == ["out.mp4", "portrait.png"]


def stop_after(count):
    asked = iter(range(100_000))
    return lambda: next(asked) > count


def test_an_interruption_leaves_a_playable_file(make_video, play, shoot, tmp_path):
    with pytest.raises(Cancelled, match=r"first 5 of 20 frames are in .*out\.mp4") as stopped:
        shoot(make_video(frames=20, sound_s=0.8), cancelled=stop_after(5))
    assert stopped.value.exit_code == 130
    made = play(tmp_path / "out.mp4")
    assert len(made.pictures) == 5
    assert 0 < made.sound_s < 0.35
    assert files(tmp_path) == ["out.mp4", "portrait.png"]


def test_an_interruption_spares_the_older_result(make_video, play, shoot, tmp_path):
    (tmp_path / "out.mp4").write_bytes(b"old")
    with pytest.raises(Cancelled, match=r"out\.part\.mp4"):
        shoot(make_video(frames=20), cancelled=stop_after(5))
    assert (tmp_path / "out.mp4").read_bytes() == b"old"
    assert len(play(tmp_path / "out.part.mp4").pictures) == 5


def test_an_interruption_by_the_keyboard_itself(make_video, play, shoot, tmp_path):
    def progress(doing, done, total):
        if (doing, done) == ("Rendering", 7):
            raise KeyboardInterrupt

    with pytest.raises(Cancelled, match="first 7 of 20 frames"):
        shoot(make_video(frames=20), progress=progress)
    assert len(play(tmp_path / "out.mp4").pictures) == 7


def test_stopped_before_the_first_frame_nothing_is_left(make_video, shoot, tmp_path):
    with pytest.raises(Cancelled, match="nothing was written"):
        shoot(make_video(frames=20), cancelled=lambda: True)
    assert files(tmp_path) == ["portrait.png"]


class Failing(FakeEngine):
    fail_after = 6
    closed = 0

    def close(self):
        type(self).closed += 1


def test_an_engine_that_fails_in_the_middle(make_video, play, shoot, tmp_path, monkeypatch):
    found = Installed({"failing": Failing})
    monkeypatch.setattr("avatar.choosing.choice.find_engines", lambda: found)
    monkeypatch.setattr(Failing, "closed", 0)
    with pytest.raises(EngineError, match="fail after 6 frames; the first 6 of 20 frames are in"):
        shoot(make_video(frames=20), engine="failing")
    assert len(play(tmp_path / "out.mp4").pictures) == 6
    assert Failing.closed == 1


def test_an_engine_that_does_not_open(make_video, shoot, tmp_path, monkeypatch):
    found = Installed({"failing": Failing})
    monkeypatch.setattr("avatar.choosing.choice.find_engines", lambda: found)
    monkeypatch.setattr(Failing, "fail_open", True)
    monkeypatch.setattr(Failing, "closed", 0)
    with pytest.raises(EngineError, match="told not to open"):
        shoot(make_video(frames=3), engine="failing")
    assert Failing.closed == 1
    assert files(tmp_path) == ["portrait.png"]


class Quick(FakeEngine):
    name, rank, precisions = "quick", 30, ("fp32", "int8")


class Reference(FakeEngine):
    name, rank = "reference", 10


class Planned(FakeEngine):
    """Has to be built first; ``refuse`` fails that."""

    name, rank = "planned", 40
    refuse = False

    def __init__(self, weights=None, precision=None):
        super().__init__(weights, precision)
        self.built = False

    def missing(self):
        return "" if self.built else "a plan"

    def build(self, progress, cancelled):
        if self.refuse:
            raise EngineError("no compiler.")
        progress(0.5, "Making the plan")
        self.built = True

    def open(self):
        assert self.built


@pytest.fixture
def machine(monkeypatch):
    """These engines and no GPU, with weights that are none."""
    monkeypatch.setattr(
        "avatar.choosing.choice.find_engines",
        lambda: Installed({e.name: e for e in (Planned, Quick, Reference)}),
    )
    monkeypatch.setattr("avatar.choosing.choice.find_gpu", lambda: None)
    monkeypatch.setattr("avatar.weights.describe", lambda name: SimpleNamespace(sha256="0" * 64))
    monkeypatch.setattr(Planned, "refuse", False)


def test_auto_builds_the_best_engine_first(make_video, shoot, machine):
    steps = []
    report = shoot(make_video(frames=2), engine="auto", progress=lambda *a: steps.append(a[:2]))
    assert report.engine == "planned" and ("Making the plan", 50) in steps
    assert "quick:int8 (lower precision, only when asked for)" in report.reason


def test_auto_takes_the_next_where_a_build_fails(make_video, shoot, machine, monkeypatch):
    monkeypatch.setattr(Planned, "refuse", True)
    report = shoot(make_video(frames=2), engine="auto")
    assert report.engine == "quick:fp32" and "planned (no compiler)" in report.reason
    with pytest.raises(EngineError, match="no compiler"):
        shoot(make_video(frames=2), engine="planned")


def test_a_lower_precision_is_taken_when_asked_for(make_video, shoot, machine):
    assert shoot(make_video(frames=2), engine="quick:int8").engine == "quick:int8"


def test_a_disk_that_fills_up(make_video, shoot, tmp_path, monkeypatch):
    def full(self, data):
        self.error = self.error or OSError(28, "No space left on device")
        return len(data)

    monkeypatch.setattr(film.VideoWriter, "keep", lambda self: self.discard())
    monkeypatch.setattr(output.PartFile, "write", full)
    with pytest.raises(OutputError, match="No space left on device; nothing was written") as error:
        shoot(make_video(frames=60))
    assert error.value.hint
    assert files(tmp_path) == ["portrait.png"]


def test_a_video_that_breaks_off(make_video, play, shoot, tmp_path):
    whole = make_video("whole.mkv", frames=100, pictures=lambda i: noise(i))
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    report = shoot(cut)
    assert 10 < report.frames < 100
    assert len(play(report.output).pictures) == report.frames


def noise(index):
    return np.random.default_rng(index).integers(0, 256, (64, 64, 3), dtype=np.uint8)


@pytest.fixture
def bad(make_video, tmp_path):
    """A driving video that cannot be used, by name."""
    folder = tmp_path / "bad"
    folder.mkdir()

    def make(kind):
        path = folder / "bad.mp4"
        if kind == "empty":
            path.write_bytes(b"")
        elif kind == "text":
            path.write_text("this is no video\n" * 100)
        elif kind == "folder":
            path.mkdir()
        elif kind == "sound only":
            return make_video("sound.m4a", frames=0, sound_s=0.3)
        elif kind == "picture":
            path = folder / "bad.png"
            Image.fromarray(noise(0)).save(path)
        elif kind == "truncated":
            data = make_video("whole.mp4", frames=30, pictures=noise).read_bytes()
            path.write_bytes(data[: len(data) // 2])
        return path

    return make


KINDS = ["missing", "empty", "text", "folder", "sound only", "picture", "truncated"]


@pytest.mark.parametrize("kind", KINDS)
def test_driving_videos_that_are_refused(bad, shoot, tmp_path, kind):
    with pytest.raises((InputError, SourceError)) as error:
        shoot(bad(kind))
    assert error.value.exit_code == 2
    assert error.value.hint
    assert files(tmp_path) == ["portrait.png"]


def test_a_portrait_without_a_face(make_video, shoot, tmp_path, portrait):
    Image.fromarray(np.zeros((128, 128, 3), np.uint8)).save(portrait)
    with pytest.raises(NoFaceError) as error:
        shoot(make_video(frames=2), crop=True)
    assert "--no-crop" in error.value.hint
    assert files(tmp_path) == ["portrait.png"]
    Image.fromarray(np.full((128, 128, 3), 5, np.uint8)).save(portrait)
    assert shoot(make_video("b.mp4", frames=2), crop=False).frames == 2


@pytest.mark.parametrize("name", ["out.xyz", "missing/out.mp4"])
def test_a_bad_place_is_refused_before_anything_is_read(shoot, tmp_path, name):
    with pytest.raises(OutputError):
        shoot(tmp_path / "not there.mp4", name=name)


def test_the_driving_video_is_not_overwritten(make_video, shoot, tmp_path):
    driving = make_video("in.mp4", frames=2)
    before = driving.read_bytes()
    with pytest.raises(OutputError, match="also an input"):
        shoot(driving, name="videos/in.mp4")
    assert driving.read_bytes() == before


def test_an_unknown_engine(make_video, shoot, tmp_path):
    with pytest.raises(UsageError, match="warp"):
        shoot(make_video(frames=2), engine="warp")
    assert files(tmp_path) == ["portrait.png"]
