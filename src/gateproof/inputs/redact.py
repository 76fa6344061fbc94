"""Redaction: sensitive values become commitments before anything judges, stores or prints them.

A commitment is ``redacted:sha256:<hex>``: HMAC-SHA256 over the document's index, the path and the value (canonical
JSON). The key is derived from every byte of the file, so the same file gives the same commitments in every run, and
who lacks the file cannot compute them. The path is part of what is committed to, so equal secrets at two places
cannot be recognised as equal. Structure is kept: in a sensitive object or list each scalar is replaced; null, which
says only that nothing is set, stays.

What this cannot do: the digest of the file is public, so who knows the whole file but one secret can test guesses
against that digest. A guessable secret stays guessable.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateproof.documents import canonical
from gateproof.documents.interface import Path
from gateproof.inputs.input import Redaction

if TYPE_CHECKING:
    import hashlib

_PREFIX = "redacted:sha256:"
_COMMITMENT = re.compile(_PREFIX + r"[0-9a-f]{64}")
_DOMAIN = b"\ngateproof redaction key v1\n"


def is_redacted(value: object) -> bool:
    """Whether ``value`` is a commitment that stands for a sensitive value."""
    # Asked of every text that is compared, and nearly none begins so.
    return isinstance(value, str) and value.startswith(_PREFIX) and _COMMITMENT.fullmatch(value) is not None


def is_marked(marker: object) -> bool:
    """Whether a marker in Terraform's form (true, or an object or list of markers) marks anything as sensitive.

    A marker of another type marks its value, too: what is not understood is not shown.
    """
    if isinstance(marker, dict):
        # Nearly every resource has a marker, most of them of nothing: that is asked of all members at once.
        return any(marker.values()) and any(map(is_marked, marker.values()))
    if isinstance(marker, list):
        return any(marker) and any(map(is_marked, marker))
    return marker is not None and marker is not False


class Redactor:
    """Gives values with the sensitive ones replaced, and notes each replacement. Nothing given to it is changed."""

    def __init__(self, hashed: hashlib._Hash) -> None:
        """``hashed``: SHA-256 that has been fed the whole file; it is copied, not changed."""
        keyed = hashed.copy()
        keyed.update(_DOMAIN)
        self._key = keyed.digest()
        self._redactions: list[Redaction] = []

    @property
    def redactions(self) -> tuple[Redaction, ...]:
        """Every replacement so far, in order."""
        return tuple(self._redactions)

    def hide(self, value: Any, document: int, path: Path) -> Any:
        """``value``, which stands at ``path`` in document ``document``, with every scalar in it replaced."""
        if isinstance(value, dict):
            return {key: self.hide(child, document, (*path, key)) for key, child in value.items()}
        if isinstance(value, list):
            return [self.hide(child, document, (*path, index)) for index, child in enumerate(value)]
        if value is None:
            return None
        import hmac

        message = canonical.encode((document, path, value))
        commitment = f"{_PREFIX}{hmac.digest(self._key, message, 'sha256').hex()}"
        self._redactions.append(Redaction(document, path, commitment))
        return commitment

    def hide_marked(self, value: Any, marker: object, document: int, path: Path) -> Any:
        """``value`` with what ``marker`` marks replaced.

        Where marker and value have different shapes, the whole value is replaced as soon as anything is marked.
        """
        if isinstance(marker, dict) and isinstance(value, dict):
            return {
                key: self.hide_marked(child, marker[key], document, (*path, key)) if key in marker else child
                for key, child in value.items()
            }
        if isinstance(marker, list) and isinstance(value, list) and len(marker) == len(value):
            return [
                self.hide_marked(child, mark, document, (*path, index))
                for index, (child, mark) in enumerate(zip(value, marker, strict=True))
            ]
        return self.hide(value, document, path) if is_marked(marker) else value
