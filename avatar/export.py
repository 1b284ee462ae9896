"""Export: a network's three graphs as ONNX files (opset 18, uint8 pictures at the edge).

Run as ``python -m avatar.export WEIGHTS FOLDER`` by engines that need the files: an export
takes seconds to minutes and gigabytes, and a process can be stopped at any time. It prints the name
of each graph before it is exported.
"""

import logging
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from avatar.model.blocks import fold
from avatar.model.dagan import Dagan
from avatar.model.graphs import graphs
from avatar.model.upsampling import merge_upsampling

if TYPE_CHECKING:
    from avatar.weights import Weights

OPSET = 18
"""From 20 on GridSample's mode has another name, which other runtimes misread."""


def export(weights: "Weights", folder: Path, tell: Callable[[str], None]) -> dict[str, Path]:
    """Write ``detect.onnx``, ``encode.onnx`` and ``render.onnx``; the files by graph.

    Raises:
        WeightsError: the weights are damaged.
        OSError: a file cannot be written.
    """
    network = Dagan(weights.params)
    network.load_state_dict(weights.tensors)
    network.requires_grad_(False)
    merge_upsampling(fold(network))
    # The exporter tells which optional packages it lacks.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    files = {}
    for graph in graphs(network, pixels=True):
        tell(graph.name)
        files[graph.name] = folder / f"{graph.name}.onnx"
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of the exporter about itself
            torch.onnx.export(
                graph.module,
                tuple(graph.inputs.values()),
                str(files[graph.name]),
                dynamo=True,
                opset_version=OPSET,
                external_data=False,
                input_names=list(graph.inputs),
                output_names=list(graph.outputs),
                verbose=False,
            )
        _strip(files[graph.name])
    return files


def _strip(path: Path) -> None:
    """Remove what the exporter notes at every node: stack traces with paths of this machine."""
    import onnx

    model = onnx.load(path)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info):
        del part.metadata_props[:]
    for tensor in graph.initializer:
        del tensor.metadata_props[:]
    onnx.save(model, path)


def main(argv: list[str]) -> int:
    """Export the weights file ``argv[0]`` into the folder ``argv[1]``."""
    from avatar.errors import AvatarError
    from avatar.weights import load

    try:
        export(load(argv[0]), Path(argv[1]), lambda name: print(name, flush=True))
    except AvatarError as error:
        print(error.message, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or argv[1]}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
