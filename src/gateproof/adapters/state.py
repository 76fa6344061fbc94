"""What a verifier remembers between visits: the newest checkpoint of each log, in one small file each.

Without it a store that was rolled back to an older, correctly signed checkpoint could not be told from a current one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from gateproof.adapters.files import read
from gateproof.answers.reading import Seen
from gateproof.documents import canonical
from gateproof.errors import InputError, StoreError

_MAX_BYTES = 64 * 1024


class SeenFile:
    """The file in ``folder`` for logs under the pinned ``root``."""

    def __init__(self, folder: Path, root: str) -> None:
        self.path = folder / f"seen-{canonical.digest(root.encode())[7:39]}.json"

    def load(self) -> Seen | None:
        """What was remembered, None before the first visit. Raises StoreError for a file that cannot be believed."""
        try:
            self.path.lstat()
            return msgspec.json.decode(read(self.path, _MAX_BYTES), type=Seen)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(f"cannot be read: {error.strerror}") from None
        except InputError as error:
            raise self._failed(f"is not whole: {error.message}") from None
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise self._failed("cannot be understood") from None

    def save(self, seen: Seen) -> None:
        """Remember ``seen``: whole, or not at all. Raises StoreError."""
        with self._replacement() as (descriptor, temporary):
            with open(descriptor, "wb", closefd=False) as file:
                file.write(canonical.encode(seen))
            os.fsync(descriptor)
            os.replace(temporary, self.path)

    def check(self) -> None:
        """Raises StoreError where ``save`` could not write, so that it is known before anything is recorded."""
        with self._replacement():
            pass

    @contextmanager
    def _replacement(self) -> Iterator[tuple[int, str]]:
        """A temporary file beside ``path``, open; removed afterwards unless it was renamed."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".seen-")
            try:
                yield descriptor, temporary
            finally:
                os.close(descriptor)
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
        except OSError as error:
            raise self._failed(f"cannot be written: {error.strerror}") from None

    def _failed(self, what: str) -> StoreError:
        return StoreError(
            f"the file that remembers the last checkpoint {what}",
            where=str(self.path),
            hint="check its permissions; delete it only if you can compare the checkpoint by another way",
        )
