"""Connections come in, whatever others do with theirs."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from tests.unit.server.certificates import write_certificate

from gateproof.server import service, tls
from gateproof.server.listener import Listener

SECONDS = 20


class Greeting(asyncio.Protocol):
    """Greets whoever has agreed on TLS."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello\n")


class Place:
    """A listener on a port of its own."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.bound = socket.create_server(("127.0.0.1", 0))
        self.address = self.bound.getsockname()
        self.listener = Listener(self.bound, Greeting, tls.load(*write_certificate(folder), None).context, limit)

    async def greeted(self) -> bytes:
        """What a client is told that trusts the certificate in the folder."""
        trusting = ssl.create_default_context(cafile=str(self.folder / "tls.crt"))
        reader, writer = await asyncio.open_connection(*self.address, ssl=trusting, server_hostname="localhost")
        said = await reader.readline()
        writer.close()
        return said


def held(tmp_path: Path, limit: int, talk: Callable[[Place], Coroutine[Any, Any, None]]) -> None:
    """Have ``talk`` with a listener."""

    async def run() -> None:
        place = Place(tmp_path, limit)
        try:
            await asyncio.wait_for(talk(place), SECONDS)
        finally:
            place.listener.close()

    asyncio.run(run())


def test_who_connects_and_says_nothing_makes_room(tmp_path: Path) -> None:
    async def talk(place: Place) -> None:
        silent = [await asyncio.open_connection(*place.address) for _ in range(5)]
        assert await place.greeted() == b"hello\n"
        assert await silent[0][0].read() == b""
        for _, writer in silent:
            writer.close()

    held(tmp_path, 2, talk)


def test_who_speaks_no_tls_disturbs_nobody(tmp_path: Path) -> None:
    async def talk(place: Place) -> None:
        reader, writer = await asyncio.open_connection(*place.address)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.read()
        writer.close()
        assert await place.greeted() == b"hello\n"

    held(tmp_path, 2, talk)


def test_another_certificate_counts_for_who_comes_then(tmp_path: Path) -> None:
    async def talk(place: Place) -> None:
        assert await place.greeted() == b"hello\n"
        place.listener.context = tls.load(*write_certificate(tmp_path), None).context
        assert await place.greeted() == b"hello\n"

    held(tmp_path, 2, talk)


def test_more_are_accepted_when_files_can_be_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(place: Place) -> None:
        loop = asyncio.get_running_loop()
        accept, failures = loop.sock_accept, [OSError(24, "Too many open files")] * 2

        async def failing(bound: socket.socket) -> tuple[socket.socket, Any]:
            if failures:
                raise failures.pop()
            return await accept(bound)

        monkeypatch.setattr(loop, "sock_accept", failing)
        assert await place.greeted() == b"hello\n"
        assert await place.greeted() == b"hello\n"
        assert not failures

    held(tmp_path, 2, talk)


@pytest.mark.parametrize(
    ("soft", "hard", "files", "set_to"),
    [
        (1024, 524288, 4096, (4096, 524288)),
        (1024, 1024, 1024, None),
        (65536, 65536, 4096, None),
        (1024, resource.RLIM_INFINITY, 4096, (4096, resource.RLIM_INFINITY)),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 4096, None),
    ],
)
def test_as_many_files_as_are_needed(
    soft: int, hard: int, files: int, set_to: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, given: limits.append(given))
    assert service._files() == files
    assert limits == ([set_to] if set_to else [])
