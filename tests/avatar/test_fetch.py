"""Downloads: resumed after a cut, checked, and refused with a message a user can act on."""

import contextlib
import errno
import hashlib
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections import Counter, namedtuple
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from avatar import fetch
from avatar.errors import Cancelled, OutputError, WeightsError
from avatar.fetch import Fetcher
from avatar.https import HttpsClient
from avatar.releases import DAGAN, Release, RemoteFile

FIRST = bytes(range(256)) * 4096  # 1 MiB: several chunks
SECOND = b"second file" * 100


class Server(ThreadingHTTPServer):
    """Serves ``files``; a test breaks it by setting the other attributes."""

    daemon_threads = False
    block_on_close = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {"first.bin": FIRST, "second.bin": SECOND}
        self.ranges = True
        self.cuts: list[int] = []  # bodies end after this many bytes, one entry a request
        self.status = 0
        self.redirect = ""
        self.endless = False  # no length, and no end either until nobody reads
        self.seen: list[tuple[str, str]] = []  # (file name, Range header)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: tests break connections on purpose."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name, wanted = self.path.rsplit("/", 1)[-1], self.headers.get("Range", "")
        self.server.seen.append((name, wanted))
        if self.server.redirect and not self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", self.server.redirect + name)
            self.end_headers()
            return
        if self.server.status or name not in self.server.files:
            self.send_error(self.server.status or 404)
            return
        body = self.server.files[name]
        if self.server.endless:
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(body)
        start = 0
        if self.server.ranges and (match := re.fullmatch(r"bytes=(\d+)-", wanted)):
            start = int(match[1])
            if start >= len(body):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        end = self.server.cuts.pop(0) if self.server.cuts else len(body)
        self.wfile.write(body[start : start + end])

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def release(base: str, **changed: RemoteFile) -> Release:
    files = {
        name: RemoteFile(name, len(body), hashlib.sha256(body).hexdigest())
        for name, body in (("first.bin", FIRST), ("second.bin", SECOND))
    } | {file.name: file for file in changed.values()}
    return Release(
        "toy", "toy", base, "page", "licence", "url", "terms", "us", "toy", tuple(files.values())
    )


def fetcher(folder: Path, **options: Any) -> Fetcher:
    client = HttpsClient(allow_loopback_http=True, timeout_s=2)
    return Fetcher(folder, client=client, pause_s=0, **options)


def test_brings_all_files_and_reports_every_byte(server: Server, tmp_path: Path) -> None:
    done: Counter[str] = Counter()

    def progress(file: RemoteFile, count: int) -> None:
        assert count >= done[file.name]
        done[file.name] = count

    paths = fetcher(tmp_path / "new", progress=progress).fetch(release(server.base))
    assert [path.read_bytes() for path in paths] == [FIRST, SECOND]
    assert done == {"first.bin": len(FIRST), "second.bin": len(SECOND)}
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["first.bin", "second.bin"]


def test_a_cut_is_resumed_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.cuts = [300_000, 200_000]
    fetcher(tmp_path).fetch(release(server.base))
    assert (tmp_path / "first.bin").read_bytes() == FIRST
    assert [wanted for name, wanted in server.seen if name == "first.bin"] == [
        "",
        "bytes=300000-",
        "bytes=500000-",
    ]


def test_a_later_run_resumes_and_then_fetches_nothing(server: Server, tmp_path: Path) -> None:
    (tmp_path / "first.bin.part").write_bytes(FIRST[:700_000])
    fetcher(tmp_path).fetch(release(server.base))
    assert server.seen[0] == ("first.bin", "bytes=700000-")
    server.seen.clear()
    fetcher(tmp_path).fetch(release(server.base))
    assert server.seen == []


def test_a_server_without_ranges_starts_over(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    (tmp_path / "first.bin.part").write_bytes(b"x" * 1000)
    fetcher(tmp_path).fetch(release(server.base))
    assert (tmp_path / "first.bin").read_bytes() == FIRST


def test_a_complete_part_is_only_checked(server: Server, tmp_path: Path) -> None:
    (tmp_path / "first.bin.part").write_bytes(FIRST)
    fetcher(tmp_path).fetch(release(server.base))
    assert [name for name, _ in server.seen] == ["second.bin"]


def test_a_part_that_is_too_long_starts_over(server: Server, tmp_path: Path) -> None:
    (tmp_path / "second.bin.part").write_bytes(SECOND + b"more")
    fetcher(tmp_path).fetch(release(server.base))
    assert (tmp_path / "second.bin").read_bytes() == SECOND


def test_an_altered_file_in_place_is_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "second.bin").write_bytes(SECOND[:-1] + b"!")
    fetcher(tmp_path).fetch(release(server.base))
    assert (tmp_path / "second.bin").read_bytes() == SECOND


