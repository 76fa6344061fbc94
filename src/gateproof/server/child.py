"""A process beside the server that is started again when it ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

_LONGEST_PAUSE = 30.0
_END_SECONDS = 15.0


class Child:
    """The process ``command``; what it says goes where our own words go."""

    def __init__(self, command: Sequence[str], say: Callable[[str], None]) -> None:
        self._command = command
        self._say = say
        self._process: asyncio.subprocess.Process | None = None

    async def keep(self) -> None:
        """Run it, and again whenever it ends, after a pause that grows; until cancelled."""
        pause = 1.0
        while True:
            started = asyncio.get_running_loop().time()
            try:
                self._process = await asyncio.create_subprocess_exec(*self._command, stdin=asyncio.subprocess.DEVNULL)
                ended = f"ended with {await self._process.wait()}"
            except OSError as error:
                ended = f"does not start: {error.strerror}"
            if asyncio.get_running_loop().time() - started > _LONGEST_PAUSE:
                pause = 1.0
            self._say(f"error: the drain {ended}; started again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def end(self) -> None:
        """Ask it to end, and see to it that it does."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _END_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
