"""What the command says reaches the terminal, whatever libraries do to stderr meanwhile."""

import subprocess
import sys

SPEAKING = """
import os, sys
import avatar.cli.cameras
from avatar.cli import main
from avatar.mesh import quiet_stderr

def run(args):
    with quiet_stderr():
        print("said to the user", file=sys.stderr)
        os.write(2, b"chatter of a library")
    return 0

avatar.cli.cameras.run = run
sys.argv = ["avatar", "cameras"]
sys.exit(main())
"""


def test_what_is_said_while_a_library_is_kept_quiet_is_seen():
    done = subprocess.run(
        [sys.executable, "-c", SPEAKING], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert done.stderr.decode() == "said to the user\n"
