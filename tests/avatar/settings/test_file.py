import os
import threading
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avatar import atomic
from avatar.config import RunConfig
from avatar.errors import OutputError, SettingsError
from avatar.settings.file import LARGEST, OF_ONE_RUN, Section, SettingsFile
from avatar.settings.migration import SCHEMA, STEPS, migrate

SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


def opened(path, steps=STEPS):
    file = SettingsFile(path, {"run": Section(RunConfig(), OF_ONE_RUN)}, steps)
    return file, file.load()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "settings.toml"


def put(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_without_a_file_defaults_are_used_and_nothing_is_told(path):
    _, loaded = opened(path)
    assert loaded.values == {"run": RunConfig()} and not loaded.problems
    assert not path.parent.exists()


def test_what_is_saved_is_loaded(path):
    file, _ = opened(path)
    config = RunConfig(camera="2", mirror=True, fps=25.0)
    file.save({"run": config})
    assert opened(path)[1].values["run"] == config
    assert tomllib.loads(path.read_text())["schema"] == SCHEMA
    assert [p.name for p in path.parent.iterdir()] == ["settings.toml"]


def test_what_belongs_to_one_run_is_not_saved(path, tmp_path):
    file, _ = opened(path)
    config = RunConfig(
        mirror=True,
        virtual_camera=True,
        virtual_camera_device="/dev/video9",
        record=tmp_path / "a.mp4",
        headless=True,
        duration_s=3.0,
        json=True,
    )
    file.save({"run": config})
    assert opened(path)[1].values["run"] == RunConfig(mirror=True)
    put(path, '[run]\nrecord = "x.mp4"\n')
    assert opened(path)[1].values["run"].record is None


def test_the_same_again_is_not_written(path):
    file, _ = opened(path)
    file.save({"run": RunConfig(mirror=True)})
    path.unlink()
    file.save({"run": RunConfig(mirror=True)})
    assert not path.exists()


@SAME_FOLDER
@given(st.binary(max_size=200))
def test_any_bytes_give_settings(tmp_path, content):
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    file, loaded = opened(path)
    assert isinstance(loaded.values["run"], RunConfig)
    assert all(problem.message and problem.hint for problem in loaded.problems)
    if loaded.writable:
        file.save(loaded.values)
        assert opened(path)[1].values == loaded.values


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"mirror = ",
        b'schema = "one"',
        b"schema = 0",
        b"schema = true",
        b"x = " + b"[" * 100_000,
        b"# " + b"x" * LARGEST,
        b"x = " + b"1" * 5000,
    ],
    ids=["bytes", "cut", "text", "zero", "bool", "nested", "long", "number"],
)
def test_a_damaged_file_is_set_aside(path, content):
    put(path, content)
    file, loaded = opened(path)
    assert loaded.values["run"] == RunConfig() and loaded.writable
    (problem,) = loaded.problems
    (kept,) = path.parent.iterdir()
    assert kept.name.startswith("settings.damaged-") and str(kept) in problem.hint
    assert kept.read_bytes() == content
    file.save({"run": RunConfig(mirror=True)})
    assert opened(path)[1].values["run"].mirror


def test_damaged_files_of_the_same_second_do_not_replace_each_other(path):
    for number in range(3):
        put(path, f"x = = {number}")
        opened(path)
    assert len({kept.read_text() for kept in path.parent.iterdir()}) == 3


def test_a_damaged_file_that_cannot_be_moved_is_left_alone(path, monkeypatch):
    put(path, "x = = 1")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    file, loaded = opened(path)
    assert not loaded.writable and "cannot be moved" in loaded.problems[0].message
    with pytest.raises(SettingsError):
        file.save({"run": RunConfig(mirror=True)})
    assert path.read_text() == "x = = 1"


def test_a_file_that_cannot_be_read_is_left_alone(path):
    path.mkdir(parents=True)
    file, loaded = opened(path)
    assert not loaded.writable and "cannot be read" in loaded.problems[0].message
    with pytest.raises(SettingsError):
        file.save({"run": RunConfig()})


def test_a_bad_value_is_named_and_the_rest_is_used(path):
    put(path, 'schema = 1\n[run]\nmirror = true\nfps = "fast"\nsize = [1, 2]\n')
    _, loaded = opened(path)
    assert loaded.values["run"] == RunConfig(mirror=True)
    (problem,) = loaded.problems
    assert "run.fps" in problem.message and "camera size" in problem.message


