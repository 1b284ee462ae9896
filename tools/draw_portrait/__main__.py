"""python -m tools.draw_portrait: paints the parts over each other and writes the picture."""

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.draw_portrait.body import head, shoulders, wall
from tools.draw_portrait.canvas import SIDE, Canvas
from tools.draw_portrait.face import brow, eye, mouth, nose
from tools.draw_portrait.hair import back_hair, hair

OUT = Path(__file__).resolve().parents[2] / "avatar/assets/portraits/drawn.png"


def draw() -> NDArray[np.uint8]:
    """The portrait: (512, 512, 3) uint8 RGB, the same every time."""
    rng = np.random.default_rng(7)
    c = Canvas()
    wall(c)
    back_hair(c)
    shoulders(c, rng)
    head(c)
    nose(c)
    mouth(c)
    for x, side in ((214.0, -1), (298.0, 1)):
        eye(c, x, side)
        brow(c, side, rng)
    hair(c, rng)
    return finish(c, rng)


def finish(c: Canvas, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Average down, then the grain and slight softness of a photograph: (512, 512, 3) uint8."""
    small = cv2.resize(c.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    mottled = cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)).astype(np.float32), (0, 0), 2.2)
    fine = rng.normal(0, 1, (SIDE, SIDE, 1)).astype(np.float32)
    small = small * (1 + 0.035 * mottled[:, :, None]) + 0.006 * fine
    return np.asarray(np.rint(np.clip(small, 0, 1) * 255), np.uint8)


def main(argv: Sequence[str]) -> int:
    """Write the picture."""
    out = Path(argv[0]) if argv else OUT
    cv2.imwrite(str(out), cv2.cvtColor(draw(), cv2.COLOR_RGB2BGR))
    print(f"wrote {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
