"""Pictures as people have them: each is read upright as 8-bit RGB, or refused with a reason."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pillow

from avatar import picture
from avatar.errors import InputError

# left top red, right top green, left bottom blue, right bottom white: any turn shows
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def corners(width=60, height=40):
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = RED
    image[: height // 2, width // 2 :] = GREEN
    image[height // 2 :, : width // 2] = BLUE
    image[height // 2 :, width // 2 :] = WHITE
    return image


def corner_colours(image):
    h, w = image.shape[:2]
    points = [(h // 8, w // 8), (h // 8, -w // 8), (-h // 8, w // 8), (-h // 8, -w // 8)]
    return [tuple(int(v) for v in image[y, x]) for y, x in points]


def read(path):
    image = picture.read(path).image
    assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
    assert image.flags.c_contiguous and not image.flags.writeable
    return image


def test_plain_rgb(tmp_path):
    Pillow.fromarray(corners()).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read(tmp_path / "a.png"), corners())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, orientation):
    """Stored as a camera held that way would: Pillow's own transposition is the judge."""
    undo = {1: None, 2: Pillow.Transpose.FLIP_LEFT_RIGHT, 3: Pillow.Transpose.ROTATE_180,
            4: Pillow.Transpose.FLIP_TOP_BOTTOM, 5: Pillow.Transpose.TRANSPOSE,
            6: Pillow.Transpose.ROTATE_90, 7: Pillow.Transpose.TRANSVERSE,
            8: Pillow.Transpose.ROTATE_270}[orientation]  # fmt: skip
    stored = Pillow.fromarray(corners())
    stored = stored if undo is None else stored.transpose(undo)
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    assert corner_colours(read(tmp_path / "a.png")) == [RED, GREEN, BLUE, WHITE]


def test_rgba_lies_over_mid_grey(tmp_path):
    image = np.zeros((20, 20, 4), np.uint8)
    image[:, :10] = (200, 100, 50, 255)
    Pillow.fromarray(image).save(tmp_path / "a.png")
    got = read(tmp_path / "a.png")
    assert tuple(got[10, 5]) == (200, 100, 50) and tuple(got[10, 15]) == (128, 128, 128)


def test_grey_with_alpha(tmp_path):
    image = np.full((20, 20, 2), (90, 255), np.uint8)
    Pillow.fromarray(image, "LA").save(tmp_path / "a.png")
    assert (read(tmp_path / "a.png") == 90).all()


def test_palette_with_and_without_transparency(tmp_path):
    Pillow.fromarray(corners()).quantize(8).save(tmp_path / "a.png")
    assert corner_colours(read(tmp_path / "a.png")) == [RED, GREEN, BLUE, WHITE]
    paletted = Pillow.fromarray(corners()).quantize(8)
    paletted.save(tmp_path / "b.gif", transparency=paletted.getpixel((2, 2)))
    assert corner_colours(read(tmp_path / "b.gif"))[0] == (128, 128, 128)


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_and_black_and_white(tmp_path, mode):
    grey = Pillow.fromarray(np.tile(np.array([0, 255], np.uint8).repeat(16), (32, 1)))
    grey.convert(mode).save(tmp_path / "a.png")
    got = read(tmp_path / "a.png")
    assert tuple(got[5, 4]) == (0, 0, 0) and tuple(got[5, 28]) == (255, 255, 255)


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_16_bit_grey(tmp_path, ending):
    deep = np.tile(np.array([0, 0x4000, 0x8000, 0xFFFF], np.uint16).repeat(8), (16, 1))
    Pillow.fromarray(deep).save(tmp_path / f"a.{ending}")
    got = read(tmp_path / f"a.{ending}")
    assert [int(v) for v in got[8, ::8, 0]] == [0, 64, 128, 255]


def test_16_bit_colour(tmp_path):
    import cv2

    deep = (corners().astype(np.uint16) * 257)[:, :, ::-1]
    cv2.imwrite(str(tmp_path / "a.png"), deep)
    assert corner_colours(read(tmp_path / "a.png")) == [RED, GREEN, BLUE, WHITE]


