"""Why a camera gives nothing: make-believe processes, containers and permissions."""

import os
from pathlib import Path

import pytest

from avatar.errors import SourceLost, SourceRefused
from avatar.sources import denial
from avatar.sources.names import CameraInfo


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch) -> Path:
    """A plain Linux, whatever the tests run on."""
    monkeypatch.setattr(denial, "SYSTEM", "Linux")
    monkeypatch.setattr(denial, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def camera(root) -> CameraInfo:
    node = root / "dev" / "video0"
    node.parent.mkdir()
    node.touch()
    return CameraInfo(0, "Desk", str(node))


def process(root: Path, number: int, name: str, *files: str) -> None:
    folder = root / "proc" / str(number)
    (folder / "fd").mkdir(parents=True)
    (folder / "comm").write_text(f"{name}\n")
    for handle, file in enumerate(files):
        (folder / "fd" / str(handle)).symlink_to(file)


def test_the_program_that_has_it_is_named(root, camera):
    process(root, 12, "bash", "/dev/pts/0")
    process(root, os.getpid(), "avatar", camera.device)  # we ourselves are no answer
    process(root, 40, "zoom", "/dev/null", camera.device)
    error = denial.why_not(camera)
    assert isinstance(error, SourceRefused) and error.cause == "busy"
    assert "in use by zoom (process 40)" in error.message and "Close the program" in error.hint


def test_a_program_of_someone_else_cannot_be_named(root, camera):
    (root / "proc" / "7").mkdir(parents=True)  # its fd folder cannot be read
    error = denial.why_not(camera)
    assert "most likely by another program" in error.message
    assert f"sudo fuser -v {camera.device}" in error.hint


def test_a_camera_that_opens_without_a_picture(root, camera):
    error = denial.no_picture(camera, "Desk")
    assert isinstance(error, SourceRefused) and error.cause == "silent"
    process(root, 40, "cheese", camera.device)
    error = denial.no_picture(camera, "Desk")
    assert isinstance(error, SourceRefused) and error.cause == "busy" and "cheese" in error.message


def test_unplugged(root, camera):
    os.unlink(camera.device)
    assert isinstance(denial.why_not(camera), SourceLost)


@pytest.mark.parametrize(
    ("group", "cure"),
    [(("plugdev", False), "sudo usermod -aG plugdev"), (("video", True), "log out and in again")],
)
def test_a_camera_that_is_forbidden_says_which_group_may(camera, monkeypatch, group, cure):
    monkeypatch.setattr(denial.os, "access", lambda *_: False)
    monkeypatch.setattr(denial, "_group_of", lambda _: group)
    error = denial.why_not(camera)
    assert isinstance(error, SourceRefused) and error.cause == "forbidden" and cure in error.hint


@pytest.mark.parametrize(
    ("file", "text", "box", "cure"),
    [
        (".flatpak-info", "", "flatpak", "flatpak override"),
        (".dockerenv", "", "container", "--device"),
        ("run/.containerenv", "", "container", "--device"),
        ("proc/sys/kernel/osrelease", "5.15-microsoft-standard-WSL2", "wsl", "usbipd"),
        ("proc/sys/kernel/osrelease", "6.8.0-generic", "", ""),
    ],
)
def test_what_stands_around_it(root, camera, monkeypatch, file, text, box, cure):
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text)
    assert denial.surroundings() == box
    assert cure in denial.why_none()
    monkeypatch.setattr(denial.os, "access", lambda *_: False)
    assert (cure or "usermod") in denial.why_not(camera).hint


@pytest.mark.parametrize(
    ("system", "cure", "page"),
    [
        ("Darwin", "System Settings > Privacy & Security > Camera", "x-apple.systempreferences"),
        ("Windows", "Let desktop apps access your camera", "ms-settings:privacy-webcam"),
    ],
)
def test_elsewhere_the_page_of_the_settings_is_named(monkeypatch, system, cure, page):
    monkeypatch.setattr(denial, "SYSTEM", system)
    error = denial.why_not(CameraInfo(1, "FaceTime HD"))
    assert isinstance(error, SourceRefused)
    assert cure in error.hint and error.settings.startswith(page)
    assert cure in denial.why_none() and denial.surroundings() == ""
    silent = denial.no_picture(CameraInfo(1, "FaceTime HD"), "FaceTime HD")
    assert isinstance(silent, SourceRefused) and silent.settings.startswith(page)
    assert cure in silent.hint and "shutter" in silent.hint
