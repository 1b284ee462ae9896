"""``avatar cameras``."""

import pytest

from avatar import cli
from avatar.sources.names import CameraInfo


def test_cameras_are_listed_with_device_and_sizes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        CameraInfo(0, "Integrated", "/dev/video0", ((1280, 720), (640, 480))),
        CameraInfo(4, "Loopback", "/dev/video4", virtual=True),
    ]
    monkeypatch.setattr("avatar.sources.names.cameras", lambda: found)
    assert cli.main(["cameras"]) == 0
    out = capsys.readouterr().out
    assert "0  Integrated  /dev/video0" in out and "1280x720 640x480" in out
    assert "4  Loopback  /dev/video4  (virtual)" in out


def test_no_camera_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("avatar.sources.names.cameras", list)
    assert cli.main(["cameras"]) == 0
    assert "No camera" in capsys.readouterr().out
