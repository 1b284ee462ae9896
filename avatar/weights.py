"""Weights: the numbers of a model with its parameters; loaded, saved and verified here.

A weights file is safetensors (float32 or float16) whose metadata has ``format``, ``params``
(:meth:`~avatar.model.params.ModelParams.to_json`), ``name`` and ``tensors_sha256``. Nothing here
unpickles; official PyTorch files go through :mod:`avatar.convert` first.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from avatar.errors import OutputError, WeightsError
from avatar.extras import need_torch
from avatar.graphs import Graphs
from avatar.header import Header
from avatar.model.params import ModelParams
from avatar.shelf import installed, locate, names, user_folder

if TYPE_CHECKING:
    import torch

    Tensors = dict[str, torch.Tensor]

__all__ = ["Weights", "describe", "installed", "load", "locate", "save", "user_folder"]

FORMAT = "avatar-dagan-1"
OURS = ("format", "params", "tensors_sha256")
"""Metadata that :func:`save` writes itself."""

ALWAYS_VERIFIED = 32 * 2**20
"""Files up to this many bytes have their tensors verified at every load."""

COUNTER = "num_batches_tracked"
"""BatchNorm's training counter: of no use here, so it is not kept."""


class Weights:
    """A model's numbers.

    Args:
        params: what they are for.
        tensors: by our names, float32 on the CPU; or what reads them when they are first asked
            for, since an engine that runs exported graphs needs neither them nor PyTorch.
        name: for people.
        sha256: of the file.
        path: the file; None when they came from none.
    """

    def __init__(
        self,
        params: ModelParams,
        tensors: "Tensors | Callable[[], Tensors]",
        name: str,
        sha256: str,
        path: Path | None = None,
    ) -> None:
        self.params = params
        self.name = name
        self.sha256 = sha256
        self.path = path
        self._tensors = tensors

    @property
    def tensors(self) -> "Tensors":
        """The numbers.

        Raises:
            WeightsError: they are read now, and the file is damaged or does not fit ``params``.
        """
        if callable(self._tensors):
            self._tensors = self._tensors()
        return self._tensors

    @property
    def graphs(self) -> Graphs | None:
        """Their exported graphs; None for weights that came from no file."""
        return None if self.path is None else Graphs(self.path, self.sha256)


def load(name_or_path: str, *, verify: bool = False) -> Weights:
    """Read weights by name or path.

    ``verify`` compares the tensors with their stored SHA-256 whatever the size of the file.

    Raises:
        WeightsError: missing, cut off, damaged, a pickle, of another format or architecture.
    """
    weights = describe(name_or_path)
    assert weights.path is not None
    tensors = _read(weights.path, verify)
    return Weights(weights.params, tensors, weights.name, weights.sha256, weights.path)


def describe(name_or_path: str) -> Weights:
    """Weights of which only the header is read; the tensors follow when they are asked for.

    Raises:
        WeightsError: missing, a pickle, of another format or version.
    """
    path = locate(name_or_path)
    header = Header.read(path)
    params = read_params(path, header)
    try:
        digest = file_sha256(path)
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read: {error.strerror}.", hint="Get the file again."
        ) from error
    name = header.metadata.get("name", params.name)
    return Weights(params, lambda: _read(path), name, digest, path)


def header_params(name_or_path: str) -> ModelParams:
    """The parameters of weights by name or path, read in a moment.

    Raises:
        WeightsError: missing, a pickle, of another format or version.
    """
    path = locate(name_or_path)
    return read_params(path, Header.read(path))


def _read(path: Path, verify: bool = False) -> "Tensors":
    """Every tensor of a file, checked against its parameters."""
    need_torch("Reading the numbers of a model")
    import torch
    from safetensors import SafetensorError, safe_open

    header = Header.read(path)
    params = read_params(path, header)
    check_shapes(params, header.shapes, str(path))
    try:
        with safe_open(path, framework="pt") as file:
            stored = {name: file.get_tensor(name) for name in header.shapes}
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path} is damaged: {error}.", hint="Get the file again.") from error
    expected = header.metadata.get("tensors_sha256", "")
    small = path.stat().st_size <= ALWAYS_VERIFIED
    if expected and (verify or small) and tensors_sha256(stored) != expected:
        raise WeightsError(
            f"{path} is damaged: its tensors do not have the SHA-256 {expected} that it states.",
            hint="Get the file again.",
        )
    tensors = {name: tensor.to(torch.float32) for name, tensor in stored.items()}
    check_finite(tensors, str(path))
    return tensors


