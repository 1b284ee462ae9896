"""When the user is told of a drift."""

from dataclasses import replace

from avatar.pose.head import FRONTAL, HeadPose
from ui.calibration.drift_watch import QUIET_S, DriftWatch

MOVED = replace(FRONTAL, x=0.7)


def offers(watch, seconds, begin=0.0, neutral=FRONTAL, pose=MOVED):
    """When it speaks up, looking four times a second."""
    times = [begin + index / 4 for index in range(int(seconds * 4))]
    return [t for t in times if watch.look(t, neutral, pose) is not None]


def test_a_moved_seat_is_offered_once_in_a_while():
    watch = DriftWatch()
    first = offers(watch, 120)
    assert len(first) == 1 and 15 < first[0] < 25
    later = offers(watch, QUIET_S + 60, begin=120)
    assert len(later) == 1 and later[0] - first[0] >= QUIET_S


def test_dismissed_it_says_no_more():
    watch = DriftWatch()
    watch.dismissed = True
    assert offers(watch, 600) == []


def test_the_next_session_may_be_told_again():
    watch = DriftWatch()
    assert offers(watch, 60)
    watch.dismissed = True
    watch.begin()
    assert not watch.dismissed and offers(watch, 60, begin=60)


def test_a_new_neutral_pose_starts_anew():
    watch = DriftWatch()
    assert offers(watch, 15) == []
    assert offers(watch, 15, begin=15, neutral=replace(FRONTAL)) == []
    assert offers(watch, 60, begin=30, neutral=MOVED) == []


def test_without_a_neutral_pose_or_a_face_there_is_none():
    watch = DriftWatch()
    assert offers(watch, 60, neutral=None) == []
    assert offers(watch, 60, begin=60, pose=None) == []


def test_a_head_that_stays_is_never_told():
    assert offers(DriftWatch(), 600, pose=HeadPose(yaw=3)) == []
