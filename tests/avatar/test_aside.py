import sys
import time

import pytest

from avatar.aside import run_aside
from avatar.errors import Cancelled


def script(text: str) -> list[str]:
    return [sys.executable, "-S", "-c", text]


def never() -> bool:
    return False


def test_its_lines_are_heard_and_its_end_is_told() -> None:
    heard: list[str] = []
    gone: list[int] = []
    text = "import os; print(os.getpid(), flush=True); print('done')"
    ended = run_aside(script(text), heard.append, never, "It", gone.append)
    assert ended.code == 0 and ended.complaints == ()
    assert heard == [str(gone[0]), "done"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import sys; print('first', file=sys.stderr); sys.exit('no memory')", "no memory"),
        ("import os; os.abort()", "ended by signal 6"),
        ("import sys; print('a remark', file=sys.stderr); sys.exit(3)", "exit code 3"),
    ],
)
def test_a_failure_has_a_reason(text: str, why: str) -> None:
    ended = run_aside(script(text), lambda line: None, never, "It")
    assert ended.code != 0 and why in ended.why()


def test_many_complaints_do_not_stop_it() -> None:
    text = "import sys; sys.stderr.write('x' * 300_000); sys.exit(1)"
    assert len(run_aside(script(text), lambda line: None, never, "It").why()) == 300_000


def test_it_is_gone_when_cancelled() -> None:
    gone: list[int] = []
    begun = time.monotonic()
    with pytest.raises(Cancelled, match="The export was cancelled"):
        run_aside(
            script("import time; time.sleep(60)"),
            lambda line: None,
            lambda: True,
            "The export",
            gone.append,
        )
    assert len(gone) == 1 and time.monotonic() - begun < 30


def test_its_standard_input_closes_with_us() -> None:
    """It could not read anything else: the pipe is ours and nothing is written."""
    text = """
import os
os.set_blocking(0, False)
try:
    os.read(0, 1)
except BlockingIOError:
    print("open")
"""
    heard: list[str] = []
    run_aside(script(text), heard.append, never, "It")
    assert heard == ["open"]
