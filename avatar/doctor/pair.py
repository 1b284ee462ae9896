"""The bundled pair of pictures: a photograph to animate and a drawn face that drives it."""

from avatar.assets import asset
from avatar.frame import Image
from avatar.portraits.portrait import load_portrait

PORTRAIT = "portraits/astronaut.png"
DRIVING = "portraits/drawn.png"


def pair() -> tuple[Image, Image]:
    """Portrait and driving crop, (256, 256, 3) uint8 RGB each; where their faces are is known.

    Raises:
        InputError: the installation is damaged.
    """
    return load_portrait(asset(PORTRAIT)).image, load_portrait(asset(DRIVING)).image
