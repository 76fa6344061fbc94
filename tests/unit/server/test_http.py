"""HTTP/1.1 as it comes: in pieces, several at once, too large, not at all."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence

import pytest

from gateproof.errors import MissingExtraError
from gateproof.server import http
from gateproof.server.http import Connection, Connections, Request, Response

REQUEST = (
    b"POST /validate?timeout=5s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nbody"
)


class Transport(asyncio.Transport):
    """What the connection writes, and whether it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """Nothing to hold back here."""

    def resume_reading(self) -> None:
        """Nothing to hold back here."""


class Talk:
    """What came of it."""

    def __init__(self, transport: Transport, requests: list[Request]) -> None:
        self.closed = transport.closed
        self.requests = requests
        self.statuses = [
            int(part[9:12]) for part in transport.written.split(b"HTTP/1.1 ")[1:] for part in [b"HTTP/1.1 " + part]
        ]
        self.written = transport.written


def talk(
    pieces: Sequence[bytes],
    *,
    connections: Callable[[], Connections] = Connections,
    seconds: float = 0.0,
    slow: float = 0.0,
) -> Talk:
    """Send ``pieces`` over a connection; ``slow``: how long an answer takes, ``seconds``: how long is listened."""
    requests: list[Request] = []
    transport = Transport()

    async def answer(request: Request) -> Response:
        requests.append(request)
        await asyncio.sleep(slow)
        return Response(200, request.body, "application/json")

    async def run() -> None:
        connection = Connection(answer, connections())
        connection.connection_made(transport)
        for piece in pieces:
            connection.data_received(piece)
        for _ in range(50):
            await asyncio.sleep(seconds / 50)
        connection.connection_lost(None)

    asyncio.run(run())
    return Talk(transport, requests)


def test_a_request() -> None:
    had = talk([REQUEST])
    assert had.requests == [Request("POST", "/validate", "application/json", b"body")]
    assert had.written == (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\nbody")
    assert not had.closed


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_requests_in_pieces(size: int) -> None:
    stream = REQUEST * 3
    had = talk([stream[at : at + size] for at in range(0, len(stream), size)])
    assert had.statuses == [200, 200, 200]
    assert [request.body for request in had.requests] == [b"body"] * 3


def test_answers_come_in_order() -> None:
    stream = b"".join(REQUEST.replace(b"body", b"%04d" % number) for number in range(20))
    had = talk([stream], seconds=0.5, slow=0.001)
    assert [request.body for request in had.requests] == [b"%04d" % number for number in range(20)]
    assert had.written.count(b"HTTP/1.1 200 OK") == 20


def test_a_client_that_asks_first() -> None:
    head, body = REQUEST[:-4].replace(b"Host", b"Expect: 100-continue\r\nHost"), REQUEST[-4:]
    had = talk([head, body])
    assert had.written.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_a_client_that_wants_no_more() -> None:
    had = talk([REQUEST.replace(b"Host", b"Connection: close\r\nHost")])
    assert had.statuses == [200]
    assert b"connection: close" in had.written
    assert had.closed


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01 this is TLS", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: " + b"x" * 40_000, 411),
        (b"POST / HTTP/1.1\r\nContent-Length: 8388609\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nX: " + b"x" * 40_000, 431),
    ],
    ids=["TLS", "upgrade", "two lengths", "chunks", "large", "enormous", "long headers"],
)
def test_what_is_refused(sent: bytes, status: int) -> None:
    had = talk([sent, REQUEST])
    assert had.statuses == [status]
    assert had.closed
    assert had.requests == []


def test_a_request_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_READ_SECONDS", 0.01)
    had = talk([REQUEST[:-1]], seconds=0.2)
    assert had.statuses == [408]
    assert had.closed


def test_a_connection_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_IDLE_SECONDS", 0.01)
    had = talk([], seconds=0.2)
    assert had.closed
    assert had.written == b""


def test_too_many_connections() -> None:
    had = talk([REQUEST], connections=lambda: Connections(0))
    assert had.closed
    assert had.written == b""


