"""The drain as a process: until the spool is empty, or for as long as its server lives."""

from __future__ import annotations

import os
import signal
import threading

from gateproof.server.drain import Drain, Status

_PAUSE = 0.2
_LONGEST_PAUSE = 30.0
_END_SECONDS = 10.0


def drain(one: Drain, *, follow: bool) -> Status:
    """Drain until nothing is left; with ``follow`` until SIGTERM, or until the process that started us is gone.

    What cannot be recorded is tried again, after pauses that grow; without ``follow`` it ends there.
    """
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    parent = os.getppid()
    if follow:
        os.nice(5)  # reviews come first
    pause = _PAUSE
    try:
        while not ending.is_set() and (not follow or os.getppid() == parent):
            if one.step():
                pause = _PAUSE
            elif not follow:
                break
            else:
                ending.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE) if one.status.problem else _PAUSE
        _finish(one)
        return one.status
    finally:
        one.close()


def _finish(one: Drain) -> None:
    """What the server has left, as far as that goes in a few seconds; the rest waits for the next one."""
    import time

    end = time.monotonic() + _END_SECONDS
    while time.monotonic() < end and one.step():
        pass
