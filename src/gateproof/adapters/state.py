"""What a verifier remembers between visits: the newest checkpoint of each log, in one small file each.

Without it a store that was rolled back to an older, correctly signed checkpoint could not be told from a current one.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from gateproof.answers.reading import Seen
from gateproof.documents import canonical
from gateproof.errors import StoreError


class SeenFile:
    """The file in ``folder`` for logs under the pinned ``root``."""

    def __init__(self, folder: Path, root: str) -> None:
        self.path = folder / f"seen-{canonical.digest(root.encode())[7:39]}.json"

    def load(self) -> Seen | None:
        """What was remembered, None before the first visit. Raises StoreError for a file that cannot be believed."""
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(f"cannot be read: {error.strerror}") from None
        try:
            return msgspec.json.decode(raw, type=Seen)
        except msgspec.MsgspecError:
            raise self._failed("cannot be understood") from None

    def save(self, seen: Seen) -> None:
        """Remember ``seen``: whole, or not at all. Raises StoreError."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".seen-")
            with open(descriptor, "wb") as file:
                file.write(canonical.encode(seen))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        except OSError as error:
            raise self._failed(f"cannot be written: {error.strerror}") from None

    def _failed(self, what: str) -> StoreError:
        return StoreError(
            f"the file that remembers the last checkpoint {what}",
            where=str(self.path),
            hint="check its permissions; delete it only if you can compare the checkpoint by another way",
        )
