"""Plans: compiled graphs as files, each with what it was made from and for.

A plan is code for one GPU, one driver and one release of TensorRT. Beside ``NAME.plan`` lies
``NAME.json`` with everything it depends on, by name, so that a plan that does not fit any more is
never loaded, and the user is told why it is made again. Torch-TensorRT's own engine cache leaves
out weights, versions and the arguments of operations, so it is not used.
"""

import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from avatar.errors import OutputError
from avatar.graphs import cache_folder

log = logging.getLogger(__name__)

FORMAT = "avatar-plan-1"
"""Changes when plans of the same parts would be made or read differently."""

SHOWN = 28
"""Characters of a part that a message shows."""

Parts = Mapping[str, str]
"""What a plan depends on, by a name for people."""


@dataclass(frozen=True)
class Verdict:
    """How a plan compared with the reference: ``note`` has the figures, or what was wrong."""

    passed: bool
    note: str


@dataclass(frozen=True)
class Plan:
    """A stored plan.

    Attributes:
        inputs: the engine's names of the graph's inputs, by ours; in order.
        outputs: likewise.
        verdict: None while it has not been compared.
    """

    path: Path
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    verdict: Verdict | None = None


class Plans:
    """The plans of one weights file on one machine.

    Args:
        folder: where; it need not exist.
        parts: what all plans depend on: weights, versions, GPU, driver.
    """

    def __init__(self, folder: Path, parts: Parts) -> None:
        self.folder = folder
        self.parts = dict(parts)

    def find(self, graph: str, form: str) -> tuple[Plan | None, str]:
        """The plan of a graph in a form, if there is one that fits and is whole; else why not.

        The reason completes "a TensorRT plan for this GPU: ...". A plan that failed its comparison
        is found by its verdict alone; its file is gone.
        """
        plan, content, why = self._described(graph, form)
        if plan is None or (plan.verdict is not None and not plan.verdict.passed):
            return plan, why
        try:
            with plan.path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            return None, f"that of {graph} is missing"
        if found != content["plan_sha256"]:
            return None, f"that of {graph} is damaged"
        return plan, ""

    def store(
        self,
        graph: str,
        form: str,
        data: bytes,
        inputs: Mapping[str, str],
        outputs: Mapping[str, str],
    ) -> Plan:
        """Write a plan, whole or not at all; one of that name is replaced.

        Raises:
            OutputError: the folder cannot be written.
        """
        plan = Plan(self._path(graph, form), dict(inputs), dict(outputs))
        with self._writing():
            # Between the two writes the old description does not fit the new plan: it counts as
            # damaged and is made again.
            _write(plan.path, data)
            digest = hashlib.sha256(data).hexdigest()
            self._describe(plan, graph, form, {"plan_sha256": digest})
        return plan

    def judge(self, graph: str, form: str, verdict: Verdict) -> None:
        """Store how a plan compared; the file of one that failed is deleted.

        Raises:
            OutputError: the folder cannot be written.
        """
        plan, content, _ = self._described(graph, form)
        if plan is None:
            return
        with self._writing():
            self._describe(replace(plan, verdict=verdict), graph, form, content)
            if not verdict.passed:
                plan.path.unlink(missing_ok=True)

    def discard(self, graph: str, form: str) -> None:
        """Delete a plan that TensorRT refuses; what cannot be deleted is replaced when built."""
        path = self._path(graph, form)
        for file in (path.with_suffix(".json"), path):
            with contextlib.suppress(OSError):
                file.unlink()

    def sweep(self, writer: int) -> None:
        """Delete what a process that was ended left half written."""
        for partial in self.folder.glob(f".*.{writer}.partial"):
            with contextlib.suppress(OSError):
                partial.unlink()

    def writable(self) -> None:
        """Raise OutputError now rather than after minutes of building."""
        with self._writing():
            probe = self.folder / f".probe.{os.getpid()}.partial"
            probe.touch()
            probe.unlink()

    def _path(self, graph: str, form: str) -> Path:
        return self.folder / f"{graph}.{form}.plan"

    def _parts(self, graph: str, form: str) -> dict[str, str]:
        return {**self.parts, "graph": graph, "form": form}

    def _described(self, graph: str, form: str) -> tuple[Plan | None, dict[str, Any], str]:
        path = self._path(graph, form)
        try:
            content = json.loads(path.with_suffix(".json").read_text())
            if content["format"] != FORMAT:
                return None, {}, "those here were made by another version of avatar"
            if changed := _changed(content["parts"], self._parts(graph, form)):
                return None, {}, f"those here were made for {changed}"
            if content["key"] != key(content["parts"]):
                return None, {}, f"that of {graph} is damaged"
            verdict = content["verdict"]
            plan = Plan(
                path, content["inputs"], content["outputs"], Verdict(**verdict) if verdict else None
            )
        except FileNotFoundError:
            return None, {}, "none has been made yet"
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None, {}, f"that of {graph} is damaged"
        return plan, content, ""

    def _describe(self, plan: Plan, graph: str, form: str, content: Mapping[str, Any]) -> None:
        parts = self._parts(graph, form)
        verdict = plan.verdict
        content = {
            "format": FORMAT,
            "key": key(parts),
            "plan_sha256": content["plan_sha256"],
            "inputs": dict(plan.inputs),
            "outputs": dict(plan.outputs),
            "verdict": {"passed": verdict.passed, "note": verdict.note} if verdict else None,
            "parts": parts,
        }
        _write(plan.path.with_suffix(".json"), (json.dumps(content, indent=1) + "\n").encode())

    @contextlib.contextmanager
    def _writing(self) -> Any:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise OutputError(
                f"TensorRT plans cannot be written to {self.folder}: {error.strerror or error}.",
                hint="Check that the folder is writable and has space (some 200 MB).",
            ) from error


def key(parts: Parts) -> str:
    """SHA-256 over the parts, whatever their order."""
    return hashlib.sha256(json.dumps(dict(parts), sort_keys=True).encode()).hexdigest()


def folder_for(gpu: str, weights: str, sha256: str) -> Path:
    """Where the plans of a weights file for a GPU are kept; other GPUs have folders of their
    own."""
    slug = "".join(c if c.isalnum() else "-" for c in gpu.lower()).strip("-") or "gpu"
    return cache_folder() / "plans" / slug / f"{weights}-{sha256[:16]}"


@cache
def network_code() -> str:
    """SHA-256 over the source of avatar.model: with weights and PyTorch's version it determines the
    exported graphs, and unlike them it costs nothing to read."""
    import avatar.model

    digest = hashlib.sha256()
    for folder in avatar.model.__path__:
        for source in sorted(Path(folder).glob("*.py")):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def _changed(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """What differs, for people: "another driver (570.1; now 580.2)"."""
    differences = []
    for name in new:
        if old.get(name) != new[name]:
            before, now = old.get(name, "none"), new[name]
            short = f" ({before}; now {now})" if len(before + now) <= 2 * SHOWN else ""
            differences.append(f"another {name}{short}")
    return ", ".join(differences[:3])


def _write(path: Path, data: bytes) -> None:
    partial = path.parent / f".{path.name}.{os.getpid()}.partial"
    try:
        with partial.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