def save(
    path: Path,
    params: ModelParams,
    tensors: "Mapping[str, torch.Tensor]",
    extra_metadata: Mapping[str, str] | None = None,
    *,
    half: bool = False,
) -> None:
    """Write a weights file, whole or not at all.

    Args:
        path: where; its folder must exist.
        params: what the tensors are for.
        tensors: our names (a ``Dagan(params).state_dict()`` will do), any float type and device.
        extra_metadata: more strings to keep, such as ``name``, ``licence``, ``source``.
        half: store float16, half the size.

    Raises:
        WeightsError: the tensors do not fit ``params``, are not finite, or too large for float16.
        OutputError: the file cannot be written.
    """
    need_torch("Writing weights")
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    kind = torch.float16 if half else torch.float32
    kept = {
        name: tensor.detach().to("cpu", kind).contiguous().clone()
        for name, tensor in tensors.items()
        if not name.endswith(COUNTER)
    }
    check_shapes(
        params,
        {name: tuple(t.shape) for name, t in kept.items()},
        "These tensors",
        "Save them with the parameters of the network they came from.",
    )
    check_finite(kept, "as float16" if half else "as float32")
    metadata = {"name": params.name, **(extra_metadata or {})}
    if clash := sorted(set(metadata) & set(OURS)):
        raise WeightsError(f"The metadata may not set {', '.join(clash)}: they are written here.")
    metadata |= {
        "format": FORMAT,
        "params": params.to_json(),
        "tensors_sha256": tensors_sha256(kept),
    }
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        try:
            save_file(kept, temporary, metadata)
            os.chmod(temporary, 0o644)  # mkstemp makes it private
            os.replace(temporary, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
    except (OSError, SafetensorError) as error:
        why = getattr(error, "strerror", None) or error
        raise OutputError(
            f"The weights cannot be written to {path}: {why}.",
            hint="Check that the folder exists, is writable and has space.",
        ) from error


def read_params(path: Path, header: Header) -> ModelParams:
    """The parameters that a weights file states.

    Raises:
        WeightsError: not ours, of another version, or with parameters this version does not know.
    """
    found = header.metadata.get("format")
    if found is None or "params" not in header.metadata:
        raise WeightsError(
            f"{path} is a safetensors file, but not an avatar model: its metadata has no "
            "format and params.",
            hint=f"Name a file that avatar wrote. {names()} are installed.",
        )
    if found != FORMAT:
        raise WeightsError(
            f"{path} has the format {found!r}, expected {FORMAT!r}.",
            hint="It was written by another version of avatar; update avatar or get another file.",
        )
    try:
        return ModelParams.from_json(header.metadata["params"])
    except (ValueError, TypeError) as error:
        raise WeightsError(
            f"{path} has parameters this version cannot use: {error}.",
            hint="It was written by another version of avatar; update avatar or get another file.",
        ) from error


def expected_shapes(params: ModelParams) -> dict[str, tuple[int, ...]]:
    """Every tensor that ``Dagan(params)`` needs, by name, with its shape; allocates nothing."""
    import torch

    from avatar.model.dagan import Dagan

    with torch.device("meta"):
        state = Dagan(params).state_dict()
    return {name: tuple(t.shape) for name, t in state.items() if not name.endswith(COUNTER)}


def check_shapes(
    params: ModelParams,
    got: Mapping[str, tuple[int, ...]],
    where: str,
    hint: str = "The file and its parameters do not belong together; get or convert it again.",
) -> None:
    """Raise WeightsError with the first three differences between ``got`` and what is needed."""
    try:
        want = expected_shapes(params)
    except (RuntimeError, ValueError, ArithmeticError) as error:
        raise WeightsError(
            f"{where}: its parameters describe no network that can be built: {error}.",
            hint="The file is damaged or was written by another version of avatar.",
        ) from error
    wrong = [
        f"{name} is {got[name]}, expected {shape}"
        if name in got
        else f"{name} is missing, expected {shape}"
        for name, shape in want.items()
        if got.get(name) != shape
    ]
    wrong += [f"{name} {got[name]} is not part of it" for name in got if name not in want]
    if wrong:
        more = f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise WeightsError(
            f"{where}: other tensors than the architecture {params.name!r} has. "
            f"{'; '.join(wrong[:3])}{more}.",
            hint=hint,
        )


def check_finite(tensors: "Mapping[str, torch.Tensor]", where: str) -> None:
    """Raise WeightsError naming the first tensor that holds an infinity or NaN."""
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise WeightsError(
                f"{where}: tensor {name} holds numbers that are not finite.",
                hint="The training failed or the file is damaged; use other weights.",
            )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in pieces (about 0.2 s for the 300 MB of vox256)."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tensors_sha256(tensors: "Mapping[str, torch.Tensor]") -> str:
    """SHA-256 of names and bytes as stored, by name; unlike the file's, it can be in the file."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode() + b"\0")
        digest.update(tensors[name].contiguous().numpy().data)
    return digest.hexdigest()
