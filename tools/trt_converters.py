"""List what Torch-TensorRT converts: ``python -m tools.trt_converters``

Reads the source of the front end that tools/trt_front_end.py fetched, without importing it, and
writes ``tests/engines/trt_converters.json``: the operations with a converter, those that it
decomposes first, and those that it keeps whole. The test of operator coverage needs nothing else.
"""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.trt_front_end import RELEASE, folder

WRITTEN = Path(__file__).parents[1] / "tests" / "engines" / "trt_converters.json"

CONVERTERS = (
    "aten_ops_converters.py",
    "ops_evaluators.py",
    "prims_ops_converters.py",
    "custom_ops_converters.py",
)
DECORATOR = "dynamo_tensorrt_converter"
GROUPS = "_decomposition_groups.py"
ENABLED, DISABLED = "torch_enabled_decompositions", "torch_disabled_decompositions"


def converters(source: str) -> Iterator[str]:
    """Dotted names of the operations with a converter in a module's source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _dotted(node.func).endswith(DECORATOR) and node.args:
            off = any(
                keyword.arg == "enabled"
                and isinstance(keyword.value, ast.Constant)
                and keyword.value.value is False
                for keyword in node.keywords
            )
            if not off:
                yield _dotted(node.args[0])


def group(source: str, name: str) -> list[str]:
    """Dotted names of a literal set of operations in a module's source."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.AnnAssign)
            and _dotted(node.target) == name
            and isinstance(node.value, ast.Set)
        ):
            return sorted(_dotted(element) for element in node.value.elts)
    raise ValueError(f"{GROUPS} has no literal set {name}")


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}".removeprefix("torch.ops.")
    return node.id if isinstance(node, ast.Name) else ""


def main() -> int:
    """Write the list."""
    dynamo = folder() / "torch_tensorrt" / "dynamo"
    if not dynamo.is_dir():
        print(f"{dynamo} is missing: run python -m tools.trt_front_end", file=sys.stderr)
        return 1
    found: set[str] = set()
    for name in CONVERTERS:
        found |= set(converters((dynamo / "conversion" / name).read_text()))
    groups = (dynamo / "lowering" / GROUPS).read_text()
    content = {
        "torch_tensorrt": RELEASE,
        "converters": sorted(found - {""}),
        "decomposed": group(groups, ENABLED),
        "kept": group(groups, DISABLED),
    }
    WRITTEN.write_text(json.dumps(content, indent=1) + "\n")
    print(f"{WRITTEN}: {len(content['converters'])} operations with a converter")
    return 0


if __name__ == "__main__":
    sys.exit(main())
