"""Remembered neutral poses: every bit comes back, nothing foreign is taken, nothing piles up."""

import datetime
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from avatar.errors import InputError, OutputError, WeightsError
from avatar.frame import Keypoints, Portrait
from avatar.pose.head import HeadPose
from avatar.pose.neutral import Neutral
from avatar.remembered import KEPT, Kept, Key, Remembered, dump, key_for, parse, portrait_id

KEY = Key("id:usb-Maker_Camera_1234-video-index0", "ab" * 32, "cd" * 32)
WHEN = datetime.datetime(2024, 11, 3, 9, 30, tzinfo=datetime.UTC)

NUMBERS = st.floats(-3, 3, width=32)


def keypoints(seed: int = 0, count: int = 15) -> Keypoints:
    made = np.random.default_rng(seed)
    return Keypoints(
        made.uniform(-1, 1, (count, 2)).astype(np.float32),
        made.normal(0, 1, (count, 2, 2)).astype(np.float32),
    )


def kept(pose: HeadPose | None = HeadPose(yaw=3.25, pitch=-1.5)) -> Kept:  # noqa: B008
    return Kept(Neutral(keypoints(1), keypoints(2), pose), WHEN)


def same(a: Kept, b: Kept) -> bool:
    pairs = [
        (getattr(getattr(a.neutral, way), part), getattr(getattr(b.neutral, way), part))
        for way in ("plain", "mirrored")
        for part in ("value", "jacobian")
    ]
    equal = all(x.dtype == y.dtype and np.array_equal(x, y) for x, y in pairs)
    return equal and a.neutral.pose == b.neutral.pose and a.taken == b.taken


@pytest.fixture
def memory(tmp_path: Path) -> Remembered:
    return Remembered(tmp_path / "calibrations")


def test_nothing_is_remembered_at_first(memory: Remembered) -> None:
    assert memory.find(KEY) is None
    assert not memory.folder.exists()  # looking makes nothing


@pytest.mark.parametrize("pose", [HeadPose(yaw=3.25), None])
def test_what_is_kept_is_found(memory: Remembered, pose: HeadPose | None) -> None:
    memory.keep(KEY, kept(pose))
    found = memory.find(KEY)
    assert found is not None and same(found, kept(pose))


@given(
    arrays(np.float32, (7, 2), elements=NUMBERS), arrays(np.float32, (7, 2, 2), elements=NUMBERS)
)
def test_every_bit_comes_back(value: Any, jacobian: Any) -> None:
    before = Kept(Neutral(Keypoints(value, jacobian), keypoints(2, 7)), WHEN)
    assert same(parse(dump(before, KEY), KEY), before)


@given(st.binary(max_size=400))
def test_no_content_does_more_than_say_it_is_of_no_use(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^it"):
        parse(content, KEY)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=3))
def test_spoilt_files_are_refused_or_hold_finite_numbers(place: int, spoilt: bytes) -> None:
    content = dump(kept(), KEY)
    place %= len(content)
    try:
        found = parse(content[:place] + spoilt + content[place + len(spoilt) :], KEY)
    except ValueError:
        return
    for way in (found.neutral.plain, found.neutral.mirrored):
        assert np.isfinite(way.value).all() and np.isfinite(way.jacobian).all()


@pytest.mark.parametrize("part", ["camera", "portrait", "model"])
def test_another_camera_portrait_or_model_has_its_own(memory: Remembered, part: str) -> None:
    memory.keep(KEY, kept())
    other = replace(KEY, **{part: "another"})
    assert memory.find(other) is None
    # Even in the file of that name it is refused.
    (memory.folder / KEY.file).rename(memory.folder / other.file)
    with pytest.raises(InputError, match=f"another {part}"):
        memory.find(other)


