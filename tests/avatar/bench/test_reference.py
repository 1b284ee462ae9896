"""The reference path shows the same pictures as the eager engine, and costs what the demo costs."""

from pathlib import Path

import numpy as np
import pytest

from avatar.bench.figures import psnr_db
from avatar.bench.measured import MeasuredEngine
from avatar.bench.reference import ReferencePath
from avatar.bench.subject import REFERENCE, Subject


@pytest.fixture
def material(tmp_path: Path) -> Path:
    """A portrait, and crops in which it moves."""
    y, x = np.mgrid[:256, :256]
    picture = np.stack([x, y, (x * y) // 256], -1).astype(np.uint8)
    np.save(tmp_path / "portrait.npy", picture)
    np.save(tmp_path / "crops.npy", np.stack([np.roll(picture, 8 * n, 1) for n in range(3)]))
    return tmp_path


@pytest.mark.slow
def test_it_equals_eager_and_counts_its_work(material: Path) -> None:
    told: list[str] = []
    reference = ReferencePath(Subject("compact", "compact", REFERENCE, "fp32"), material)
    figures = reference.open(told.append)
    eager = MeasuredEngine(Subject("compact", "compact", "eager", "fp32"), material, False, None)
    eager.open(told.append)
    try:
        pictures = reference.pictures()
        assert pictures.shape == (3, 256, 256, 3) and pictures.dtype == np.uint8
        assert psnr_db(eager.pictures(), pictures) > 60
        assert psnr_db(pictures[1:], pictures[:-1]) < 60  # they do move
        block = reference.networks(0.05)
        assert len(block["frame"]) >= 3
        for whole, detect, render in zip(
            *(block[k] for k in ("frame", "detect", "render")), strict=True
        ):
            assert whole == pytest.approx(detect + render)
    finally:
        eager.close()
        reference.close()
    # Detection 0.48, encoding the portrait 0.74 (without its keypoints), rendering 1.11 GMAC,
    # counted one by one.
    assert figures["gmac_cached"] == pytest.approx(1.59, abs=0.02)
    assert figures["gmac"] == pytest.approx(1.59 + 0.74, abs=0.03)
