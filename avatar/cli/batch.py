"""Many renderings by one ``avatar render``: a line for each, a table at the end."""

from collections.abc import Sequence
from pathlib import Path

from avatar.cli.bar import Bar
from avatar.cli.interrupt import interruptible
from avatar.offline.batch import DONE, FAILED, SUMMARY, Entry, render_batch
from avatar.offline.order import RenderConfig


def run_batch(config: RenderConfig) -> int:
    """Render every pair; 0 if all are done, 1 if one failed."""
    with Bar() as bar, interruptible() as stop:

        def begun(number: int, count: int, output: Path) -> None:
            bar.note(f"{number} of {count}: {output.name}")

        entries = render_batch(config, bar.show, stop.is_set, begun)
    _print(entries)
    failed = sum(entry.state == FAILED for entry in entries)
    done = sum(entry.state == DONE for entry in entries)
    print(
        f"{config.output / SUMMARY}: {done} rendered, {len(entries) - done - failed} done before, "
        f"{failed} failed"
    )
    return 1 if failed else 0


def _print(entries: Sequence[Entry]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE)
    for heading in ("portrait", "driving", "state"):
        table.add_column(heading)
    for heading in ("frames", "no face", "fps"):
        table.add_column(heading, justify="right")
    table.add_column("note", overflow="fold")
    for entry in entries:
        names = Path(entry.portrait).name, Path(entry.driving).name
        figures = ("", "", "")
        if entry.frames:
            figures = str(entry.frames), str(entry.held), f"{entry.fps:.1f}"
        table.add_row(*map(Text, (*names, entry.state, *figures, entry.note)))
    Console().print(table)
