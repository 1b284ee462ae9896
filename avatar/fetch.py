"""Fetcher: downloads the files of a release, resuming, checking size and SHA-256.

A file under way is ``NAME.part`` beside its final place; it survives a cut, a full disk and Ctrl-C,
and the next run goes on from there. Only a file whose SHA-256 is right gets its final name.

This module does not know what the files contain, and never asks the user anything.
"""

import contextlib
import errno
import hashlib
import http.client
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from avatar.errors import AvatarError, Cancelled, OutputError, WeightsError
from avatar.https import Cut, HttpsClient, ResumeRefused, continues, reason
from avatar.releases import Release, RemoteFile

log = logging.getLogger(__name__)

CHUNK = 256 * 1024
TRIES = 4
SPARE = 16 * 2**20
"""Bytes left free on the disk beyond what the files need."""

AGAIN = "What has arrived is kept; run the same command again to go on from there."

FileProgress = Callable[[RemoteFile, int], None]
"""Called with the file and how many of its bytes are done; also while an old part is re-read."""


class Fetcher:
    """Brings the files of a release into ``folder``.

    ``pause_s`` is the wait after a cut; it doubles with each cut in a row.
    """

    def __init__(
        self,
        folder: Path,
        *,
        client: HttpsClient | None = None,
        progress: FileProgress = lambda file, done: None,
        pause_s: float = 1.0,
    ) -> None:
        self.folder = folder
        self._client = client or HttpsClient()
        self._progress = progress
        self._pause_s = pause_s

    def missing(self, release: Release) -> int:
        """Bytes still to download, judged by the sizes of what lies in the folder."""
        return sum(file.size - self._have(file) for file in release.files)

    def fetch(self, release: Release) -> list[Path]:
        """Download what is missing and check all of it.

        Returns:
            The paths of the files, in the release's order.

        Raises:
            WeightsError: no network, no such file on the server, other size or SHA-256.
            OutputError: the folder cannot be written, or the disk is or gets full.
            Cancelled: Ctrl-C; the part is kept.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._check_space(release)
            return [self._fetch_file(release.base + file.name, file) for file in release.files]
        except KeyboardInterrupt as error:
            got = release.size - self.missing(release)
            raise Cancelled(
                f"Stopped with {megabytes(got)} of {megabytes(release.size)} here.", hint=AGAIN
            ) from error
        except OSError as error:
            raise self._disk_error(error) from error

    def _fetch_file(self, address: str, file: RemoteFile) -> Path:
        final, part = self.folder / file.name, self._part(file)
        if final.exists():
            if final.stat().st_size == file.size and self._digest(final, file) == file.sha256:
                log.info("%s is already here", final)
                return final
            log.warning("%s is not the published file; downloading it again", final)
            final.unlink()
        found = self._download_with_retries(address, file, part)
        if found != file.sha256:
            part.unlink()
            raise WeightsError(
                f"{file.name} arrived damaged or changed: its SHA-256 is {found}, expected "
                f"{file.sha256}. The download was removed.",
                hint="Run the same command again. If that repeats, something on the way (a proxy, "
                "a virus scanner) alters downloads, or the published file was replaced.",
            )
        part.replace(final)
        return final

    def _download_with_retries(self, address: str, file: RemoteFile, part: Path) -> str:
        failures = 0
        while True:
            before = _size(part)
            try:
                return self._download(address, file, part)
            except Cut as cut:
                if isinstance(cut, ResumeRefused):
                    part.unlink(missing_ok=True)
                # a cut that comes after new bytes is a bad line, not a dead one
                failures = 1 if _size(part) > before else failures + 1
                if failures == TRIES:
                    raise WeightsError(
                        f"Fetching {file.name} failed {TRIES} times in a row: {cut}.", hint=AGAIN
                    ) from cut
                log.warning("%s: %s; trying again", file.name, cut)
                time.sleep(self._pause_s * 2 ** (failures - 1))

    def _download(self, address: str, file: RemoteFile, part: Path) -> str:
        """Append what is missing of ``file`` to ``part``; returns the SHA-256 of the whole."""
        have = _size(part)
        if have > file.size:
            log.warning("%s is longer than the file should be; starting over", part)
            part.unlink()
            have = 0
        digest = self._hash(part, file) if have else hashlib.sha256()
        if have == file.size:
            return digest.hexdigest()
        with self._client.open(address, have) as reply:
            if have and not continues(reply, have):
                log.info("the server cannot resume; starting %s over", file.name)
                have, digest = 0, hashlib.sha256()
            _check_size(reply, file, have)
            with part.open("ab" if have else "wb") as out:
                while have < file.size:
                    chunk = _read(reply, min(CHUNK, file.size - have))
                    if not chunk:
                        raise Cut(f"the connection ended after {have} of {file.size} bytes")
                    out.write(chunk)
                    digest.update(chunk)
                    have += len(chunk)
                    self._progress(file, have)
        return digest.hexdigest()

    def _check_space(self, release: Release) -> None:
        need, free = self.missing(release), shutil.disk_usage(self.folder).free
        if need and need + SPARE > free:
            raise OutputError(
                f"{self.folder} has {megabytes(free)} free; the download needs "
                f"{megabytes(need + SPARE)}.",
                hint="Free some space, or choose another place with --to FOLDER.",
            )

    def _disk_error(self, error: OSError) -> AvatarError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return OutputError(
                f"The disk that holds {self.folder} is full.", hint=f"Free some space. {AGAIN}"
            )
        return OutputError(
            f"Cannot write the download in {self.folder}: {reason(error)}.",
            hint="Choose another place with --to FOLDER.",
        )

    def _digest(self, path: Path, file: RemoteFile) -> str:
        return self._hash(path, file).hexdigest()

    def _hash(self, path: Path, file: RemoteFile) -> "hashlib._Hash":
        digest, done = hashlib.sha256(), 0
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                done += len(chunk)
                self._progress(file, done)
        return digest

    def _have(self, file: RemoteFile) -> int:
        return min(file.size, _size(self.folder / file.name) or _size(self._part(file)))

    def _part(self, file: RemoteFile) -> Path:
        return self.folder / f"{file.name}.part"


def megabytes(count: int) -> str:
    """Bytes as people read them: ``387.1 MB``."""
    return f"{count / 1e6:.1f} MB"


def _size(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _read(reply: http.client.HTTPResponse, count: int) -> bytes:
    try:
        return reply.read(count)
    except (OSError, http.client.HTTPException) as error:
        raise Cut(f"the connection broke ({reason(error)})") from error


def _check_size(reply: http.client.HTTPResponse, file: RemoteFile, have: int) -> None:
    length = reply.headers.get("Content-Length", "")
    if length.isdigit() and int(length) + have != file.size:
        raise WeightsError(
            f"The server offers {int(length) + have} bytes for {file.name}, expected "
            f"{file.size}; nothing of it was saved.",
            hint="The answer is not the published file: a proxy or sign-in page may stand in "
            "between, or the file was replaced.",
        )
