"""Run something again whenever a file changes. Files are polled: it works the same on every system and mount."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import click

from gateproof.cli.output import explain, explain_unforeseen
from gateproof.errors import GateproofError
from gateproof.render.untrusted import plain

_SECONDS = 0.5

_State = tuple[int, int]


def repeat(
    paths: Sequence[str],
    run: Callable[[], object],
    *,
    but: Collection[str] = (),
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Call ``run`` now and after every change below ``paths``, until Ctrl-C. Its errors are told, and end nothing.

    ``but``: files that are not watched, since ``run`` writes them. What has changed is said on standard error.
    """
    unwatched = {os.path.realpath(path) for path in but}
    seen: dict[str, _State] | None = None
    try:
        while True:
            found = dict(_states(paths))
            if unwatched:
                found = {path: state for path, state in found.items() if os.path.realpath(path) not in unwatched}
            if found != seen:
                if seen is not None:
                    _say_changes(seen, found)
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
    except Exception as error:  # noqa: BLE001 - whatever it is, the next change may mend it
        explain_unforeseen(error)
    gc.collect()  # the command line has switched the collector off, and this does not end


def _say_changes(before: Mapping[str, _State], after: Mapping[str, _State]) -> None:
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    what = "gone" if changed[0] not in after else "changed" if changed[0] in before else "new"
    click.echo(f"--- {what}: {plain(changed[0])}{more}", err=True)


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
