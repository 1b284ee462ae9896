"""Assembly: choices are made and said, and what cannot work is refused."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import avatar.portraits.library  # noqa: F401  # before a test replaces what it imports
from avatar import assembly
from avatar.config import RunConfig
from avatar.engine import Installed
from avatar.errors import EngineError, InputError, OutputError, UsageError, WeightsError
from avatar.sources.names import CameraInfo
from engines.fake import FakeEngine

DESK = CameraInfo(0, "Desk", "/dev/video0")
LOOP = CameraInfo(1, "Loopback", "/dev/video1", virtual=True)


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> list[CameraInfo]:
    found: list[CameraInfo] = []
    monkeypatch.setattr("avatar.sources.names.cameras", lambda: found)
    return found


def test_the_first_real_camera_drives_and_it_is_said(cameras: list[CameraInfo]) -> None:
    cameras += [LOOP, DESK]
    driver = assembly.find_driver(RunConfig())
    assert (driver.spec, driver.camera) == ("0", DESK)
    assert "Desk" in driver.notices[0].message


def test_without_a_camera_the_bundled_driver_does_and_it_is_said(
    cameras: list[CameraInfo],
) -> None:
    cameras.append(LOOP)  # our own output is no driver
    driver = assembly.find_driver(RunConfig())
    assert (driver.spec, driver.camera) == ("synthetic", None)
    assert "No camera" in driver.notices[0].message


def test_what_is_asked_for_is_taken(cameras: list[CameraInfo], tmp_path: Path) -> None:
    cameras.append(DESK)
    clip = tmp_path / "clip.mp4"
    clip.touch()
    assert assembly.find_driver(RunConfig(camera=str(clip))) == assembly.Driver(str(clip), None)
    assert assembly.find_driver(RunConfig(camera="desk")).camera == DESK
    assert assembly.find_driver(RunConfig(camera="7")).camera is None


DESK_ID = CameraInfo(3, "Desk", "/dev/video3", ids=("id:usb-Maker_Desk-video-index0",))


def test_a_camera_is_remembered_by_what_it_is(cameras: list[CameraInfo]) -> None:
    cameras += [DESK, DESK_ID]
    for name in (
        "id:usb-Maker_Desk-video-index0",
        "3",
        "/dev/v4l/by-id/usb-Maker_Desk-video-index0",
    ):
        driver = assembly.find_driver(RunConfig(camera=name))
        assert driver == assembly.Driver(DESK_ID.spec, DESK_ID)


def test_a_remembered_camera_that_is_not_there_is_replaced_and_that_is_said(
    cameras: list[CameraInfo],
) -> None:
    cameras += [LOOP, DESK]
    driver = assembly.find_driver(RunConfig(camera="id:usb-Maker_Desk-video-index0"))
    assert (driver.camera, driver.instead) == (DESK, True)
    (notice,) = driver.notices
    assert notice.kind == "warning"
    assert notice.message == "Maker Desk is not connected: driven by Desk instead."
    cameras.remove(DESK)
    driver = assembly.find_driver(RunConfig(camera="id:usb-Maker_Desk-video-index0"))
    assert driver.spec == "synthetic" and "Maker Desk is not connected" in driver.notices[0].message


def test_the_virtual_camera_written_to_just_now_is_no_driver(cameras: list[CameraInfo]) -> None:
    cameras += [DESK, LOOP]
    assert assembly.find_driver(RunConfig(camera="Loopback")).camera == LOOP
    with pytest.raises(UsageError, match="at once"):
        assembly.find_driver(RunConfig(camera="Loopback"), taken="/dev/video1")


def test_a_camera_is_not_its_own_output(cameras: list[CameraInfo]) -> None:
    cameras += [DESK, LOOP]
    config = RunConfig(camera="Loop", virtual_camera=True, virtual_camera_device="/dev/video1")
    with pytest.raises(UsageError, match="at once"):
        assembly.find_driver(config)


def test_sinks_in_order_and_a_null_sink_for_nothing(tmp_path: Path) -> None:
    driver = assembly.Driver("0", DESK)
    config = RunConfig(virtual_camera=True, record=tmp_path / "out.mp4")
    assert [s.name for s in assembly.sinks(config, driver)] == ["virtual-camera", "recorder"]
    assert [s.name for s in assembly.sinks(RunConfig(headless=True), driver)] == ["null"]
    assert assembly.sinks(RunConfig(), driver) == []
    with pytest.raises(OutputError):
        assembly.sinks(RunConfig(record=tmp_path / "none" / "out.mp4"), driver)
    assert list(tmp_path.iterdir()) == []


def test_names_are_checked_without_loading_anything(tmp_path: Path) -> None:
    assembly.check_names(RunConfig(engine="fake", model="nothing"))
    with pytest.raises(UsageError, match="warp"):
        assembly.check_names(RunConfig(engine="warp"))
    with pytest.raises(UsageError, match="fp16"):
        assembly.check_names(RunConfig(engine="eager:fp16"))
    with pytest.raises(WeightsError):
        assembly.check_names(RunConfig(engine="eager", model=str(tmp_path / "none.safetensors")))


def test_engines_are_chosen_for_the_model_of_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain(FakeEngine):
        name, rank = "plain", 10

        def __init__(self, weights: Any, precision: str) -> None:
            super().__init__(weights, precision)
            self.weights = weights

    loads: list[str] = []
    monkeypatch.setattr("avatar.choosing.choice.find_engines", lambda: Installed({"plain": Plain}))
    monkeypatch.setattr("avatar.choosing.choice.find_gpu", lambda: None)
    monkeypatch.setattr(
        "avatar.weights.describe",
        lambda name: loads.append(name) or SimpleNamespace(name=name, sha256="0" * 64),
    )
    chooser = assembly.engine_chooser(RunConfig(engine="plain", model="mine"))
    first, second = chooser.asked("plain"), chooser.auto().engine
    assert first.weights is second.weights and loads == ["mine"]  # type: ignore[attr-defined]
    with pytest.raises(EngineError):
        chooser.auto({"plain": "failed"})


def test_portraits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        "avatar.portraits.portrait.load_portrait",
        lambda path, crop=True: asked.append((path, crop)) or np.zeros(1),
    )
    shipped = [Path("first.png"), Path("next.png")]
    monkeypatch.setattr("avatar.portraits.portrait.bundled", lambda: shipped)
    assembly.portrait(RunConfig(crop=False))
    assembly.portrait(RunConfig(portrait=Path("me.png"), crop=False))
    assert asked == [(Path("first.png"), True), (Path("me.png"), False)]
    monkeypatch.setattr("avatar.portraits.portrait.bundled", list)
    with pytest.raises(InputError, match="No portrait"):
        assembly.portrait(RunConfig())


def test_no_crop_needs_no_tracker() -> None:
    cropper = assembly.cropper_maker(RunConfig(crop=False))()
    assert not cropper.enabled  # type: ignore[attr-defined]
    cropper.close()


def test_a_portrait_of_the_library_is_cut_as_the_user_chose(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from avatar.portraits.library import Library
    from avatar.portraits.portrait import bundled

    monkeypatch.setattr("avatar.portraits.library.user_folder", lambda: tmp_path)
    shelf = Library()
    shelf.choose_crop(shelf.entries()[0], (100.0, 50.0, 300.0, 250.0))
    monkeypatch.setattr("avatar.portraits.portrait.MediaPipeTracker", lambda **_: _NoFaces())
    portrait = assembly.portrait(RunConfig())
    np.testing.assert_allclose(portrait.box, [100, 50, 300, 250])
    moved = Path("/elsewhere").joinpath(*bundled()[0].parts[-3:])
    np.testing.assert_allclose(assembly.portrait(RunConfig(portrait=moved)).box, portrait.box)


class _NoFaces:
    def __enter__(self) -> "_NoFaces":
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def track(self, image: Any) -> list[Any]:
        return []
