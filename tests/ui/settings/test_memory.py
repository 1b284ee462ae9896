import tomllib
from dataclasses import replace

import pytest

from avatar.config import RunConfig
from avatar.errors import SettingsError, UsageError
from avatar.settings.profiles import Profiles
from ui.look import Look, Theme
from ui.settings.memory import Memory


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "config"


def opened(folder, over=lambda saved: saved, name=None):
    memory = Memory(folder)
    config, look = memory.open(over, name)
    return memory, config, look


def saved(folder):
    memory, config, look = opened(folder)
    assert memory.problems == []
    return config, look


def test_everything_comes_back(folder):
    memory, config, look = opened(folder)
    assert (config, look) == (RunConfig(), Look())
    config, look = RunConfig(camera="3", mirror=True), Look(theme=Theme.DARK, keys={"a": "F7"})
    memory.save(config, look)
    assert saved(folder) == (config, look)


def test_what_the_command_line_chose_is_not_saved(folder):
    memory, *_ = opened(folder)
    memory.save(RunConfig(engine="ov"), Look())
    memory, config, look = opened(
        folder, lambda was: replace(was, engine="ort", camera="1", mirror=True)
    )
    assert config == RunConfig(engine="ort", camera="1", mirror=True)
    memory.save(replace(config, fps=25.0), look)
    assert saved(folder)[0] == RunConfig(engine="ov", fps=25.0)


def test_what_the_command_line_chose_is_saved_once_it_is_chosen_in_the_window(folder):
    memory, config, look = opened(folder, lambda was: replace(was, engine="ort"))
    memory.save(replace(config, engine="ov"), look)
    memory.save(replace(config, engine="ort"), look)
    assert saved(folder)[0] == RunConfig(engine="ort")


def test_options_that_contradict_the_settings_are_refused(folder):
    with pytest.raises(UsageError):
        opened(folder, lambda was: replace(was, fps=-1.0))


def test_a_profile_has_settings_of_its_own(folder):
    memory, _, look = opened(folder)
    memory.save(RunConfig(engine="ov"), look)
    assert memory.add(" Work ", RunConfig(mirror=True)) == "Work"
    look = replace(look, profile="Work")
    memory.save(RunConfig(mirror=True, fps=25.0), look)
    assert saved(folder) == (RunConfig(mirror=True, fps=25.0), look)
    assert memory.switch("") == (RunConfig(engine="ov"), replace(look, profile=""))
    assert saved(folder) == (RunConfig(engine="ov"), replace(look, profile=""))
    assert memory.switch("work")[0] == RunConfig(mirror=True, fps=25.0)


def test_a_profile_for_one_run_is_not_the_next_ones(folder):
    memory, _, look = opened(folder)
    memory.add("Work", RunConfig(mirror=True))
    memory.switch("")
    memory, config, look = opened(folder, name="WORK")
    assert config == RunConfig(mirror=True) and look.profile == "Work"
    memory.save(replace(config, engine="ov"), replace(look, theme=Theme.DARK))
    assert saved(folder) == (RunConfig(), Look(theme=Theme.DARK))
    assert Profiles(folder / "profiles").load("Work").values["run"].engine == "ov"
    with pytest.raises(UsageError, match="no profile"):
        opened(folder, name="other")


def test_renaming_the_profile_in_use_keeps_it_in_use(folder):
    memory, _, look = opened(folder)
    memory.add("Work", RunConfig())
    memory.rename("work", "Art")
    memory.save(RunConfig(mirror=True), replace(look, profile="Work"))  # it has not heard of it yet
    assert memory.profiles.names() == ["Art"]
    assert saved(folder) == (RunConfig(mirror=True), Look(profile="Art"))
    memory.add("Second", RunConfig())
    memory.rename("Art", "Third")
    assert saved(folder)[1].profile == "Second"


def test_a_profile_that_is_gone_is_told_and_done_without(folder):
    memory, *_ = opened(folder)
    memory.add("Work", RunConfig(mirror=True))
    memory.profiles.delete("Work")
    memory, config, look = opened(folder)
    assert (config, look.profile) == (RunConfig(), "")
    assert "Work" in memory.problems[0].message


def test_reset_forgets_everything_but_profiles(folder):
    memory, *_ = opened(folder)
    memory.save(RunConfig(mirror=True), Look(guide_seen=True))
    memory.add("Work", RunConfig(engine="ov"))
    assert memory.reset() == (RunConfig(), Look())
    assert saved(folder) == (RunConfig(), Look())
    assert memory.profiles.load("Work").values["run"].engine == "ov"


def test_a_damaged_file_is_told(folder):
    folder.mkdir()
    (folder / "settings.toml").write_text("= =")
    memory, config, _ = opened(folder)
    assert config == RunConfig() and "damaged" in memory.problems[0].message
    memory.save(RunConfig(mirror=True), Look())
    assert saved(folder)[0].mirror


def test_a_newer_file_is_never_written(folder):
    folder.mkdir()
    (folder / "settings.toml").write_text("schema = 99\n[run]\nmirror = true\n")
    memory, config, look = opened(folder)
    assert config.mirror
    with pytest.raises(SettingsError):
        memory.save(RunConfig(), look)
    with pytest.raises(SettingsError):
        memory.reset()
    assert tomllib.loads((folder / "settings.toml").read_text())["schema"] == 99


def test_of_two_windows_the_last_one_wins_and_nothing_breaks(folder):
    one, config, look = opened(folder)
    other, *_ = opened(folder)
    one.save(replace(config, mirror=True), look)
    other.save(replace(config, engine="ov"), replace(look, page="motion"))
    assert saved(folder) == (RunConfig(engine="ov"), Look(page="motion"))


def test_look_and_run_are_tables_that_people_can_read(folder):
    memory, *_ = opened(folder)
    memory.save(RunConfig(mirror=True), Look(language="de"))
    assert (folder / "settings.toml").read_text() == (
        'schema = 1\n\n[run]\nmirror = true\n\n[look]\nlanguage = "de"\n'
    )