def test_unknown_keys_are_kept(path):
    put(path, 'later = 1\n[run]\nmirror = true\nnew = "x"\n[other]\na = [1]\n')
    file, loaded = opened(path)
    assert not loaded.problems
    file.save({"run": RunConfig(engine="ov")})
    table = tomllib.loads(path.read_text())
    assert table["later"] == 1 and table["other"] == {"a": [1]}
    assert table["run"] == {"engine": "ov", "new": "x"}


def test_a_newer_file_is_used_but_never_written(path):
    text = f'schema = {SCHEMA + 1}\n[run]\nmirror = true\nengine = ["a", "b"]\n'
    put(path, text)
    file, loaded = opened(path)
    assert loaded.values["run"] == RunConfig(mirror=True)
    assert "newer version" in loaded.problems[0].message
    with pytest.raises(SettingsError):
        file.save({"run": RunConfig()})
    assert path.read_text() == text


def rename_mirrored(table):
    run = dict(table["run"])
    run["mirror"] = run.pop("mirrored")
    return {**table, "run": run}


def seconds_to_rate(table):
    run = dict(table["run"])
    run["fps"] = 1 / run.pop("interval")
    return {**table, "run": run}


OLD = (rename_mirrored, seconds_to_rate)


def test_older_schemas_are_migrated_step_by_step(path):
    put(path, "schema = 1\n[run]\nmirrored = true\ninterval = 0.04\nengine = 'ov'\n")
    file, loaded = opened(path, OLD)
    assert loaded.values["run"] == RunConfig(mirror=True, fps=25.0, engine="ov")
    file.save(loaded.values)
    assert tomllib.loads(path.read_text())["schema"] == 3
    put(path, "schema = 2\n[run]\nmirror = true\ninterval = 0.5\n")
    assert opened(path, OLD)[1].values["run"] == RunConfig(mirror=True, fps=2.0)


def test_an_old_file_that_no_step_understands_is_set_aside(path):
    put(path, "schema = 1\n[run]\nmirror = true\n")
    _, loaded = opened(path, OLD)
    assert loaded.values["run"] == RunConfig() and "damaged" in loaded.problems[0].message


@given(st.integers(1, 3))
def test_migrating_ends_at_the_newest_schema(schema):
    table = {"schema": schema, "run": {"mirrored": True, "mirror": True, "interval": 1}}
    assert migrate(table, OLD)["schema"] == 3


def test_two_programs_that_write_at_once_leave_one_whole_file(path):
    configs = [RunConfig(engine=f"e{number}" * 500) for number in range(4)]

    def write(config):
        for mirror in (True, False) * 5:
            opened(path)[0].save({"run": replace(config, mirror=mirror)})

    threads = [threading.Thread(target=write, args=(config,)) for config in configs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _, loaded = opened(path)
    assert loaded.values["run"] in configs and not loaded.problems
    assert [p.name for p in path.parent.iterdir()] == ["settings.toml"]


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        atomic.write(tmp_path / "file" / "settings.toml", b"x")


def test_a_failed_write_leaves_the_old_file_and_no_rest(path, monkeypatch):
    put(path, "old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        atomic.write(path, b"new")
    assert path.read_text() == "old" and len(list(path.parent.iterdir())) == 1


def test_what_lies_in_the_data_folder_is_found_where_that_is_now(path, tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_HOME", str(tmp_path / "stick"))
    mine = tmp_path / "stick" / "data" / "portraits" / "me.png"
    file, _ = opened(path)
    file.save({"run": RunConfig(portrait=mine, slate=Path("/elsewhere/slate.png"))})
    assert 'portrait = "{data}/portraits/me.png"' in path.read_text()
    monkeypatch.setenv("AVATAR_HOME", str(tmp_path / "moved"))
    config = opened(path)[1].values["run"]
    assert config.portrait == tmp_path / "moved" / "data" / "portraits" / "me.png"
    assert config.slate == Path("/elsewhere/slate.png")


TABLES = st.recursive(
    st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5).map(repr),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=4,
)


@SAME_FOLDER
@given(st.dictionaries(st.sampled_from([*RunConfig.__annotations__, "x"]), TABLES, max_size=4))
def test_any_table_gives_settings_that_save_and_load(tmp_path, table):
    path = tmp_path / "settings.toml"
    put(path, tomli_w.dumps({"schema": 1, "run": table}))
    file, loaded = opened(path)
    assert isinstance(loaded.values["run"], RunConfig) and loaded.writable
    file.save(loaded.values)
    assert opened(path)[1].values == loaded.values
