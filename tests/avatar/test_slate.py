"""The slate: a card of the frames' size, or the user's own picture, whole."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from avatar.errors import InputError
from avatar.slate import card, load


def test_the_card_is_dark_with_something_on_it() -> None:
    image = card()
    assert image.shape == (256, 256, 3) and image.dtype == np.uint8 and image.flags.c_contiguous
    assert not image.flags.writeable
    assert np.median(image) < 40 and image.max() > 200
    assert card() is image


def test_the_text_stays_within_the_card() -> None:
    bright = (card().max(axis=2) > 100).any(axis=0).nonzero()[0]
    assert bright.min() > 20 and bright.max() < 235


def test_an_own_picture_is_shown_whole_on_dark_ground(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    cv2.imwrite(str(path), np.full((90, 160, 3), 200, np.uint8))
    image = load(path)
    assert image.shape == (256, 256, 3)
    assert (image[128] == 200).all() and (image[5] < 40).all() and (image[250] < 40).all()


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(InputError):
        load(tmp_path / "a.png")
