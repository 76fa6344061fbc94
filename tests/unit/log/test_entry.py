"""Entries: one spelling, checked when they are written and when they are read."""

from __future__ import annotations

import msgspec
import pytest

from gateproof.errors import LogError
from gateproof.log import entry as entries
from gateproof.log.entry import Entry
from gateproof.testing.log import numbered_entries

DIGEST = "sha256:" + "a" * 64
ENTRY = numbered_entries(1, 1)[0][0]


def test_an_entry_is_canonical_json_and_reads_back() -> None:
    leaf = entries.encode(ENTRY)
    assert leaf.startswith(b'{"at":"2026-11-23T05:00:00Z","envelope":"sha256:')
    assert entries.decode(leaf) == ENTRY


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", ""),
        ("kind", "Decision"),
        ("kind", "a\nb"),
        ("envelope", "sha256:abc"),
        ("at", "2026-11-23"),
        ("at", "2026-13-23T05:00:00Z"),
        ("at", "2026-11-23T05:00:00+00:00"),
        ("at", "2026-11-23T05:00:00Z\n"),
        ("references", ("sha256:" + "b" * 64, DIGEST)),
        ("references", (DIGEST, DIGEST)),
        ("references", ("../../etc/passwd",)),
        ("pointers", ("evidence/a/b/c/../d",)),
        ("pointers", ("evidence/a/b/c",)),
        ("pointers", ("evidence/a/b/c/d/e",)),
        ("pointers", ("log/lock/a/b/c",)),
        ("pointers", ("evidence/a/b/c/d", "evidence/a/b/c/d")),
        ("pointers", ("evidence/a/b/c/e", "evidence/a/b/c/d")),
    ],
)
def test_an_entry_that_is_not_fit_is_neither_written_nor_read(field: str, value: object) -> None:
    bad = msgspec.structs.replace(ENTRY, **{field: value})
    with pytest.raises(LogError, match="an entry of kind"):
        entries.encode(bad)
    with pytest.raises(LogError, match="an entry of kind"):
        entries.decode(msgspec.json.encode(bad, order="sorted"))


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"{}",
        b"[1]",
        b"\xff",
        b"[" * 5000,
        entries.encode(ENTRY) + b" ",
        entries.encode(ENTRY).replace(b'{"at"', b'{ "at"'),
        entries.encode(ENTRY).replace(b'"kind"', b'"extra":1,"kind"'),
        entries.encode(ENTRY).replace(b'"kind":', b'"kind":"decision","kind":'),
    ],
)
def test_bytes_that_are_not_the_one_spelling_are_refused(leaf: bytes) -> None:
    with pytest.raises(LogError):
        entries.decode(leaf)


def test_an_entry_that_is_too_long_says_so() -> None:
    long = Entry(
        kind="decision",
        envelope=DIGEST,
        at=ENTRY.at,
        references=tuple(f"sha256:{number:064x}" for number in range(1000)),
    )
    with pytest.raises(LogError, match=r"1000 references, 0 pointers\); a log takes at most 65535") as caught:
        entries.encode(long)
    assert caught.value.hint is not None


def test_a_blob_is_stored_under_its_digest() -> None:
    assert entries.blob_name(DIGEST) == "blobs/sha256/aa/" + "a" * 64
    with pytest.raises(LogError, match="is not a digest"):
        entries.blob_name("sha256:../../x")


def test_a_pointer_leads_to_its_entry() -> None:
    [(name, raw)] = entries.pointers([(4, ENTRY)])
    assert name == "evidence/soc2@2017:CC6.1/2026-11-23/v1/1.json"
    assert entries.decode_pointer(raw) == entries.Pointer(4, ENTRY.envelope)
    with pytest.raises(LogError, match="pointer cannot be read"):
        entries.decode_pointer(b"{}")
