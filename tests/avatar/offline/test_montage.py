import numpy as np
import pytest

from avatar.animator import Animator
from avatar.errors import EngineError
from avatar.frame import Crop, Portrait
from avatar.motion.transfer import Motion
from avatar.offline.montage import Montage
from engines.fake import FakeEngine

BOX = np.array([0, 0, 256, 256], np.float32)


def grey(level):
    return np.full((256, 256, 3), level, np.uint8)


def ramp(top):
    """Darker left, up to ``top`` on the right."""
    line = np.linspace(0, top, 256).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(line[None, :, None], (256, 256, 3)))


def staged(engine):
    animator = Animator(engine, Motion())
    portrait = Portrait(grey(90), BOX, grey(90), None, "grey")
    animator.set_portrait(portrait)
    return animator, Montage(animator, portrait)


def shown(animator, montage, image):
    animated = animator.animate(Crop(image, BOX, None, False, 0, 0))
    return montage.compose(animated).copy(), animated


class Small(FakeEngine):
    """Its depth has a quarter of the size."""

    def inspect(self, code, driving, motion, wanted):
        return {"depth": super().inspect(code, driving, motion, wanted)["depth"][::4, ::4]}


@pytest.mark.parametrize("engine", [FakeEngine, Small])
def test_four_columns(engine):
    animator, montage = staged(engine())
    picture, animated = shown(animator, montage, ramp(200))
    assert montage.size == (1024, 256) and picture.shape == (256, 1024, 3)
    assert montage.warning == ""
    assert (picture[:, :256] == 90).all()
    assert (picture[:, 256:512] == ramp(200)).all()
    assert (picture[:, 768:] == animated.frame.image).all()
    depth = picture[:, 512:768].astype(int).sum(axis=2)
    assert depth[128, 250] > depth[128, 128] + 100 > depth[128, 5] + 200


def test_the_depth_keeps_its_scale_over_the_clip():
    animator, montage = staged(FakeEngine())
    first, _ = shown(animator, montage, ramp(200))
    second, _ = shown(animator, montage, ramp(100))
    assert second[:, 767].astype(int).sum() < 0.8 * first[:, 767].astype(int).sum()


class Blind(FakeEngine):
    def inspect(self, code, driving, motion, wanted):
        raise EngineError("No map called depth.")


def test_without_depth_it_says_so():
    animator, montage = staged(Blind())
    picture, animated = shown(animator, montage, ramp(200))
    assert picture.shape == (256, 768, 3)
    assert "no depth" in montage.warning and "No map called depth." in montage.warning
    assert (picture[:, 256:512] == ramp(200)).all()
    assert (picture[:, 512:] == animated.frame.image).all()
