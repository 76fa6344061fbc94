"""Key files: written once, private, and read with clear errors."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gateproof.adapters import keyfiles
from gateproof.errors import TrustError
from gateproof.trust import KeySigner, keys

PASSWORD = b"correct horse"


@pytest.fixture
def signer() -> KeySigner:
    return KeySigner.generate()


def test_a_pair_is_written_and_read(tmp_path: Path, signer: KeySigner) -> None:
    private = tmp_path / "ci.key"
    public = keyfiles.write_key_pair(signer, private, PASSWORD)
    assert public == tmp_path / "ci.key.pub"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert keyfiles.read_signer(private, PASSWORD).fingerprint == signer.fingerprint
    assert keys.fingerprint(keyfiles.read_public_key(public)) == signer.fingerprint


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path, signer: KeySigner, umask: int) -> None:
    before = os.umask(umask)
    try:
        public = keyfiles.write_key_pair(signer, tmp_path / "key", PASSWORD)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(public.stat().st_mode) == 0o644


@pytest.mark.parametrize("taken", ["key", "key.pub"])
def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path, signer: KeySigner, taken: str) -> None:
    (tmp_path / taken).write_text("precious")
    with pytest.raises(TrustError, match="never overwritten") as caught:
        keyfiles.write_key_pair(signer, tmp_path / "key", PASSWORD)
    assert caught.value.where == str(tmp_path / taken)
    assert [path.name for path in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "precious"


def test_a_dangling_link_is_not_followed(tmp_path: Path, signer: KeySigner) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TrustError, match="never overwritten"):
        keyfiles.write_key_pair(signer, tmp_path / "key", PASSWORD)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_missing(tmp_path: Path, signer: KeySigner) -> None:
    with pytest.raises(TrustError, match="cannot be written"):
        keyfiles.write_key_pair(signer, tmp_path / "nowhere" / "key", PASSWORD)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_nothing(
    tmp_path: Path, signer: KeySigner, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(_descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((TrustError, KeyboardInterrupt)) as caught:
        keyfiles.write_key_pair(signer, tmp_path / "key", PASSWORD)
    assert list(tmp_path.iterdir()) == []
    assert isinstance(error, KeyboardInterrupt) or "No space left" in str(caught.value)


def test_an_empty_password_writes_nothing(tmp_path: Path, signer: KeySigner) -> None:
    with pytest.raises(TrustError, match="never written without a password"):
        keyfiles.write_key_pair(signer, tmp_path / "key", b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o601])
def test_a_private_key_that_others_can_reach_is_refused(tmp_path: Path, signer: KeySigner, mode: int) -> None:
    keyfiles.write_key_pair(signer, tmp_path / "key", PASSWORD)
    (tmp_path / "key").chmod(mode)
    with pytest.raises(TrustError, match=f"mode 0{mode:o}") as caught:
        keyfiles.read_signer(tmp_path / "key", PASSWORD)
    assert caught.value.hint == f"chmod 600 {tmp_path / 'key'}"


def test_a_wrong_password_names_the_file_and_keeps_the_secret(tmp_path: Path, signer: KeySigner) -> None:
    keyfiles.write_key_pair(signer, tmp_path / "key", PASSWORD)
    with pytest.raises(TrustError, match="does not open with this password") as caught:
        keyfiles.read_signer(tmp_path / "key", b"hunter2")
    assert caught.value.where == str(tmp_path / "key")
    assert "hunter2" not in f"{caught.value}{caught.value.hint}"


def test_what_is_no_key_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "large").touch(0o600)
    os.truncate(tmp_path / "large", 1 << 30)
    (tmp_path / "binary").write_bytes(b"\xff\x00")
    (tmp_path / "binary").chmod(0o600)
    for name, message in {
        "missing": "no such key file",
        ".": "Is a directory",
        "pipe": "not a file",
        "large": "too large",
        "binary": "not a public key|not an encrypted private key",
    }.items():
        for read in (lambda path: keyfiles.read_signer(path, PASSWORD), keyfiles.read_public_key):
            with pytest.raises(TrustError, match=message) as caught:
                read(tmp_path / name)
            assert caught.value.where == str(tmp_path / name)
            assert caught.value.hint


def test_a_private_key_is_no_public_key(tmp_path: Path, signer: KeySigner) -> None:
    keyfiles.write_key_pair(signer, tmp_path / "key", PASSWORD)
    with pytest.raises(TrustError, match="not a public key"):
        keyfiles.read_public_key(tmp_path / "key")
    with pytest.raises(TrustError, match="others than its owner"):
        keyfiles.read_signer(tmp_path / "key.pub", PASSWORD)
