import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.keys.table import RESERVED, Entry, KeyTable, portable


def table():
    made = KeyTable()
    for name, usual, fixed in (
        ("calibrate", "X", ""),
        ("record", "F5", ""),
        ("keys", "? F1", ""),
        ("quit", "Ctrl+Q", "Esc"),
        ("guide", "", ""),
    ):
        made.add(Entry(name, name, tuple(usual.split()), tuple(fixed.split())))
    return made


def clashes(made):
    keys = [key for found in made.assigned().values() for key in found]
    return len(keys) != len(set(keys))


def test_at_first_every_action_has_its_usual_keys():
    made = table()
    assert made.keys("keys") == ("?", "F1") and made.keys("quit") == ("Esc", "Ctrl+Q")
    assert made.chosen == {} and all(made.is_usual(name) for name in made.entries)


def test_a_free_key_is_bound_and_kept():
    made = table()
    assert made.bind("calibrate", "ctrl+shift+k") is None
    assert made.keys("calibrate") == ("Ctrl+Shift+K",)
    assert made.chosen == {"calibrate": "Ctrl+Shift+K"} and not made.is_usual("calibrate")
    assert made.reset("calibrate") is None and made.chosen == {}


def test_a_key_that_is_taken_is_told_and_nothing_is_changed():
    made = table()
    assert made.bind("calibrate", "F5") == "record"
    assert made.chosen == {}


def test_swapping_gives_the_other_the_key_one_had():
    made = table()
    made.swap("calibrate", "F5")
    assert made.keys("calibrate") == ("F5",) and made.keys("record") == ("X",)
    made.swap("guide", "F1")
    assert made.keys("guide") == ("F1",) and made.keys("keys") == ("?",)


def test_resetting_one_whose_key_is_taken_tells_by_whom():
    made = table()
    made.swap("calibrate", "F5")
    assert made.reset("record") == ("F5", "calibrate")
    made.reset_all()
    assert made.chosen == {} and made.keys("record") == ("F5",)


def test_no_key_at_all():
    made = table()
    assert made.bind("record", "") is None
    assert made.keys("record") == () and made.chosen == {"record": ""}
    assert made.bind("quit", "") is None and made.keys("quit") == ("Esc",)


@pytest.mark.parametrize("key", ["1", "9", "Esc", "Space", "Tab", "Up", "no such key", "A, B"])
def test_keys_that_mean_something_else_are_refused(key):
    with pytest.raises(ValueError):
        table().bind("record", key)
    with pytest.raises(ValueError):
        table().swap("record", key)


def test_what_is_chosen_goes_before_what_is_usual_and_names_nobody_knows_are_kept():
    made = table()
    made.choose({"calibrate": "F5", "later": "F9", "keys": "Esc 1"})
    assert made.keys("calibrate") == ("F5",) and made.keys("record") == ()
    assert made.keys("keys") == () and made.keys("quit") == ("Esc", "Ctrl+Q")
    assert made.chosen["later"] == "F9"


KEY = st.sampled_from(["A", "X", "F5", "?", "F1", "Ctrl+Q", "Esc", "3", "Ctrl+Shift+B", "", "zz"])
NAME = st.sampled_from(["calibrate", "record", "keys", "quit", "guide"])
STEP = st.one_of(
    st.tuples(st.sampled_from(["bind", "swap"]), NAME, KEY),
    st.tuples(st.just("reset"), NAME),
    st.tuples(st.just("choose"), st.dictionaries(NAME, KEY | st.text(max_size=9))),
)


@given(st.lists(STEP, max_size=12))
def test_whatever_is_done_no_key_has_two_actions(steps):
    made = table()
    for what, *rest in steps:
        try:
            getattr(made, what)(*rest)
        except ValueError:
            continue
        assert not clashes(made)
        assert "Esc" in made.keys("quit")
        used = {key for keys in made.assigned().values() for key in keys}
        assert used & RESERVED == {"Esc"}
        again = table()
        again.choose(made.chosen)
        assert again.assigned() == made.assigned()


@given(st.text(max_size=12))
def test_any_text_is_a_key_or_none(text):
    key = portable(text)
    assert portable(key) == key and " " not in key
