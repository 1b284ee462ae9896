"""What the word after --camera may be."""

import pytest
from PIL import Image as Pillow

from avatar.errors import InputError, SourceError
from avatar.sources import names, open_source
from avatar.sources.camera import CameraSource
from avatar.sources.file import FileSource
from avatar.sources.names import CameraInfo
from avatar.sources.synthetic import SyntheticSource


@pytest.fixture(autouse=True)
def cameras(monkeypatch):
    found = [CameraInfo(0, "Logi C920", "/dev/video0")]
    monkeypatch.setattr(names, "cameras", lambda: found)


@pytest.mark.parametrize("spec, kind", [
    ("synthetic", SyntheticSource), (" Synthetic", SyntheticSource), ("0", CameraSource),
    ("12", CameraSource), ("/dev/video3", CameraSource), ("/dev/v4l/by-id/x", CameraSource),
    ("c920", CameraSource), ("id:usb-x", CameraSource),
])  # fmt: skip
def test_kinds(spec, kind):
    assert type(open_source(spec)) is kind


def test_a_file(tmp_path):
    Pillow.new("RGB", (8, 8)).save(tmp_path / "a.png")
    source = open_source(str(tmp_path / "a.png"), paced=False)
    assert isinstance(source, FileSource) and not source.live


def test_a_file_in_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    Pillow.new("RGB", (8, 8)).save(tmp_path / "a.png")
    assert isinstance(open_source("~/a.png"), FileSource)


def test_options_reach_the_source():
    source = open_source("0", size=(1280, 720), fps=15)
    assert (source.size, source.fps) == ((1280, 720), 15)
    assert open_source("synthetic", fps=10, paced=False).live is False


@pytest.mark.parametrize("spec", ["nothing.mp4", "folder/nothing"])
def test_a_missing_file(spec):
    with pytest.raises(SourceError, match="No such file") as caught:
        open_source(spec)
    assert spec in caught.value.message


def test_neither_camera_nor_file():
    with pytest.raises(SourceError, match="neither a camera nor a file; cameras here: 0") as caught:
        open_source("logitech brio")
    assert "synthetic" in caught.value.hint


def test_an_empty_file(tmp_path):
    (tmp_path / "a.mp4").touch()
    with pytest.raises(InputError, match="empty"):
        open_source(str(tmp_path / "a.mp4"))
