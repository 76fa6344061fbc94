"""New files, all or none: nothing that exists is ever overwritten, and nothing is written outside of a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gateproof.errors import UsageError


def write_new(folder: Path, files: Mapping[str, str]) -> None:
    """Create each of ``files`` (path below ``folder``, with ``/``, to text). Raises UsageError; then none is there."""
    made: list[Path] = []
    try:
        for name, text in files.items():
            path = folder / name
            if not Path(os.path.realpath(path.parent)).is_relative_to(os.path.realpath(folder)):
                raise UsageError("a link leads out of the folder", where=str(path), hint="write this file yourself")
            path.parent.mkdir(parents=True, exist_ok=True)
            _create(path, text.encode(), made)
    except BaseException as error:
        for path in made:
            with suppress(OSError):
                path.unlink()
        if isinstance(error, OSError):
            raise UsageError(
                f"cannot be written: {error.strerror}", where=str(error.filename), hint="nothing was written"
            ) from None
        raise


def _create(path: Path, data: bytes, made: list[Path]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    made.append(path)
    with open(descriptor, "wb") as file:
        file.write(data)
