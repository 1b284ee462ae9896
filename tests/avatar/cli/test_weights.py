"""``avatar weights``: what it prints, what it refuses, what it leaves behind."""

import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import torch

from avatar import convert, fetch, releases, shelf
from avatar.cli import main
from avatar.fetch import Fetcher
from avatar.https import HttpsClient
from avatar.model.dagan import Dagan
from avatar.model.params import PRESETS
from avatar.releases import Release, RemoteFile
from avatar.weights import load, save

PARAMS = dataclasses.replace(PRESETS["compact"], name="vox256", num_keypoints=2, bottleneck=1)
FILES = {"generator.pt": b"pretend generator" * 100, "depth.pth": b"pretend depth"}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(autouse=True)
def user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data" / "weights"
    monkeypatch.setattr(shelf, "user_folder", lambda: folder)
    monkeypatch.setattr(shelf, "BUNDLED", tmp_path / "bundled")
    (tmp_path / "bundled").mkdir()
    return folder


@pytest.fixture
def converted(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Stands for the conversion, which has its own tests; lists what it was given."""
    given: list[Path] = []

    def pretend(paths: list[Path]) -> tuple[Any, Any]:
        given.extend(paths)
        return PARAMS, Dagan(PARAMS).state_dict()

    monkeypatch.setattr(convert, "convert", pretend)
    return given


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Release]:
    """A release on a server of our own."""
    site = tmp_path / "site"
    site.mkdir()
    for name, body in FILES.items():
        (site / name).write_bytes(body)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    server.daemon_threads = False
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    found = dataclasses.replace(
        releases.DAGAN,
        base=f"http://127.0.0.1:{server.server_address[1]}/",
        files=tuple(
            RemoteFile(name, len(body), hashlib.sha256(body).hexdigest())
            for name, body in FILES.items()
        ),
    )
    monkeypatch.setitem(releases.RELEASES, "dagan", found)
    client = HttpsClient(allow_loopback_http=True, timeout_s=2)
    monkeypatch.setattr(fetch, "Fetcher", functools.partial(Fetcher, client=client, pause_s=0))
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A terminal whose user types ``text``."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: text)


def test_fetch_downloads_converts_and_says_how_to_use_it(
    release: Release, converted: list[Path], user_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "fetch", "dagan", "--yes"]) == 0
    kept = user_folder.parent / "downloads" / "dagan"
    assert converted == [kept / name for name in FILES]
    assert {path.name: path.read_bytes() for path in converted} == FILES
    said = capsys.readouterr().out
    assert "CC BY-NC 4.0" in said and "non-commercial" in said and "Fa-Ting Hong" in said
    assert "avatar run --model vox256" in said and str(kept) in said
    assert load("vox256").params == PARAMS
    assert shelf.installed()["vox256"] == user_folder / "vox256.safetensors"


def test_fetch_to_a_folder_of_choice(
    release: Release, converted: list[Path], tmp_path: Path
) -> None:
    assert main(["weights", "fetch", "--yes", "--to", str(tmp_path / "here")]) == 0
    assert converted == [tmp_path / "here" / name for name in FILES]


@pytest.mark.parametrize("text", ["", "n", "what?"])
def test_fetch_without_a_yes_downloads_nothing(
    text: str, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, text)
    assert main(["weights", "fetch", "dagan"]) == 130
    assert not (tmp_path / "data").exists()


def test_fetch_asks_and_goes_on_after_a_yes(
    release: Release, converted: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "Yes")
    assert main(["weights", "fetch", "dagan"]) == 0
    assert len(converted) == len(FILES)


def test_fetch_without_a_terminal_wants_yes(
    release: Release, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert main(["weights", "fetch", "dagan"]) == 2
    assert "add --yes" in capsys.readouterr().err


def test_fetch_of_an_unknown_release(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "fetch", "dogan", "--yes"]) == 2
    assert "avatar weights fetch dagan" in capsys.readouterr().err


def test_a_failed_conversion_says_that_the_files_are_there(
    release: Release, user_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "fetch", "--yes"]) == 2  # these files are no checkpoints
    captured = capsys.readouterr()
    assert "All 2 files are in" in captured.out
    assert "generator.pt cannot be read as a PyTorch checkpoint" in captured.err
    assert not list(user_folder.iterdir())


def test_convert_writes_where_it_is_told(
    converted: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine.safetensors"
    assert main(["weights", "convert", "a", "b", "-o", str(out), "--half"]) == 0
    assert converted == [Path("a"), Path("b")]
    assert load(str(out)).params == PARAMS
    assert f"avatar run --model {out}" in capsys.readouterr().out


def test_convert_installs_by_default(converted: list[Path], user_folder: Path) -> None:
    assert main(["weights", "convert", "a"]) == 0
    assert (user_folder / "vox256.safetensors").is_file()


@pytest.mark.parametrize(
    ("architecture", "name"),
    [("fomm256", "fomm256"), ("vox256-spade", "vox256"), ("vox256-cam", "vox256-cam")],
)
def test_what_is_converted_is_installed_by_its_name(
    architecture: str,
    name: str,
    user_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    params = dataclasses.replace(PARAMS, name=architecture)
    made = params, Dagan(params).state_dict()
    monkeypatch.setattr(convert, "convert", lambda paths: made)
    assert main(["weights", "convert", "a"]) == 0
    assert [path.name for path in user_folder.iterdir()] == [f"{name}.safetensors"]
    assert f"avatar run --model {name}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("out", "said"), [("x.pt", "-o x.safetensors"), ("no/x.safetensors", "no is not a folder")]
)
def test_convert_checks_the_output_first(
    out: str, said: str, converted: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "convert", "a", "-o", out]) == 2
    assert said in capsys.readouterr().err
    assert converted == []


def test_list_names_bundled_installed_and_available(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    path = tmp_path / "bundled" / "compact.safetensors"
    save(path, PARAMS, Dagan(PARAMS).state_dict(), {"licence": "CC0-1.0"}, half=True)
    (tmp_path / "bundled" / "compact.md").write_text("card")
    assert main(["weights", "list"]) == 0
    said = capsys.readouterr().out
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for part in ("compact", "bundled", "2 keypoints", "float16", digest, "CC0-1.0", "compact.md"):
        assert part in said
    assert "vox256  (not installed)" in said and "avatar weights fetch dagan" in said

    assert main(["weights", "list", "--json"]) == 0
    [entry] = json.loads(capsys.readouterr().out)
    assert entry["name"] == "compact" and entry["bytes"] == path.stat().st_size


def test_list_shows_a_damaged_file_as_such(
    user_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    user_folder.mkdir(parents=True)
    (user_folder / "vox256.safetensors").write_bytes(b"hello, no weights")
    assert main(["weights", "list"]) == 0
    assert "cannot be used" in capsys.readouterr().out


def test_verify_reads_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bundled" / "compact.safetensors"
    save(path, PARAMS, Dagan(PARAMS).state_dict())
    assert main(["weights", "verify"]) == 0
    assert "compact: sound" in capsys.readouterr().out
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert main(["weights", "verify", "compact"]) == 2
    assert "SHA-256" in capsys.readouterr().err


def quantised(**changes: Any) -> Any:
    from avatar.quality import Quality
    from avatar.quantize import Quantised

    quality = Quality(9, 50.0, 40.0, 0.02, 0.1, 8.0, 6.0)
    made = Quantised(Path("/kept/render.int8.xml"), "decoder", 9, 120, quality, ())
    return dataclasses.replace(made, **changes)


@pytest.fixture
def quantizing(monkeypatch: pytest.MonkeyPatch, user_folder: Path) -> dict[str, Any]:
    """Stands for the quantisation, which has its own tests: what it was given, what it returns."""
    from avatar import quantize

    user_folder.mkdir(parents=True)
    save(user_folder / "mine.safetensors", PARAMS, Dagan(PARAMS).state_dict(), {})
    seen: dict[str, Any] = {"made": quantised()}

    def pretend(weights: Any, clips: Any, progress: Any, cancelled: Any, **options: Any) -> Any:
        progress("Quantising", 3, 9)
        seen.update(name=weights.path.stem, clips=clips, stopped=cancelled(), **options)
        return seen["made"]

    monkeypatch.setattr(quantize, "quantize", pretend)
    return seen


def test_quantize_tells_what_it_measured(
    quantizing: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "quantize", "mine", "--clips", "a.mp4", "b"]) == 0
    assert quantizing["name"] == "mine" and quantizing["clips"] == [Path("a.mp4"), Path("b")]
    assert quantizing["frames"] == 120 and not quantizing["force"] and not quantizing["stopped"]
    out = capsys.readouterr().out
    assert "50.0 dB PSNR, the worst 40.0 dB" in out and "0.02 px" in out
    assert "6.0 ms instead of 8.0 ms" in out and "--engine ov:int8" in out


def test_quantize_says_why_it_kept_nothing(
    quantizing: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    quantizing["made"] = quantised(kept=None, objections=("the pictures differ",))
    assert main(["weights", "quantize", "mine", "--clips", "a.mp4"]) == 1
    caught = capsys.readouterr()
    assert "not kept: the pictures differ" in caught.err and "--force" in caught.err
    assert "Use it with" not in caught.out


def test_quantize_warns_where_it_was_forced(
    quantizing: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    quantizing["made"] = quantised(objections=("the pictures differ",), warnings=("a.mp4 is bad",))
    assert main(["weights", "quantize", "mine", "--clips", "a.mp4", "--force"]) == 0
    assert quantizing["force"]
    err = capsys.readouterr().err
    assert "warning: a.mp4 is bad" in err and "kept although the pictures differ" in err


def test_quantize_asks_for_clips(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "quantize", "mine"]) == 2
    assert "--clips" in capsys.readouterr().err
