"""Makes the bundled driving motion and driving video with the compact model.

The motion is numbers only: the keypoints and jacobians that the detector finds in a clip of the
footage beside the checkout. The video is the public-domain astronaut, animated by that motion::

    python -m tools.assets --clip NAME --start 0 --seconds 9
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatar import weights
from avatar.assets import asset
from avatar.frame import Keypoints, Portrait
from avatar.motion.transfer import Motion
from avatar.portraits.portrait import load_portrait
from engines.eager import EagerEngine
from tools.training.data.frames import read_all
from tools.training.data.sources import find_sources

FACES = Path(__file__).resolve().parents[1] / ".." / "shared" / "faces"
"""Where the footage lies beside a checkout; never part of the project."""

ASSETS = Path(__file__).resolve().parents[1] / "avatar" / "assets"
FPS = 25
EASE_S = 0.6
"""The last part of the motion glides into its first pose, so that it loops."""

Image = NDArray[np.uint8]


def record(engine: EagerEngine, clip: str, start: int, count: int) -> list[Keypoints]:
    """``count`` poses at FPS of a clip of 256-pixel squares, from its frame ``start`` on."""
    manifest = json.loads((FACES / "manifest.json").read_text())
    rate = next(entry["fps"] for entry in manifest if entry["name"] == clip)
    images = list(read_all(next(s for s in find_sources(FACES) if s.name == clip)))
    rows = [start + round(i * rate / FPS) for i in range(count)]
    return [engine.detect(np.ascontiguousarray(images[r])) for r in rows if r < len(images)]


def loop(motion: list[Keypoints], ease: int) -> list[Keypoints]:
    """The motion with its last ``ease`` poses gliding into the first."""
    result = list(motion)
    first = motion[0]
    for i in range(ease):
        t = (i + 1) / ease
        share = np.float32(t * t * (3 - 2 * t))
        at = len(motion) - ease + i
        pose = motion[at]
        result[at] = Keypoints(
            pose.value + share * (first.value - pose.value),
            pose.jacobian + share * (first.jacobian - pose.jacobian),
        )
    return result


def paste(portrait: Portrait, square: Image, feather: float = 0.06) -> Image:
    """The whole picture with the animated square in its place; the seam is feathered."""
    import cv2

    x0, y0, x1, y1 = (round(float(v)) for v in portrait.box)
    side = cv2.resize(square, (x1 - x0, y1 - y0), interpolation=cv2.INTER_CUBIC)
    height, width = portrait.full.shape[:2]
    rows, columns = np.arange(y0, y1), np.arange(x0, x1)
    fade_y = np.minimum(rows - y0, y1 - 1 - rows) / (feather * (y1 - y0))
    fade_x = np.minimum(columns - x0, x1 - 1 - columns) / (feather * (x1 - x0))
    share = np.clip(fade_y, 0, 1)[:, None] * np.clip(fade_x, 0, 1)[None]
    inside_y, inside_x = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
    share = share[inside_y][:, inside_x, None].astype(np.float32)
    side = side[inside_y][:, inside_x]
    result = portrait.full.copy()
    place = np.s_[max(y0, 0) : min(y1, height), max(x0, 0) : min(x1, width)]
    result[place] = (side * share + result[place] * (1 - share) + 0.5).astype(np.uint8)
    return result


def write_video(path: Path, images: list[Image], crf: int) -> None:
    """H.264 at FPS frames per second; sides must be even."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(crf), "preset": "veryslow", "movflags": "faststart"}
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))


def main() -> None:
    """Make driving.npz and driving.mp4."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clip", required=True, help="name of a clip of ../shared/faces")
    parser.add_argument("--start", type=int, default=0, help="its first frame")
    parser.add_argument("--seconds", type=float, default=9.0)
    parser.add_argument("--weights", default="compact")
    parser.add_argument("--out", type=Path, default=ASSETS)
    parser.add_argument("--size", type=int, default=384, help="side of the video, even")
    parser.add_argument("--crf", type=int, default=25)
    args = parser.parse_args()
    engine = EagerEngine(weights.load(args.weights))
    engine.open()
    motion = record(engine, args.clip, args.start, round(args.seconds * FPS))
    motion = loop(motion, round(EASE_S * FPS))
    np.savez_compressed(
        args.out / "driving.npz",
        value=np.stack([k.value for k in motion]).astype(np.float16),
        jacobian=np.stack([k.jacobian for k in motion]).astype(np.float16),
        fps=np.float32(FPS),
    )
    portrait = load_portrait(asset("portraits/astronaut.png"))
    code, source = engine.encode(portrait.image)
    follow = Motion()
    follow.reset(source)
    follow.calibrate(motion[0])
    images = []
    for i, pose in enumerate([*motion[-FPS:], *motion]):  # a lead-in settles the smoothing
        image = engine.render(code, follow(pose, round(i * 1e9 / FPS)))
        if i >= FPS:
            images.append(scaled(paste(portrait, image), portrait, args.size))
    engine.close()
    write_video(args.out / "driving.mp4", images, args.crf)
    size = (args.out / "driving.mp4").stat().st_size
    print(f"{len(motion)} poses, driving.mp4 {size / 1e3:.0f} kB")


def scaled(full: Image, portrait: Portrait, size: int) -> Image:
    """The top square of the whole picture, or of what surrounds the face, at ``size``."""
    import cv2

    x0, y0, x1, y1 = portrait.box
    height, width = full.shape[:2]
    side = int(min(height, width, 1.35 * max(x1 - x0, y1 - y0)))
    left = int(np.clip((x0 + x1 - side) / 2, 0, width - side))
    top = int(np.clip((y0 + y1 - side) / 2, 0, height - side))
    square = full[top : top + side, left : left + side]
    small = cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


if __name__ == "__main__":
    main()
