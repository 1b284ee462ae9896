import numpy as np
import pytest

from tools.evaluation.observer import Seen
from tools.evaluation.turns import Start, Turned, by_size, gains


def face(size: float = 40, x: float = 128, pose: tuple[float, float, float] = (0, 0, 0)) -> Seen:
    """Landmarks on a ball of this radius in px about (x, 128), and a pose."""
    points = np.random.default_rng(0).normal(size=(478, 3))
    points -= points.mean(0)
    points *= size / np.sqrt(np.square(points).sum(1).mean())
    return Seen((points + [x, 128, 0]).astype(np.float32), np.array(pose, float))


def test_the_portrait_does_what_the_driver_did() -> None:
    start = Start(face(pose=(2, 10, 0)), face(pose=(0, -15, 0)))
    turned = start.turned(face(pose=(2, 25, 0)), face(pose=(0, 5, 0)))
    assert turned is not None
    assert turned.asked == pytest.approx((0, 20, 0), abs=1e-5)
    assert turned.made[1] == pytest.approx(15, abs=0.1)
    assert turned.error == pytest.approx(5, abs=0.1)
    assert turned.size == pytest.approx(20)
    assert turned.by_axis[1] == pytest.approx(-5, abs=0.1)


@pytest.mark.parametrize("missing", range(4))
def test_without_a_face_there_is_no_turn(missing: int) -> None:
    seen = [face()] * 4
    seen[missing] = Seen()
    start = Start(seen[0], seen[1])
    assert start.turned(seen[2], seen[3]) is None
    assert start.shifted(seen[2], seen[3]) is None


def test_shifts_count_in_sizes_of_the_face() -> None:
    # A portrait twice as large goes twice as far.
    start = Start(face(80, 100), face(40, 50))
    off, grown = start.shifted(face(80, 140), face(40, 70))
    assert off == pytest.approx(0, abs=1e-3)
    assert grown == pytest.approx(0, abs=1e-4)
    off, grown = start.shifted(face(80, 120), face(44, 70))
    assert off == pytest.approx(20, abs=1e-3)
    assert grown == pytest.approx(0.1, abs=1e-4)


def made(asked: float, made: float) -> Turned:
    return Turned(np.array([0, asked, 0]), np.array([0, made, 0]))


def test_errors_by_size() -> None:
    turns = [made(2, 2), made(-4, -1), made(40, 30), made(-50, -30)]
    small, large, everything = by_size(turns)
    assert (small["from"], small["to"], small["frames"]) == (0, 5, 2)
    assert small["error"] == small["yaw"] == pytest.approx(1.5)
    assert (large["from"], large["frames"]) == (30, 2)
    assert large["error"] == pytest.approx(15)
    assert large["pitch"] == large["roll"] == 0
    assert everything["frames"] == 4
    assert everything["error"] == pytest.approx(6.5)
    assert everything["error_90"] == pytest.approx(17)
    assert by_size([]) == []


def test_a_gain_is_what_is_made_of_what_is_asked() -> None:
    found = gains([made(10, 8), made(-20, -16), made(0, 0)])
    assert found["yaw"] == pytest.approx(0.8)
    assert np.isnan(found["pitch"]) and np.isnan(found["roll"])  # hardly asked for
    assert all(np.isnan(value) for value in gains([]).values())
