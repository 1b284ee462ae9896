"""One small picture of a camera, and what a source says it is doing."""

import numpy as np
import pytest

from avatar.errors import SourceError
from avatar.frame import Frame
from avatar.sources.glimpse import SIDE, glimpse
from avatar.sources.state import SourceState, state_of
from avatar.stats import Rate


class Camera:
    """Grows brighter with every picture, one every 0.1 s of its own clock."""

    name, live, fps, size = "cam", True, 30.0, (640, 360)

    def __init__(self, fails: bool = False) -> None:
        self.now = 0.0
        self.fails = fails
        self.closed = 0
        self.given = Rate()

    def open(self) -> None:
        if self.fails:
            raise SourceError("busy")

    def read(self) -> Frame:
        self.now += 0.1
        return Frame(np.full((360, 640, 3), round(self.now * 100), np.uint8), 0, 1)

    def close(self) -> None:
        self.closed += 1


def test_it_waits_until_the_exposure_has_settled_and_lets_go():
    camera = Camera()
    image = glimpse(camera, lambda: camera.now)
    assert image.shape == (SIDE * 9 // 16, SIDE, 3) and image.dtype == np.uint8
    assert 65 <= image.max() <= 80 and camera.closed == 1


def test_a_camera_that_refuses_is_closed():
    camera = Camera(fails=True)
    with pytest.raises(SourceError):
        glimpse(camera)
    assert camera.closed == 1


def test_a_camera_gives_its_measured_rate_once_it_can_be_known():
    camera = Camera()
    assert state_of(camera, is_open=True, waits=False).given is None
    for number in range(60):
        camera.given.add(number / 15)
    state = state_of(camera, is_open=True, waits=False)
    assert state.phase == "open" and state.size == (640, 360) and state.length_s is None


def test_half_the_rate_is_slow():
    assert SourceState("x", "open", promised=30, given=15.2).slow
    assert not SourceState("x", "open", promised=30, given=27).slow
    assert not SourceState("x", "open", promised=30, given=None).slow


def test_phases():
    assert state_of(Camera(), is_open=False, waits=True).phase == "lost"
    assert state_of(Camera(), is_open=False, waits=False).phase == "closed"


def test_a_film_tells_where_it_is():
    film = Camera()
    film.length_s, film.position_s, film.loop = 12.5, 3.0, True  # type: ignore[attr-defined]
    state = state_of(film, is_open=True, waits=False)
    assert (state.position_s, state.length_s, state.loops) == (3.0, 12.5, True)
