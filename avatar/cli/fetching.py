"""``avatar weights fetch``: published weights, downloaded once their licence is accepted."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avatar.cli.converting import write
from avatar.errors import Cancelled, UsageError

if TYPE_CHECKING:
    from avatar.releases import Release


def run(args: argparse.Namespace) -> int:
    """Download, convert and install what was named; returns the exit code."""
    from avatar.extras import need_torch
    from avatar.fetch import Fetcher
    from avatar.releases import RELEASES
    from avatar.shelf import SUFFIX, user_folder

    if args.release not in RELEASES:
        raise UsageError(
            f"No published weights are called {args.release!r}; there is: {', '.join(RELEASES)}.",
            hint=f"Use: avatar weights fetch {next(iter(RELEASES))}",
        )
    need_torch("Converting the official weights")  # before 390 MB are downloaded
    release = RELEASES[args.release]
    folder = args.to or user_folder().parent / "downloads" / release.name
    target = user_folder() / f"{release.installs_as}{SUFFIX}"
    _ask(release, folder, target, accepted=args.yes)
    with _DownloadBar(release) as bar:
        paths = Fetcher(folder, progress=bar).fetch(release)
    print(f"All {len(paths)} files are in {folder}, and their SHA-256 is right. Converting ...")
    write(
        paths,
        target,
        {"licence": release.licence, "holders": release.holders, "page": release.page},
    )
    print(f"Installed {target}.")
    print(f"Use it with: avatar run --model {release.installs_as}")
    print(f"The original files are no longer needed; to free their space delete {folder}.")
    return 0


def _ask(release: "Release", folder: Path, target: Path, *, accepted: bool) -> None:
    """Show what is about to happen and under which licence; Cancelled unless it is accepted."""
    from avatar.fetch import megabytes

    print(f"{release.title}: {len(release.files)} files, {megabytes(release.size)}")
    print(f"  from     {release.base}")
    print(f"  to       {folder}")
    print(f"  then     converted to {target}")
    print(f"  licence  {release.licence}: {release.terms}.")
    print(f"           {release.licence_url}")
    print(f"  rights   {release.holders}")
    print(f"           {release.page}")
    if accepted:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            f"The licence ({release.licence}) has to be accepted, and there is no terminal to ask.",
            hint="If you accept it, add --yes.",
        )
    try:
        answer = input("Accept the licence and download? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise Cancelled("Nothing was downloaded.")


class _DownloadBar:
    """A progress bar over all files of a release, on stderr."""

    def __init__(self, release: "Release") -> None:
        from rich import progress
        from rich.console import Console

        self._done = dict.fromkeys((file.name for file in release.files), 0)
        self._bar = progress.Progress(
            "{task.description}",
            progress.BarColumn(),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("starting", total=release.size)

    def __enter__(self) -> "_DownloadBar":
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def __call__(self, file: Any, done: int) -> None:
        self._done[file.name] = done
        self._bar.update(self._task, description=file.name, completed=sum(self._done.values()))
