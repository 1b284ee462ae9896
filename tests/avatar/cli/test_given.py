from dataclasses import fields, replace
from pathlib import Path

import pytest

from avatar import cli
from avatar.cli.given import DECIDES, given, over
from avatar.cli.run import _asked
from avatar.config import RunConfig
from avatar.errors import UsageError
from avatar.framing import Framing
from avatar.motion.settings import PRESETS, MotionSettings
from avatar.rest import Rest
from avatar.settings.profiles import Profiles

SAVED = RunConfig(
    camera="2",
    size=(640, 480),
    fps=25.0,
    engine="ov",
    mirror=True,
    motion=MotionSettings(relative=False, head=0.5),
    rest=Rest(mode="hold", after_s=5),
    framing=Framing(0.2, 0.1, 0.0),
)


def started(*options, saved=SAVED):
    argv = ["run", *options]
    parser = cli._parser()
    asked = _asked(parser.parse_args(argv))
    return over(saved, asked, given(parser, argv))


def test_without_options_the_run_is_as_saved():
    assert started() == SAVED


@pytest.mark.parametrize(
    ("options", "changes"),
    [
        (["--engine", "auto"], {"engine": "auto"}),
        (["--camera", "0"], {"camera": "0", "size": None, "fps": None}),
        (["--camera", "0", "--fps", "30"], {"camera": "0", "size": None, "fps": 30.0}),
        (["--rest", "neutral"], {"rest": Rest(mode="neutral", after_s=5)}),
        (["--zoom", "0"], {"framing": Framing(0.0, 0.1, 0.0)}),
        (["--pan=0.3,0.1"], {"framing": Framing(0.2, 0.3, 0.1)}),
        (["--relative"], {"motion": MotionSettings(head=0.5)}),
        (["--head", "1"], {"motion": MotionSettings(relative=False)}),
        (["--motion", "calm"], {"motion": replace(PRESETS["calm"], relative=False)}),
        (["--virtual-camera"], {"virtual_camera": True}),
        (["--portrait", "a.png"], {"portrait": Path("a.png")}),
    ],
)
def test_an_option_decides_also_where_it_says_the_default(options, changes):
    assert started(*options) == replace(SAVED, **changes)


def test_what_belongs_to_one_run_is_never_as_saved(tmp_path):
    saved = replace(SAVED, record=tmp_path / "a.mp4", virtual_camera=True)
    assert started(saved=saved) == SAVED


def test_an_option_that_contradicts_what_is_saved_is_refused():
    with pytest.raises(UsageError, match="cannot be looped"):
        started("--loop")


def test_what_options_decide_are_settings():
    for path in {path for paths in DECIDES.values() for path in paths}:
        name, _, part = path.partition(".")
        record = getattr(RunConfig(), name) if part else RunConfig()
        assert (part or name) in {field.name for field in fields(record)}


def test_every_option_decides_something():
    parser = cli._parser()
    args = vars(parser.parse_args(["run"]))
    beside = {"command", "verbose", "profile", "portable", "virtual_camera", "record"}
    beside |= {"headless", "duration", "json"}
    assert set(args) - beside == set(DECIDES)


def test_a_profile_is_used_without_a_window_too(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("AVATAR_HOME", str(tmp_path))
    seen = []
    monkeypatch.setattr("avatar.cli.run._headless", lambda config: seen.append(config) or 0)
    Profiles(tmp_path / "config" / "profiles").add("Work", SAVED)
    assert cli.main(["run", "--headless", "--profile", "work", "--engine", "fake"]) == 0
    assert seen == [replace(SAVED, engine="fake", headless=True)]
    assert cli.main(["run", "--headless", "--profile", "other"]) == 2
    assert "There are: Work." in capsys.readouterr().err


def test_without_a_window_nothing_saved_counts(monkeypatch):
    seen = []
    monkeypatch.setattr("avatar.cli.run._headless", lambda config: seen.append(config) or 0)
    assert cli.main(["run", "--headless"]) == 0
    assert seen == [RunConfig(headless=True)]


def test_portable(monkeypatch, tmp_path):
    monkeypatch.setenv("AVATAR_HOME", "")
    monkeypatch.setattr("avatar.cli.run._headless", lambda config: 0)
    monkeypatch.setattr("sys.prefix", str(tmp_path / "env"))
    assert cli.main(["run", "--headless", "--portable"]) == 0
    assert (tmp_path / "avatar-data").is_dir()
