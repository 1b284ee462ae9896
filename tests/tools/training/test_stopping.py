import os
import signal
import threading

from tools.training.stopping import TIME, wishes


def test_nothing_is_wished_at_first() -> None:
    with wishes() as wish:
        assert wish() == 0


def test_the_time_is_up() -> None:
    with wishes(1e-9) as wish:
        assert wish() == TIME
    with wishes(10) as wish:
        assert wish() == 0


def test_a_signal_is_a_wish_and_the_second_is_as_usual() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with wishes() as wish:
        os.kill(os.getpid(), signal.SIGTERM)
        assert wish() == signal.SIGTERM
        assert signal.getsignal(signal.SIGTERM) is before
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_get_no_signals() -> None:
    found = []

    def run() -> None:
        with wishes(1e-9) as wish:
            found.append(wish())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [TIME]
