"""Opening an engine for work that can wait: built first if need be, the next where one fails."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from avatar.choosing.choice import Chooser
from avatar.choosing.offer import ASKED, noted, said
from avatar.engine import AUTO, Engine, label_of
from avatar.errors import AvatarError, EngineError, OutputError

if TYPE_CHECKING:
    from avatar.weights import Weights

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much (0: unknown)."""


def open_engine(
    model: str, engine: str, progress: Progress, cancelled: Callable[[], bool]
) -> tuple[Engine, str]:
    """An open engine, built first where that is needed, and why this one.

    Args:
        model: name or path of the weights.
        engine: an engine ("ov", "ov:int8"), or "auto": the best one, the next where one fails.
        progress: told about building.
        cancelled: asked while building.

    Raises:
        UsageError, WeightsError: no such engine, no such weights.
        EngineError, OutputError: the one asked for fails, or all do.
        Cancelled: ``cancelled`` turned true.
    """

    def weights() -> "Weights":
        from avatar.weights import describe

        return describe(model)

    def show(share: float, what: str) -> None:
        progress(what, round(share * 100), 100)

    chooser = Chooser(weights, offline=True)
    if engine != AUTO:
        asked = chooser.asked(engine)
        _build_and_open(asked, show, cancelled)
        return asked, noted(ASKED, asked)
    failed: dict[str, str] = {}
    cause: AvatarError | None = None
    while True:
        try:
            offer = chooser.auto(failed, show, cancelled)
        except EngineError as none_left:
            raise cause or none_left from none_left
        failed |= offer.failed
        try:
            if not offer.opened:
                _build_and_open(offer.engine, show, cancelled)
            return offer.engine, noted(offer.reason, offer.engine)
        except (EngineError, OutputError) as error:
            log.warning("%s is passed over: %s", label_of(offer.engine), error)
            failed[label_of(offer.engine)] = said(error)
            cause = error


def _build_and_open(
    engine: Engine, show: Callable[[float, str], None], cancelled: Callable[[], bool]
) -> None:
    try:
        engine.build(show, cancelled)
        engine.open()
    except BaseException:
        engine.close()
        raise
