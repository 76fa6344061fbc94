"""The verified view: what it gives, and what it refuses."""

from __future__ import annotations

import pytest

from gateproof.errors import LogError
from gateproof.log import entry as entries
from gateproof.log import merkle
from gateproof.log.append import append
from gateproof.log.checkpoint import Checkpoint
from gateproof.log.lock import CHECKPOINT, LOCK
from gateproof.log.note import VerifierKey
from gateproof.log.reader import open_log
from gateproof.log.receipt import verify_receipt
from gateproof.testing import LogSigner, MemoryStore
from gateproof.testing.log import numbered_entries

NOW = "2026-11-23T05:00:00Z"
SIGNER = LogSigner("example.org/payments", 1)
KEY = VerifierKey(SIGNER.name, SIGNER.public_key)


def log_of(*counts: int, signer: LogSigner = SIGNER, store: MemoryStore | None = None, first: int = 0) -> MemoryStore:
    """A log that grew by these batches."""
    store = store or MemoryStore()
    for count in counts:
        new, blobs = numbered_entries(first, count)
        append(store, new, blobs, signer, now=NOW)
        first += count
    return store


def test_entries_are_read_in_order_from_anywhere() -> None:
    view = open_log(log_of(300, 1), KEY)
    expected = list(enumerate(numbered_entries(0, 301)[0]))
    assert len(view) == 301
    assert list(view.entries()) == expected
    assert list(view.entries(299)) == expected[299:]
    assert list(view.entries(301)) == []
    assert view.entry(256) == expected[256][1]
    for index in (-1, 301):
        with pytest.raises(LogError, match="no entry"):
            view.entry(index)


def test_a_receipt_can_be_had_for_any_entry_later() -> None:
    store = log_of(2, 300)
    view = open_log(store, KEY)
    receipt = view.receipt(1)
    assert verify_receipt(receipt, view.leaf(1), KEY) == view.checkpoint
    assert receipt.proof == view.inclusion_proof(1)


def test_blobs_are_given_only_if_they_are_what_their_digest_says() -> None:
    store = log_of(1)
    view = open_log(store, KEY)
    digest = view.entry(0).envelope
    assert view.blob(digest) == b"envelope 0"
    store.objects[entries.blob_name(digest)] = b"envelope 1"
    with pytest.raises(LogError, match="was altered"):
        view.blob(digest)
    del store.objects[entries.blob_name(digest)]
    with pytest.raises(LogError, match="is missing"):
        view.blob(digest)


def test_consistency_with_an_earlier_view_can_be_shown_to_others() -> None:
    store = log_of(5)
    old = open_log(store, KEY).checkpoint
    log_of(600, store=store, first=5)
    view = open_log(store, KEY, last_seen=old)
    proof = view.consistency_proof(5)
    merkle.verify_consistency(5, 605, old.root, view.checkpoint.root, proof)


def test_an_open_view_stays_as_it_was_while_the_log_grows() -> None:
    store = log_of(3)
    view = open_log(store, KEY)
    log_of(600, store=store, first=3)
    assert len(list(view.entries())) == 3


def test_a_log_that_was_rolled_back_is_refused() -> None:
    store = log_of(2)
    old = dict(store.objects)
    log_of(3, store=store, first=2)
    seen = open_log(store, KEY).checkpoint
    store.objects[CHECKPOINT] = old[CHECKPOINT]  # only the public checkpoint …
    with pytest.raises(LogError, match="rolled back"):
        open_log(store, KEY, last_seen=seen)
    store.objects = old  # … or everything
    with pytest.raises(LogError, match="2 entries, but had 5"):
        open_log(store, KEY, last_seen=seen)


def test_a_log_that_was_made_anew_is_refused() -> None:
    seen = open_log(log_of(2), KEY).checkpoint
    with pytest.raises(LogError, match="0 signatures by the key"):
        open_log(log_of(2, signer=LogSigner(SIGNER.name, 2)), KEY)
    for counts in ((2,), (5,), (1, 600)):
        with pytest.raises(LogError, match="forked"):
            open_log(log_of(*counts, first=1), KEY, last_seen=seen)
    with pytest.raises(LogError, match="checkpoint seen before is of the log 'other'"):
        open_log(log_of(2), KEY, last_seen=Checkpoint("other", 2, seen.root))


def test_an_empty_store_is_no_log_and_says_what_to_do() -> None:
    store = MemoryStore()
    with pytest.raises(LogError, match="holds no log") as caught:
        open_log(store, KEY)
    assert caught.value.hint == "check the store's path"
    store.objects[LOCK] = b"begun"
    with pytest.raises(LogError, match="holds no log") as caught:
        open_log(store, KEY)
    assert "recover" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("log/tile/entries/000", "the entries in log/tile/entries/000 are not those"),
        ("log/tile/0/000", "log/tile/0/000 does not hash to its place"),
    ],
)
def test_an_altered_entry_or_tile_is_never_given(name: str, message: str) -> None:
    store = log_of(300)
    raw = store.objects[name]
    store.objects[name] = raw[:-1] + bytes([raw[-1] ^ 1])
    view = open_log(store, KEY)
    assert view.entry(299)
    with pytest.raises(LogError, match=message):
        view.entry(0)
    with pytest.raises(LogError, match=message):
        list(view.entries())


def test_a_missing_entry_bundle_is_named() -> None:
    store = log_of(300)
    del store.objects["log/tile/entries/000"]
    with pytest.raises(LogError, match="entry bundle log/tile/entries/000 is missing"):
        open_log(store, KEY).entry(3)
