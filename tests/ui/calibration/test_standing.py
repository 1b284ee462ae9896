"""How a day is written beside the neutral pose."""

from datetime import datetime

from ui.calibration.standing import spoken


def test_dates_are_short() -> None:
    now = datetime.now().astimezone()
    assert str(now.year) not in spoken(now)
    assert "2019" in spoken(datetime(2019, 11, 3).astimezone())
