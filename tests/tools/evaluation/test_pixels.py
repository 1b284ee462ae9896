import cv2
import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from tools.evaluation import pixels


def grey(value: int, size: int = 16) -> np.ndarray:
    return np.full((size, size, 3), value, np.uint8)


def test_l1_by_hand() -> None:
    a, b = grey(100), grey(100)
    b[:8] = 151  # half of the picture differs by a fifth
    assert pixels.l1(a, b) == pytest.approx(0.1)
    assert pixels.l1(b, a) == pytest.approx(0.1)


def test_psnr_by_hand() -> None:
    assert pixels.psnr(grey(0), grey(255)) == 0
    assert pixels.psnr(grey(100), grey(151)) == pytest.approx(-20 * np.log10(0.2))


def test_equal_pictures_have_a_finite_psnr() -> None:
    assert pixels.psnr(grey(7), grey(7)) == pixels.MOST_DB
    assert np.isfinite(np.mean([pixels.psnr(grey(7), grey(7)), 20.0]))


def test_ssim_of_flat_pictures_by_hand() -> None:
    # No variance: only the brightness term is left, (2ab + C1) / (a^2 + b^2 + C1).
    a, b, c1 = 51 / 255, 102 / 255, 1e-4
    want = (2 * a * b + c1) / (a * a + b * b + c1)
    assert pixels.ssim(grey(51), grey(102)) == pytest.approx(want, rel=1e-6)


@pytest.mark.parametrize("data_range", [1.0, 2.0])
def test_ssim_is_scikit_images(noise, astronaut, data_range: float) -> None:
    for a, b in ((astronaut, noise(0)), (astronaut, cv2.blur(astronaut, (5, 5)))):
        want = structural_similarity(
            a / 255.0, b / 255.0, channel_axis=-1, data_range=data_range, gaussian_weights=False
        )
        assert pixels.ssim(a, b, data_range) == pytest.approx(want, abs=1e-7)


def test_psnr_is_scikit_images(noise, astronaut) -> None:
    want = peak_signal_noise_ratio(astronaut, noise(1))
    assert pixels.psnr(astronaut, noise(1)) == pytest.approx(want, abs=1e-3)


def test_ceilings(astronaut) -> None:
    small = cv2.resize(astronaut, (128, 128), interpolation=cv2.INTER_AREA)
    again = cv2.resize(small, (256, 256), interpolation=cv2.INTER_CUBIC)
    assert pixels.l1(astronaut, astronaut) == 0
    assert pixels.ssim(astronaut, astronaut) == pytest.approx(1)
    assert 0 < pixels.l1(astronaut, again) < 0.03
    assert 0.85 < pixels.ssim(astronaut, again) < 0.999
    assert pixels.ssim(astronaut, again) < pixels.ssim(astronaut, again, 2.0)
