"""Watched: what a live run shows of itself. Nothing here waits, changes or slows it."""

from dataclasses import replace
from math import inf
from time import monotonic_ns

import numpy as np

from avatar.errors import AvatarError
from avatar.frame import Animated, Crop, Frame, Portrait
from avatar.maps import Maps
from avatar.pipeline import Pipeline
from avatar.pose.head import HeadPose
from avatar.pose.reference import Progress
from avatar.sources.base import Source
from avatar.sources.state import SourceState
from avatar.stats import SKIPPED, SessionStats


class Watched(Pipeline):
    """A pipeline that can be looked at, from any thread."""

    def latest_maps(self) -> Maps | None:
        """The newest maps that :meth:`inspect` asked for, or None; never waits."""
        return self._inspector.latest

    @property
    def maps_error(self) -> AvatarError | None:
        """Why there are no maps; it is tried again every few seconds."""
        return self._inspector.error

    def note_shown(self, frame: Frame) -> None:
        """A view tells that this animated frame is on the screen now."""
        age_ms = (monotonic_ns() - frame.t_ns) / 1e6
        self._times.displayed(frame.index, frame.t_ns, age_ms)

    def stage_times(self, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        """How long the stages of the frames of the last ``seconds`` took: (n,) float32 seconds from
        now, and (n, 7) float32 milliseconds by :data:`avatar.stats.STAGES`."""
        return self._times.recent(seconds, monotonic_ns())

    def stage_ages(self, seconds: float) -> dict[str, dict[str, float]]:
        """How old the frames of the last ``seconds`` were when each stage was done with them: p50,
        p95, p99 in milliseconds by :data:`avatar.stats.STAGES`."""
        return self._times.ages(seconds, monotonic_ns())

    def latest(self) -> Animated | None:
        """The newest result, with the frame that the outputs show; never waits."""
        animated, shown = self._inference.latest, self._gate.shown
        if animated is None or shown is None or shown is animated.frame:
            return animated
        return replace(animated, frame=shown)

    def latest_input(self) -> tuple[Frame, Crop] | None:
        """The newest driving frame and the newest crop, of it or of one shortly before; never
        waits."""
        return self._capture.latest

    @property
    def hidden(self) -> bool:
        """Whether outputs show the slate by :meth:`panic`."""
        return self._gate.hidden

    @property
    def raw(self) -> bool:
        """Whether the driver's own face is sent."""
        return self._gate.raw

    @property
    def finding(self) -> Progress | None:
        """How far :meth:`find_reference` is; None while nothing is searched."""
        return self._calibration.progress

    @property
    def neutral_pose(self) -> HeadPose | None:
        """The neutral head; None where nothing is neutral yet, or no face was tracked."""
        return self._calibration.pose

    @property
    def portrait(self) -> Portrait:
        """The one animated now."""
        return self._inference.portrait

    @property
    def labelled(self) -> bool:
        """Whether the model's keypoints are known parts of the face, eyes and mouth among them."""
        return self._inference.motion.labels is not None

    @property
    def source(self) -> Source:
        """The driver."""
        return self._capture.source

    def source_state(self) -> SourceState:
        """What the driver is doing: size and rate it gives, lost or not, place in a file."""
        return self._capture.state

    def sink_errors(self) -> list[AvatarError]:
        """Why sinks ended early, one error for each that did."""
        return [d.error for d in self._deliveries if d.error is not None]

    def sinks_failed(self) -> bool:
        """Whether there were sinks and none is left."""
        return self._deliveries.failed()

    def stats(self) -> SessionStats:
        """The figures of this run so far; also after it."""
        inference, deliveries = self._inference, tuple(self._deliveries)
        first = self._deliveries.first() or inference.published
        stages = {"crop": self._capture.crop_ms, **inference.stage_ms}
        return SessionStats(
            fps=first.rate.lately(),
            fps_out=first.rate.overall,
            frames=first.rate.count,
            seconds=first.rate.span_s,
            frame_age_ms=first.age_ms.percentiles(),
            sink_age_ms={d.name: d.stats.age_ms.percentiles() for d in deliveries},
            drops={
                SKIPPED: self._governor.skipped,
                "inference": self._inbox.dropped,
                **{d.name: d.box.dropped for d in deliveries},
            },
            stage_ms={name: series.percentiles() for name, series in stages.items()},
            stage_age_ms=self.stage_ages(inf),
            engine=inference.slot.engine,
            engine_reason=inference.slot.reason,
            model=self._model,
        )
