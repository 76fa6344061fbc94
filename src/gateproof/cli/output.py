"""Where answers go: standard output or a file, whole or not at all; and how errors are said."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from gateproof.errors import GateproofError, UsageError

_LONGEST = 1_000


def emit(text: str) -> None:
    """Write ``text`` to standard output, in UTF-8 whatever the locale says. Raises UsageError."""
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", where="standard output", hint="write to a file with --output"
        ) from None


def settle() -> None:
    """Drop what a stream does not take: it would fail again when the interpreter ends, and change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except OSError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def destination(output: Path | None) -> Iterator[Callable[[str], None]]:
    """What takes the finished answer: the file ``output``, which is tried at once, or standard output."""
    if output is None:
        yield emit
        return
    from gateproof.adapters.files import WholeFile

    with WholeFile(output) as file:
        yield lambda text: file.write(text.encode("utf-8", "backslashreplace"))


def explain(error: GateproofError) -> None:
    """Say on standard error what went wrong, where, and what to do next."""
    _say(str(error), error.hint or "")


def explain_usage(error: click.ClickException) -> None:
    """The same for a command line that does not parse."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        with suppress(OSError):
            error.show()
        return
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "gateproof"
    _say(error.format_message(), f"see `{path} --help`")


def explain_unforeseen(error: Exception) -> None:
    """The same for an error that nobody foresaw: of the system, or a bug."""
    if isinstance(error, MemoryError):
        _say("there is not enough memory", "judge fewer or smaller files at a time")
    elif isinstance(error, OSError) and error.strerror:
        where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        _say(f"{where}{error.strerror}", "check the path, its permissions, and the space on its disk")
    else:
        _say(
            f"internal: {type(error).__name__}: {error}",
            "this is a bug in gateproof; run again with `gateproof --debug …` and report it",
        )


def _say(message: str, hint: str) -> None:
    from gateproof.render.untrusted import plain

    first, *rest = message.split("\n")
    if len(first) > _LONGEST:  # a long path, mostly: what is wrong with it comes last
        first = f"{first[: _LONGEST // 2]}…{first[-_LONGEST // 2 :]}"
    lines = [f"error: {plain(first)}", *(f"       {plain(line)}" for line in rest)]
    if hint:
        lines.append(f"next:  {plain(hint)}")
    with suppress(OSError):  # standard error may be closed, too
        click.echo("\n".join(lines), err=True)
