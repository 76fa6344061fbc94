"""Bundles from files, from a commit, and from a cache that cannot be written, or lies."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gateproof.adapters.bundles import BundleCache, read_file, read_ref, signature_path
from gateproof.documents import canonical
from gateproof.errors import PolicyError

MANIFEST = canonical.digest(b"manifest")


def test_a_signature_stands_beside_its_bundle(tmp_path: Path) -> None:
    path = tmp_path / "b.tar.gz"
    path.write_bytes(b"bundle")
    assert read_file(path).envelopes == ()
    signature_path(path).write_bytes(b"signature")
    found = read_file(path)
    assert (found.raw, found.envelopes, found.digest) == (b"bundle", (b"signature",), canonical.digest(b"bundle"))
    (tmp_path / "other.json").write_bytes(b"other")
    assert read_file(path, tmp_path / "other.json").envelopes == (b"other",)


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "b.tar.gz"
    for missing in (path, tmp_path):
        with pytest.raises(PolicyError) as caught:
            read_file(missing)
        assert caught.value.hint
    path.write_bytes(b"bundle")
    with pytest.raises(PolicyError):
        read_file(path, tmp_path / "none.json")
    signature_path(path).symlink_to(tmp_path / "nowhere")  # a signature that is lost is not passed over
    with pytest.raises(PolicyError):
        read_file(path)
    signature_path(path).unlink()
    signature_path(path).write_bytes(bytes(2 * 1024 * 1024))
    with pytest.raises(PolicyError, match="more than"):
        read_file(path)


def test_a_bundle_is_read_as_it_stands_at_a_commit(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        who = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(["git", *who, *arguments], cwd=tmp_path, env=kept, check=True, capture_output=True)
        return done.stdout.decode().strip()

    path = tmp_path / "b.tar.gz"
    git("init", "-q")
    path.write_bytes(b"bundle\0\xff")
    git("add", ".")
    git("commit", "-q", "-m", "without")
    without = git("rev-parse", "HEAD")
    signature_path(path).write_bytes(b"signature")
    git("add", ".")
    git("commit", "-q", "-m", "with")
    signed = git("rev-parse", "HEAD")
    path.write_bytes(b"changed")
    signature_path(path).write_bytes(b"changed")
    assert (read_ref(path, without).raw, read_ref(path, without).envelopes) == (b"bundle\0\xff", ())
    assert (read_ref(path, signed).raw, read_ref(path, signed).envelopes) == (b"bundle\0\xff", (b"signature",))
    with pytest.raises(PolicyError, match="no such file at this commit"):
        read_ref(tmp_path / "none.tar.gz", signed)
    with pytest.raises(PolicyError):
        read_ref(tmp_path.parent / "b.tar.gz", signed)


def test_a_cache_gives_what_was_put(tmp_path: Path) -> None:
    cache = BundleCache(tmp_path / "new" / "bundles")
    cache.put(b"bundle")
    cache.put_envelopes(MANIFEST, (b"one", b"two"))
    assert cache.get(canonical.digest(b"bundle"), 100) == b"bundle"
    assert cache.envelopes(MANIFEST) == (b"one", b"two")
    assert cache.get(canonical.digest(b"other"), 100) is None
    assert cache.get(canonical.digest(b"bundle"), 3) is None
    assert cache.get("sha256:../../etc/passwd", 100) is None
    assert cache.envelopes(canonical.digest(b"other")) == ()
    assert (tmp_path / "new" / "bundles").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff", b'["../../x"]', b'["sha256:x"]', b"[1]"], ids=repr)
def test_a_listing_that_lies_gives_nothing(tmp_path: Path, raw: bytes) -> None:
    cache = BundleCache(tmp_path)
    cache.put_envelopes(MANIFEST, ())
    (listing,) = tmp_path.iterdir()
    listing.write_bytes(raw)
    assert cache.envelopes(MANIFEST) == ()


def test_without_a_folder_or_with_one_that_cannot_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for cache in (BundleCache(None), BundleCache(tmp_path / "file" / "bundles")):
        cache.put(b"bundle")
        cache.put_envelopes(MANIFEST, (b"one",))
        assert cache.get(canonical.digest(b"bundle"), 100) is None
        assert cache.envelopes(MANIFEST) == ()
