"""Whole files of every kind that the app reads, small and made here; what is damaged later."""

import io
import json
import struct
from collections.abc import Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from avatar.choosing import wire
from avatar.model.params import PRESETS
from tools.fuzz.readers import READERS

SIDE = 48
"""Pixels of the pictures: small files are damaged in more places that matter."""


def make(folder: Path) -> list[Path]:
    """Write one of each into ``folder``; their names say which reader they are for."""
    made = []
    for name, content in {**dict(_pictures()), **dict(_words())}.items():
        path = folder / name
        path.write_bytes(content)
        made.append(path)
    made += [_video(folder / name, sound) for name, sound in _VIDEOS]
    if find_spec("torch"):
        made += _checkpoints(folder)
    return made


def kind(path: Path) -> str:
    """Which files one is damaged together with: those of its ending, or of its name."""
    return path.name if path.name in READERS else path.suffix


_VIDEOS = (("a.mp4", True), ("a.mkv", True), ("a.mov", False), ("a.avi", False))


def _image(size: int = SIDE) -> "np.ndarray[Any, Any]":
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    return np.stack([x * 5 % 256, y * 5 % 256, (x ^ y) % 256], -1).astype(np.uint8)


def _pictures() -> Iterator[tuple[str, bytes]]:
    picture = Image.fromarray(_image())
    alpha = picture.convert("RGBA")
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = Image.fromarray(_image()[:, :, 0].astype(np.uint16) * 257)
    frames: dict[str, Any] = {
        "save_all": True,
        "append_images": [picture.rotate(90 * turn) for turn in (1, 2, 3)],
        "duration": 40,
    }
    for name, source, options in (
        ("plain.png", picture, {}),
        ("alpha.png", alpha, {}),
        ("palette.png", picture.quantize(16), {}),
        ("deep.png", deep, {}),
        ("plain.jpg", picture, {"exif": exif}),
        ("progressive.jpg", picture, {"progressive": True}),
        ("cmyk.jpg", picture.convert("CMYK"), {}),
        ("plain.webp", picture, {}),
        ("moving.webp", picture, frames),
        ("plain.gif", picture, {}),
        ("moving.gif", picture, frames),
        ("plain.bmp", picture, {}),
        ("plain.tiff", picture, {"compression": "tiff_lzw"}),
    ):
        stream = io.BytesIO()
        source.save(stream, {"jpg": "jpeg"}.get(kind := name.split(".")[1], kind), **options)
        yield name, stream.getvalue()


def _words() -> Iterator[tuple[str, bytes]]:
    yield (
        "settings.toml",
        b'schema = 1\n[run]\ncamera = "0"\nmirror = true\nsize = [640, 480]\nfps = 30.0\n'
        b'[run.motion]\nscale = 1.0\nrelative = true\n[look]\ntheme = "dark"\n',
    )
    square = [1.0, 2.0, 30.0, 31.0]
    record = {"file": "a.png", "name": "A", "digest": "00", "box": square, "whole": False}
    records = [record, record | {"file": "b.png", "box": None, "found": square, "warnings": ["x"]}]
    index = {"version": 1, "judged": 1, "portraits": records, "bundled": records[:1]}
    yield "index.json", json.dumps(index).encode()
    files = {f"{name}.fp32": {f"{name}.xml": "0" * 64} for name in ("detect", "encode", "render")}
    manifest = {"format": "avatar-graphs-1", "weights_sha256": "0" * 64, "files": files}
    yield "graphs.json", json.dumps(manifest).encode()
    pair = {"output": "a.mp4", "portrait": "a.png", "driving": "b.mp4", "frames": 3}
    yield "summary.json", json.dumps({"pairs": [pair, pair | {"output": "b.mp4"}]}).encode()
    speeds = {"key": {"ov": {"ms": 20.5, "day": "2026-01-02"}, "eager": {"ms": 90, "day": "x"}}}
    yield "speeds.json", json.dumps({"format": "avatar-speeds-1", "speeds": speeds}).encode()
    yield "neutral.json", _neutral()
    params = json.dumps(asdict(PRESETS["compact"]))
    header = json.dumps(
        {
            "__metadata__": {"format": "avatar-dagan-1", "params": params, "name": "x"},
            "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        }
    ).encode()
    yield "a.safetensors", struct.pack("<Q", len(header)) + header + bytes(24)
    yield "message.wire", b"".join(wire.packed([True, {"depth": _image(8), "n": 1.5}]))


def _neutral() -> bytes:
    from avatar.frame import Keypoints
    from avatar.pose.head import FRONTAL
    from avatar.pose.neutral import Neutral
    from avatar.remembered import Kept, dump
    from tools.fuzz.readers import KEY, WHEN

    points = Keypoints(np.zeros((3, 2), np.float32), np.zeros((3, 2, 2), np.float32))
    return dump(Kept(Neutral(points, points, FRONTAL), WHEN), KEY)


def _video(path: Path, sound: bool) -> Path:
    import av

    with av.open(str(path), "w") as out:
        codec = "mpeg4" if path.suffix == ".avi" else "libx264"
        video: Any = out.add_stream(codec, rate=25)
        video.width, video.height, video.pix_fmt = SIDE, SIDE, "yuv420p"
        video.codec_context.thread_count = 1
        audio: Any = out.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for index in range(6):
            picture = np.roll(_image(), 7 * index, axis=1)
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            if audio is not None:
                tone: Any = np.full((1, 1024), 0.1, np.float32)
                frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
                frame.sample_rate, frame.pts = 48_000, index * 1024
                out.mux(audio.encode(frame))
        for stream in (video, audio):
            if stream is not None:
                out.mux(stream.encode(None))
    return path


def _checkpoints(folder: Path) -> list[Path]:
    """What torch.save writes, today's zip and yesterday's bare pickle."""
    import torch

    entries = {"generator": {"a.weight": torch.arange(6.0).reshape(2, 3)}, "epoch": 3}
    made = [folder / "zipped.pth", folder / "bare.pth"]
    for path in made:
        torch.save(entries, path, _use_new_zipfile_serialization=path.stem == "zipped")
    return made
