"""Key files: a key pair on disk, the private half encrypted and for its owner's eyes only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gateproof.errors import TrustError, placed
from gateproof.trust import keys as keyring
from gateproof.trust.keys import KeySigner

_SIZE_LIMIT = 16 * 1024


def public_path(private: Path) -> Path:
    """Where the public half of ``private`` is written: the same name with ``.pub`` after it."""
    return private.with_name(private.name + ".pub")


def write_key_pair(signer: KeySigner, private: Path, password: bytes) -> Path:
    """Write both halves of a new key, the private one with mode 0600; gives the public one's path.

    Nothing is ever overwritten, and when one of the two cannot be written neither stays. Raises TrustError.
    """
    public = public_path(private)
    encrypted = signer.encrypted_pem(password)
    _write_new(private, encrypted, 0o600)
    try:
        _write_new(public, signer.public_key_pem.encode(), 0o644)
    except BaseException:
        private.unlink(missing_ok=True)
        raise
    return public


def read_signer(private: Path, password: bytes) -> KeySigner:
    """The signer in a private key file. Raises TrustError for a wrong password, or a file that others can read."""
    raw, mode = _read(private)
    if mode & 0o077:
        raise TrustError(
            f"others than its owner have access to this private key (mode {mode:04o})",
            where=str(private),
            hint=f"chmod 600 {private}",
        )
    with placed(str(private)):
        return KeySigner.load(raw, password)


def read_public_key(public: Path) -> str:
    """The PEM text in a public key file. Raises TrustError if it holds no key that we use."""
    raw, _ = _read(public)
    pem = raw.decode("ascii", errors="replace")
    with placed(str(public)):
        keyring.fingerprint(pem)
    return pem


def _write_new(path: Path, content: bytes, mode: int) -> None:
    """Create ``path`` with ``content`` on disk; a file that could not be finished is removed."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    except FileExistsError:
        raise TrustError(
            "the key file exists, and keys are never overwritten", where=str(path), hint="choose another name"
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from None
        raise


def _unwritable(path: Path, error: OSError) -> TrustError:
    return TrustError(
        f"the key file cannot be written: {error.strerror}",
        where=str(path),
        hint="choose a folder that exists and that you may write to",
    )


def _read(path: Path) -> tuple[bytes, int]:
    """Content and permission bits of a regular file; a pipe or device is refused without waiting for it."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise TrustError("this is not a file", where=str(path), hint="give the path of a key file")
            content = file.read(_SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise TrustError(
            "there is no such key file", where=str(path), hint="make a key pair with gateproof keygen"
        ) from None
    except OSError as error:
        raise TrustError(
            f"the key file cannot be read: {error.strerror}", where=str(path), hint="check the path and its permissions"
        ) from None
    if len(content) > _SIZE_LIMIT:
        raise TrustError("this file is too large for a key", where=str(path), hint="give the path of a key file")
    return content, stat.S_IMODE(status.st_mode)
