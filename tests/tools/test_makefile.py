"""What the README says to type to make is there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_every_target_that_is_named_has_a_recipe() -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    readme = (ROOT / "README.md").read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]+)", readme, re.MULTILINE))
    assert {"run", "test", "test-vcam"} <= named
    for target in sorted(named):
        dry = subprocess.run(
            ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert dry.returncode == 0 and "Nothing to be done" not in dry.stdout, target
