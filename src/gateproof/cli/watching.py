"""Run something again whenever a file changes. Files are polled: it works the same on every system and mount."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence

from gateproof.cli.output import explain
from gateproof.errors import GateproofError

_SECONDS = 0.5

_State = tuple[int, int]


def repeat(paths: Sequence[str], run: Callable[[], object], *, sleep: Callable[[float], object] = time.sleep) -> None:
    """Call ``run`` now and after every change below ``paths``, until Ctrl-C. Its errors are told, and end nothing."""
    seen: dict[str, _State] | None = None
    try:
        while True:
            found = dict(_states(paths))
            if found != seen:
                seen = found
                _once(run)
            sleep(_SECONDS)
    except KeyboardInterrupt:
        return


def _once(run: Callable[[], object]) -> None:
    try:
        run()
    except GateproofError as error:
        explain(error)
    gc.collect()  # the command line has switched the collector off, and this does not end


def _states(paths: Sequence[str]) -> Iterator[tuple[str, _State]]:
    """Time of change and size of each file; what goes away meanwhile is not there."""
    for path in paths:
        if not os.path.isdir(path):
            yield from _state(path)
        for folder, folders, names in os.walk(path):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                yield from _state(os.path.join(folder, name))


def _state(path: str) -> Iterator[tuple[str, _State]]:
    try:
        status = os.stat(path)
    except OSError:
        return
    yield path, (status.st_mtime_ns, status.st_size)
