import importlib.util
import platform

import pytest

from avatar.sinks import driver


@pytest.fixture(autouse=True)
def package(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())


def test_the_package_is_missing(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    error = driver.lacking()
    assert "pyvirtualcam" in error.message and "pip install" in error.hint


@pytest.mark.parametrize(("bus", "there"), [("virtual", True), ("pci0000:00", False)])
def test_linux_knows_a_loopback_device_by_its_bus(monkeypatch, tmp_path, bus, there):
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    device = tmp_path / "devices" / bus / "video4linux" / "video0"
    device.mkdir(parents=True)
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "video0").symlink_to(device)
    monkeypatch.setattr(driver, "_V4L2", folder)
    error = driver.lacking()
    assert (error is None) is there
    assert there or "v4l2loopback" in error.hint


def test_macos_has_one_where_obs_is(monkeypatch, tmp_path):
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(driver, "_MAC", (tmp_path / "OBS.app",))
    assert "OBS" in driver.lacking().hint
    (tmp_path / "OBS.app").mkdir()
    assert driver.lacking() is None


def test_an_unknown_system_has_none(monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Plan9")
    assert "record to a file" in driver.lacking().hint
