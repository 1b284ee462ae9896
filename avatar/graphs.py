"""Exported graphs: the networks as files that other runtimes open without PyTorch.

A folder ``NAME.graphs`` holds the graphs of one weights file (avatar/model/graphs.py tells their
inputs and outputs; pictures are uint8 at the edge) with a manifest, ``graphs.json``, that names the
SHA-256 of those weights and of every file. Folders are looked for beside the weights (bundled
models), in the user's weights folder (quantised ones) and in the cache (exported by an engine).
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avatar.errors import OutputError, WeightsError
from avatar.places import cache_dir
from avatar.shelf import user_folder

FORMAT = "avatar-graphs-1"
"""Changes whenever the graphs of the same weights would be exported differently."""

MANIFEST = "graphs.json"

NAMES = ("detect", "encode", "render")

FP32 = "fp32"
INT8 = "int8"
"""Only ``render`` is quantised; ``detect`` and ``encode`` are the fp32 ones."""


def cache_folder() -> Path:
    """Where engines keep what they can make again; may not exist yet."""
    return cache_dir()


@dataclass(frozen=True)
class Graphs:
    """Where the exported graphs of one weights file are.

    Attributes:
        weights: the weights file.
        sha256: of that file.
    """

    weights: Path
    sha256: str

    @property
    def cached(self) -> Path:
        """The folder that engines export to."""
        return cache_folder() / "graphs" / f"{self.weights.stem}-{self.sha256[:16]}.graphs"

    @property
    def kept(self) -> Path:
        """The folder for what took the user's own footage to make."""
        return user_folder() / f"{self.weights.stem}.graphs"

    @property
    def _folders(self) -> tuple[Path, ...]:
        """Where graphs are looked for; what the user quantised goes before what is bundled."""
        return self.kept, self.weights.with_suffix(".graphs"), self.cached

    def file(self, graph: str, precision: str = FP32) -> Path | None:
        """The verified file of a graph to open; None where there is none.

        Raises:
            WeightsError: a file of it is missing or damaged.
        """
        for folder in self._folders:
            files = self._manifest(folder).get(f"{graph}.{precision}")
            if files:
                for name, digest in files.items():
                    _verify(folder / name, digest)
                return folder / next(iter(files))
        return None

    def has(self, precision: str) -> bool:
        """Whether every graph that this precision needs is listed; verifies nothing."""
        found: set[str] = set()
        for folder in self._folders:
            found |= set(self._manifest(folder))
        needed = {f"{name}.{FP32}" for name in NAMES}
        if precision == INT8:
            needed = needed - {"render.fp32"} | {"render.int8"}
        return needed <= found

    def store(
        self, folder: Path, made: Mapping[tuple[str, str], Sequence[Path]], **about: object
    ) -> None:
        """Move files into ``folder`` and list them; what it holds of other weights is dropped.

        Args:
            folder: :attr:`cached`, :attr:`kept`, or the one beside bundled weights.
            made: files by graph and precision, the one to open first.
            about: more for the manifest, such as measured quality.

        Raises:
            OutputError: the folder cannot be written.
        """
        listed: dict[str, Any] = dict(self._manifest(folder))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for (graph, precision), files in made.items():
                listed[f"{graph}.{precision}"] = {file.name: _digest(file) for file in files}
                for file in files:
                    partial = folder / f".{file.name}.partial"
                    shutil.move(file, partial)
                    os.replace(partial, folder / file.name)
            content = {"format": FORMAT, "weights_sha256": self.sha256, **about, "files": listed}
            handle, temporary = tempfile.mkstemp(prefix=f".{MANIFEST}.", dir=folder)
            with os.fdopen(handle, "w") as stream:
                json.dump(content, stream, indent=1)
                stream.write("\n")
            os.chmod(temporary, 0o644)  # mkstemp makes it private
            os.replace(temporary, folder / MANIFEST)
        except OSError as error:
            raise OutputError(
                f"The exported graphs cannot be written to {folder}: {error.strerror or error}.",
                hint="Check that the folder is writable and has space.",
            ) from error

    def _manifest(self, folder: Path) -> dict[str, dict[str, str]]:
        """The files listed for these weights in a folder; empty where it has none of them."""
        try:
            content = json.loads((folder / MANIFEST).read_text())
            if content["format"] == FORMAT and content["weights_sha256"] == self.sha256:
                return _listed(content["files"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass  # nothing there, or of no use: it is made again
        return {}


def _listed(found: Any) -> dict[str, dict[str, str]]:
    """The list in a manifest.

    Raises:
        ValueError, TypeError: it is none, or leads out of its folder.
    """
    if not isinstance(found, dict):
        raise TypeError(f"files is a {type(found).__name__}")
    for files in found.values():
        for name, digest in dict(files).items():
            plain = name and Path(name).name == name and "\\" not in name
            if not plain or not isinstance(digest, str):
                raise ValueError(f"the file {name!r} with the SHA-256 {digest!r}")
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _verify(path: Path, digest: str) -> None:
    try:
        found = _digest(path)
    except OSError as error:
        raise WeightsError(
            f"The exported graph {path} cannot be read: {error.strerror}.",
            hint=f"Delete {path.parent} (it is made again), or install the package again.",
        ) from error
    if found != digest:
        raise WeightsError(
            f"The exported graph {path} is damaged: its SHA-256 is {found[:16]}..., "
            f"expected {digest[:16]}....",
            hint=f"Delete {path.parent} (it is made again), or install the package again.",
        )
