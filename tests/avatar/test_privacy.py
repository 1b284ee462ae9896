"""Nothing is reported to the makers of the runtimes."""

import logging
import os
import re
import subprocess
import sys
import types
from importlib.util import find_spec
from pathlib import Path

import pytest

from avatar import privacy

ROOT = Path(__file__).resolve().parents[2]
REPORTING = re.compile(r"^\s*(?:import|from) (openvino|nncf|onnxruntime)\b", re.M)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither switched off nor loaded; afterwards as it was."""
    monkeypatch.delenv(privacy.SWITCH, raising=False)
    for name in (privacy.REPORTER, "onnxruntime"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))  # remembers what was there
        del sys.modules[name]


def test_the_reporter_cannot_be_imported_and_the_switch_is_set(caplog) -> None:
    with caplog.at_level(logging.WARNING):
        privacy.no_reporting()
        privacy.no_reporting()
    with pytest.raises(ImportError):
        import openvino_telemetry  # noqa: F401
    assert os.environ[privacy.SWITCH] == "1"
    assert not caplog.records


@pytest.mark.parametrize("early", [privacy.REPORTER, "onnxruntime"])
def test_what_was_loaded_before_is_said(monkeypatch, caplog, early) -> None:
    monkeypatch.setitem(sys.modules, early, types.ModuleType(early))
    with caplog.at_level(logging.WARNING):
        privacy.no_reporting()
    assert f"{early} was loaded before" in caplog.text


def test_onnxruntime_is_asked_to_trace_nothing() -> None:
    asked: list[bool] = []
    module = types.SimpleNamespace(disable_telemetry_events=lambda: asked.append(True))
    privacy.hush_onnxruntime(module)
    assert asked


def test_whoever_imports_a_reporting_runtime_turns_it_off_first() -> None:
    """In the same function, or above it in the same file."""
    forgot = []
    for folder in ("avatar", "engines", "ui", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text()
            found = REPORTING.search(text)
            if found and not 0 <= text.find("no_reporting()") < found.start():
                forgot.append(f"{path.relative_to(ROOT)} imports {found[1]}")
    assert not forgot


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime", "nncf"])
def test_importing_leaves_no_identifier_and_opens_no_connection(tmp_path, runtime) -> None:
    if find_spec(runtime) is None:  # importing it here would report
        pytest.skip(f"{runtime} is not installed")
    code = f"""
import sys
from avatar.privacy import no_reporting
no_reporting()
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        print("reached for the network:", event, args)
sys.addaudithook(watch)
import {runtime}
print("loaded" if sys.modules.get("openvino_telemetry") else "blocked")
"""
    env = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    env = {name: value for name, value in env.items() if name not in ("CI", "NNCF_CI")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.stdout.split() == ["blocked"], done.stdout + done.stderr
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
