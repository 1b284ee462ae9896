"""Results of another program, measured like ours: a folder of clips named like the drivers."""

from collections.abc import Sequence
from pathlib import Path

from avatar.errors import InputError
from avatar.frame import Image
from tools.evaluation.clips import Clip, find_clips
from tools.evaluation.trials import LeftOut, Trial


class Rendered:
    """A folder of result clips for ``--mode self``: frame i of a result is frame i of its clip.

    Args:
        name: for tables.
        folder: with one result a clip, of the clip's name and length.
        clips: what is measured on.

    Raises:
        InputError: no such folder, or a clip without its result.

    Attributes:
        left_out: results without a clip.
    """

    kind = "given"

    def __init__(self, name: str, folder: Path, clips: Sequence[Clip]) -> None:
        self.name = name
        self.about = "Results of another program, read from files."
        self._clips = {clip.name: clip for clip in find_clips(folder)}
        ours = {clip.name for clip in clips}
        extra = sorted(set(self._clips) - ours)
        self.left_out = [LeftOut(f"{folder.name}/{one}", "no clip of that name") for one in extra]
        if missing := sorted(ours - set(self._clips)):
            raise InputError(
                f"{folder} has no result for {', '.join(missing)}; "
                f"without a clip are {', '.join(extra) or 'none'}.",
                hint="Name every result like the clip that drove it.",
            )
        self._frames: list[Image] = []

    def begin(self, trial: Trial, portrait: Image, neutral: Image | None) -> None:
        """See :class:`~tools.evaluation.methods.Method`.

        Raises:
            InputError: the results cannot be read, or are not as many as the frames of the clip.
        """
        clip = trial.driving[0].clip
        result = self._clips[clip.name]
        if result.length != clip.length:
            raise InputError(
                f"{result.path} has {result.length} frames, its clip {clip.path.name} "
                f"{clip.length}; expected as many.",
                hint="Write every frame of the result, the first included.",
            )
        indices = [shot.index for shot in trial.driving]
        found = result.frames(indices)
        self._frames = [found[index] for index in indices]

    def animate(self, driving: Image, step: int) -> Image:
        """See :class:`~tools.evaluation.methods.Method`."""
        return self._frames[step]
