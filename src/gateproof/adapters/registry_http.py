"""HTTP to a registry, as one request after the other: encrypted, limited in size and time, and never led astray.

Plain HTTP is for loopback, or where somebody has asked for it. A redirect is followed for what is read, to HTTPS (from
loopback also to loopback), and takes no credentials to another place. Proxies of the environment are not used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR
from threading import Timer
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec

from gateproof import __version__
from gateproof.errors import PolicyError

_TIMEOUT = 30
_DEADLINE = 300
_CHUNK = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|::1")


class Answer(msgspec.Struct, frozen=True):
    """What a registry said. Names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def is_loopback(url: str) -> bool:
    """Whether ``url`` is of this machine."""
    return _LOOPBACK.fullmatch(_split(url).hostname or "") is not None


def same_origin(one: str, other: str) -> bool:
    """Whether two URLs are of one scheme, host and port."""
    return _origin(_split(one)) == _origin(_split(other))


class Http:
    """Sends requests. ``plain``: HTTP is allowed to any host."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain

    def send(
        self, method: str, url: str, headers: Mapping[str, str], *, limit: int, body: bytes | None = None
    ) -> Answer:
        """The answer to a request, after redirects where it only reads.

        ``limit``: bytes of an answer that succeeded; of others only the first are kept. Raises PolicyError.
        """
        sent = {"User-Agent": f"gateproof/{__version__}", **headers}
        for _ in range(_MAX_REDIRECTS + 1):
            self._check(url)
            answer = self._once(method, url, sent, limit, body)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or method not in ("GET", "HEAD") or target is None:
                return answer
            target = joined(url, target)
            if not same_origin(url, target):
                sent = {name: value for name, value in sent.items() if name != "Authorization"}
                if not target.startswith("https://") and not (is_loopback(url) and is_loopback(target)):
                    raise _failed(url, "it redirects to a place without HTTPS", "tell who runs the registry")
            url = target
        raise _failed(url, f"more than {_MAX_REDIRECTS} redirects", "tell who runs the registry")

    def _check(self, url: str) -> None:
        parts = _split(url)
        if parts.scheme == "https" or (parts.scheme == "http" and (self._plain or is_loopback(url))):
            return
        raise _failed(url, "this is not HTTPS", "HTTP is for loopback, or with --plain-http")

    def _once(self, method: str, url: str, headers: Mapping[str, str], limit: int, body: bytes | None) -> Answer:
        parts = _split(url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection = _connection(parts)
        watchdog = _Watchdog(connection)
        try:
            connection.connect()
            watchdog.start()
            connection.request(method, target, body=body, headers=dict(headers))
            with connection.getresponse() as response:
                received = {name.lower(): value for name, value in response.getheaders()}
                content = b"" if method == "HEAD" else _body(response, url, limit)
        except (OSError, HTTPException, ValueError) as error:
            said = getattr(error, "strerror", None) or str(error) or type(error).__name__
            watchdog.check(url)
            raise _failed(url, f"the registry cannot be asked: {said}", "check the reference and the network") from None
        finally:
            watchdog.cancel()
            connection.close()
        watchdog.check(url)
        return Answer(response.status, received, content, url)


class _Watchdog:
    """Ends a connection that takes longer than the deadline: timeouts of a socket never see one that drips."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection
        self._late = False
        self._timer = Timer(_DEADLINE, self._end)
        self._timer.daemon = True

    def start(self) -> None:
        """Begin, with a connection that is open."""
        self._socket = self._connection.sock
        self._timer.start()

    def cancel(self) -> None:
        """No longer end it."""
        self._timer.cancel()

    def check(self, url: str) -> None:
        """Raises PolicyError where the connection was ended."""
        if self._late:
            raise _failed(url, f"the answer takes longer than {_DEADLINE} seconds", "try again later")

    def _end(self) -> None:
        self._late = True
        with suppress(OSError):
            self._socket.shutdown(SHUT_RDWR)


def _connection(parts: SplitResult) -> HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http":
        return HTTPConnection(host, parts.port, timeout=_TIMEOUT)
    import ssl

    return HTTPSConnection(host, parts.port, timeout=_TIMEOUT, context=ssl.create_default_context())


def _body(response: HTTPResponse, url: str, limit: int) -> bytes:
    """The whole body, no longer than ``limit``, and as long as was announced."""
    if response.status >= 300:
        return response.read(_CHUNK)
    announced = response.length
    if announced is not None and announced > limit:
        raise _too_large(url, limit)
    parts, size = [], 0
    while chunk := response.read1(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise _too_large(url, limit)
    if announced is not None and size != announced:
        raise HTTPException(f"its answer ended after {size:,} of {announced:,} bytes")
    return b"".join(parts)


def joined(url: str, target: str) -> str:
    """Where ``target``, of an answer from ``url``, leads. Raises PolicyError."""
    try:
        return urljoin(url, target)
    except ValueError:
        raise _failed(url, "it leads to something that is no URL", "tell who runs the registry") from None


def shown(url: str) -> str:
    """``url`` without its query, which may hold what lets its reader in."""
    return url.partition("?")[0][:500]


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _failed(url, "this is no URL", "tell who runs the registry") from None
    if parts.username is not None or any(character <= " " or character == "\x7f" for character in url):
        raise _failed(parts.hostname or "", "this is no URL of a registry", "tell who runs the registry")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _too_large(url: str, limit: int) -> PolicyError:
    return _failed(url, f"the answer is longer than {limit:,} bytes", "this is no policy bundle, or too large for one")


def _failed(url: str, why: str, hint: str) -> PolicyError:
    return PolicyError(why, where=shown(url), hint=hint)
