import numpy as np
import pytest

from tools.evaluation.metrics import METRICS
from tools.evaluation.observer import Seen
from tools.evaluation.scoring import Scoring
from tools.evaluation.turns import Start

ALL = list(METRICS)


@pytest.fixture
def seen(reader):
    def see(level: int) -> Seen:
        return reader.read(np.full((256, 256, 3), level, np.uint8))

    return see


def test_the_truth_itself_is_the_ceiling(seen, noise) -> None:
    me = Seen(seen(50).landmarks, seen(50).pose, seen(50).blendshapes, np.array([1.0, 0], "f4"))
    figures = Scoring(ALL).frame(noise(0), noise(0), me, me, me)
    zero = ("l1", "akd", "akd_mouth", "akd_euclidean", "aed", "prmse", "expression", "missed",
            "turn_error", "turn_yaw", "shift_error", "size_error")  # fmt: skip
    assert {name: figures[name] for name in zero} == dict.fromkeys(zero, 0)
    assert figures["ssim"] == pytest.approx(1)
    assert figures["csim"] == figures["aucon"] == 1


def test_identity_is_compared_with_the_portrait(seen, noise) -> None:
    a, b = np.array([1.0, 0], "f4"), np.array([0, 1.0], "f4")
    points = seen(50).landmarks
    portrait, driver = Seen(points, embedding=a), Seen(points, embedding=b)
    figures = Scoring(ALL).frame(noise(0), noise(0), Seen(points, embedding=a), driver, portrait)
    assert figures["csim"] == 1
    assert figures["aed"] == 2


def test_a_result_without_a_face_is_missed(seen, noise) -> None:
    figures = Scoring(ALL).frame(noise(0), noise(0), Seen(), seen(50), seen(50))
    assert figures["missed"] == 1
    assert not {"akd", "csim", "prmse", "aucon"} & set(figures)
    assert "l1" in figures


def test_a_driver_without_a_face_counts_for_nobody(seen, noise) -> None:
    figures = Scoring(ALL).frame(noise(0), noise(0), seen(50), Seen(), seen(50))
    assert not {"missed", "akd", "prmse"} & set(figures)


def test_only_what_was_chosen(seen, noise) -> None:
    figures = Scoring(["akd"]).frame(noise(0), noise(1), seen(50), seen(52), seen(50))
    assert figures == {"akd": pytest.approx(1.0 + 0.1 / 478, abs=1e-4)}
    assert Scoring(["l1"]).whole([seen(1)] * 5, [seen(1)] * 5) == {}


def test_movement_over_time(seen) -> None:
    driver = [seen(level) for level in (40, 60, 50, 80, 60)]
    stiff = [seen(50)] * 5
    same = Scoring(ALL).whole(driver, driver)
    assert same["jitter"] == 0
    assert same["mouth_correlation"] == pytest.approx(1)
    assert same["expression_correlation"] == pytest.approx(1)
    assert "eye_correlation" not in same  # the made-up eyes stand still in the driver
    still = Scoring(ALL).whole(stiff, driver)
    assert same["pose_correlation"] == pytest.approx(1)
    assert still["mouth_correlation"] == still["expression_correlation"] == 0
    assert still["pose_correlation"] == 0
    assert still["jitter"] < 0


def test_single_pictures_have_no_movement(seen) -> None:
    assert Scoring(ALL).whole([seen(50)], [seen(60)]) == {}


def test_a_head_that_hardly_turns_has_no_correlation(seen) -> None:
    driver = [seen(level) for level in (50, 51, 50, 51, 50)]
    assert "pose_correlation" not in Scoring(ALL).whole(driver, driver)


def test_turns_are_counted_from_where_the_motions_begin(seen, noise) -> None:
    # The reader's pitch is the brightness, and so is the face's place.
    result, driver, portrait, neutral = seen(70), seen(50), seen(40), seen(30)
    pictures = noise(0), noise(1)
    figures = Scoring(ALL).frame(*pictures, result, driver, portrait, Start(portrait, neutral))
    assert figures["turn_error"] == pytest.approx(10)
    assert figures["turn_pitch"] == pytest.approx(10)
    assert figures["turn_yaw"] == figures["turn_roll"] == pytest.approx(0, abs=1e-9)
    assert figures["shift_error"] == pytest.approx(10, rel=0.1)
    absolute = Scoring(ALL).frame(*pictures, result, driver, portrait)
    assert absolute["turn_error"] == pytest.approx(20)
    assert not {"turn_error", "shift_error"} & set(
        Scoring(ALL).frame(*pictures, result, driver, portrait, Start(portrait, Seen()))
    )
