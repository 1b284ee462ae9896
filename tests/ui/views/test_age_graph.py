import numpy as np
import pytest

from avatar.stats import STAGES
from ui.views.age_graph import BINS, COLOURS, SECONDS, AgeGraph, binned, runs


def frames(*rows):
    """Frames as (seconds ago, milliseconds of every stage)."""
    ago = np.array([-row[0] for row in rows], np.float32)
    ms = np.array([[row[1]] * len(STAGES) for row in rows], np.float32)
    return ago, ms.reshape(len(rows), len(STAGES))


def test_every_stage_has_a_colour():
    assert set(COLOURS) == set(STAGES)


def test_columns_are_means_of_their_frames():
    column_s = SECONDS / BINS
    means = binned(*frames((0.1 * column_s, 4.0), (0.5 * column_s, 8.0), (SECONDS * 0.999, 1.0)))
    assert means.shape == (BINS, len(STAGES))
    assert (means[-1] == 6.0).all() and (means[0] == 1.0).all()
    assert np.isnan(means[1:-1]).all()


def test_what_nobody_saw_is_displayed_at_once():
    ago, ms = frames((0.01, 5.0))
    ms[0, -1] = np.nan
    assert binned(ago, ms)[-1].tolist() == [5.0] * 6 + [0.0]


def test_runs_of_columns():
    assert runs(np.array([0, 1, 1, 0, 1], bool)) == [(1, 3), (4, 5)]
    assert runs(np.zeros(3, bool)) == []


def test_the_figures_in_words_are_of_what_was_seen(qtbot):
    graph = AgeGraph()
    qtbot.addWidget(graph)
    assert graph.summary() == "No pictures yet"
    ago, ms = frames((3, 10.0), (2, 10.0), (1, 100.0))
    ms[2, -1] = np.nan  # dropped before it was shown
    graph.show_times((ago, ms), 21.4)
    assert graph.summary() == "21.4 fps, age 70 / 70 ms"


def test_is_painted_once_for_the_same_figures(qtbot):
    graph = AgeGraph()
    qtbot.addWidget(graph)
    graph.show()
    graph.show_times(frames((1, 10.0), (0.9, 10.0)), 20.0)
    graph.grab()
    painted = graph._painted
    graph.grab()
    assert painted is not None and graph._painted is painted
    graph.show_times(frames((1, 20.0), (0.9, 10.0)), 20.0)
    graph.grab()
    assert graph._painted is not painted


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_graph_of_few_frames_shows_their_stages(qtbot, count):
    graph = AgeGraph()
    qtbot.addWidget(graph)
    graph.show_times(frames(*[(5 - 0.3 * i, 10.0) for i in range(count)]), 20.0)
    shown = graph.grab().toImage()
    scale = shown.width() / graph.width()
    areas = {
        shown.pixelColor(int(x * scale), int(y * scale)).name()
        for x in range(50, 260)
        for y in range(10, graph.height() - 10, 2)
    }
    assert (COLOURS["render"] in areas) == (count > 0)


def test_sinks_make_it_taller_and_clicks_go_through(qtbot):
    graph = AgeGraph()
    qtbot.addWidget(graph)
    before = graph.height()
    graph.show_times(
        frames((1, 10.0)), 20.0, {"sink-recorder": {"p50": 50.0, "p95": 60.0}, "x": {}}
    )
    assert graph.height() > before
