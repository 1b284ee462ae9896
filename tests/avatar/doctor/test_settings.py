"""Settings: none, sound, damaged, partly wrong, unreadable; and never touched."""

from pathlib import Path

import pytest

from avatar.doctor.finding import Status
from avatar.doctor.settings import readable


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (None, Status.OK),
        (b"schema = 1\n[run]\n[look]\ntheme = 'dark'\n", Status.OK),
        (b"[run]\nfps = 'fast'\n", Status.WARNING),
        (b"schema = 99\n", Status.WARNING),
        (b"[run\n", Status.FAILED),
        (b"\xff\xfe", Status.FAILED),
        (b"a = " + b"[" * 5000, Status.FAILED),
    ],
)
def test_it_is_looked_at_and_left_as_it_is(
    tmp_path: Path, content: bytes | None, status: Status
) -> None:
    path = tmp_path / "settings.toml"
    if content is not None:
        path.write_bytes(content)
    before = sorted(tmp_path.iterdir())
    finding = readable(path)
    assert finding.status is status, finding.found
    assert bool(finding.cure) is (status is not Status.OK)
    assert sorted(tmp_path.iterdir()) == before
    assert content is None or path.read_bytes() == content
    assert "avatar-doctor-" not in finding.found + finding.cure


def test_one_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.mkdir()
    assert readable(path).status is Status.FAILED
