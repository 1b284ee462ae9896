import json

import pytest

from avatar.errors import SinkLost, SourceLost
from avatar.sinks.null import NullSink
from avatar.sources.synthetic import SyntheticSource
from tools.soak.__main__ import main
from tools.soak.faults import Brittle, Unplugged


def test_an_unplugged_source_is_lost_until_it_is_plugged_in_again():
    source = Unplugged(SyntheticSource(paced=False))
    source.open()
    assert source.read() is not None
    source.unplug(True)
    with pytest.raises(SourceLost):
        source.read()
    source.close()
    with pytest.raises(SourceLost):
        source.open()
    source.unplug(False)
    source.open()
    assert source.read() is not None
    source.close()


def test_a_brittle_sink_takes_frames_until_it_snaps():
    sink, frame = Brittle("brittle"), SyntheticSource(paced=False)
    frame.open()
    sink.open()
    sink.write(frame.read())
    sink.snap()
    with pytest.raises(SinkLost):
        sink.write(frame.read())
    assert sink.frames == 1 and isinstance(sink, NullSink)
    frame.close()


@pytest.mark.parametrize(
    ("wrong", "said"), [(["--minutes", "0"], "more than 0"), (["--engine", "none"], "none")]
)
def test_bad_usage_is_told(wrong, said, capsys):
    try:
        code = main(["--minutes", "0.01", *wrong])
    except SystemExit as error:
        code = error.code
    assert code != 0
    assert said in capsys.readouterr().err


@pytest.mark.slow
def test_a_short_soak_of_the_fake_engine_finds_nothing(capsys):
    assert main(["--minutes", "0.2", "--engine", "fake", "--json"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["passed"] and report["frames"] > 50 and report["engine"] == "fake"
    assert sum(report["acts"].values()) >= 2


@pytest.mark.slow
def test_a_short_soak_of_the_window_uses_it_and_measures_its_pauses(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("AVATAR_HOME", str(tmp_path))  # which it changes
    options = ["--window", "--minutes", "0.2", "--engine", "fake", "--pause", "5000", "--json"]
    assert main(options) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["passed"] and report["frames"] > 50 and report["engine"] == "fake"
    assert sum(report["acts"].values()) >= 3
    assert report["pauses_ms"]["longest"] > 0
