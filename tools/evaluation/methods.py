"""What is measured side by side: models, baselines that need no synthesis, and ceilings."""

from typing import Protocol

import numpy as np

from avatar.frame import CROP_SIZE, Image
from tools.evaluation.puppet import Puppet, to_pixels, warp
from tools.evaluation.similarity import fit, move
from tools.evaluation.trials import Trial


class Method(Protocol):
    """Makes a result from a portrait and a driving frame.

    Attributes:
        name: for tables.
        kind: "model", "baseline", "ceiling" or "given".
        about: what it is, in a sentence.
    """

    name: str
    kind: str
    about: str

    def begin(self, trial: Trial, portrait: Image, neutral: Image | None) -> None:
        """Take the portrait of a trial; ``neutral`` as in :meth:`Puppet.take`.

        Raises:
            InputError: this trial cannot be measured.
        """
        ...

    def animate(self, driving: Image, step: int) -> Image:
        """The result for the ``step``-th driving frame: (256, 256, 3) uint8."""
        ...


class CopyPortrait:
    """The portrait, unmoved."""

    name, kind = "copy portrait", "baseline"
    about = "The portrait itself, unmoved: what doing nothing is worth."

    def begin(self, trial: Trial, portrait: Image, neutral: Image | None) -> None:
        """See :class:`Method`."""
        self._portrait = portrait

    def animate(self, driving: Image, step: int) -> Image:
        """See :class:`Method`."""
        return self._portrait


class CopyDriver:
    """The driving frame: the truth itself in self-reenactment, the wrong person otherwise."""

    name, kind = "copy driver", "ceiling"
    about = "The driving frame itself: the truth where portrait and driver are one person."

    def begin(self, trial: Trial, portrait: Image, neutral: Image | None) -> None:
        """See :class:`Method`."""

    def animate(self, driving: Image, step: int) -> Image:
        """See :class:`Method`."""
        return driving


class SmallDriver(CopyDriver):
    """The driving frame through half its resolution: a ceiling within reach."""

    name = "driver at 128 px"
    about = "The driving frame scaled to 128 x 128 and back: the truth without fine detail."

    def animate(self, driving: Image, step: int) -> Image:
        """See :class:`Method`."""
        import cv2

        small = cv2.resize(driving, (128, 128), interpolation=cv2.INTER_AREA)
        full = cv2.resize(small, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_CUBIC)
        return np.asarray(full, np.uint8)


class Animated:
    """A model's result."""

    kind = "model"

    def __init__(self, name: str, puppet: Puppet, about: str) -> None:
        self.name, self.about = name, about
        self.puppet = puppet

    def begin(self, trial: Trial, portrait: Image, neutral: Image | None) -> None:
        """See :class:`Method`."""
        self.puppet.take(portrait, neutral)

    def animate(self, driving: Image, step: int) -> Image:
        """See :class:`Method`."""
        return self.puppet.render(self.puppet.move(driving))


class SimilarityMoved:
    """The whole portrait turned, zoomed and shifted as its keypoints move."""

    name, kind = "similarity", "baseline"

    def __init__(self, puppet: Puppet) -> None:
        self._puppet = puppet
        self.about = (
            "The whole portrait turned, zoomed and shifted so that the first model's keypoints "
            "come nearest to the driver's (least squares); its edge repeated."
        )

    def begin(self, trial: Trial, portrait: Image, neutral: Image | None) -> None:
        """See :class:`Method`."""
        self._portrait = portrait
        self._puppet.take(portrait, neutral)

    def animate(self, driving: Image, step: int) -> Image:
        """See :class:`Method`."""
        driven = to_pixels(self._puppet.move(driving).value)
        return move(self._portrait, fit(to_pixels(self._puppet.source.value), driven), CROP_SIZE)


class Warped:
    """The portrait's pixels moved by the dense motion; nothing is synthesised."""

    name, kind = "warp only", "baseline"

    def __init__(self, puppet: Puppet) -> None:
        self._puppet = puppet
        self.about = (
            "The portrait's pixels moved by the first model's dense motion, black where they come "
            "from outside; nothing is synthesised."
        )

    def begin(self, trial: Trial, portrait: Image, neutral: Image | None) -> None:
        """See :class:`Method`."""
        self._portrait = portrait
        self._puppet.take(portrait, neutral)

    def animate(self, driving: Image, step: int) -> Image:
        """See :class:`Method`."""
        flow = self._puppet.maps(driving, ("flow",))["flow"].astype(np.float32, copy=False)
        return warp(self._portrait, flow, align_corners=self._puppet.params.align_corners)
