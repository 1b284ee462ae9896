import tarfile

from tools.vm import share
from tools.vm.share import FIRST, TARBALL, fill, pack, revision


def test_the_copy_is_what_lies_there_and_nothing_older(tmp_path, monkeypatch):
    root, copy = tmp_path / "root", tmp_path / "copy"
    (root / "part" / "docs").mkdir(parents=True)
    (root / "part" / "a.py").write_text("1")
    (root / "file").write_text("2")
    (copy / "gone").mkdir(parents=True)
    monkeypatch.setattr(share, "PARTS", ("part", "file"))
    fill(copy, root)
    found = sorted(str(p.relative_to(copy)) for p in copy.rglob("*"))
    assert found == ["file", "part", "part/a.py"]


def test_the_guest_gets_one_file_and_its_first_script(tmp_path, monkeypatch):
    root, folder = tmp_path / "root", tmp_path / "folder"
    (root / FIRST).parent.mkdir(parents=True)
    (root / FIRST).write_text("#!/bin/bash\n")
    monkeypatch.setattr(share, "PARTS", ("tools",))
    pack(folder, root)
    assert sorted(path.name for path in folder.iterdir()) == [TARBALL, "tools"]
    assert (folder / FIRST).is_file()
    with tarfile.open(folder / TARBALL) as tarball:
        assert f"./{FIRST}" in tarball.getnames()


def test_every_part_is_there():
    assert all((share.ROOT / part).exists() for part in share.PARTS)


def test_outside_git_the_revision_is_unknown(tmp_path):
    assert revision(tmp_path) == "unknown"
