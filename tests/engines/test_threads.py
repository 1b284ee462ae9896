from collections.abc import Callable

from engines.threads import ThreadGovernor


class Machine:
    """Frames that take as long as ``seconds(threads)`` says, on a clock that they move."""

    def __init__(self, most: int = 2) -> None:
        self.now = 0.0
        self.set: list[int] = []
        self.governor = ThreadGovernor(most, self.set.append, lambda: self.now)

    def run(self, frames: int, seconds: Callable[[int], float]) -> list[int]:
        """The number of threads that each frame had."""
        used = []
        for _ in range(frames):
            used.append(self.governor.threads)
            took = seconds(self.governor.threads)
            self.now += took
            self.governor.took(took)
        return used


def quiet(threads: int) -> float:
    return 0.05 / threads


def crowded(threads: int) -> float:
    return 0.06 if threads == 1 else 0.6


def test_on_quiet_cores_all_threads_are_used_after_a_few_frames() -> None:
    machine = Machine()
    used = machine.run(50, quiet)
    assert used[0] == 1 and set(used[3:]) == {2}


def test_on_crowded_cores_a_trial_costs_one_frame_and_they_become_rare() -> None:
    machine = Machine()
    used = machine.run(2000, crowded)  # two minutes
    assert 4 <= used.count(2) <= 8
    assert all(before == 1 for before, now in zip(used, used[1:], strict=False) if now == 2)


def test_it_follows_a_machine_that_becomes_crowded_and_quiet_again() -> None:
    machine = Machine()
    machine.run(20, quiet)
    assert machine.governor.threads == 2
    used = machine.run(20, crowded)
    assert used.count(2) <= 3 and used[-1] == 1
    assert machine.run(400, quiet)[-1] == 2


def test_a_single_slow_frame_changes_nothing() -> None:
    machine = Machine()
    machine.run(20, quiet)
    machine.run(1, lambda threads: 0.5)
    assert set(machine.run(10, quiet)) == {2}


def test_threads_that_bring_nothing_are_given_up() -> None:
    machine = Machine()
    used = machine.run(100, lambda threads: 0.05)
    assert used[-1] == 1 and used.count(2) <= 6


def test_one_core_has_one_thread() -> None:
    machine = Machine(most=1)
    assert set(machine.run(50, quiet)) == {1}
    assert machine.set == [1]
