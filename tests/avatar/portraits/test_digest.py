"""The same pixels are the same picture, whatever file they are in."""

import numpy as np
from PIL import Image as Pillow

from avatar.portraits.digest import digest_of, digest_of_file


def test_pixels_and_shape_count_and_the_file_does_not(tmp_path) -> None:
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    Pillow.fromarray(image).save(tmp_path / "a.png")
    Pillow.fromarray(image).save(tmp_path / "b.webp", lossless=True)
    assert digest_of(image) == digest_of_file(tmp_path / "a.png")
    assert digest_of(image) == digest_of_file(tmp_path / "b.webp")
    assert digest_of(image) != digest_of(image.reshape(6, 4, 3))
    assert digest_of(image) != digest_of(image + 1)


def test_a_view_with_gaps_has_the_digest_of_its_pixels() -> None:
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    assert digest_of(image[:, ::2]) == digest_of(image[:, ::2].copy())


def test_files_that_cannot_be_read_are_not_the_same(tmp_path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"no picture")
    assert digest_of_file(tmp_path / "a.png") != digest_of_file(tmp_path / "b.png")
