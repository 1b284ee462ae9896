"""Runtimes that report their use to their makers, told not to.

Two of them do so by default, read in their released sources:

- OpenVINO (and NNCF) through the package openvino-telemetry: ``import openvino`` alone writes an
  identifier to ``~/intel`` and sends an event to Google Analytics. Without that package both use a
  stub of their own, so its import is refused in this process. The user's consent file, which would
  speak for other programs too, is left alone.
- ONNX Runtime from 1.29 on: the library itself sends events to Microsoft and keeps an identifier in
  the user's cache folder, unless ``ORT_DISABLE_TELEMETRY=1`` is set before it is loaded (its
  Privacy.md). Builds for Windows components trace to the system instead, off by a call after the
  import: :func:`hush_onnxruntime`.
"""

import logging
import os
import sys
from typing import Any

log = logging.getLogger(__name__)

SWITCH = "ORT_DISABLE_TELEMETRY"
REPORTER = "openvino_telemetry"


def no_reporting() -> None:
    """Turn usage reporting off; call it before importing openvino, nncf or onnxruntime.

    The environment variable reaches child processes; those that import OpenVINO call this too.
    Idempotent. What was imported before is said in a warning, since it may have reported already.
    """
    if os.environ.get(SWITCH) != "1":
        _warn_if_loaded("onnxruntime")
        os.environ[SWITCH] = "1"
    if REPORTER not in sys.modules:
        sys.modules[REPORTER] = None  # type: ignore[assignment]  # an import of it fails from now on
    else:
        _warn_if_loaded(REPORTER)


def hush_onnxruntime(onnxruntime: Any) -> None:
    """Turn off what ONNX Runtime, just imported, traces to the system (Windows; a no-op elsewhere).

    Args:
        onnxruntime: the module.
    """
    onnxruntime.disable_telemetry_events()


def _warn_if_loaded(module: str) -> None:
    if sys.modules.get(module) is not None:
        log.warning("%s was loaded before its usage reporting could be turned off", module)
