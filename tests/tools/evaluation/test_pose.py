import numpy as np
import pytest

from tools.evaluation import pose


def turn(axis: str, degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return {
        "x": np.array([[1, 0, 0], [0, c, -s], [0, s, c]]),
        "y": np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]),
        "z": np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]),
    }[axis]


@pytest.mark.parametrize("angles", [(0, 0, 0), (10, -35, 5), (-25, 60, -40)])
def test_angles_come_back(angles: tuple[float, float, float]) -> None:
    pitch, yaw, roll = angles
    transform = np.eye(4)
    transform[:3, :3] = 1.7 * turn("y", yaw) @ turn("x", pitch) @ turn("z", roll)
    transform[:3, 3] = 4, 5, -30
    assert pose.euler(transform) == pytest.approx(angles, abs=1e-6)


def test_prmse_by_hand() -> None:
    a = np.array([10.0, 20, 30])
    assert pose.prmse(a, a) == 0
    assert pose.prmse(a + [3, 0, 0], a) == pytest.approx(np.sqrt(3))
    assert pose.prmse(a + [1, 2, 2], a) == pytest.approx(np.sqrt(3))


def test_prmse_goes_the_short_way_around() -> None:
    assert pose.prmse(np.array([179.0, 0, 0]), np.array([-179.0, 0, 0])) == pytest.approx(
        2 / np.sqrt(3)
    )


def test_a_turn_is_counted_from_where_it_began() -> None:
    def angles(*turns: np.ndarray) -> np.ndarray:
        return pose.euler(np.linalg.multi_dot([np.eye(3), np.eye(3), *turns]))

    start = angles(turn("y", 20), turn("x", 8))
    for axis, want in (("x", (12, 0, 0)), ("y", (0, 12, 0)), ("z", (0, 0, 12))):
        # The camera's axes, whichever way the head looked before.
        now = angles(turn(axis, 12), turn("y", 20), turn("x", 8))
        assert pose.turn(now, start) == pytest.approx(want, abs=1e-6)
    assert pose.turn(start, start) == pytest.approx((0, 0, 0), abs=1e-6)


def test_the_angle_between_two_poses() -> None:
    zero = np.zeros(3)
    assert pose.angle(zero, zero) == 0
    assert pose.angle(np.array([0, 30.0, 0]), np.array([0, -10.0, 0])) == pytest.approx(40)
    assert pose.angle(np.array([0, 0, 179.0]), np.array([0, 0, -179.0])) == pytest.approx(2)
    # Two right angles about different axes are one turn by 120 degrees.
    assert pose.angle(np.array([90.0, 90, 0]), zero) == pytest.approx(120)
