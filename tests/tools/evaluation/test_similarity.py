import numpy as np
import pytest
from skimage.transform import SimilarityTransform

from tools.evaluation.similarity import fit, move


def test_it_is_scikit_images() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 20, 2))
    want = SimilarityTransform.from_estimate(a, b).params[:2]
    assert fit(a, b) == pytest.approx(want)


def test_an_exact_similarity_comes_back() -> None:
    a = np.array([[0, 0], [10, 0], [0, 5]], np.float32)
    b = 2 * np.stack([-a[:, 1], a[:, 0]], -1) + [7, -3]  # a quarter turn, twice as large
    assert fit(a, b) == pytest.approx(np.array([[0, -2, 7], [2, 0, -3]]), abs=1e-9)


def test_it_never_mirrors() -> None:
    a = np.array([[0, 0], [10, 0], [0, 5], [3, 3]], np.float32)
    assert np.linalg.det(fit(a, a * [-1, 1])[:, :2]) >= 0


def test_points_on_one_spot_are_shifted() -> None:
    a = np.ones((4, 2))
    assert fit(a, a + [2, 3]) == pytest.approx(np.array([[1, 0, 2], [0, 1, 3]]))


def test_move_takes_points_where_the_matrix_says() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[20, 10] = 255
    moved = move(image, np.array([[1.0, 0, 5], [0, 1, 7]]), 64)
    assert moved[27, 15].tolist() == [255] * 3
    assert moved.sum() == image.sum()
