"""Whatever the user, the host and the files are called, it is not in the text."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from avatar.doctor.redaction import Redaction

LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZäößéñж"
NAMES = st.text(LETTERS + "0123456789", min_size=2, max_size=12).filter(
    lambda name: name.lower() not in ("user", "host", "file", "device", "id")
)
FILES = st.text(LETTERS + "0123456789 _-'()", min_size=1, max_size=16).filter(
    lambda name: name.strip() and name.lower() not in ("astronaut", "drawn", "driving")
)
ENDINGS = st.sampled_from(["png", "jpg", "JPEG", "webp", "mp4", "mov"])
AROUND = st.sampled_from(["", " ", "\n", "'", '"', ": ", ", ", "(", ")", "=", "."])
SYSTEMS = st.sampled_from(["/home/{}", "/Users/{}", "C:\\Users\\{}", "/data/homes/{}"])


def stands_in(name: str, text: str) -> bool:
    """Whether a name is a word of the text, in any case, placeholders aside."""
    text = re.sub(r"\[(user|host|file|device)\]", "[]", text)
    return bool(re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", text, re.IGNORECASE))


@given(NAMES, NAMES, SYSTEMS, st.lists(AROUND, min_size=6, max_size=6))
def test_names_and_homes_never_stay(user: str, host: str, system: str, around: list[str]) -> None:
    home = system.format(user)
    redaction = Redaction([home], [user], [host])
    text = "".join(
        f"{gap}{part}{gap}"
        for gap, part in zip(
            around,
            (home, f"{home}/x.toml", user, host, f"{user}@{host}", home.replace("\\", "\\\\")),
            strict=True,
        )
    )
    clean = redaction.text(f"{text} on {host.upper()}")
    assert not stands_in(user, clean) and not stands_in(host, clean)
    assert home not in clean and home.replace("\\", "\\\\") not in clean
    assert redaction.text(clean) == redaction.text(redaction.text(clean))


@given(FILES, ENDINGS, st.sampled_from(["/mnt/p/", "~/", "C:\\x\\", "", "in: ", '"']), AROUND)
def test_names_of_pictures_never_stay(name: str, ending: str, before: str, after: str) -> None:
    clean = Redaction().text(f"{before}{name}.{ending}{after}")
    expected = f"{before}[file].{ending}{after}"
    assert clean.replace(" ", "") == expected.replace(" ", "")


@given(FILES)
def test_known_portraits_go_without_their_endings_too(name: str) -> None:
    name = name.strip()
    assume(re.search(r"^\w.*\w$|^\w$", name) and name.lower() not in ("file", "portrait"))
    assert not stands_in(name, Redaction(files=[name]).text(f"portrait {name}, ready"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/anna/x.toml", "~/x.toml"),
        ("/home/ann/x", "~/x"),
        ("C:\\Users\\Anna Smith\\x.toml", "~\\x.toml"),
        ("/dev/video0 of id:usb-Logi_C920_1A2B3C-video0", "/dev/video0 of id:[device]"),
        ("portraits/astronaut.png", "portraits/astronaut.png"),
        ("WARNING avatar.x: me and you.jpg: no face", "WARNING avatar.x: [file].jpg: no face"),
        ("/opt/astronaut.png.jpg", "/opt/[file].jpg"),
        ("annabel and anna", "annabel and [user]"),
        ("ANNA-PC.local", "[host].local"),
        ("nothing here: 3 fps", "nothing here: 3 fps"),
    ],
)
def test_examples(text: str, expected: str) -> None:
    assert Redaction(["/home/anna"], ["anna"], ["anna-pc"]).text(text) == expected


def test_tables_are_redacted_at_every_depth() -> None:
    table = {"anna": [{"path": "/home/anna/a.toml"}, 3, None], "n": 1.5}
    redaction = Redaction([], ["anna"])
    assert redaction.plain(table) == {"[user]": [{"path": "~/a.toml"}, 3, None], "n": 1.5}
    assert "anna" in redaction.plain(table, keys=False)


def test_a_long_line_takes_no_long_time() -> None:
    clean = Redaction().text("x" * 300_000 + " secret.png " + "y" * 300_000)
    assert "secret" not in clean and len(clean) < 20_000
