"""The zip for an issue report: what is in it, and that nothing of the user is."""

import getpass
import json
import logging
import platform
import tomllib
import zipfile
from pathlib import Path

import pytest

from avatar.doctor import redaction
from avatar.doctor.bundle import Notes, bundle
from avatar.errors import OutputError

REPORT = {
    "format": 1,
    "avatar": "1.0",
    "can_run": True,
    "machine": {"os": "Linux", "release": "6.1 annas-laptop"},
    "findings": [
        {
            "check": "settings", "name": "settings", "status": "ok",
            "found": "/home/anna/.config/settings.toml can be read.", "cure": "",
            "details": {"id": "id:usb-Logi_SERIAL42-video0"},
        },
        {
            "check": "face", "name": "face tracking", "status": "failed", "found": "None.",
            "cure": "Install it again.", "details": {},
        },
    ],
    "seconds": {"settings": 0.1},
}  # fmt: skip


@pytest.fixture
def anna(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Her portraits' folder; her name and her machine's."""
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    monkeypatch.setattr(platform, "node", lambda: "annas-laptop.lan")
    monkeypatch.setattr(redaction.Path, "home", lambda: Path("/home/anna"))
    monkeypatch.setenv("AVATAR_HOME", str(tmp_path / "kept"))
    folder = tmp_path / "kept" / "data" / "portraits"
    folder.mkdir(parents=True)
    (folder / "Aunt Berta.png").touch()
    (folder / "face.png").touch()
    return folder


def read(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_nothing_of_the_user_is_in_it(tmp_path: Path, anna: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(
        'schema = 1\n[run]\nportrait = "/mnt/pictures/Uncle Bert.jpg"\n'
        'camera = "id:usb-Logi_SERIAL42"\nwhere = "{data}/portraits/Aunt Berta.png"\n'
    )
    old = tmp_path / "avatar.log"
    old.write_text("INFO x: portrait Aunt Berta took 3 ms\nINFO x: wrote /home/anna/out.mp4\n")
    path = tmp_path / "report.zip"
    names = bundle(path, REPORT, settings, ["INFO y: anna on annas-laptop"], [old])
    files = read(path)
    assert list(files) == names == ["report.json", "report.txt", "settings.toml", "log.txt"]
    everything = "\n".join(files.values()).lower()
    for private in ("anna", "berta", "bert.", "serial42", "laptop", "/home", "out.mp4"):
        assert private not in everything, private
    assert tomllib.loads(files["settings.toml"])["run"]["portrait"] == "/mnt/pictures/[file].jpg"
    assert "took 3 ms" in files["log.txt"]


def test_the_report_keeps_its_keys_and_words(tmp_path: Path, anna: Path) -> None:
    path = tmp_path / "report.zip"
    names = bundle(path, REPORT, tmp_path / "none.toml")
    assert "settings.toml" not in names
    files = read(path)
    report = json.loads(files["report.json"])
    assert set(report) == set(REPORT)
    assert report["findings"][1] == REPORT["findings"][1]  # although a portrait is called face
    assert "failed   face tracking: None.\n         -> Install it again." in files["report.txt"]


def test_damaged_settings_are_redacted_as_text(tmp_path: Path, anna: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[run\nportrait = "/home/anna/me.png"\n')
    path = tmp_path / "report.zip"
    bundle(path, REPORT, settings)
    assert read(path)["settings.toml"] == '[run\nportrait = "~/[file].png"\n'


def test_a_missing_log_is_said(tmp_path: Path, anna: Path) -> None:
    path = tmp_path / "report.zip"
    bundle(path, REPORT, tmp_path / "none.toml", (), [tmp_path / "gone.log"])
    assert "gone.log cannot be read" in read(path)["log.txt"]


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path, anna: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        bundle(tmp_path / "file" / "report.zip", REPORT, tmp_path / "none.toml")


def test_what_is_logged_is_kept() -> None:
    notes = Notes()
    notes.emit(logging.LogRecord("avatar.x", logging.INFO, "f", 1, "seen %s", ("it",), None))
    assert notes.lines[0].endswith("INFO avatar.x: seen it")
