import time

from tools.soak.pulse import Pulse


def test_a_loop_that_stands_still_is_noticed(qtbot):
    pulse = Pulse(limit_ms=40.0)
    pauses = []
    pulse.stood_still.connect(pauses.append)
    pulse.start()
    qtbot.wait(30)
    calm = pulse.over
    time.sleep(0.12)  # the event loop stands still
    qtbot.waitUntil(lambda: pulse.over > calm, timeout=20000)
    pulse.stop()
    assert pulse.longest_ms >= 100
    assert len(pauses) == pulse.over and max(pauses) == pulse.longest_ms
    assert pulse.percentiles()["p50"] < pulse.longest_ms


def test_time_before_the_start_is_no_pause(qtbot):
    pulse = Pulse(limit_ms=40.0)
    time.sleep(0.1)
    pulse.start()
    qtbot.wait(30)
    pulse.stop()
    assert pulse.longest_ms < 100