def test_a_wrong_hash_removes_the_download_and_says_so(server: Server, tmp_path: Path) -> None:
    wrong = RemoteFile("second.bin", len(SECOND), "0" * 64)
    with pytest.raises(WeightsError) as caught:
        fetcher(tmp_path).fetch(release(server.base, second=wrong))
    assert hashlib.sha256(SECOND).hexdigest() in caught.value.message
    assert "0" * 64 in caught.value.message and "removed" in caught.value.message
    assert [p.name for p in tmp_path.iterdir()] == ["first.bin"]


def test_a_damaged_part_is_found_out_and_does_not_stick(server: Server, tmp_path: Path) -> None:
    (tmp_path / "first.bin.part").write_bytes(b"?" * 1000)
    with pytest.raises(WeightsError, match="SHA-256"):
        fetcher(tmp_path).fetch(release(server.base))
    fetcher(tmp_path).fetch(release(server.base))
    assert (tmp_path / "first.bin").read_bytes() == FIRST


@pytest.mark.parametrize("body", [SECOND[:-1], SECOND + b"x", b"<html>sign in</html>"])
def test_another_size_is_refused_before_saving(server: Server, tmp_path: Path, body: bytes) -> None:
    server.files["second.bin"] = body
    with pytest.raises(WeightsError) as caught:
        fetcher(tmp_path).fetch(release(server.base))
    assert f"{len(body)} bytes for second.bin, expected {len(SECOND)}" in caught.value.message
    assert not (tmp_path / "second.bin.part").exists()


def test_a_missing_file_names_the_address(server: Server, tmp_path: Path) -> None:
    del server.files["second.bin"]
    with pytest.raises(WeightsError) as caught:
        fetcher(tmp_path).fetch(release(server.base))
    assert f"{server.base}second.bin" in caught.value.message and "404" in caught.value.message
    assert "convert" in caught.value.hint
    assert len(server.seen) == 2, "a 404 is not worth another try"


def test_a_failing_server_is_tried_again_then_given_up(server: Server, tmp_path: Path) -> None:
    server.status = 503
    with pytest.raises(WeightsError, match="4 times in a row.*503"):
        fetcher(tmp_path).fetch(release(server.base))
    assert len(server.seen) == fetch.TRIES


def test_a_line_that_only_ever_breaks_is_given_up_and_the_part_kept(
    server: Server, tmp_path: Path
) -> None:
    server.cuts = [500] + [0] * 10
    with pytest.raises(WeightsError) as caught:
        fetcher(tmp_path).fetch(release(server.base))
    assert "kept" in caught.value.hint
    assert (tmp_path / "first.bin.part").read_bytes() == FIRST[:500]


