"""What stands at the head."""

import subprocess
import sys

import pytest

from avatar import __version__
from avatar.gpu import Gpu
from avatar.logs import facts as module
from avatar.logs.facts import facts


def test_app_system_packages_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_gpu", lambda: Gpu("NVIDIA H200", "580.1"))
    monkeypatch.setattr(module, "installed", lambda name: "" if name == "openvino" else "9.9")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    text = "\n".join(facts())
    assert f"avatar {__version__}, Python 3" in text
    assert "PyQt6 9.9" in text and "; without openvino" in text
    assert "CUDA_VISIBLE_DEVICES=1" in text
    assert "GPU: NVIDIA H200, driver 580.1" in text


def test_nothing_heavy_is_imported_for_them() -> None:
    code = (
        "import sys; from avatar.logs.log import Log; from avatar.logs.facts import facts;"
        "list(facts());"
        "print(*{'torch', 'openvino', 'onnxruntime', 'cv2', 'mediapipe', 'PyQt6', 'av', 'numpy'}"
        " & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("", "")
