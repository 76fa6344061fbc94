"""Measuring: processes and functions, each several times, the best kept; figures mean something only as ratios."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / ".peers"


class Cost(NamedTuple):
    """Wall-clock seconds and peak resident memory (MiB) of the best run."""

    seconds: float
    peak: float


def process(command: Sequence[str], *, runs: int = 5, ok: Sequence[int] = (0,), env: Mapping[str, str] = {}) -> Cost:
    """Cost of a whole process, start and end included. Raises RuntimeError when it exits otherwise than ``ok``."""
    best = Cost(float("inf"), float("inf"))
    for _ in range(runs):
        started = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **env})
        assert child.stderr is not None
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        child.stderr.close()
        if child.returncode not in ok:
            raise RuntimeError(f"{command[0]} exited {child.returncode}: {errors.decode(errors='replace')[-500:]}")
        best = Cost(min(best.seconds, seconds), min(best.peak, usage.ru_maxrss / 1024))
    return best


def function(work: Callable[[], object], *, runs: int = 5) -> float:
    """Seconds of the best of ``runs`` calls in this process."""
    best = float("inf")
    for _ in range(runs):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best


def python(code: str, *arguments: str, runs: int = 5) -> Cost:
    """Cost of a Python process that runs ``code``."""
    return process([sys.executable, "-c", code, *arguments], runs=runs)


def peer(name: str) -> str | None:
    """Path of a peer's program in .peers, or None where it was not built."""
    for place in (PEERS / "bin" / name, PEERS / name / "bin" / name):
        if place.exists():
            return str(place)
    return None


def report(name: str, ratio: float, target: str, detail: str) -> None:
    """Print one figure: the ratio, what is aimed at, and what was measured."""
    print(f"{name:<52} {ratio:>8.2f} ×   {target:<22} {detail}", flush=True)
