"""Where reviews come in: connections are accepted and TLS is agreed on, for few at a time.

asyncio's own server takes whatever connects and lets each have its time for the handshake, until no file can be opened
any more: neither a connection nor a segment of the spool. Here the oldest handshake makes room.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

HANDSHAKES = 128
"""Connections on which TLS is being agreed on: it takes milliseconds."""

_HANDSHAKE_SECONDS = 10.0
_PAUSE = 0.1
"""After which another try is made where nothing could be accepted."""


_Handshake = asyncio.Task[tuple[Any, Any]]


class Listener:
    """Accepts connections on ``bound`` until closed; who connects after ``context`` was replaced gets the new one."""

    def __init__(
        self, bound: socket.socket, protocol: Callable[[], asyncio.Protocol], context: ssl.SSLContext, limit: int
    ) -> None:
        """``limit`` handshakes are under way at a time at most."""
        bound.setblocking(False)
        self.context = context
        self._bound = bound
        self._protocol = protocol
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._handshakes: dict[_Handshake, None] = {}
        self._accepting = self._loop.create_task(self._accept())

    def close(self) -> None:
        """Accept no more; connections stay."""
        self._accepting.cancel()
        for task in tuple(self._handshakes):
            task.cancel()
        self._bound.close()

    async def _accept(self) -> None:
        while True:
            try:
                accepted, _ = await self._loop.sock_accept(self._bound)
            except OSError:  # no more files, or whoever connected is gone
                await asyncio.sleep(_PAUSE)
                continue
            if len(self._handshakes) >= self._limit:
                self._make_room()
            agreeing = self._loop.connect_accepted_socket(
                self._protocol, accepted, ssl=self.context, ssl_handshake_timeout=_HANDSHAKE_SECONDS
            )
            task = self._loop.create_task(agreeing)
            self._handshakes[task] = None
            task.add_done_callback(partial(self._end, accepted))
            await asyncio.sleep(0)  # accepting what has queued up waits for nothing: let others have their turn

    def _make_room(self) -> None:
        """Give up the oldest handshake."""
        if oldest := next(iter(self._handshakes), None):
            del self._handshakes[oldest]
            oldest.cancel()

    def _end(self, accepted: socket.socket, task: _Handshake) -> None:
        self._handshakes.pop(task, None)
        # What a client does wrong is its own affair.
        if task.cancelled() or task.exception():
            accepted.close()
