"""The motion options of ``run`` and ``render``."""

import argparse

import pytest

from avatar.cli.motion import add_motion_options, motion_settings
from avatar.errors import UsageError
from avatar.motion.settings import PRESETS, MotionSettings


def asked(words: str = "") -> MotionSettings:
    parser = argparse.ArgumentParser()
    add_motion_options(parser)
    return motion_settings(parser.parse_args(words.split()))


def test_without_options_the_usual_settings() -> None:
    assert asked() == MotionSettings()
    assert asked("--relative --adapt-scale") == MotionSettings()


def test_every_option_arrives() -> None:
    words = (
        "--absolute --no-adapt-scale --movement 1.5 --head 0.5 --expression 1.8 --eyes 2 "
        "--mouth 3 --smoothing 0.9 --pose-limit"
    )
    assert asked(words) == MotionSettings(
        relative=False,
        adapt_scale=False,
        movement=1.5,
        head=0.5,
        expression=1.8,
        eyes=2,
        mouth=3,
        smoothing=0.9,
        pose_limit=True,
    )
    assert asked("--no-smoothing").smoothing == 0
    assert asked("--no-adapt_scale").adapt_scale is False


def test_options_go_beside_a_preset() -> None:
    calm = PRESETS["calm"]
    assert asked("--motion calm") == calm
    assert asked("--motion calm --absolute --no-pose-limit --head 1") == MotionSettings(
        relative=False, movement=calm.movement, head=1, smoothing=calm.smoothing
    )


@pytest.mark.parametrize(
    "words", ["--absolute --adapt-scale", "--mouth 4", "--smoothing -0.1", "--head nan"]
)
def test_what_makes_no_sense_is_refused(words: str) -> None:
    with pytest.raises(UsageError) as error:
        asked(words)
    assert error.value.hint


@pytest.mark.parametrize(
    "words", ["--relative --absolute", "--smoothing 1 --no-smoothing", "--motion wild"]
)
def test_contradictions_are_refused(words: str) -> None:
    with pytest.raises(SystemExit):
        asked(words)
