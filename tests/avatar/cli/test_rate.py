import pytest
from rich.progress import Progress

from avatar.cli.rate import Rate


@pytest.mark.parametrize(
    ("doing", "done", "shown"),
    [("Rendering", 20, "20.0 fps"), ("Loading the model", 20, ""), ("Rendering", 0, "")],
)
def test_the_rate_of_steps_counted_in_frames(doing, done, shown):
    now = [0.0]
    bar = Progress(get_time=lambda: now[0])
    task = bar.add_task(doing, total=100)
    bar.update(task, completed=1)
    now[0] = 1.0
    bar.update(task, completed=1 + done)
    assert str(Rate().render(bar.tasks[0])) == shown
