"""What a report says about how it was made: the options, versions and what they led to."""

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tools.evaluation.planning import Plan
from tools.evaluation.puppet import Puppet

PACKAGES = ("dagan-avatar", "torch", "mediapipe", "opencv-contrib-python", "numpy", "onnxruntime")
ELSEWHERE = ("json", "html", "show", "data")
"""Options that say nothing about the figures, or are told otherwise."""


def settings(options: Mapping[str, Any], plan: Plan, puppet: Puppet) -> dict[str, Any]:
    """Everything that figures depend on, as JSON can hold it.

    Folders of this machine are left out, but for their last name: reports are passed on.
    """
    told = {name: _told(value) for name, value in options.items() if name not in ELSEWHERE}
    return {
        "data": Path(options["data"]).name,
        **told,
        "engine": puppet.label,
        "maps that the engine shows": puppet.shown,
        "clips": len(plan.clips),
        "trials": len(plan.trials),
        "driving frames": sum(len(trial.driving) for trial in plan.trials),
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _told(value: object) -> object:
    if isinstance(value, Path):
        return value.name
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    if isinstance(value, str) and "/" in value:
        return value.rsplit("/", 1)[-1]
    return value


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
