"""Compiled policies kept between runs, as plans of the compiler and never as code, in a folder of the user's own.

A plan is used without being compiled again, so whoever can write it decides verdicts: a folder or file that anybody
else could have written is not used. In CI there is no cache (see ``wiring``).
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

import gateproof

_MAX_BYTES = 64 * 1024 * 1024


class FileProgramCache:
    """Plans in files named by the digest of their sources and the version of gateproof."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / f"rego-{gateproof.__version__}"

    def get(self, digest: str) -> bytes | None:
        """What was put under ``digest``; None when there is nothing, or nothing that can be believed."""
        try:
            if not _is_ours(os.stat(self._folder)):
                return None
            descriptor = os.open(self._path(digest), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with open(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if not (stat.S_ISREG(status.st_mode) and _is_ours(status)) or status.st_size > _MAX_BYTES:
                    return None
                return file.read()
        except OSError:
            return None

    def put(self, digest: str, program: bytes) -> None:
        """Keep ``program``. A cache that cannot be written is not worth an error."""
        import tempfile

        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not _is_ours(os.stat(self._folder)):
                return
            descriptor, temporary = tempfile.mkstemp(dir=self._folder)
            with open(descriptor, "wb") as file:
                file.write(program)
            os.replace(temporary, self._path(digest))

    def _path(self, digest: str) -> Path:
        return self._folder / digest.removeprefix("sha256:")


def _is_ours(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022
