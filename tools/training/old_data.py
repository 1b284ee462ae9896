"""The footage as training sees it: every clip decoded once into one memory-mapped array.

Knows nothing of networks. Layout of the cache folder, for split in train, val::

    <split>_frames.npy     (N, 256, 256, 3) uint8 RGB
    <split>_index.npz      landmarks (N, 478, 3) float32 px; clip, frame, person (N,) int32

Run ``python -m tools.training.old_data --out FOLDER`` to make it (a minute or two).
"""

import argparse
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

FACES = Path(__file__).resolve().parents[2] / ".." / "shared" / "faces"
"""Where the footage lies beside a checkout; never part of the project."""

SIZE = 256


@dataclass(frozen=True)
class Clips:
    """One split, decoded.

    Attributes:
        frames: (N, 256, 256, 3) uint8 RGB, memory-mapped; the frames of a clip are neighbours.
        landmarks: (N, 478, 3) float32, MediaPipe's points in pixels (z too, nearer is less).
        clip, frame, person: (N,) int32, what each row is.
        names: clip names by clip number.
    """

    frames: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    clip: NDArray[np.int32]
    frame: NDArray[np.int32]
    person: NDArray[np.int32]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.frames)

    def spans(self) -> Iterator[tuple[int, int]]:
        """First row and one past the last row of every clip."""
        edges = np.flatnonzero(np.diff(self.clip)) + 1
        starts = [0, *edges.tolist()]
        yield from zip(starts, [*edges.tolist(), len(self.clip)], strict=True)


def landmarks_of(path: Path) -> NDArray[np.float32]:
    """MediaPipe's landmarks stored beside a clip: (frames, 478, 3) float32 pixels."""
    with np.load(path) as stored:
        steps = np.cumsum(stored["delta"].transpose(1, 2, 0).astype(np.int32), axis=0)
        xyz = (stored["first"].astype(np.int32) + steps) / np.array([8, 8, 4])
    return xyz.astype(np.float32)


def decode(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Every frame of a clip, (H, W, 3) uint8 RGB."""
    import av

    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def worth_keeping(landmarks: NDArray[np.float32], least_px: float, longest: int) -> list[int]:
    """Frames that moved ``least_px`` since the last one kept, or are ``longest`` frames on."""
    kept = [0]
    for i in range(1, len(landmarks)):
        moved = np.abs(landmarks[i, :, :2] - landmarks[kept[-1], :, :2]).mean()
        if moved >= least_px or i - kept[-1] >= longest:
            kept.append(i)
    return kept


def pack(faces: Path, out: Path, split: str) -> int:
    """Decode a split into the cache folder and return the number of frames kept.

    Of training clips near-duplicate frames are left out; of validation clips every sixth is kept.
    """
    clips = [c for c in json.loads((faces / "manifest.json").read_text()) if c["split"] == split]
    clips.sort(key=lambda c: c["name"])
    people = sorted({str(clip["person"]) for clip in clips})
    plan = []
    for clip in clips:
        points = landmarks_of(faces / f"{clip['name']}.npz")
        every = list(range(0, len(points), 6))
        plan.append((points, worth_keeping(points, 0.7, 4) if split == "train" else every))
    total = sum(len(kept) for _, kept in plan)
    out.mkdir(parents=True, exist_ok=True)
    frames = np.lib.format.open_memmap(
        out / f"{split}_frames.npy", mode="w+", dtype=np.uint8, shape=(total, SIZE, SIZE, 3)
    )
    rows: dict[str, list] = {"landmarks": [], "clip": [], "frame": [], "person": []}
    at = 0
    for number, (clip, (points, kept)) in enumerate(zip(clips, plan, strict=True)):
        wanted = set(kept)
        for i, image in enumerate(decode(faces / f"{clip['name']}.mp4")):
            if i in wanted:
                frames[at] = image
                at += 1
                rows["landmarks"].append(points[i])
                rows["clip"].append(number)
                rows["frame"].append(i)
                rows["person"].append(people.index(str(clip["person"])))
    if at != total:
        raise ValueError(f"{split}: {at} frames decoded, the landmark files promise {total}")
    frames.flush()
    np.savez(
        out / f"{split}_index.npz",
        landmarks=np.asarray(rows["landmarks"], np.float32),
        clip=np.asarray(rows["clip"], np.int32),
        frame=np.asarray(rows["frame"], np.int32),
        person=np.asarray(rows["person"], np.int32),
        names=np.array([clip["name"] for clip in clips]),
    )
    return total


def load(cache: Path, split: str) -> Clips:
    """A split of the cache; frames stay on disk until they are touched."""
    frames = np.load(cache / f"{split}_frames.npy", mmap_mode="r")
    with np.load(cache / f"{split}_index.npz") as index:
        return Clips(
            frames,
            index["landmarks"],
            index["clip"],
            index["frame"],
            index["person"],
            tuple(str(name) for name in index["names"]),
        )


def main() -> None:
    """Make the cache."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=Path, default=FACES)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    for split in ("val", "train"):
        print(split, pack(args.faces, args.out, split), "frames")


if __name__ == "__main__":
    main()
