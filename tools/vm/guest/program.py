"""Program: the app, or another program, started as an ordinary user, its output in files."""

import os
import pwd
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

AVATAR = "/opt/avatar/.venv/bin/avatar"

STARTS_S = 240.0
"""How long the app may take to begin, under emulation."""

ENDS_S = 60.0


class Program:
    """A program that runs, from its making to :meth:`stop`.

    Args:
        command: its words.
        folder: where NAME.out and NAME.err go.
        name: what to call them.
        user: whose rights it has.
        stdin: a pipe to it, or nothing.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        name: str,
        user: str = "user",
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.err"
        who = pwd.getpwnam(user)
        env = {**os.environ, "HOME": who.pw_dir, "USER": user, "PYTHONUNBUFFERED": "1"}
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=out,
                stderr=err,
                cwd=who.pw_dir,
                env=env,
                user=who.pw_uid,
                group=who.pw_gid,
                extra_groups=os.getgrouplist(user, who.pw_gid),
            )

    @property
    def said(self) -> str:
        """What it wrote to stderr so far."""
        return self.err.read_text(errors="replace")

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def ended(self, limit_s: float = STARTS_S) -> int | None:
        """Its exit code; None where it did not end in time."""
        try:
            return self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, limit_s: float = ENDS_S) -> tuple[int | None, float]:
        """Interrupt it as Ctrl-C does; its exit code, and how many seconds that took.

        One that does not end in time is killed, and its code is None.
        """
        began = monotonic()
        if self.runs:
            self.process.send_signal(signal.SIGINT)
        code = self.ended(limit_s)
        took_s = monotonic() - began
        if code is None:
            self.process.kill()
            self.process.wait()
        return code, round(took_s, 1)
