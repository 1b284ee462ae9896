import os

import cv2
import pytest

from avatar.sources.opencv import SELECT_TIMEOUT, capture_of


@pytest.mark.parametrize(("before", "after"), [(None, "1"), ("3", "3")])
def test_a_read_waits_a_second_at_most_unless_the_user_says_otherwise(monkeypatch, before, after):
    """OpenCV's own ten seconds are longer than closing a camera may take."""
    monkeypatch.setenv(SELECT_TIMEOUT, before or "")
    if before is None:
        monkeypatch.delenv(SELECT_TIMEOUT)
    seen = []
    monkeypatch.setattr(cv2, "setLogLevel", lambda level: None)
    monkeypatch.setattr(
        cv2, "VideoCapture", lambda *asked: seen.append((asked, os.environ[SELECT_TIMEOUT]))
    )
    capture_of(3, cv2.CAP_ANY)
    assert seen == [((3, cv2.CAP_ANY), after)]
