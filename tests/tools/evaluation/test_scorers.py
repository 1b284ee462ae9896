import hashlib
from pathlib import Path

import numpy as np
import pytest

from avatar.errors import InputError, UsageError
from tools.evaluation import metrics, scorers
from tools.evaluation.expression import NAMES
from tools.evaluation.observer import LandmarkerReader, MeshReader, Observer, Seen

NOTHING: dict[str, Path | None] = {}


def test_what_has_no_scorer_is_absent_with_the_reason() -> None:
    chosen, absent = scorers.choose(None, NOTHING, same=True, dense=True)
    assert {"l1", "ssim", "akd", "jitter", "missed"} < set(chosen)
    assert set(chosen) | set(absent) == set(metrics.METRICS)
    assert "--embedding" in absent["csim"]
    assert "--landmarker" in absent["prmse"]
    assert "--features" in absent["feature_distance"]


def test_scorers_that_are_given_are_used() -> None:
    given = dict.fromkeys(
        (metrics.EMBEDDING, metrics.LANDMARKER, metrics.FEATURES), Path("somewhere")
    )
    chosen, absent = scorers.choose(None, given, same=True, dense=True)
    assert chosen == list(metrics.METRICS)
    assert not absent


def test_two_people_have_no_true_result() -> None:
    chosen, absent = scorers.choose(None, {metrics.EMBEDDING: Path("x")}, same=False, dense=True)
    assert "csim" in chosen and "mouth_correlation" in chosen
    for name in ("l1", "psnr", "ssim", "akd", "akd_mouth", "aed"):
        assert "different people" in absent[name]


def test_jitter_needs_every_frame() -> None:
    _, absent = scorers.choose(None, NOTHING, same=True, dense=False)
    assert "--every 1" in absent["jitter"]


def test_what_is_asked_for_has_to_be_had() -> None:
    assert scorers.choose(["akd", "l1"], NOTHING, same=True, dense=True)[0] == ["l1", "akd"]
    with pytest.raises(UsageError, match="csim cannot be measured: needs --embedding"):
        scorers.choose(["csim"], NOTHING, same=True, dense=True)
    with pytest.raises(UsageError, match="l1 cannot be measured: portrait and driver are diff"):
        scorers.choose(["l1"], NOTHING, same=False, dense=True)
    with pytest.raises(UsageError, match="no metric called lpips"):
        scorers.choose(["lpips"], NOTHING, same=True, dense=True)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    given = {metrics.EMBEDDING: tmp_path / "none.onnx"}
    with pytest.raises(InputError, match=r"none\.onnx cannot be read: No such file"):
        scorers.open_scorers(None, given, same=True, dense=True)


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"weights")
    assert scorers.sha256(path) == hashlib.sha256(b"weights").hexdigest()


def test_the_bundled_mesh_is_there() -> None:
    assert scorers.bundled_mesh().is_file()


def test_the_observer_embeds_only_faces(reader) -> None:
    class Embedding:
        def __call__(self, image, landmarks):
            return np.array([landmarks[0, 0]], np.float32)

    observer = Observer(reader, Embedding())
    assert observer(np.full((8, 8, 3), 50, np.uint8)).embedding == 50
    assert observer(np.zeros((8, 8, 3), np.uint8)) == Seen()
    observer.close()
    assert reader.closed


def test_a_file_that_is_no_landmarker(tmp_path: Path) -> None:
    path = tmp_path / "face.task"
    path.write_bytes(b"nonsense")
    with pytest.raises(InputError, match="is not a face landmarker"):
        LandmarkerReader(path)


@pytest.mark.slow
def test_both_readers_find_the_same_face(shared: Path, astronaut) -> None:
    mesh = MeshReader()
    landmarker = LandmarkerReader(shared / "weights" / "face_landmarker.task")
    try:
        one, other = mesh.read(astronaut), landmarker.read(astronaut)
        mirrored = landmarker.read(np.ascontiguousarray(astronaut[:, ::-1]))
        nobody = landmarker.read(np.zeros_like(astronaut)), mesh.read(np.zeros_like(astronaut))
    finally:
        mesh.close()
        landmarker.close()
        landmarker.close()
    assert np.abs(one.landmarks - other.landmarks)[:, :2].mean() < 2
    assert one.pose is None
    # The astronaut smiles, and looks a little to one side.
    assert other.blendshapes[NAMES.index("mouthSmileLeft")] > 0.5
    assert other.pose[1] == pytest.approx(-mirrored.pose[1], abs=4)
    assert nobody == (Seen(), Seen())


@pytest.mark.slow
def test_blendshapes_have_the_names_we_think(shared: Path, astronaut) -> None:
    import mediapipe

    landmarker = LandmarkerReader(shared / "weights" / "face_landmarker.task")
    try:
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=astronaut)
        found = landmarker._task.detect(picture).face_blendshapes[0]
    finally:
        landmarker.close()
    assert tuple(each.category_name for each in found) == NAMES
