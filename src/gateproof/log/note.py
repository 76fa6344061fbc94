"""Signed notes: a text and the lines that sign it, https://c2sp.org/signed-note.

Reading is strict: a note has one spelling, so a changed byte is either in the text, which is signed, or makes the note
unreadable, or turns a signature into one that does not verify.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

import msgspec

from gateproof.errors import LogError
from gateproof.log.interface import NoteSigner

ED25519 = 1
COSIGNATURE_V1 = 4
MAX_NOTE_BYTES = 64 * 1024
PUBLIC_KEY_BYTES = 32

_KEY_ID_BYTES = 4
_DASH = "— "


class VerifierKey(msgspec.Struct, frozen=True):
    """A name, an Ed25519 public key (32 bytes) and what it signs: notes (ED25519) or cosignatures (COSIGNATURE_V1)."""

    name: str
    public_key: bytes
    algorithm: int = ED25519

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line names the key."""
        material = bytes([self.algorithm]) + self.public_key
        return hashlib.sha256(self.name.encode() + b"\n" + material).digest()[:_KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """The key as one line: ``name+key id+base64``, the verifier key encoding of the Go and C2SP tools."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.algorithm]) + self.public_key)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read what ``text`` writes. Raises LogError."""
        name, _, rest = text.partition("+")
        _, _, encoded = rest.partition("+")
        material = decode_base64(encoded, "a verifier key")
        if (
            not is_key_name(name)
            or len(material) != 1 + PUBLIC_KEY_BYTES
            or material[0] not in (ED25519, COSIGNATURE_V1)
        ):
            raise LogError(
                f"{text[:120]!r} is not a verifier key with an Ed25519 key",
                hint="a verifier key looks like example.org/log+1234abcd+AWXK…",
            )
        key = cls(name, material[1:], material[0])
        if key.text != text:
            raise LogError(f"the verifier key {text[:120]!r} does not match its own key id")
        return key


class Signature(msgspec.Struct, frozen=True):
    """One signature line. Lines of keys that the reader does not know are kept and not judged."""

    name: str
    key_id: bytes
    value: bytes


class Note(msgspec.Struct, frozen=True):
    """A text, its last newline included, and its signature lines."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The note's bytes."""
        lines = (f"{_DASH}{line.name} {encode_base64(line.key_id + line.value)}\n" for line in self.signatures)
        return f"{self.text}\n{''.join(lines)}".encode()


def parse(raw: bytes) -> Note:
    """Read a note. Raises LogError where the bytes are not the one spelling of a note."""
    if len(raw) > MAX_NOTE_BYTES:
        raise LogError(f"a signed note has {len(raw)} bytes; the most that is read is {MAX_NOTE_BYTES}")
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise LogError("a signed note is not UTF-8") from None
    if any(character < " " and character != "\n" for character in whole):
        raise LogError("a signed note holds a control character")
    text, separator, tail = whole.rpartition("\n\n")
    if not separator or not text or not tail.endswith("\n"):
        raise LogError("a signed note is a text, an empty line and signature lines; these bytes are not")
    return Note(text + "\n", tuple(_parse_line(line) for line in tail[:-1].split("\n")))


def sign(text: str, signer: NoteSigner) -> Signature:
    """Sign a note's text. The fresh signature is verified, so that a faulty signer fails here. Raises LogError."""
    if not is_key_name(signer.name):
        raise LogError(f"{signer.name!r} cannot name a log", hint="use a name such as example.org/payments")
    key = VerifierKey(signer.name, signer.public_key)
    line = Signature(signer.name, key.key_id, signer.sign(text.encode()))
    _verify_ed25519(key, line.value, text.encode())
    return line


def verify(note: Note, key: VerifierKey) -> None:
    """Check that ``key`` signed the note's text. Raises LogError where it did not, or more than one line says so."""
    _verify_ed25519(key, _line_of(note, key).value, note.text.encode())


def verify_cosignature(note: Note, witness: VerifierKey) -> int:
    """Check a witness's line on a checkpoint, https://c2sp.org/tlog-cosignature, Ed25519. Raises LogError.

    Gives the time at which the witness saw the checkpoint, in seconds since 1970 UTC.
    """
    value = _line_of(note, witness).value
    timestamp = int.from_bytes(value[:8], "big")
    if timestamp >= 1 << 63:
        raise LogError(f"the cosignature of {witness.name} carries an impossible time")
    _verify_ed25519(witness, value[8:], f"cosignature/v1\ntime {timestamp}\n{note.text}".encode())
    return timestamp


def is_key_name(name: str) -> bool:
    """Whether ``name`` may name a key: some characters, none of them a space, a control character or ``+``."""
    return bool(name) and name.isprintable() and "+" not in name and not any(map(str.isspace, name))


def encode_base64(raw: bytes) -> str:
    """Standard base64, with padding."""
    return base64.b64encode(raw).decode()


def decode_base64(text: str, what: str) -> bytes:
    """The bytes that ``text`` is the one spelling of. Raises LogError, which calls the text ``what``."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if encode_base64(raw) != text or not raw:
        raise LogError(f"{what} is not standard base64")
    return raw


def _parse_line(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not is_key_name(name):
        raise LogError("a signature line of a note does not have the form '— name base64'")
    raw = decode_base64(encoded, f"the signature of {name}")
    if len(raw) <= _KEY_ID_BYTES:
        raise LogError(f"the signature of {name} is too short")
    return Signature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def _line_of(note: Note, key: VerifierKey) -> Signature:
    lines = [line for line in note.signatures if line.name == key.name and line.key_id == key.key_id]
    if len(lines) != 1:
        signers = ", ".join(sorted({line.name for line in note.signatures}))
        raise LogError(
            f"the note has {len(lines)} signatures by the key {key.name} ({key.key_id.hex()}) instead of one;"
            f" it is signed by {signers}",
            hint="verify with the public key of this log, and only if you have it from a source that you trust",
        )
    return lines[0]


def _verify_ed25519(key: VerifierKey, signature: bytes, message: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, message)
    except ValueError:
        raise LogError(f"the public key of {key.name} is not an Ed25519 key of {PUBLIC_KEY_BYTES} bytes") from None
    except InvalidSignature:
        raise LogError(
            f"the signature of {key.name} does not verify",
            hint="the note was altered, or signed by another key that has the same id",
        ) from None
