"""The process in which one function runs: ``python -m avatar.doctor.child MODULE:NAME ARG...``.

It answers with one marked line of JSON and ends when nobody listens any more.
"""

import importlib
import json
import os
import sys
import threading

from avatar.doctor.apart import MARK
from avatar.errors import AvatarError


def main(function: str, *args: str) -> int:
    """Call it and print what it returned, or why it failed."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    threading.Thread(target=_watch, name="doctor-gone", daemon=True).start()
    module, _, name = function.partition(":")
    try:
        answer = {"answer": getattr(importlib.import_module(module), name)(*args)}
    except AvatarError as error:
        answer = {"error": error.message, "hint": error.hint}
    except MemoryError:
        answer = {"error": "It ran out of memory.", "hint": "Close other programs."}
    except Exception as error:  # whatever a library raises is what was found
        answer = {
            "error": f"{type(error).__name__}: {error}",
            "hint": "Report it; avatar doctor --bundle FILE.zip writes what is needed.",
        }
    print(f"{MARK}{json.dumps(answer)}", file=answers, flush=True)
    os._exit(0)  # a driver that does not clean up behind it has answered all the same


def _watch() -> None:
    sys.stdin.buffer.read()  # the doctor never writes: this returns when it is gone
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
