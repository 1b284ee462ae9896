import numpy as np
import pytest

from avatar.frame import Portrait
from avatar.offline.paste import Paste
from avatar.square import Square, cut


def smooth(height, width):
    """A picture whose colours change gently, so that resampling costs nothing."""
    y, x = np.mgrid[:height, :width]
    rgb = np.stack([60 + 90 * x / width, 50 + 100 * y / height, 150 - 60 * x / width], 2)
    return np.ascontiguousarray(rgb.astype(np.uint8))


def portrait(full, x, y, side):
    square = Square(x, y, side)
    return Portrait(cut(full, square), square.box, full, None, "smooth")


SQUARES = [
    (300, 200, 256.0),
    (250.3, 180.7, 301.5),  # between pixels, enlarged
    (300, 200, 90.2),  # made smaller
    (40, 30, 200.0),  # sticks out at the top left
    (590, 380, 180.0),  # and at the bottom right
    (300, 200, 900.0),  # larger than the picture
]


@pytest.mark.parametrize("square", SQUARES)
def test_the_portrait_itself_changes_nothing(square):
    full = smooth(400, 600)
    still = portrait(full, *square)
    paste = Paste(still)
    assert paste.size == (600, 400)
    assert np.abs(paste.paste(still.image).astype(int) - full).max() <= 2


def test_the_middle_is_new_the_outside_old_the_edge_between():
    full = np.full((400, 600, 3), 50, np.uint8)
    still = portrait(full, 300, 200, 200)
    image = still.image.copy()
    image[64:192, 64:192] = 200  # leaves the rim alone
    picture = Paste(still).paste(image)
    assert (picture[200, 300] == 200).all()
    outside = np.ones((400, 600), bool)
    outside[100:300, 200:400] = False
    assert (picture[outside] == 50).all()


def test_the_edge_fades():
    full = np.zeros((400, 600, 3), np.uint8)
    paste = Paste(portrait(full, 300, 200, 200))
    paste._matched = lambda image: image.astype(np.float32)
    row = paste.paste(np.full((256, 256, 3), 200, np.uint8))[200, 195:300, 0].astype(int)
    assert row[:5].max() == 0 and row[-50:].min() == 200
    steps = np.diff(row)
    assert steps.min() >= 0 and 0 < steps.max() < 20


def test_colours_are_matched():
    full = smooth(400, 600)
    still = portrait(full, 300, 200, 200)
    off = np.clip(still.image.astype(np.float32) * 0.9 + (20, -10, 5), 0, 255).astype(np.uint8)
    assert np.abs(off.astype(int) - still.image).max() > 12
    assert np.abs(Paste(still).paste(off).astype(int) - full).max() <= 3


def test_the_correction_follows_slowly():
    """One frame of other colours changes those of the next by a tenth."""
    still = portrait(smooth(400, 600), 300, 200, 200)
    paste = Paste(still)
    paste.paste(still.image)
    brighter = np.clip(still.image.astype(int) + 30, 0, 255).astype(np.uint8)
    middle = paste.paste(brighter)[200, 300].astype(int)
    assert middle - smooth(400, 600)[200, 300] == pytest.approx(27, abs=2)


def test_large_pictures_are_scaled_down():
    full = smooth(1200, 3840)
    still = portrait(full, 2000, 600, 700)
    paste = Paste(still)
    assert paste.size == (1920, 600)
    picture = paste.paste(still.image)
    assert np.abs(picture.astype(int) - smooth(600, 1920)).max() <= 3
