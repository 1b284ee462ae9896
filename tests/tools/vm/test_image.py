from pathlib import Path

import pytest

from avatar.errors import AvatarError
from tools.vm import image
from tools.vm.image import DEBIAN, GUEST, Image, fingerprint, missing, ready_image
from tools.vm.share import ROOT


def test_the_fingerprint_follows_every_input(tmp_path):
    seen = set()
    for changed in (None, "a", "b"):
        for name in ("a", "b"):
            (tmp_path / name).write_text("new" if name == changed else "old")
        seen.add(fingerprint(("a", "b"), tmp_path))
    assert len(seen) == 3


def test_settings_of_linters_make_no_other_image(tmp_path):
    seen = set()
    for name, length in (("a", 100), ("a", 90), ("b", 90)):
        text = f'[project]\nname = "{name}"\n[tool.ruff]\nline-length = {length}\n'
        (tmp_path / "pyproject.toml").write_text(text)
        seen.add(fingerprint(("pyproject.toml",), tmp_path))
    assert len(seen) == 2


def test_every_input_is_there():
    assert all((ROOT / name).is_file() for name in GUEST)
    assert set(DEBIAN) < set(GUEST)


def test_missing_programs_are_named_by_their_packages():
    assert missing(lambda name: None if name == "qemu-system-x86_64" else "/bin/x") == [
        "qemu-system-x86"
    ]


def test_without_the_programs_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(image, "missing", lambda: ["debootstrap"])
    with pytest.raises(AvatarError, match="needs debootstrap") as caught:
        ready_image(folder=tmp_path)
    assert "apt-get install" in caught.value.hint


def test_an_image_that_is_there_is_taken_without_root(monkeypatch, tmp_path):
    monkeypatch.setattr(image, "missing", list)
    monkeypatch.setattr(image.os, "geteuid", lambda: 1000)
    with pytest.raises(AvatarError, match="needs root"):
        ready_image(folder=tmp_path)
    kept = tmp_path / fingerprint(GUEST)
    kept.mkdir()
    (kept / "complete").touch()
    assert ready_image(folder=tmp_path) == Image(kept)


class Scripts:
    """Stand-ins for the scripts: note which ran, and leave what they would."""

    def __init__(self):
        self.ran = []

    def __call__(self, script, *words):
        self.ran.append(script.rpartition("/")[2])
        if script.endswith("debian.sh"):
            Path(words[0]).touch()


@pytest.fixture
def scripts(monkeypatch):
    made = Scripts()
    monkeypatch.setattr(image, "missing", list)
    monkeypatch.setattr(image.os, "geteuid", lambda: 0)
    monkeypatch.setattr(image, "FREE_BYTES", 0)
    monkeypatch.setattr(image, "fill", lambda folder: folder.mkdir())
    monkeypatch.setattr(image, "_script", made)
    return made


def test_it_is_built_once(scripts, tmp_path):
    assert ready_image(folder=tmp_path) == ready_image(folder=tmp_path)
    assert scripts.ran == ["debian.sh", "guest.sh"]


def test_other_sources_make_another_image_of_the_same_debian(scripts, tmp_path, monkeypatch):
    ready_image(folder=tmp_path)
    monkeypatch.setattr(image, "GUEST", (*GUEST, "tools/__init__.py"))
    ready_image(folder=tmp_path)
    assert scripts.ran == ["debian.sh", "guest.sh", "guest.sh"]
    assert len(list(tmp_path.iterdir())) == 2  # the older image gave way


def test_rebuilding_begins_with_debian(scripts, tmp_path):
    ready_image(folder=tmp_path)
    ready_image(rebuild=True, folder=tmp_path)
    assert scripts.ran == ["debian.sh", "guest.sh"] * 2


def test_without_room_nothing_is_built(scripts, tmp_path, monkeypatch):
    monkeypatch.setattr(image, "FREE_BYTES", 1 << 60)
    with pytest.raises(AvatarError, match="GB are free"):
        ready_image(folder=tmp_path)
    assert scripts.ran == []


def test_versions_are_read(tmp_path):
    (tmp_path / "versions.txt").write_text("x86_64\nkernel 6.1\nffmpeg 7:5\nnumpy==1.26.4\n")
    assert Image(tmp_path).versions == {"kernel": "6.1", "ffmpeg": "7:5", "numpy": "1.26.4"}
