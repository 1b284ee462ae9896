"""The process in which damaged files are read: ``python -m tools.fuzz.worker``.

It reads paths from standard input and answers each with a line of JSON. It limits itself: more than
``CPU_S`` of work on a file ends it by a signal, more than ``MEMORY_MB`` beyond what it had after
warming up makes allocations fail.
"""

import json
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

CPU_S = 2.0
"""Of all threads together, so that a busy machine makes no hangs."""

MEMORY_MB = 2048


def main() -> None:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    os.environ["OMP_NUM_THREADS"] = "1"
    from avatar.privacy import no_reporting

    no_reporting()
    from tools.fuzz.readers import read

    def tell(**answer: object) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    warming = True
    before_mb = 0.0
    for line in sys.stdin:
        path = line.rstrip("\n")
        if not path:  # the whole files were read: from here on there are limits
            warming = False
            before_mb = limit_memory()
            tell(said="ready")
            continue
        began = time.process_time()
        if not warming:
            signal.setitimer(signal.ITIMER_PROF, CPU_S)
        try:
            said = read(Path(path))
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-3:]
            tell(
                error=f"{type(error).__name__}: {str(error)[:200]}",
                where=" < ".join(f"{Path(at.filename).name}:{at.lineno}" for at in reversed(where)),
            )
        else:
            took_s = time.process_time() - began
            tell(said=said, took_s=round(took_s, 3), grown_mb=round(peak_mb() - before_mb))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def limit_memory() -> float:
    """Allow this process only ``MEMORY_MB`` more; what it had at most until now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY_MB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return peak_mb()


def peak_mb() -> float:
    """Most memory this process ever held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