def test_float_tiff(tmp_path):
    Pillow.fromarray(np.full((16, 16), 0.5, np.float32)).save(tmp_path / "a.tif")
    assert (read(tmp_path / "a.tif") == 127).all()


def test_cmyk(tmp_path):
    Pillow.new("CMYK", (32, 32), (0, 255, 255, 0)).save(tmp_path / "a.jpg")
    red = read(tmp_path / "a.jpg")[16, 16]
    assert red[0] > 200 and red[1] < 60 and red[2] < 60


@pytest.mark.parametrize("size", [(1, 1), (3, 501), (501, 3)])
def test_odd_sizes(tmp_path, size):
    Pillow.new("RGB", size, RED).save(tmp_path / "a.png")
    assert read(tmp_path / "a.png").shape == (size[1], size[0], 3)


@pytest.mark.parametrize("mode", ["1", "L"])
def test_12000_pixels_are_scaled_down_in_strips(tmp_path, mode, monkeypatch):
    """A thin one, so that it is quick: the strips and the scale are what matters."""
    image = Pillow.new(mode, (12000, 300), 0)
    image.paste(255, (6000, 0, 12000, 300))
    image.save(tmp_path / "a.png")
    monkeypatch.setattr(picture, "_STRIP_PIXELS", 12000 * 50)
    got = picture.read(tmp_path / "a.png")
    assert got.image.shape[1] == 4096 and abs(got.image.shape[0] - 102) <= 1
    assert got.scale == pytest.approx(12000 / 4096)
    assert tuple(got.image[50, 1000]) == (0, 0, 0) and tuple(got.image[50, 3000]) == (255,) * 3


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="measures memory as Unix does")
@pytest.mark.parametrize("ending, most_mb", [("jpg", 400), ("png", 800)])
def test_12000_by_12000_within_bounded_memory(tmp_path, ending, most_mb):
    """Plain pixels would be 432 MB, and every copy of them as much again."""
    path = tmp_path / f"a.{ending}"
    Pillow.new("RGB", (12000, 12000), BLUE).save(path, quality=30, compress_level=1)
    code = (
        "import resource, sys, cv2, PIL.Image\n"
        "from avatar import picture\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak(); got = picture.read(sys.argv[1])\n"
        "print(*got.image.shape, got.scale, (peak() - before) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stderr
    height, width, _, scale, mb = map(float, done.stdout.split())
    assert height == width == 4096 and scale == pytest.approx(12000 / 4096)
    assert mb / (1024 if sys.platform == "darwin" else 1) < most_mb


@pytest.mark.parametrize("limit", [None, 100])
def test_too_many_pixels_are_refused(tmp_path, monkeypatch, limit):
    Pillow.new("1", (1001, 1000)).save(tmp_path / "a.png")
    monkeypatch.setattr(picture, "MOST_PIXELS", 1_000_000)
    if limit:  # Pillow's own guard strikes first
        monkeypatch.setattr(Pillow, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(InputError, match="pixels") as caught:
        picture.read(tmp_path / "a.png")
    assert "1 million" in caught.value.message and caught.value.hint


def test_missing(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        picture.read(tmp_path / "a.png")


def test_folder(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        picture.read(tmp_path)


def test_empty(tmp_path):
    (tmp_path / "a.png").touch()
    with pytest.raises(InputError, match="empty"):
        picture.read(tmp_path / "a.png")


def test_not_a_picture(tmp_path):
    (tmp_path / "a.png").write_text("hello " * 50)
    with pytest.raises(InputError, match="not a picture"):
        picture.read(tmp_path / "a.png")


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif", "gif", "bmp"])
@pytest.mark.parametrize("part", [0.3, 0.7])
def test_truncated(tmp_path, ending, part):
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    whole = tmp_path / f"whole.{ending}"
    Pillow.fromarray(noise).save(whole)
    data = whole.read_bytes()
    cut = tmp_path / f"a.{ending}"
    cut.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(InputError) as caught:
        picture.read(cut)
    assert caught.value.hint and "a." in caught.value.message


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind root")
def test_not_allowed(tmp_path):
    Pillow.new("RGB", (8, 8)).save(tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0)
    with pytest.raises(InputError, match="cannot be read"):
        picture.read(tmp_path / "a.png")