def test_no_network_names_the_host(tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound, not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(WeightsError) as caught:
            fetcher(tmp_path).fetch(release(base))
    assert "Cannot reach 127.0.0.1" in caught.value.message
    assert "network" in caught.value.hint


def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    for variable in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(WeightsError, match="Cannot reach huggingface.co: Name or service"):
        Fetcher(tmp_path, pause_s=0).fetch(DAGAN)


def test_a_silent_server_times_out(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        base = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        client = HttpsClient(allow_loopback_http=True, timeout_s=0.05)
        with pytest.raises(WeightsError, match="no answer for too long"):
            Fetcher(tmp_path, client=client, pause_s=0).fetch(release(base))


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/x", "http://example.org/x", "ftp://example.org/x", "file:///x"]
)
def test_only_https_is_opened(address: str) -> None:
    with pytest.raises(WeightsError, match="not an https address"):
        HttpsClient().open(address)


def test_loopback_http_does_not_allow_other_hosts() -> None:
    with pytest.raises(WeightsError, match="not an https address"):
        HttpsClient(allow_loopback_http=True).open("http://example.org/x")


def test_a_redirect_is_followed_with_the_range(server: Server, tmp_path: Path) -> None:
    server.redirect = f"{server.base}moved/"
    (tmp_path / "first.bin.part").write_bytes(FIRST[:1000])
    fetcher(tmp_path).fetch(release(server.base))
    assert server.seen[:2] == [("first.bin", "bytes=1000-")] * 2


def test_a_redirect_away_from_https_is_refused(server: Server, tmp_path: Path) -> None:
    server.redirect = "http://example.org/"
    with pytest.raises(WeightsError, match=r"leads to http://example\.org/first\.bin"):
        fetcher(tmp_path).fetch(release(server.base))


def test_too_little_space_is_found_before_the_download(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda folder: usage(10, 9, 1))
    with pytest.raises(OutputError) as caught:
        fetcher(tmp_path).fetch(release(server.base))
    assert "0.0 MB free" in caught.value.message and "--to" in caught.value.hint
    assert server.seen == []


def test_a_disk_that_fills_up_keeps_the_part(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def open_full(path: Path, mode: str = "r", *args: Any) -> Any:
        stream = real(path, mode, *args)
        if mode in ("wb", "ab"):
            write = stream.write

            class Full:
                def __enter__(self) -> "Full":
                    return self

                def __exit__(self, *error: object) -> None:
                    stream.close()

                def write(self, data: bytes) -> int:
                    if stream.tell() + len(data) > 600_000:
                        raise OSError(errno.ENOSPC, "No space left on device")
                    return int(write(data))

            return Full()
        return stream

    monkeypatch.setattr(Path, "open", open_full)
    with pytest.raises(OutputError) as caught:
        fetcher(tmp_path).fetch(release(server.base))
    assert "full" in caught.value.message and "kept" in caught.value.hint
    monkeypatch.undo()
    part = (tmp_path / "first.bin.part").read_bytes()
    assert part and FIRST.startswith(part)
    fetcher(tmp_path).fetch(release(server.base))
    assert (tmp_path / "first.bin").read_bytes() == FIRST


def test_a_folder_that_is_a_file_is_refused(server: Server, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match="taken"):
        fetcher(tmp_path / "taken").fetch(release(server.base))


def test_interrupted_keeps_the_part_and_says_how_to_go_on(server: Server, tmp_path: Path) -> None:
    def stop(file: RemoteFile, done: int) -> None:
        if done > 500_000:
            raise KeyboardInterrupt

    with pytest.raises(Cancelled) as caught:
        fetcher(tmp_path, progress=stop).fetch(release(server.base))
    assert "of 1.0 MB" in caught.value.message and "again" in caught.value.hint
    part = (tmp_path / "first.bin.part").read_bytes()
    assert len(part) > 500_000 and FIRST.startswith(part)


def test_a_server_without_end_fills_no_disk(server: Server, tmp_path: Path) -> None:
    server.endless = True
    with pytest.raises(WeightsError, match="SHA-256"):
        fetcher(tmp_path).fetch(
            release(server.base, first=RemoteFile("first.bin", len(FIRST) + 5, "0" * 64))
        )
    assert not list(tmp_path.iterdir())


def test_redirects_without_end_are_given_up(server: Server, tmp_path: Path) -> None:
    server.redirect = server.base
    with pytest.raises(WeightsError, match="refused the download.*302"):
        fetcher(tmp_path).fetch(release(server.base))
    assert len(server.seen) < 20


@pytest.mark.parametrize(
    "name",
    [
        *("../x", "/etc/x", "a/b", "a\\b", "C:x", "..", ".", ".hidden", "", "a\nb", "a b", "x\0"),
        *("a?b", "a#b", "%2e%2e", "x" * 101, "é"),
    ],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        RemoteFile(name, 1, "0" * 64)


@pytest.mark.parametrize(("size", "sha256"), [(0, "0" * 64), (1, ""), (1, "0" * 63), (1, "A" * 64)])
def test_a_file_that_nothing_would_be_checked_of_is_refused(size: int, sha256: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        RemoteFile("x.bin", size, sha256)


@pytest.fixture
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of "localhost", signed by itself, in one file."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("the program openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    argv = [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    argv += ["-nodes", "-days", "2", "-subj", "/CN=localhost"]
    argv += ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"]
    if subprocess.run(argv, cwd=folder, capture_output=True).returncode:
        pytest.skip("this openssl makes no such certificate")
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return both


@pytest.fixture
def secure(server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The base address of the server, which now speaks https."""
    for variable in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    return f"https://localhost:{server.server_address[1]}/"


def test_https_with_a_certificate_that_is_trusted(
    server: Server, secure: str, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    Fetcher(tmp_path, client=HttpsClient(timeout_s=2), pause_s=0).fetch(release(secure))
    assert (tmp_path / "first.bin").read_bytes() == FIRST
    server.redirect = f"http://127.0.0.1:{server.server_address[1]}/"
    (tmp_path / "first.bin").unlink()
    server.seen.clear()
    with pytest.raises(WeightsError, match="leads to http://127.0.0.1.*not an https address"):
        Fetcher(tmp_path, client=HttpsClient(timeout_s=2), pause_s=0).fetch(release(secure))
    assert len(server.seen) == 1


def test_a_certificate_that_nobody_trusts_is_refused(
    server: Server, secure: str, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match="certificate of localhost cannot be trusted"):
        Fetcher(tmp_path, client=HttpsClient(timeout_s=2), pause_s=0).fetch(release(secure))
    assert not server.seen and not list(tmp_path.iterdir())


def test_the_table_of_the_official_files() -> None:
    assert DAGAN.base.startswith("https://") and DAGAN.base.endswith("/")
    assert DAGAN.size == 387_056_947
    for file in DAGAN.files:
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
