"""Fixtures for every test."""

import atexit
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from avatar.places import cache_dir
from avatar.privacy import no_reporting

ROOT = Path(__file__).resolve().parents[1]

# `tools` is not installed, only present in a checkout.
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# Two test runs side by side would otherwise wait for each other at every parallel loop.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Before anything imports Qt: tests must not need, or disturb, a display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Before anything imports torch: its threads sleep, not spin, while they wait for each other. On a
# busy machine that is the difference between a second and a minute.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# What tests, and commands that they run, log and cache is kept here, and not among the user's own:
# the compiled graphs of one run alone take 2 GB.
_KEPT = Path(tempfile.mkdtemp(prefix="avatar-tests-"))
atexit.register(shutil.rmtree, _KEPT, ignore_errors=True)
_FETCHED = list(cache_dir().glob("torch_tensorrt-*"))  # by python -m tools.trt_front_end
os.environ |= {f"XDG_{kind.upper()}_HOME": str(_KEPT / kind) for kind in ("state", "cache")}
cache_dir().mkdir(parents=True, exist_ok=True)
for _folder in _FETCHED:
    (cache_dir() / _folder.name).symlink_to(_folder, target_is_directory=True)

# Before a test imports a runtime by itself.
no_reporting()

# A first example may import SciPy on a busy machine: no test of ours is about speed.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

PACKAGES = ("avatar", "engines", "ui")

RUNTIMES = {"onnxruntime", "openvino", "torch"}
"""What changes how a thread computes with denormals."""

THREAD_GRACE_S = 2.0
"""How long a test's threads may take to end after it returned, in seconds."""


def _ours() -> set[threading.Thread]:
    """Live threads that we started: those that run our code, and all that are not daemons.

    Other daemon threads belong to libraries (Hypothesis, tqdm, Qt). A thread's target is gone once
    it has ended, which is what we wait for anyway.
    """
    found = set()
    for thread in threading.enumerate():
        if thread is threading.main_thread() or isinstance(thread, threading._DummyThread):
            continue
        module = getattr(getattr(thread, "_target", None), "__module__", None) or ""
        if not thread.daemon or module.split(".")[0] in PACKAGES:
            found.add(thread)
    return found


@pytest.fixture(autouse=True)
def thread_check() -> Iterator[None]:
    """Fail the test that leaves one of our threads running."""
    before = _ours()
    yield
    deadline = time.monotonic() + THREAD_GRACE_S
    while (left := _ours() - before) and time.monotonic() < deadline:
        for thread in left:
            thread.join(0.05)
    if left:
        names = ", ".join(sorted(thread.name for thread in left))
        pytest.fail(f"the test left threads running: {names}", pytrace=False)


@pytest.fixture(autouse=True)
def denormals() -> None:
    """Engines flush denormals on the thread that opens them, here the tests' own: Hypothesis then
    refuses to make floats, and 5e-324 is not above 0."""
    if RUNTIMES & sys.modules.keys():
        import torch

        torch.set_flush_denormal(False)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material beside the repository; skips the test where it is missing."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"no shared material: {folder.name}/ is not beside the repository")
    return folder


@pytest.fixture(scope="session")
def tiny() -> Callable[[str], Any]:
    """A preset's parameters by name, its switches kept and its widths cut to a few channels: the
    same code in a hundredth of the time."""
    from avatar.model.params import PRESETS

    def make(name: str) -> Any:
        params = PRESETS[name]
        return replace(
            params,
            depth_blocks=tuple(min(count, 2) for count in params.depth_blocks),
            depth_encoder=(8, 8, 8, 16, 16),
            depth_decoder=(4, 4, 8, 8, 8),
            keypoint_base=4,
            keypoint_max=16,
            flow_base=8,
            flow_max=16,
            encoder=(4, 8, 16),
            depth_features=(4, 8, 8),
            attention_channels=4,
            attention_pool=2,
            bottleneck=1,
            decoder=(8, 8),
        )

    return make


@pytest.fixture(scope="session")
def made_face() -> Callable[..., Any]:
    """Makes a Face with a rigid mesh: ``made_face(pose, side=256)`` has that head pose in its
    square of ``side`` pixels."""
    import numpy as np

    from avatar.frame import Face
    from avatar.pose.head import FACE_HEIGHT, FRONTAL, MEAN_FACE, RIGID, HeadPose

    def turn(pose: HeadPose) -> np.ndarray:
        y, x, z = np.radians([-pose.yaw, -pose.pitch, pose.roll])
        about_x = [[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]]
        about_y = [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
        about_z = [[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]]
        return np.array(about_z) @ np.array(about_y) @ np.array(about_x)

    def make(pose: HeadPose = FRONTAL, side: float = 256.0, shift: float = 0.0) -> Face:
        mesh = np.zeros((478, 3))
        mesh[RIGID] = MEAN_FACE
        for upper, lower, outer, inner in ((159, 145, 33, 133), (386, 374, 263, 362)):
            middle = (mesh[outer] + mesh[inner]) / 2
            gap = pose.eyes * np.linalg.norm(mesh[outer] - mesh[inner])
            mesh[upper], mesh[lower] = middle - [0, gap / 2, 0], middle + [0, gap / 2, 0]
        mesh[13], mesh[14] = [0, 1.2, -0.3], [0, 1.2 + pose.mouth * FACE_HEIGHT, -0.3]
        mesh[152] = [0, 1.98, -0.1]  # the chin
        # Cheeks and forehead, where the light is measured: spread over the face's halves.
        from avatar.pose.lighting import _LEFT, _RIGHT

        for column, numbers in ((-0.5, _LEFT), (0.5, _RIGHT)):
            for row, number in enumerate(numbers):
                if number not in RIGID:
                    mesh[number] = [column, -0.6 + 0.1 * row, 0]
        scale = pose.size * side / FACE_HEIGHT
        points = scale * mesh @ turn(pose).T + [pose.x * side + shift, pose.y * side + shift, 0]
        landmarks = points.astype(np.float32)
        box = np.concatenate([landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)])
        return Face(box.astype(np.float32), landmarks, 1.0)

    return make
