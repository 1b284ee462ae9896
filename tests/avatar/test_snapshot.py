"""Snapshots: complete, never over one another, and refused with a reason."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from avatar.errors import OutputError
from avatar.snapshot import save

NOW = datetime(2025, 1, 2, 3, 4, 5)


def test_the_picture_is_in_the_folder_as_it_was(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (12, 10, 3), np.uint8)
    image.flags.writeable = False
    path = save(image, tmp_path / "new" / "folder", NOW)
    assert path.name == "avatar-2025-01-02-030405.png"
    assert (np.asarray(Pillow.open(path)) == image).all()


def test_two_of_one_second_are_two_files(tmp_path: Path) -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    names = [save(image, tmp_path, NOW).name for _ in range(3)]
    assert len(set(names)) == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names), "something was left over"


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written") as caught:
        save(np.zeros((4, 4, 3), np.uint8), tmp_path / "file" / "sub")
    assert caught.value.hint
