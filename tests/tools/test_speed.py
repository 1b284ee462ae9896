import json

import pytest

from tools import speed


def test_it_ends_with_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert speed.main(["--model", "compact", "--rounds", "1"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["ms"]["uncached"] > report["ms"]["cached"] > 0
    assert report["ratio"] > 1


def test_an_unknown_model_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert speed.main(["--model", "nothing-of-the-kind"]) == 2
    assert "nothing-of-the-kind" in capsys.readouterr().err
