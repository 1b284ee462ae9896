"""RunConfig: what makes no sense is refused when it is made."""

from pathlib import Path

import pytest

from avatar.config import RunConfig
from avatar.errors import UsageError
from avatar.motion.settings import MotionSettings


def test_the_defaults_make_sense() -> None:
    config = RunConfig()
    assert config.reads_a_camera and not config.reads_a_file
    assert config.crop and not config.mirror
    assert config.motion == MotionSettings()


@pytest.mark.parametrize("camera", ["0", "/dev/video3", "synthetic"])
def test_cameras_are_known_by_their_spelling(camera: str) -> None:
    assert RunConfig(camera=camera).reads_a_camera
    with pytest.raises(UsageError, match="looped"):
        RunConfig(camera=camera, loop=True)


def test_a_file_is_no_camera(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.touch()
    assert RunConfig(camera=str(clip), loop=True).reads_a_file
    assert not RunConfig(camera="Logitech", loop=True).reads_a_file


@pytest.mark.parametrize("duration", [0, -1, float("nan"), float("inf")])
def test_durations(duration: float) -> None:
    with pytest.raises(UsageError, match="makes no sense"):
        RunConfig(duration_s=duration)


def test_every_refusal_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        RunConfig(virtual_camera_device="/dev/video1")
    assert caught.value.hint
    with pytest.raises(UsageError, match="overwritten") as caught:
        RunConfig(portrait=tmp_path / "me.png", record=tmp_path / "me.png")
    assert caught.value.hint
