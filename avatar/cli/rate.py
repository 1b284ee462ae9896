"""A column of a progress bar: frames per second."""

from rich.progress import ProgressColumn, Task
from rich.text import Text

FRAMES = ("Rendering", "Finding the best frame")
"""Steps that are counted in frames; the others have no such rate."""


class Rate(ProgressColumn):
    """Frames per second over the last half minute, for steps that are counted in frames."""

    def render(self, task: Task) -> Text:
        """The rate, or nothing while it is unknown."""
        speed = task.finished_speed or task.speed
        if task.description not in FRAMES or not speed:
            return Text("")
        return Text(f"{speed:.1f} fps")
