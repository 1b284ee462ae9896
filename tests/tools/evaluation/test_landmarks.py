import numpy as np
import pytest

from tools.evaluation import landmarks
from tools.evaluation.landmarks import REGIONS


def test_akd_is_l1_per_coordinate_and_not_euclidean() -> None:
    want = np.zeros((478, 3), np.float32)
    got = want + np.array([3, 4, 100], np.float32)  # depth does not count
    assert landmarks.akd(got, want) == pytest.approx(3.5)
    assert landmarks.akd_euclidean(got, want) == pytest.approx(5)
    assert landmarks.akd(want, want) == 0


def test_akd_of_a_region_sees_only_its_points() -> None:
    want = np.zeros((478, 3), np.float32)
    got = want.copy()
    got[list(REGIONS["mouth"]), 1] = 2
    by_region = {name: landmarks.akd(got, want, points) for name, points in REGIONS.items()}
    assert by_region == {"mouth": 1, "eyes": 0, "brows": 0, "nose": 0, "oval": 0}


@pytest.mark.slow
def test_regions_are_mediapipes() -> None:
    from mediapipe.python.solutions import face_mesh_connections as theirs

    groups = {
        "mouth": theirs.FACEMESH_LIPS,
        "eyes": theirs.FACEMESH_LEFT_EYE | theirs.FACEMESH_RIGHT_EYE,
        "brows": theirs.FACEMESH_LEFT_EYEBROW | theirs.FACEMESH_RIGHT_EYEBROW,
        "nose": theirs.FACEMESH_NOSE,
        "oval": theirs.FACEMESH_FACE_OVAL,
    }
    assert set(groups) == set(REGIONS)
    for name, edges in groups.items():
        points = REGIONS[name]
        assert len(points) == len(set(points)), name
        assert set(points) == {i for edge in edges for i in edge}, name
