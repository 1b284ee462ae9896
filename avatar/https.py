"""HttpsClient: opens an address for reading from a byte on. Its errors say what to do."""

import http.client
import ipaddress
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import IO, Any
from urllib.parse import urlsplit

from avatar.errors import WeightsError


class Cut(Exception):
    """The connection, or the server, failed in a way that is worth another try."""


class ResumeRefused(Cut):
    """The server has nothing from that byte on; the part at hand is of no use to it."""


class HttpsClient:
    """Speaks https only, through every redirect; proxies as the environment says.

    ``allow_loopback_http`` lets tests use a server on 127.0.0.1. ``timeout_s`` bounds connecting
    and every single read.
    """

    def __init__(self, *, allow_loopback_http: bool = False, timeout_s: float = 30.0) -> None:
        self._loopback = allow_loopback_http
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(_CheckedRedirects(self.check))

    def check(self, address: str) -> None:
        """Raise WeightsError unless ``address`` may be opened."""
        parts = urlsplit(address)
        if parts.scheme == "https" and parts.hostname:
            return
        if parts.scheme == "http" and self._loopback and _is_loopback(parts.hostname):
            return
        raise WeightsError(
            f"The download leads to {address}, which is not an https address; it was not opened.",
            hint="Nothing unencrypted is fetched. On a network with a sign-in page (hotel, "
            "office), sign in with a browser first.",
        )

    def open(self, address: str, start: int = 0) -> http.client.HTTPResponse:
        """The reply to a GET of ``address`` from byte ``start`` on; the caller closes it.

        A server may ignore ``start``: see :func:`continues`.

        Raises:
            Cut: worth another try.
            WeightsError: not worth one; says why.
        """
        self.check(address)
        # identity: a compressed body would match neither the size nor the offsets
        headers = {"User-Agent": "dagan-avatar", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        request = urllib.request.Request(address, headers=headers)
        try:
            reply: http.client.HTTPResponse = self._opener.open(request, timeout=self._timeout_s)
            return reply
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 416 and start:
                    raise ResumeRefused("the server refused to resume") from error
                if error.code in (408, 425, 429) or error.code >= 500:
                    raise Cut(f"the server answered {error.code} {error.reason}") from error
                raise _refusal(address, error) from error
        except urllib.error.URLError as error:
            raise _unreachable(address, error.reason) from error
        except http.client.HTTPException as error:
            raise Cut(reason(error)) from error
        except OSError as error:
            raise _unreachable(address, error) from error


class _CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to an address that passes the check."""

    def __init__(self, check: Callable[[str], None]) -> None:
        self._check = check

    def redirect_request(
        self,
        req: Any,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        self._check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def continues(reply: http.client.HTTPResponse, start: int) -> bool:
    """Whether the reply's body begins at byte ``start`` rather than at the beginning."""
    wanted = f"bytes {start}-"
    return reply.status == 206 and reply.headers.get("Content-Range", "").startswith(wanted)


def reason(error: object) -> str:
    """Why a connection failed, in words."""
    if isinstance(error, TimeoutError):
        return "no answer for too long"
    if isinstance(error, http.client.IncompleteRead):
        return "it ended too early"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def _refusal(address: str, error: urllib.error.HTTPError) -> WeightsError:
    if error.code in (404, 410):
        return WeightsError(
            f"There is no such file on the server: {address} (it answered {error.code}).",
            hint="The publisher moved or removed it. If you get the files elsewhere, put them in "
            "one folder and use: avatar weights convert FOLDER",
        )
    return WeightsError(
        f"{urlsplit(address).hostname} refused the download of {address}: "
        f"{error.code} {error.reason}.",
        hint="Try again later, or get the files with a browser and use: "
        "avatar weights convert FOLDER",
    )


def _unreachable(address: str, why: object) -> WeightsError:
    host = urlsplit(address).hostname
    if isinstance(why, ssl.SSLCertVerificationError):
        return WeightsError(
            f"The certificate of {host} cannot be trusted: {why.verify_message}.",
            hint="Check the clock of this machine. A company proxy needs its certificate named in "
            "the variable SSL_CERT_FILE.",
        )
    return WeightsError(
        f"Cannot reach {host}: {reason(why)}.",
        hint="Check the network connection (and the variable HTTPS_PROXY, where one is needed), "
        "then run the same command again; what has arrived is kept.",
    )
