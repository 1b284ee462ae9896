"""The slate: the still picture that outputs show when nobody shall be seen."""

from functools import cache
from pathlib import Path

import numpy as np

from avatar.frame import CROP_SIZE, Image, letterbox

TITLE = "Back in a moment"

_TOP, _BOTTOM = (29, 32, 39), (18, 20, 25)  # the app's dark panel, falling off to its window
_LIGHT, _MUTED, _ACCENT = (236, 238, 243), (163, 171, 185), (91, 140, 255)
_SCALE = 4  # drawn larger, so that its edges are smooth


@cache
def card(text: str = TITLE) -> Image:
    """The plain card: (256, 256, 3) uint8 RGB, read-only, dark, with a quiet mark and one line."""
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    side = CROP_SIZE * _SCALE
    fall = np.linspace(0, 1, side, dtype=np.float32)[:, None, None]
    top, bottom = np.array(_TOP, np.float32), np.array(_BOTTOM, np.float32)
    ground = np.broadcast_to(top + fall * (bottom - top), (side, side, 3))
    picture = Pillow.fromarray(ground.round().astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    middle, row = side // 2, round(side * 0.43)
    radius, width, height = round(side * 0.095), round(side * 0.022), round(side * 0.078)
    draw.ellipse(
        (middle - radius, row - radius, middle + radius, row + radius), outline=_ACCENT, width=10
    )
    for x in (middle - round(width * 1.35), middle + round(width * 0.35)):  # a pause sign
        draw.rounded_rectangle(
            (x, row - height // 2, x + width, row + height // 2), width // 3, fill=_LIGHT
        )
    font = ImageFont.load_default(side * 0.062)
    draw.text((middle, side * 0.64), text, font=font, fill=_LIGHT, anchor="mm")
    small = picture.resize((CROP_SIZE, CROP_SIZE), Pillow.Resampling.LANCZOS)
    image = np.array(small, np.uint8)
    image.flags.writeable = False
    return image


def load(path: Path) -> Image:
    """The user's own slate: the whole picture on the card's ground, (256, 256, 3) uint8 RGB.

    Raises:
        InputError: it cannot be read.
    """
    from avatar.picture import read

    ground = np.empty((CROP_SIZE, CROP_SIZE, 3), np.uint8)
    ground[:] = _BOTTOM
    fitted = letterbox(read(path).image, CROP_SIZE, CROP_SIZE, out=ground)
    fitted.flags.writeable = False
    return fitted
