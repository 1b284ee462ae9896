import cv2
import numpy as np
import pytest

from tools.vm.likeness import Match, as_sent, load, nearest, small
from tools.vm.verdict import Verdict, judged


def pictures(count):
    rng = np.random.default_rng(0)
    rough = rng.integers(0, 256, (count, 16, 16, 3), np.uint8)
    return [cv2.resize(picture, (256, 256)) for picture in rough]


def test_the_nearest_is_found_and_is_far_better_than_the_others():
    made = pictures(4)
    noise = np.random.default_rng(1).integers(-4, 5, made[2].shape)
    seen = np.clip(made[2].astype(int) + noise, 0, 255).astype(np.uint8)
    match = nearest(seen, made)
    assert match.frame == 2
    assert match.psnr_db > 38 > match.usual_db + 15
    assert 0.9 < match.ssim < 1


def test_there_must_be_something_to_compare_with():
    with pytest.raises(ValueError, match="no rendered"):
        nearest(pictures(1)[0], [])


def test_enlarging_and_reducing_costs_little():
    picture = pictures(1)[0]
    assert nearest(as_sent(picture), [picture]).psnr_db > 35
    assert small(np.zeros((720, 720, 3), np.uint8)).shape == (256, 256, 3)


def test_pictures_are_loaded_in_order_as_rgb(tmp_path):
    for number, colour in ((1, (0, 0, 255)), (0, (255, 0, 0))):  # BGR
        cv2.imwrite(str(tmp_path / f"a_{number}.png"), np.full((8, 8, 3), colour, np.uint8))
    blue, red = load(tmp_path, "a_*.png")
    assert blue[0, 0].tolist() == [0, 0, 255]
    assert red[0, 0].tolist() == [255, 0, 0]


def matches(decibels, frames):
    return [Match(frame, decibels, 0.95, decibels - 9) for frame in frames]


def test_alike_pictures_that_follow_the_clip_hold():
    alike, follow = judged(matches(33.0, range(20)))
    assert alike.held and follow.held
    assert alike.figures["above_a_wrong_picture_db"] == 9.0


def test_unlike_pictures_fail_and_so_does_one_picture_over_and_over():
    assert judged(matches(20.0, range(20)))[0].held is False
    assert judged(matches(33.0, [3] * 20))[1].held is False


def test_no_pictures_at_all_fail():
    assert [claim.held for claim in judged([])] == [False]


def test_a_verdict_needs_a_claim_that_was_judged():
    assert not Verdict((), {}, 1, "x").passed
    assert Verdict(tuple(judged(matches(33.0, range(20)))), {}, 1, "x").passed
