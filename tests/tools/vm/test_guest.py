import json
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the guest is a Linux")

from avatar.frame import letterbox  # noqa: E402
from tools.vm.guest import patches  # noqa: E402
from tools.vm.guest.reader import (  # noqa: E402
    Format,
    ReadError,
    parse_format,
    parse_stamps,
    rate,
    split,
)
from tools.vm.guest.record import Claim, Record, read  # noqa: E402
from tools.vm.guest.yuv import Planes  # noqa: E402

FORMAT = """Format Video Capture:
\tWidth/Height      : 1280/720
\tPixel Format      : 'YU12' (Planar YUV 4:2:0)
Streaming Parameters Video Capture:
\tFrames per second: 30.000 (30/1)
"""
STAMPS = """cap dqbuf: 0 seq:      0 bytesused: 1382400 ts: 12.000000 (ts-monotonic, ts-src-eof)
cap dqbuf: 1 seq:      1 bytesused: 1382400 ts: 12.040000 delta: 40.000 ms (ts-monotonic)
cap dqbuf: 2 seq:      2 bytesused: 1382400 ts: 12.060000 delta: 20.000 ms (ts-monotonic)
"""


def test_a_format_is_read_from_what_v4l2_ctl_prints():
    assert parse_format(FORMAT) == Format(1280, 720, "YU12", 30.0)
    with pytest.raises(ReadError, match="no whole format"):
        parse_format("Format Video Capture:")


def test_the_rate_is_that_of_the_stamps():
    times = parse_stamps(STAMPS)
    assert times == [12.0, 12.04, 12.06]
    assert rate(times)[0] == pytest.approx(2 / 0.06, abs=0.01)
    with pytest.raises(ReadError, match="got 1 pictures"):
        rate(times[:1])


def test_what_was_read_is_split_into_pictures():
    form = Format(2, 2, "YU12", 30.0)
    first, second = split(bytes(range(12)), form, 2)
    assert (first.y[0, 1], second.u[0, 0], second.v[0, 0]) == (1, 10, 11)
    with pytest.raises(ReadError, match="got 6 bytes"):
        split(bytes(6), form, 2)
    with pytest.raises(ReadError, match="YUYV"):
        split(bytes(6), Format(2, 2, "YUYV", 30.0), 1)


def as_yuv(image):
    """Limited-range BT.601 4:2:0, as OpenCV's own conversion makes it."""
    import cv2

    height, width = image.shape[:2]
    return Planes.of(cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420).tobytes(), width, height)


def test_the_patches_survive_the_way_to_yuv_and_back():
    image = as_yuv(letterbox(patches.picture(), 1280, 720)).rgb()
    middle = patches.square(image)
    assert middle.shape == (720, 720, 3)
    assert patches.error(middle).max() <= patches.WITHIN
    assert patches.bars(image).max() <= patches.WITHIN
    assert patches.orientation(middle) == "upright"


def test_the_wrong_range_or_order_of_planes_is_found():
    planes = as_yuv(patches.picture())
    exchanged = Planes(planes.y, planes.v, planes.u).rgb()
    assert patches.error(exchanged).max() > 40
    brighter = Planes(np.clip(planes.y.astype(int) + 8, 0, 255), planes.u, planes.v).rgb()
    assert patches.error(brighter).max() > patches.WITHIN


@pytest.mark.parametrize(
    ("turn", "name"),
    [
        (lambda p: p[:, ::-1], "mirrored"),
        (lambda p: p[::-1], "upside down"),
        (lambda p: p[::-1, ::-1], "turned"),
        (np.zeros_like, "unlike"),
    ],
)
def test_a_picture_turned_over_is_found(turn, name):
    assert patches.orientation(turn(patches.picture())) == name


def test_planes_of_another_length_are_refused():
    with pytest.raises(ValueError, match="got 5 bytes, expected 6"):
        Planes.of(bytes(5), 2, 2)


def test_claims_reach_the_host_one_by_one(tmp_path):
    record = Record(tmp_path)
    with record.proof("cadence"):
        assert record.claim("it is fast", True, fps=30.0)
        assert read(tmp_path) == [Claim("cadence", "it is fast", True, {"fps": 30.0})]
        record.claim("a figure", None, most=np.float64(1.5))
    assert [claim.held for claim in read(tmp_path)] == [True, None, None]


def test_a_proof_that_breaks_is_a_claim_that_failed(tmp_path):
    record = Record(tmp_path)
    with pytest.raises(OSError, match="gone"), record.proof("lost"):
        raise OSError("gone")
    failed = [claim for claim in json.loads((tmp_path / "claims.json").read_text())]
    assert failed[0]["held"] is False and "gone" in failed[0]["says"]


def test_a_guest_that_wrote_nothing_claimed_nothing(tmp_path):
    assert read(tmp_path) == []
