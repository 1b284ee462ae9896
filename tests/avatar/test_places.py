import os
import sys
from pathlib import Path

import pytest

from avatar import places
from avatar.errors import OutputError, UsageError
from avatar.graphs import cache_folder
from avatar.shelf import user_folder


@pytest.fixture(autouse=True)
def no_home(monkeypatch, tmp_path):
    monkeypatch.delenv(places.HOME, raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "app" / "env"))
    (tmp_path / "app").mkdir()


def three():
    return places.config_dir(), places.data_dir(), places.cache_dir()


def test_the_platforms_folders(monkeypatch, tmp_path):
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.chdir(tmp_path)
    assert len(set(three())) == 3 or sys.platform != "linux"
    assert all(places.APP in str(folder) and folder.is_absolute() for folder in three())


def test_a_home_of_ones_own(monkeypatch, tmp_path):
    monkeypatch.setenv(places.HOME, str(tmp_path / "mine"))
    assert {folder.parent for folder in three()} == {tmp_path / "mine"}
    assert user_folder() == tmp_path / "mine" / "data" / "weights"
    assert cache_folder() == tmp_path / "mine" / "cache"


def test_portable_once_is_portable_for_good(monkeypatch, tmp_path):
    monkeypatch.setenv(places.HOME, "")  # so that it is taken back after the test
    home = places.go_portable()
    assert home == tmp_path / "app" / "avatar-data" and home.is_dir()
    assert os.environ[places.HOME] == str(home)
    assert {folder.parent for folder in three()} == {home}
    monkeypatch.delenv(places.HOME)
    assert {folder.parent for folder in three()} == {home}


def test_a_packed_program_has_it_beside_its_file(monkeypatch, tmp_path):
    monkeypatch.setenv(places.HOME, "")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "stick" / "avatar.exe"))
    assert places.go_portable() == tmp_path / "stick" / "avatar-data"


def test_in_the_systems_python_nothing_is_beside_it(monkeypatch):
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    with pytest.raises(UsageError, match="system's Python"):
        places.go_portable()


def test_a_place_that_cannot_be_written(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        places.go_portable()


def test_logs_have_a_folder_of_their_own(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert places.log_dir() not in three() and places.APP in str(places.log_dir())
    monkeypatch.setenv(places.HOME, str(tmp_path / "mine"))
    assert places.log_dir() == tmp_path / "mine" / "logs"
