"""Reasons in words."""

from avatar.choosing.offer import noted
from engines.fake import FakeEngine


def test_what_an_engine_says_of_itself_is_part_of_the_reason() -> None:
    engine = FakeEngine()
    assert noted("asked for", engine) == "asked for"
    engine.note = "on 1 thread"  # type: ignore[attr-defined]
    told = noted("5.0 ms a frame; rejected: ort (21.3 ms)", engine)
    assert told == "5.0 ms a frame; on 1 thread; rejected: ort (21.3 ms)"
    assert noted(told, engine) == told
