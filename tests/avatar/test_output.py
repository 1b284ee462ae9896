import errno
import os

import pytest

from avatar import output
from avatar.errors import OutputError
from avatar.output import PartFile, check_output


def test_a_good_place_passes_and_nothing_is_left_there(tmp_path):
    check_output(tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [("a.xyz", "'.xyz'"), ("a", "no ending"), ("missing/a.mp4", "does not exist")],
)
def test_refused_names(tmp_path, name, said):
    with pytest.raises(OutputError, match=said) as error:
        check_output(tmp_path / name)
    assert error.value.hint
    assert error.value.exit_code == 2


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="is not a folder"):
        check_output(tmp_path / "file" / "a.mp4")


def test_a_folder_is_not_a_file(tmp_path):
    (tmp_path / "a.mp4").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        check_output(tmp_path / "a.mp4")


def test_an_input_is_never_overwritten_under_another_name_either(tmp_path):
    video = tmp_path / "in.mp4"
    video.write_bytes(b"x")
    link = tmp_path / "link.mp4"
    link.symlink_to(video)
    with pytest.raises(OutputError, match="also an input"):
        check_output(link, inputs=[video])


def test_a_folder_that_refuses_files(tmp_path, monkeypatch):
    def refuse(dir):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(output.tempfile, "TemporaryFile", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        check_output(tmp_path / "a.mp4")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        check_output(tmp_path / "a.mp4")


def test_a_full_disk_is_seen_beforehand(tmp_path, monkeypatch):
    monkeypatch.setattr(output, "MINIMUM_FREE", 1 << 62)
    with pytest.raises(OutputError, match="MB free"):
        check_output(tmp_path / "a.mp4")


def test_the_old_file_stays_until_the_new_one_is_complete(tmp_path):
    final = tmp_path / "a.mp4"
    final.write_bytes(b"old")
    part = PartFile(final)
    part.write(b"new")
    assert final.read_bytes() == b"old"
    assert part.path == tmp_path / "a.part.mp4"
    assert part.finish() == final
    assert final.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [final]


def test_what_a_crash_left_is_not_touched(tmp_path):
    left = tmp_path / "a.part.mp4"
    left.write_bytes(b"left")
    part = PartFile(tmp_path / "a.mp4")
    part.write(b"new")
    assert part.path.name == "a.part2.mp4"
    part.discard()
    assert list(tmp_path.iterdir()) == [left]
    assert left.read_bytes() == b"left"


def test_without_replace_both_files_stay(tmp_path):
    final = tmp_path / "a.mp4"
    final.write_bytes(b"old")
    part = PartFile(final)
    part.write(b"new")
    assert part.finish(replace=False) == part.path
    assert final.read_bytes() == b"old"
    assert part.path.read_bytes() == b"new"


def test_after_a_failed_write_the_file_stays_as_it_was(tmp_path):
    class Full:
        def __init__(self, path):
            self.file = open(path, "x+b")  # noqa: SIM115

        def write(self, data):
            if self.file.tell() + len(data) > 4:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(data)

        def __getattr__(self, name):
            return getattr(self.file, name)

    part = PartFile(tmp_path / "a.mp4", opener=Full)
    assert part.write(b"abcd") == 4
    assert part.write(b"e") == 1
    part.seek(0)
    part.write(b"zzzz")
    assert part.error is not None and part.error.errno == errno.ENOSPC
    assert part.finish().read_bytes() == b"abcd"


def test_a_name_that_the_disk_refuses(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        PartFile(tmp_path / f"{'x' * 250}.mp4")
