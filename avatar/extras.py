"""Packages that an installation may lack, and the extra that brings each.

The light install has no PyTorch: what needs it asks here first, so that a user is told what to
install, before anything is downloaded or written.
"""

from importlib.util import find_spec

from avatar.errors import UsageError

EXTRAS = {
    "nncf": "quantize",
    "onnx": "torch",
    "onnxruntime": "cpu",
    "onnxscript": "torch",
    "openvino": "cpu",
    "pyvirtualcam": "vcam",
    "tensorrt": "trt",
    "torch": "torch",
    "torch_tensorrt": "trt",
}
"""By the name that is imported."""


def lacking(package: str, doing: str = "This") -> UsageError:
    """What to tell a user who lacks a package of :data:`EXTRAS`."""
    title = "PyTorch" if package == "torch" else package
    return UsageError(
        f"{doing} needs {title}, which is not installed.",
        hint=f"pip install 'dagan-avatar[{EXTRAS[package]}]'",
    )


def need_torch(doing: str) -> None:
    """Make sure that PyTorch is installed, without importing it.

    Args:
        doing: what needs it, as the beginning of a sentence: "Converting weights".

    Raises:
        UsageError: it is not; the hint names the extra.
    """
    if find_spec("torch") is None:
        raise lacking("torch", doing)
