"""Timed parts of the pipeline."""

import threading
from time import monotonic, monotonic_ns

import numpy as np

from avatar.bench.clock import (
    BenchCropper,
    BenchSink,
    BenchSource,
    ColourConversion,
    InFlight,
    Times,
)
from avatar.frame import Animated, Crop, Frame, Keypoints


class Pictures:
    """An unpaced source of black pictures."""

    name, live, fps, size = "pictures", False, 30.0, (64, 48)

    def __init__(self) -> None:
        self.given = 0
        self.is_open = False

    def open(self) -> None:
        self.is_open = True

    def read(self) -> Frame | None:
        self.given += 1
        return Frame(np.zeros((48, 64, 3), np.uint8), self.given - 1, 0)

    def close(self) -> None:
        self.is_open = False


def test_a_paced_source_waits_for_its_time_and_leaves_out_what_was_missed() -> None:
    times, inner = Times(), Pictures()
    source = BenchSource(inner, 50.0, times, InFlight())
    source.open()
    began = monotonic()
    frames = [source.read() for _ in range(4)]
    assert monotonic() - began >= 3 / 50
    assert [f.index for f in frames if f] == sorted({f.index for f in frames if f})
    source._start -= 1.0  # a second passes: 50 frames were missed
    late = source.read()
    assert late is not None and late.index >= 50
    assert inner.given == 5 and len(times.since(0)["decode"]) == 5
    source.close()
    assert not inner.is_open


def test_a_free_running_source_keeps_two_frames_on_their_way() -> None:
    in_flight = InFlight()
    source = BenchSource(Pictures(), None, Times(), in_flight)
    source.open()
    before = monotonic_ns()
    first, second = source.read(), source.read()
    assert first is not None and second is not None
    assert (first.index, second.index) == (0, 1) and before <= first.t_ns <= second.t_ns
    arrival = threading.Timer(0.05, in_flight.arrived, (0,))
    arrival.start()
    began = monotonic()
    third = source.read()
    assert third is not None and third.index == 2 and monotonic() - began >= 0.04
    arrival.join()
    source.close()


def test_what_was_noted_before_a_moment_is_left_out() -> None:
    times = Times()
    times.add("crop", 1.0)
    later = monotonic() + 1e-3
    while monotonic() < later:
        pass
    times.add("crop", 2.0)
    assert times.since(later) == {"crop": [2.0]}


def test_the_conversion_is_that_of_a_virtual_camera() -> None:
    planes = ColourConversion()(np.full((256, 256, 3), 255, np.uint8))
    assert planes.shape == (1080, 1280)
    assert planes[360, 640] == 235 and planes[360, 10] == 16  # white square, black bars, BT.601


def test_a_sink_notes_age_and_the_stages_of_the_frame_it_got() -> None:
    picture = np.zeros((256, 256, 3), np.uint8)
    keypoints = Keypoints(np.zeros((1, 2), np.float32), np.zeros((1, 2, 2), np.float32))
    frame = Frame(picture, 7, monotonic_ns() - 50_000_000)
    crop = Crop(picture, np.zeros(4, np.float32), None, False, 7, frame.t_ns)
    times, in_flight = Times(), InFlight()
    newest = Animated(frame, crop, keypoints, {"detect": 3.0, "motion": 0.5, "render": 6.0})
    sink = BenchSink(times, in_flight, lambda: newest)
    sink.write(frame)
    noted = times.since(0)
    assert noted["age"][0] >= 50 and noted["render"] == [6.0]
    assert set(noted) == {"age", "colour", "sink", "detect", "motion", "render"}
    sink.write(Frame(picture, 6, frame.t_ns))  # an older frame: its stages are not the newest's
    assert times.since(0)["render"] == [6.0] and sink.frames == 2


def test_a_timed_cropper_is_told_of_frames_that_are_skipped_where_it_asks() -> None:
    class Plain:
        def crop(self, frame: Frame) -> Crop:
            return Crop(frame.image, np.zeros(4, np.float32), None, False, frame.index, frame.t_ns)

        def close(self) -> None:
            pass

    class Asking(Plain):
        passed: int | None = None

        def pass_over(self, frame: Frame) -> None:
            self.passed = frame.index

    frame, asking, times = Frame(np.zeros((8, 8, 3), np.uint8), 7, 0), Asking(), Times()
    for inner in (Plain(), asking):
        BenchCropper(inner, times).pass_over(frame)
    assert asking.passed == 7 and "crop" not in times.since(0)
