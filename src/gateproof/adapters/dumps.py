"""Dumps of clusters: files, folders, standard input, or what kubectl gets; each can be read more than once, in chunks.

What comes through a pipe is kept in a temporary file that has no name.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import IO

from gateproof.adapters.files import as_text, gather
from gateproof.errors import InputError, UsageError

_CHUNK = 1 << 18
_SAID = 500
_INSTALL = "install kubectl, or pass what it printed elsewhere: kubectl get … -A -o json > dump.json"


class Dump:
    """A dump that is open; a context manager, which closes it. ``name`` is what to call it."""

    def __init__(self, name: str, sources: Sequence[tuple[str, IO[bytes]]], stack: ExitStack) -> None:
        self.name = name
        self._sources = sources
        self._stack = stack

    def __enter__(self) -> Dump:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def sources(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Each file from its beginning: its name and its bytes in chunks. Raises InputError while they are read."""
        for name, file in self._sources:
            yield name, _chunks(name, file)


def of_paths(paths: Sequence[str]) -> Dump:
    """The dump in files, folders, and standard input (``-``). Raises UsageError and InputError."""
    with ExitStack() as stack:
        sources = [(as_text(name), stack.enter_context(_opened(name))) for name, _ in gather(paths)]
        name = ", ".join(shown for shown, _ in sources[:3])
        return Dump(name, sources, stack.pop_all())


def of_cluster(resources: Iterable[Sequence[str]], *, kubeconfig: str = "", context: str = "") -> Dump:
    """What ``kubectl get`` prints for each of ``resources`` (names of resources, and options that narrow them).

    Raises InputError with what kubectl said where it fails: half a cluster is none.
    """
    options = [*(["--kubeconfig", kubeconfig] if kubeconfig else []), *(["--context", context] if context else [])]
    with ExitStack() as stack:
        sources = []
        for asked in resources:
            file = stack.enter_context(tempfile.TemporaryFile())
            _get([*options, "get", *asked, "--all-namespaces", "--output", "json"], file)
            sources.append((f"kubectl get {asked[0][:60]}", file))
        return Dump("kubectl get", sources, stack.pop_all())


def _opened(name: str) -> IO[bytes]:
    if name == "-":
        if sys.stdin is None:
            raise InputError("standard input is closed", hint="pipe the dump in, or name a file")
        return _kept(sys.stdin.buffer)
    try:
        file = open(name, "rb")  # noqa: SIM115 - the caller closes it
        return file if file.seekable() else _kept(file)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "this is no path"
        raise InputError(f"cannot be read: {said}", where=as_text(name), hint="check the path") from None


def _kept(pipe: IO[bytes]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    while chunk := pipe.read(_CHUNK):
        file.write(chunk)
    return file


def _chunks(name: str, file: IO[bytes]) -> Iterator[bytes]:
    try:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=name, hint="check the path") from None


def _get(arguments: Sequence[str], output: IO[bytes]) -> None:
    try:
        done = subprocess.run(
            ["kubectl", *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, check=False
        )
    except OSError as error:
        raise UsageError(f"kubectl cannot be run: {error.strerror}", hint=_INSTALL) from None
    if done.returncode != 0:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:_SAID]
        raise InputError(
            f"kubectl could not get everything: {said or f'exit code {done.returncode}'}",
            where=f"kubectl {' '.join(arguments[:6])}",
            hint="check --kubeconfig, --context and what you may read (kubectl auth can-i list pods -A)",
        )
