import pytest
from PyQt6.QtWidgets import QLabel, QToolButton

from ui.sidebar import Sidebar


@pytest.fixture
def sidebar(qtbot):
    made = Sidebar(QLabel("above"))
    qtbot.addWidget(made)
    for name in ("first", "second"):
        made.add_page(name, name.title(), QLabel(f"{name} panel"))
    return made


def shown(sidebar):
    return [label.text() for label in sidebar.findChildren(QLabel) if label.isVisible()]


def test_the_first_page_is_shown_below_what_stays(sidebar):
    sidebar.show()
    assert sidebar.page == "first"
    assert shown(sidebar) == ["above", "first panel"]


def test_a_tab_shows_its_page_and_hides_the_other(sidebar):
    sidebar.show()
    tab = next(b for b in sidebar.findChildren(QToolButton) if b.text() == "Second")
    tab.click()
    assert sidebar.page == "second" and tab.isChecked()
    assert shown(sidebar) == ["above", "second panel"]


def test_a_page_is_shown_by_name_and_an_unknown_one_changes_nothing(sidebar):
    sidebar.show_page("second")
    sidebar.show_page("third")
    assert sidebar.page == "second"
    assert [b.isChecked() for b in sidebar.findChildren(QToolButton)] == [False, True]
