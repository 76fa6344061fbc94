"""What the service does beside answering, each part whatever the others run into."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateproof.server import service
from gateproof.server.service import Address, Options, Service

SECONDS = 20
ANYWHERE = Address("127.0.0.1", 0)
OPTIONS = Options(listen=ANYWHERE, status=ANYWHERE, certificate=Path("tls.crt"), key=Path("tls.key"))


@pytest.mark.parametrize("trouble", ["fails", "hangs"])
def test_room_in_the_spool_is_seen_whatever_loading_runs_into(trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def fingerprint(_: object) -> Any:
        if trouble == "hangs":
            over.wait(SECONDS)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(service, "fingerprint", fingerprint)
    monkeypatch.setattr(service, "WATCH_SECONDS", 0.01)
    monkeypatch.setattr(gc, "collect", lambda: None)  # which takes long beside all that tests have loaded

    async def run() -> None:
        measured = asyncio.Event()
        loop = asyncio.get_running_loop()
        made = Service(OPTIONS, lambda: pytest.fail("nothing is to be loaded"))
        spool = SimpleNamespace(measure=lambda: loop.call_soon_threadsafe(measured.set))
        made._gate = SimpleNamespace(spool=spool, served=SimpleNamespace(until=""))  # type: ignore[assignment]
        tasks = [asyncio.create_task(each()) for each in (made._watch, made._tidy)]
        try:
            for _ in range(2):
                measured.clear()
                await asyncio.wait_for(measured.wait(), SECONDS)
        finally:
            over.set()
            for task in tasks:
                task.cancel()

    asyncio.run(run())
