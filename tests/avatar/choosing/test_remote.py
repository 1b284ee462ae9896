"""An engine in a process of its own: the fake, by its name."""

import io
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from avatar.choosing.remote import RemoteEngine, serve
from avatar.choosing.wire import receive, send
from avatar.errors import EngineError
from engines.fake import FakeEngine

PICTURE = np.full((256, 256, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def remote():
    engine = RemoteEngine("fake", "")
    engine.open()
    yield engine
    engine.close()


def test_gives_what_the_engine_itself_gives(remote):
    own = FakeEngine()
    code, keypoints = own.encode(PICTURE)
    _, found = remote.encode(PICTURE)
    np.testing.assert_array_equal(found.value, keypoints.value)
    wanted = ("depth", "flow", "occlusion", "mask")
    maps = remote.inspect(None, PICTURE, found, wanted)
    for name, expected in own.inspect(code, PICTURE, keypoints, wanted).items():
        np.testing.assert_array_equal(maps[name], expected)
        assert maps[name].dtype == np.float32


def test_what_it_took_of_a_core_is_told(remote):
    _, found = remote.encode(PICTURE)
    remote.inspect(None, PICTURE, found, ("depth",))
    assert 0 < remote.cpu_s < 5


def test_attention_comes_row_by_row(remote):
    _, found = remote.encode(PICTURE)
    rows = remote.inspect(None, PICTURE, found, ("attention",))["attention"]
    assert len(rows) == 64
    np.testing.assert_array_equal(rows[5], np.eye(64, dtype=np.float32)[5])


def test_its_errors_arrive_and_it_goes_on(remote):
    _, found = remote.encode(PICTURE)
    with pytest.raises(EngineError, match="no map called hair"):
        remote.inspect(None, PICTURE, found, ("hair",))
    assert "depth" in remote.inspect(None, PICTURE, found, ("depth",))


def test_an_engine_that_is_not_there_is_told():
    engine = RemoteEngine("quantum", "")
    with pytest.raises(EngineError, match="No engine is called 'quantum'"):
        engine.open()
    engine.close()


def test_aborting_wakes_whoever_waits_for_it():
    engine = RemoteEngine("fake", "")
    failed = threading.Event()

    def work():
        try:
            engine.open()
            while True:
                engine.encode(PICTURE)
        except EngineError:
            failed.set()

    thread = threading.Thread(target=work)
    thread.start()
    engine.abort()
    assert failed.wait(5)
    thread.join(1)
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="not open"):
        engine.encode(PICTURE)


class Broken(FakeEngine):
    fail_open = True


def conversation(engine, *requests):
    asked, answers = io.BytesIO(), io.BytesIO()
    for request in requests:
        send(request, asked)
    asked.seek(0)
    serve(engine, asked, answers)
    answers.seek(0)
    found = []
    while answers.tell() < len(answers.getvalue()):
        found.append(receive(answers))
    return found


def test_an_engine_that_does_not_open_says_so_and_the_process_ends():
    assert conversation(Broken()) == [[False, ["the fake engine was told not to open", ""]]]


def test_a_bug_is_an_answer_too():
    opened, wrong = conversation(FakeEngine(), ("encode", "no picture"))
    assert opened == [True, None] and wrong[0] is False and "Error" in wrong[1][0]


class Odd(FakeEngine):
    def inspect(self, code, driving, motion, wanted):
        return {"depth": object()}


def test_an_answer_that_cannot_be_sent_is_an_error_and_the_next_one_comes():
    points = np.zeros((3, 2), np.float32), np.zeros((3, 2, 2), np.float32)
    inspect = ("inspect", PICTURE, *points, ("depth",))
    _, odd, encoded = conversation(Odd(), inspect, ("encode", PICTURE))
    assert odd == [False, ["WireError: a object cannot be sent.", ""]]
    assert encoded[0] is True and encoded[1][0].dtype == np.float32


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_the_process_inherits_its_pipes_and_nothing_else(tmp_path):
    with (tmp_path / "private").open("w") as private:
        engine = RemoteEngine("fake", "")
        engine.open()
        try:
            folder = Path(f"/proc/{engine._process.pid}/fd")
            found = [os.readlink(handle) for handle in folder.iterdir()]
        finally:
            engine.close()
    assert private.name not in found
    assert not [name for name in found if name.startswith("socket:")]
