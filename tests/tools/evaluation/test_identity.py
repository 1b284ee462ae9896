from pathlib import Path

import numpy as np
import pytest

from avatar.errors import InputError
from tools.evaluation import identity
from tools.evaluation.identity import TEMPLATE, FaceEmbedding, aligned
from tools.evaluation.similarity import move


def unit(*values: float) -> np.ndarray:
    return np.array(values, np.float32) / np.linalg.norm(values)


def test_csim_and_aed_by_hand() -> None:
    a, b = unit(1, 0), unit(1, 1)
    assert identity.csim(a, a) == 1
    assert identity.csim(a, b) == pytest.approx(np.sqrt(0.5))
    assert identity.aed(a, b) == pytest.approx(2 - 2 * identity.csim(a, b), abs=1e-6)
    assert identity.aed(a, -a) == pytest.approx(4)


def face() -> np.ndarray:
    """(478, 3) with eyes, nose and mouth where the template has them, twice as large."""
    points = np.zeros((478, 3), np.float32)
    for index, place in zip((33, 362, 1, 61, 291), TEMPLATE, strict=True):
        points[index, :2] = 2 * place + 10
    points[133], points[263] = points[33], points[362]
    return points


def test_the_face_is_brought_onto_the_template() -> None:
    image = np.zeros((256, 256, 3), np.uint8)
    points = face()
    x, y = points[1, :2].round().astype(int)
    image[y - 2 : y + 3, x - 2 : x + 3] = 255
    found = aligned(image, points)
    rows, columns = np.nonzero(found[..., 0] > 128)
    assert found.shape == (112, 112, 3)
    assert abs(rows.mean() - TEMPLATE[2, 1]) < 1
    assert abs(columns.mean() - TEMPLATE[2, 0]) < 1


def test_a_file_that_is_no_network(tmp_path: Path) -> None:
    path = tmp_path / "face.onnx"
    path.write_bytes(b"nonsense")
    with pytest.raises(InputError, match="not an ONNX network"):
        FaceEmbedding(path)


def test_a_network_of_another_kind(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    inputs = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 64, 64])
    outputs = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, 64, 64])
    node = helper.make_node("Identity", ["x"], ["y"])
    graph = helper.make_graph([node], "none", [inputs], [outputs])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(InputError, match=r"expected a face embedding, \[1, 3, 112, 112\]"):
        FaceEmbedding(tmp_path / "other.onnx")


def test_a_turned_face_is_the_same_person(shared: Path, astronaut, noise) -> None:
    embedding = FaceEmbedding(shared / "weights" / "mobilefacenet.onnx")
    points = np.zeros((478, 3), np.float32)
    # Eyes, nose tip and mouth corners of the astronaut, as MediaPipe finds them.
    places = [(107, 108), (156, 110), (129, 141), (105, 151), (155, 152)]
    for index, place in zip((33, 362, 1, 61, 291), places, strict=True):
        points[index, :2] = place
    points[133], points[263] = points[33], points[362]
    turn = np.array([[0.9, -0.3, 30], [0.3, 0.9, -20]])
    turned = points.copy()
    turned[:, :2] = points[:, :2] @ turn[:, :2].T + turn[:, 2]
    a = embedding(astronaut, points)
    b = embedding(move(astronaut, turn, 256), turned)
    assert np.linalg.norm(a) == pytest.approx(1, abs=1e-5)
    assert identity.csim(a, b) > 0.9
    assert identity.csim(a, embedding(noise(0), points)) < 0.5
