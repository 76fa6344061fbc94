"""Measuring whole processes, side by side, the best of several runs kept; figures mean something only as ratios.

The machine may be busy with other things. So what is compared runs in turns, one round after the other, and the least
that each has taken counts: load only ever adds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / ".peers"


class Command(NamedTuple):
    """A process to measure. It must exit with one of ``ok`` and write ``says``, or it did not do the work.

    It runs in ``folder``, or else where this process does.
    """

    arguments: Sequence[str]
    ok: Sequence[int] = (0,)
    says: str = ""
    env: Mapping[str, str] = {}
    folder: Path | None = None


class Cost(NamedTuple):
    """Wall-clock seconds and peak resident memory (MiB) of the best run, start and end of the process included."""

    seconds: float
    peak: float


def race(commands: Mapping[str, Command], *, runs: int = 5) -> dict[str, Cost]:
    """The cost of each command. Raises RuntimeError when one does not do its work.

    Each runs once before anything counts: it fills the caches that a second run finds, and its output is read.
    """
    for command in commands.values():
        _check(command)
    rounds = [{name: _once(command) for name, command in commands.items()} for _ in range(runs)]
    return {name: Cost(*map(min, zip(*(each[name] for each in rounds), strict=True))) for name in commands}


def python(code: str, *arguments: str, env: Mapping[str, str] = {}) -> Command:
    """A Python process that runs ``code``."""
    return Command([sys.executable, "-c", code, *arguments], env=env)


def peer(name: str) -> str | None:
    """Path of a peer's program in .peers, or None where it was not built."""
    for place in (PEERS / "bin" / name, PEERS / name / "bin" / name):
        if place.exists():
            return str(place)
    return None


def report(name: str, ratio: float, target: str, detail: str) -> None:
    """Print one figure: the ratio, what is aimed at, and what was measured."""
    print(f"{name:<52} {ratio:>8.2f} ×   {target:<22} {detail}", flush=True)


def _check(command: Command) -> None:
    done = subprocess.run(
        command.arguments, capture_output=True, check=False, env=_environment(command), cwd=command.folder
    )
    said = done.stdout.decode(errors="replace")
    if done.returncode not in command.ok or command.says not in said:
        errors = done.stderr.decode(errors="replace")
        raise RuntimeError(f"{command.arguments[0]} exited {done.returncode}: {said[-500:]}{errors[-500:]}")


def _once(command: Command) -> Cost:
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        child = subprocess.Popen(
            command.arguments, stdout=output, stderr=output, env=_environment(command), cwd=command.folder
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in command.ok:
        raise RuntimeError(f"{command.arguments[0]} exited {child.returncode}")
    return Cost(seconds, usage.ru_maxrss / 1024)


def _environment(command: Command) -> dict[str, str]:
    """The environment without ``CI``, which commands set themselves; Python keeps its bytecode, as when installed."""
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTHONDONTWRITEBYTECODE")}
    return {**kept, **command.env}