def edited(**changes: Any) -> bytes:
    content = json.loads(dump(kept(), KEY))
    content.update(changes)
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        dump(kept(), KEY)[:-200],
        edited(format="avatar-neutral-2"),
        edited(taken="yesterday"),
        edited(taken=None),
        edited(plain=None),
        edited(plain={"value": [], "jacobian": []}),
        edited(plain={"value": [[1, 2]], "jacobian": [[1, 2]]}),
        edited(plain={"value": [["a", 2]], "jacobian": [[[1, 0], [0, 1]]]}),
        edited(plain={"value": [[float("nan"), 2]], "jacobian": [[[1, 0], [0, 1]]]}),
        edited(plain={"value": [[1e30, 2]], "jacobian": [[[1, 0], [0, 1]]]}),
        edited(plain={"value": [[0, 0]], "jacobian": [[[1, 0], [0, 1]]]}),  # fewer than mirrored
        edited(pose={"yaw": 1}),
        edited(pose=[1, 2]),
        edited(pose={**json.loads(dump(kept(), KEY))["pose"], "yaw": float("inf")}),
        edited(padding="x" * 300_000),
    ],
)
def test_a_damaged_file_is_set_aside_with_a_message(memory: Remembered, content: bytes) -> None:
    memory.folder.mkdir()
    path = memory.folder / KEY.file
    path.write_bytes(content)
    with pytest.raises(InputError, match="of no use") as told:
        memory.find(KEY)
    assert "X" in told.value.hint
    assert not path.exists() and path.with_suffix(".damaged").read_bytes() == content
    assert memory.find(KEY) is None  # told once
    memory.keep(KEY, kept())
    assert memory.find(KEY) is not None


def test_a_new_one_takes_the_place_of_the_old(memory: Remembered) -> None:
    memory.keep(KEY, kept())
    memory.keep(KEY, kept(HeadPose(yaw=-9)))
    found = memory.find(KEY)
    assert found is not None and found.neutral.pose == HeadPose(yaw=-9)
    assert len(list(memory.folder.iterdir())) == 1  # and no temporary file is left


def test_the_oldest_go_first(memory: Remembered) -> None:
    for number in range(KEPT + 3):
        key = replace(KEY, portrait=str(number))
        memory.keep(key, kept())
        os.utime(memory.folder / key.file, (number, number))
    memory.keep(KEY, kept())
    assert len(list(memory.folder.iterdir())) == KEPT
    assert memory.find(KEY) is not None
    assert memory.find(replace(KEY, portrait="0")) is None
    assert memory.find(replace(KEY, portrait=str(KEPT))) is not None


def test_what_cannot_be_written_leaves_the_old_one(
    memory: Remembered, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.keep(KEY, kept())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space"):
        memory.keep(KEY, kept(HeadPose(yaw=-9)))
    found = memory.find(KEY)
    assert found is not None and found.neutral.pose == HeadPose(yaw=3.25, pitch=-1.5)
    assert len(list(memory.folder.iterdir())) == 1


def test_forgetting_is_for_good(memory: Remembered) -> None:
    memory.forget(KEY)
    memory.keep(KEY, kept())
    memory.forget(KEY)
    assert memory.find(KEY) is None


def test_a_folder_in_the_place_of_the_file_is_said(memory: Remembered) -> None:
    (memory.folder / KEY.file).mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be read"):
        memory.find(KEY)


def test_no_picture_is_stored(memory: Remembered) -> None:
    memory.keep(KEY, kept())
    content = json.loads((memory.folder / KEY.file).read_bytes())
    assert set(content) == {
        *("format", "camera", "portrait", "model", "taken", "pose", "plain", "mirrored")
    }
    assert (memory.folder / KEY.file).stat().st_size < 16_000


def test_a_portrait_is_known_by_what_the_networks_see() -> None:
    def portrait(shade: int, name: str) -> Portrait:
        image = np.full((256, 256, 3), shade, np.uint8)
        return Portrait(image, np.zeros(4, np.float32), image, None, name)

    assert portrait_id(portrait(10, "a")) == portrait_id(portrait(10, "b"))
    assert portrait_id(portrait(10, "a")) != portrait_id(portrait(11, "a"))


def test_both_ways_need_as_many_keypoints() -> None:
    with pytest.raises(ValueError, match="15 and 10"):
        Neutral(keypoints(1), keypoints(2, 10))


def test_the_model_is_known_by_its_file(tmp_path: Path) -> None:
    image = np.zeros((256, 256, 3), np.uint8)
    portrait = Portrait(image, np.zeros(4, np.float32), image, None, "someone")
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"first")
    first = key_for("id:camera", portrait, str(path))
    assert first.camera == "id:camera" and first.portrait == portrait_id(portrait)
    assert first == key_for("id:camera", portrait, str(path))
    path.write_bytes(b"second")
    assert key_for("id:camera", portrait, str(path)).model != first.model
    with pytest.raises(WeightsError):
        key_for("id:camera", portrait, str(tmp_path / "none.safetensors"))
