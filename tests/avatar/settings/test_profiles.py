import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avatar.config import RunConfig
from avatar.errors import OutputError, UsageError
from avatar.settings.profiles import Profiles, checked


@pytest.fixture
def profiles(tmp_path):
    return Profiles(tmp_path / "profiles")


def test_none_are_there_at_first(profiles):
    assert profiles.names() == []
    with pytest.raises(UsageError, match="no profile called 'x'"):
        profiles.load("x")


def test_made_listed_loaded_renamed_deleted(profiles):
    assert profiles.add("  Work  call ", RunConfig(mirror=True)) == "Work call"
    profiles.add("art", RunConfig(camera="synthetic"))
    assert profiles.names() == ["art", "Work call"]
    assert profiles.load("WORK CALL").values["run"] == RunConfig(mirror=True)
    assert profiles.rename("work call", "Home") == "Home"
    profiles.delete("home")
    assert profiles.names() == ["art"]


@pytest.mark.parametrize(("one", "other"), [("Work", "wORK"), ("Stra\u00dfe", "strasse")])
def test_names_that_differ_in_case_only_are_one(profiles, one, other):
    profiles.add(one, RunConfig())
    with pytest.raises(UsageError, match="already"):
        profiles.add(other, RunConfig())
    profiles.add("third", RunConfig())
    with pytest.raises(UsageError, match="already"):
        profiles.rename("third", other)
    assert profiles.rename(one, other) == checked(other)


def test_accents_are_one_letter_however_they_are_written(profiles):
    profiles.add("Zo\u00eb", RunConfig())
    assert profiles.find(unicodedata.normalize("NFD", "zo\u00eb")) == "Zo\u00eb"


@pytest.mark.parametrize(
    "name",
    ["", "  ", "a/b", "..", ".hidden", "a.", "con", "LPT1.x", "a:b", "x" * 61, "a\tb\0", "a\u202eb"]
    + ["a.damaged-20260101-000000"],
)
def test_names_that_no_file_can_have_are_refused(name):
    with pytest.raises(UsageError, match="cannot be the name"):
        checked(name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=70))
def test_every_accepted_name_is_a_file_in_the_folder(tmp_path, name):
    try:
        name = checked(name)
    except UsageError:
        return
    profiles = Profiles(tmp_path / "p")
    profiles.add(name, RunConfig(engine="ov"))
    assert (tmp_path / "p" / f"{name}.toml").is_file()
    assert profiles.names() == [name] and checked(name) == name
    profiles.delete(name)
    assert list((tmp_path / "p").iterdir()) == []


def test_a_damaged_profile_is_set_aside_and_no_longer_listed(profiles):
    profiles.add("one", RunConfig())
    (profiles.folder / "one.toml").write_text("= =")
    assert profiles.load("one").problems
    assert profiles.names() == []


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    profiles = Profiles(tmp_path)
    profiles.add("one", RunConfig())

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        profiles.rename("one", "two")
