"""Entry: one leaf of the log, and the objects beside the log that it names.

An entry commits to an envelope and to everything that the envelope's evidence needs, by digest. The bytes themselves
are blobs, stored under their digest. Pointers let a person find an entry by control, date and release; they are a view
that can be rebuilt from the entries, never evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from gateproof.documents import canonical
from gateproof.documents.instants import is_instant
from gateproof.errors import DocumentError, LogError
from gateproof.log.interface import RESTORE, is_name
from gateproof.log.tiles import MAX_LEAF_BYTES

_KIND = re.compile(r"[a-z][a-z0-9-]{0,63}")


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one leaf says.

    ``kind``: what the envelope holds, such as ``decision`` or ``waiver``. ``envelope``: digest of the envelope's blob.
    ``references``: digests of every blob that its evidence needs, sorted. ``pointers``: names of the form
    ``evidence/<control>/<date>/<release>/<name>``, sorted. ``at``: when the evidence was made, RFC 3339, UTC.
    """

    kind: str
    envelope: str
    at: str
    references: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()

    @property
    def blobs(self) -> tuple[str, ...]:
        """Digests of every blob that must be in the store."""
        return (self.envelope, *self.references)


class Pointer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a pointer object says: number of the entry, digest of its envelope."""

    entry: int
    envelope: str


_entries = msgspec.json.Decoder(Entry)
_pointers = msgspec.json.Decoder(Pointer)


def encode(entry: Entry) -> bytes:
    """The leaf: canonical JSON, at most 65,535 bytes. Raises LogError where the entry is not fit for the log."""
    problem = _problem(entry)
    if problem:
        raise LogError(f"an entry of kind {entry.kind!r} {problem}", hint="correct the entry: a log forgets nothing")
    leaf = canonical.encode(entry)
    if len(leaf) > MAX_LEAF_BYTES:
        raise LogError(
            f"an entry of kind {entry.kind!r} has {len(leaf)} bytes ({len(entry.references)} references,"
            f" {len(entry.pointers)} pointers); a log takes at most {MAX_LEAF_BYTES}",
            hint="split the evidence over several entries, or reference one blob that lists the others",
        )
    return leaf


def decode(leaf: bytes, where: str | None = None) -> Entry:
    """Read a leaf. Raises LogError, placed at ``where``, where it is not the one spelling of an entry."""
    try:
        entry = _entries.decode(leaf)
        is_canonical = canonical.encode(entry) == leaf
    except (msgspec.DecodeError, DocumentError, UnicodeError, RecursionError) as error:
        raise LogError(f"an entry of the log cannot be read: {error}", where=where, hint=RESTORE) from None
    problem = _problem(entry) if is_canonical else "is not canonical JSON"
    if problem:
        raise LogError(f"an entry of kind {entry.kind!r} {problem}", where=where, hint=RESTORE)
    return entry


def blob_name(digest: str) -> str:
    """Name of the blob with this digest (``sha256:<hex>``) in the store. Raises LogError for anything else."""
    if not canonical.is_digest(digest):
        raise LogError(f"{digest[:100]!r} is not a digest", hint="a digest is sha256: and 64 hexadecimal digits")
    digits = digest.removeprefix("sha256:")
    return f"blobs/sha256/{digits[:2]}/{digits}"


def pointers(entries: Iterable[tuple[int, Entry]]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the pointer objects of numbered entries. The first entry that claims a name keeps it."""
    for index, entry in entries:
        raw = canonical.encode(Pointer(index, entry.envelope))
        for name in entry.pointers:
            yield name, raw


def decode_pointer(raw: bytes, where: str | None = None) -> Pointer:
    """Read a pointer object. Raises LogError, placed at ``where``."""
    try:
        return _pointers.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise LogError(
            f"a pointer cannot be read: {error}",
            where=where,
            hint="restore it from a copy of the store, or move it away and let it be made again from the entries",
        ) from None


def is_pointer_name(name: str) -> bool:
    """Whether ``name`` is ``evidence/<control>/<date>/<release>/<name>``."""
    return is_name(name) and name.startswith("evidence/") and name.count("/") == 4


def _problem(entry: Entry) -> str:
    """Why ``entry`` is not fit for a log; empty where it is."""
    if not _KIND.fullmatch(entry.kind):
        return "has a kind that is not a lower-case word"
    if not is_instant(entry.at):
        return f"has the time {entry.at[:40]!r}, which is not RFC 3339 in UTC to the second"
    if not all(map(canonical.is_digest, entry.blobs)):
        return "refers to a blob by something that is not a digest"
    if list(entry.references) != sorted(set(entry.references)):
        return "has references that are not sorted, or named twice"
    if list(entry.pointers) != sorted(set(entry.pointers)):
        return "has pointers that are not sorted, or named twice"
    if not all(map(is_pointer_name, entry.pointers)):
        return "has a pointer that is not of the form evidence/<control>/<date>/<release>/<name>"
    return ""
