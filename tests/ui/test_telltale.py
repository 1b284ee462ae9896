"""What goes on, as the window tells it: words and figures below, pills over the result."""


def test_the_status_bar_shows_figures_and_a_lost_face(qtbot, running, session):
    qtbot.waitUntil(lambda: running.status.engine.text() == "eager", timeout=20000)
    assert running.status.fps.text() == "21 fps"
    assert running.status.engine.toolTip() == "why"
    assert "inference: 3" in running.status.drops.toolTip()
    session.show(2, held=True)
    qtbot.waitUntil(lambda: running.status.words.text().startswith("Face lost"), timeout=20000)


def test_a_note_makes_way_for_the_state(qtbot, running, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("ui.telltale.monotonic", lambda: now[0])
    running.controller.noted.emit("Taken.")
    assert running.status.words.text() == "Taken."
    now[0] += 5
    qtbot.waitUntil(lambda: running.status.words.text() == "Running", timeout=20000)


def test_a_pill_counts_how_long_it_records(qtbot, running, monkeypatch, tmp_path):
    now = [1000.0]
    monkeypatch.setattr("ui.telltale.monotonic", lambda: now[0])
    running.controller.outputs.recording_changed.emit(tmp_path / "film.mp4")
    assert ("danger", "Recording 0:00") in running.result._pills
    assert "film.mp4" in running.status.words.text()
    now[0] += 65
    expected = ("danger", "Recording 1:05")
    qtbot.waitUntil(lambda: expected in running.result._pills, timeout=20000)
    running.controller.outputs.recording_changed.emit(None)
    assert running.result._pills == []