class Door:
    """Several connections of one server, on which answers take until ``open``."""

    def __init__(self, limit: int = 1000) -> None:
        self.connections = Connections(limit)
        self.opened = asyncio.Event()

    async def answer(self, request: Request) -> Response:
        await self.opened.wait()
        return Response(200, request.body)

    async def connect(self, *sent: bytes) -> tuple[Connection, Transport]:
        transport, connection = Transport(), Connection(self.answer, self.connections)
        connection.connection_made(transport)
        for piece in sent:
            connection.data_received(piece)
        await asyncio.sleep(0)
        return connection, transport


@pytest.mark.parametrize("sent", [b"", REQUEST[:-1], REQUEST[:10]], ids=["silent", "half a body", "half a head"])
def test_who_does_not_get_on_makes_room(sent: bytes) -> None:
    async def run() -> None:
        door = Door(2)
        _, waits = await door.connect(REQUEST)
        _, slow = await door.connect(sent)
        _, new = await door.connect(REQUEST)
        assert (waits.closed, slow.closed, new.closed, len(door.connections)) == (False, True, False, 2)
        door.opened.set()
        await asyncio.sleep(0.01)
        assert b"200 OK" in waits.written
        assert b"200 OK" in new.written

    asyncio.run(run())


def test_who_was_answered_last_stays_longest() -> None:
    async def run() -> None:
        door = Door(2)
        door.opened.set()
        first, used = await door.connect()
        _, idle = await door.connect()
        first.data_received(REQUEST)
        await asyncio.sleep(0.01)
        await door.connect()
        assert (used.closed, idle.closed) == (False, True)

    asyncio.run(run())


def test_who_is_being_answered_is_not_cut_off() -> None:
    async def run() -> None:
        door = Door(1)
        _, waits = await door.connect(REQUEST)
        _, new = await door.connect(REQUEST)
        assert (waits.closed, new.closed) == (False, True)

    asyncio.run(run())


def test_who_holds_most_makes_room_for_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_MAX_HELD", 100)
    head = b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n"

    async def run() -> None:
        door = Door()
        _, large = await door.connect(head, b"x" * 80)
        _, small = await door.connect(head, b"x" * 15)
        assert (large.closed, small.closed, door.connections.held) == (False, False, 95)
        last, fits = await door.connect(REQUEST, REQUEST)
        assert (large.closed, small.closed, fits.closed, door.connections.held) == (True, False, False, 23)
        door.opened.set()
        await asyncio.sleep(0.01)
        assert fits.written.count(b"200 OK") == 2
        assert door.connections.held == 15
        last.connection_lost(None)
        assert door.connections.held == 15

    asyncio.run(run())


def test_who_reads_no_answers_is_cut_off() -> None:
    async def run() -> None:
        door = Door()
        connection, transport = await door.connect(REQUEST)
        connection.pause_writing()
        connection.connection_lost(None)
        assert (transport.closed, len(door.connections), door.connections.held) == (True, 0, 0)

    asyncio.run(run())


def test_what_is_never_answered_is_not_waited_for() -> None:
    async def run() -> None:
        door = Door()
        failure = RuntimeError("a handler failed")
        door.opened.wait = lambda: _raise(failure)  # type: ignore[method-assign,assignment,return-value]
        connection, transport = await door.connect(REQUEST)
        await asyncio.sleep(0.01)
        assert (transport.closed, len(door.connections), door.connections.held) == (True, 0, 0)
        assert connection._task is not None
        assert connection._task.exception() is failure

    asyncio.run(run())


async def _raise(error: Exception) -> None:
    raise error


def test_the_end_waits_for_answers() -> None:
    def ending() -> Connections:
        found = Connections()
        found.ending = True
        return found

    had = talk([REQUEST], connections=ending)
    assert had.statuses == [200]
    assert b"connection: close" in had.written


def test_what_is_not_installed_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    http.check_parser()
    monkeypatch.setitem(sys.modules, "httptools", None)
    with pytest.raises(MissingExtraError, match="httptools") as caught:
        http.check_parser()
    assert caught.value.hint == 'pip install "gateproof[server]"'
