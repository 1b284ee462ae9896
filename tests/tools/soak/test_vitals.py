import pytest

from tools.soak.vitals import Sample, Vitals, growth


def run(memory=None, children=None, threads=None, handles=None, length=48):
    """A run whose vitals are functions of the share that is over, 0 to 1."""
    flat = (lambda _: 300.0, lambda _: 0.0, lambda _: 17, lambda _: 9)
    at = [
        given or usual
        for given, usual in zip((memory, children, threads, handles), flat, strict=True)
    ]
    return [Sample(float(i), *(of(i / length) for of in at)) for i in range(length)]


def test_a_flat_run_passes():
    assert growth(run()) == []


def test_what_a_run_takes_while_it_warms_up_is_not_growth():
    assert growth(run(memory=lambda share: 100.0 if share < 0.2 else 400.0)) == []


def test_memory_that_rises_to_the_end_is_growth():
    (found,) = growth(run(memory=lambda share: 300 + 100 * share))
    assert found == "memory grew from 336 to 386 MB"


def test_a_portrait_that_is_being_read_just_then_is_not_growth():
    assert growth(run(memory=lambda share: 800.0 if 0.95 < share < 0.97 else 300.0)) == []


def test_a_child_process_that_comes_and_goes_is_not_growth_and_one_that_stays_is():
    assert growth(run(children=lambda share: 380.0 * (int(share * 40) % 3 == 0))) == []
    assert growth(run(children=lambda share: 380.0 if share > 0.9 else 0.0)) == []
    (found,) = growth(run(children=lambda share: 380.0 if share < 0.6 else 760.0))
    assert found == "memory of child processes grew from 380 to 760 MB"


@pytest.mark.parametrize("what", ["threads", "handles"])
def test_what_leaks_stays_and_what_comes_and_goes_does_not_count(what):
    assert growth(run(**{what: lambda share: 20 + int(20 * share)})) != []
    assert growth(run(**{what: lambda share: 20 + int(share * 480) % 9})) == []


def test_a_run_too_short_to_tell_says_nothing():
    assert growth(run(memory=lambda share: 1000 * share, length=18)) == []


def test_a_process_has_memory_threads_and_handles(tmp_path):
    vitals = Vitals()
    before = vitals.take(0.0)
    with (tmp_path / "open").open("w"):
        during = vitals.take(1.0)
    assert during.handles == before.handles + 1
    assert before.memory_mb > 10 and before.threads >= 1
    assert vitals.samples == [before, during]
