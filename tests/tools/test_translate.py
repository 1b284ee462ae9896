import pytest

from tools import translate

CODE = """
class Bar:
    def __init__(self):
        self.a = self.tr("Start")
        self.b = self.tr("Two " "parts").format(n=1)

    def other(self):
        return QCoreApplication.translate("Elsewhere", "Stop")


def outside(dialog):
    return dialog.tr("Cancel"), _tr("Open")


def _tr(text):
    return QCoreApplication.translate("Helper", text)
"""


@pytest.fixture
def package(tmp_path):
    (tmp_path / "bar.py").write_text(CODE)
    return tmp_path


def test_every_form_is_found_with_its_context(package):
    assert translate.sources(package) == [
        ("Bar", "Start"),
        ("Bar", "Two parts"),
        ("Elsewhere", "Stop"),
        ("bar", "Cancel"),
        ("Helper", "Open"),
    ]


def test_what_is_translated_stays_and_what_is_gone_goes(package):
    path = package / "de.ts"
    assert translate.update(path, translate.sources(package)) == (5, 5)
    text = path.read_text()
    done = '<source>Start</source>\n   <translation type="unfinished" />'
    assert done in text
    path.write_text(text.replace(done, "<source>Start</source><translation>Los</translation>"))
    (package / "bar.py").write_text(CODE.replace('_tr("Open")', '_tr("Close")'))
    assert translate.update(path, translate.sources(package)) == (5, 4)
    text = path.read_text()
    assert "<translation>Los</translation>" in text
    assert "Open" not in text and "Close" in text
    before = text
    translate.update(path, translate.sources(package))
    assert path.read_text() == before


def test_the_command_says_how_much_is_left(package, monkeypatch, capsys):
    monkeypatch.setattr(translate, "UI", package)
    monkeypatch.setattr(translate, "ROOT", package)
    assert translate.main(["fr"]) == 1
    assert "fr.ts: 5 strings, 5 not translated" in capsys.readouterr().out
    assert (package / "translations" / "fr.ts").is_file()
