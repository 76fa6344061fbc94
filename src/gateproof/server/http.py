"""HTTP/1.1 for a door that few clients come through, and often: keep-alive, small answers, hostile bytes.

llhttp (``httptools``) reads the messages; https://www.rfc-editor.org/rfc/rfc9112. One request of a connection is
answered at a time, what follows it waits. Whatever breaks a limit is refused, and its connection closed: nothing that
comes after it can be told apart from it. A body comes with its length: chunks have trailers and extensions that never
end, and an API server sends none. Where connections or memory run out, who came first and does not get on makes room.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, cast

from gateproof.errors import MissingExtraError

if TYPE_CHECKING:
    import httptools

MAX_BODY = 8 * 1024 * 1024
"""An API server takes objects of up to 3 MiB; a review of an update has two, and who asks."""

_MAX_HELD = 128 * 1024 * 1024
"""Bytes of all bodies that are at hand at a time: 16 of the largest, thousands of what usually comes."""

_MAX_HEAD = 32 * 1024
_MAX_WAITING = 8
_READ_SECONDS = 10.0
"""A request that has begun is all there after so long."""

_IDLE_SECONDS = 120.0
"""Longer than clients keep a connection (Go: 90 s), so that none of them writes into one that is being closed."""


class Request(NamedTuple):
    """A whole request. ``path`` is without the query."""

    method: str
    path: str
    content_type: str
    body: bytes


class Response(NamedTuple):
    """What to answer."""

    status: int
    body: bytes
    content_type: str = "text/plain; charset=utf-8"


Handler = Callable[[Request], Awaitable[Response]]


class Connections:
    """The open connections of a server, so that it can end gracefully; ``limit`` of them are taken."""

    def __init__(self, limit: int = 500) -> None:
        self.limit = limit
        self.ending = False
        self.held = 0
        """Bytes of bodies that are not answered."""

        self._open: dict[Connection, None] = {}
        """Those that were used last at the end."""

        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, one: Connection) -> bool:
        """Whether there is room for another: the one that nothing came of for longest makes it."""
        if len(self._open) >= self.limit:
            waiting = next((each for each in self._open if not each.answering), None)
            if waiting is None:
                return False
            waiting.abort()
        self._open[one] = None
        self._empty.clear()
        return True

    def used(self, one: Connection) -> None:
        """It was answered."""
        if one in self._open:
            self._open[one] = self._open.pop(one)

    def hold(self, size: int) -> None:
        """``size`` more bytes are at hand; where they are too many, who holds most of them is cut off."""
        self.held += size
        if self.held > _MAX_HELD:
            max(self._open, key=lambda each: each.held).abort()

    def remove(self, one: Connection) -> None:
        """It is closed."""
        self._open.pop(one, None)
        if not self._open:
            self._empty.set()

    async def end(self, seconds: float) -> None:
        """Close what is idle, and everything after its answer; what takes longer than ``seconds`` is cut off."""
        self.ending = True
        for one in tuple(self._open):
            one.end()
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except TimeoutError:
            for one in tuple(self._open):
                one.abort()


class Connection(asyncio.Protocol):
    """One connection: bytes → requests → ``handler`` → bytes."""

    def __init__(self, handler: Handler, connections: Connections) -> None:
        self._handler = handler
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._parser = _parser(self)
        self._waiting: deque[tuple[Request | Response, bool]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._begun = False
        self._closing = False
        self.held = 0
        """Bytes of bodies that are not answered."""

        self._forget()

    @property
    def answering(self) -> bool:
        """Whether the client waits for us, and not we for it."""
        return self._task is not None and not self._transport.is_closing()

    # -- of asyncio ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if not self._connections.add(self):
            self._transport.abort()
            return
        self._expect(_IDLE_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._closing = True
        self._give_up()
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        import httptools

        if not self._begun and not self._task:
            self._expect(_READ_SECONDS)
        self._head += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(HTTPStatus.BAD_REQUEST, "this is not HTTP/1.1")
        else:
            if not self._complete_head and self._head > _MAX_HEAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too long")

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        # Answers are small: a client that asks on and on, and reads none of them, would have them all kept here.
        self.abort()

    # -- of httptools ----------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._begun = True

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        match name.lower():
            case b"content-type":
                self._content_type = value
            case b"content-length":
                if value.isdigit() and (len(value) > 12 or int(value) > MAX_BODY):
                    self._too_large()
            case b"transfer-encoding":
                self._refuse(HTTPStatus.LENGTH_REQUIRED, "a body is sent with its length")
            case b"expect":
                self._continue = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        self._complete_head = True
        if self._continue and not self._closing:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        if self._closing:
            return
        self._body.append(body)
        self._hold(len(body))

    def on_message_complete(self) -> None:
        if self._closing:
            return
        if self._parser.should_upgrade():
            self._refuse(HTTPStatus.BAD_REQUEST, "no other protocol is spoken here")
            return
        path = self._url.partition(b"?")[0].decode("latin-1")
        method = self._parser.get_method().decode("latin-1")
        content_type = self._content_type.decode("latin-1")
        self._put(Request(method, path, content_type, b"".join(self._body)), keep=self._parser.should_keep_alive())
        self._forget()

    # -- of this connection ----------------------------------------------------------------------------------------

    def end(self) -> None:
        """Close as soon as nothing is in flight."""
        if self._task is None and not self._begun:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self._give_up()
        self._transport.abort()

    def _forget(self) -> None:
        """Be ready for the next message."""
        self._url = b""
        self._content_type = b""
        self._body: list[bytes] = []
        self._head = 0
        self._begun = self._complete_head = self._continue = False

    def _put(self, one: Request | Response, *, keep: bool) -> None:
        self._waiting.append((one, keep))
        if len(self._waiting) > _MAX_WAITING:
            self._transport.pause_reading()
        if self._task is None:
            if self._timer:
                self._timer.cancel()
            self._task = self._loop.create_task(self._answer())

    async def _answer(self) -> None:
        while self._waiting:
            one, keep = self._waiting.popleft()
            try:
                response = one if isinstance(one, Response) else await self._handler(one)
            except BaseException:
                self.abort()  # there will be no answer, and nothing else ends the waiting for it
                raise
            if self._transport.is_closing():
                return
            self._connections.used(self)
            if isinstance(one, Request):
                self._hold(-len(one.body))
            keep = keep and not self._connections.ending
            self._transport.write(_encoded(response, keep=keep))
            if not keep:
                self._closing = True
                self._transport.close()
                return
            self._transport.resume_reading()
        self._task = None
        self._expect(_READ_SECONDS if self._begun else _IDLE_SECONDS)

    def _refuse(self, status: HTTPStatus, said: str) -> None:
        """Answer, after what came before, and close."""
        if not self._closing:
            self._put(Response(status, f"{said}\n".encode()), keep=False)
            self._closing = True

    def _hold(self, size: int) -> None:
        self.held += size
        self._connections.hold(size)

    def _give_up(self) -> None:
        """Nothing more is read or answered."""
        self._connections.remove(self)
        self._hold(-self.held)
        self._waiting.clear()
        self._body.clear()

    def _too_large(self) -> None:
        self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MAX_BODY} bytes are not read")

    def _expect(self, seconds: float) -> None:
        """Something must happen within ``seconds``."""
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._late)

    def _late(self) -> None:
        if self._begun:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "the request took too long")
        else:
            self._transport.close()


def check_parser() -> None:
    """Raises MissingExtraError where requests could not be read: better before the first one."""
    try:
        import httptools  # noqa: F401 - only whether it is there
    except ImportError:
        raise MissingExtraError("httptools", "server") from None


def _parser(connection: Connection) -> httptools.HttpRequestParser:
    import httptools

    return httptools.HttpRequestParser(connection)


def _encoded(response: Response, *, keep: bool) -> bytes:
    status = HTTPStatus(response.status)
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"content-type: {response.content_type}",
        f"content-length: {len(response.body)}",
        *(() if keep else ("connection: close",)),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + response.body
