"""DSSE envelopes: what is signed, by whom, in one spelling.

Follows the Dead Simple Signing Envelope 1.0 (https://github.com/secure-systems-lab/dsse) and reads it narrowly: an
envelope is canonical JSON, its base64 is padded and canonical, it has no other fields. So whoever changes a byte of a
stored envelope makes it unreadable or unsigned.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence

import msgspec

from gateproof.documents import canonical
from gateproof.errors import TrustError
from gateproof.trust import keys as keyring
from gateproof.trust.interface import Envelope, Signature, Signer

SIZE_LIMIT = 32 * 1024 * 1024
SIGNATURE_LIMIT = 16
_FIELD_LIMIT = 1024

_decoder = msgspec.json.Decoder(Envelope)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding: the bytes that a signature covers (DSSE protocol, "Signature Definition")."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, payload_type: str, signers: Sequence[Signer]) -> Envelope:
    """``payload`` signed by each of ``signers`` (at least one), in their order."""
    if not signers:
        raise TrustError("an envelope needs at least one signer", hint="give a key to sign with")
    message = pae(payload_type, payload)
    return Envelope(
        payload=base64.b64encode(payload).decode(),
        payload_type=payload_type,
        signatures=tuple(
            Signature(sig=base64.b64encode(signer.sign(message)).decode(), keyid=signer.fingerprint)
            for signer in signers
        ),
    )


def encode(envelope: Envelope) -> bytes:
    """Canonical JSON of ``envelope``: the bytes that are stored and whose digest names it."""
    return canonical.encode(envelope)


def decode(raw: bytes) -> Envelope:
    """The envelope that ``raw`` spells. Raises TrustError unless ``encode`` would give exactly ``raw`` again."""
    if len(raw) > SIZE_LIMIT:
        raise _unreadable(f"it is {len(raw)} bytes long, and {SIZE_LIMIT} is the limit")
    try:
        envelope = _decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _unreadable(str(error)) from None
    if encode(envelope) != raw:
        raise _unreadable("it is not canonical JSON")
    if not 1 <= len(envelope.signatures) <= SIGNATURE_LIMIT:
        raise _unreadable(f"it has {len(envelope.signatures)} signatures, and 1 to {SIGNATURE_LIMIT} are allowed")
    _unbase64(envelope.payload)
    for signature in envelope.signatures:
        if max(len(signature.sig), len(signature.keyid)) > _FIELD_LIMIT:
            raise _unreadable("a signature or key id is too long")
        _unbase64(signature.sig)
    return envelope


def decode_single(raw: bytes, payload_type: str) -> Envelope:
    """The envelope that ``raw`` spells, if it holds ``payload_type`` under exactly one signature with a key id.

    Documents of ours are sealed so, because then nobody but the signer can make a second valid envelope (with another
    digest) of the same document: there is no signature to add, drop or reorder, and no key id to leave out. Raises
    TrustError otherwise.
    """
    envelope = decode(raw)
    if envelope.payload_type != payload_type:
        raise _unreadable(f"it holds {envelope.payload_type!r} where {payload_type!r} is expected")
    if len(envelope.signatures) != 1:
        raise _unreadable(f"it has {len(envelope.signatures)} signatures where exactly one is expected")
    if not canonical.is_digest(envelope.signatures[0].keyid):
        raise _unreadable("its key id is not the fingerprint of a key")
    return envelope


def payload_of(envelope: Envelope) -> bytes:
    """The payload's bytes. Nothing about them is known before ``verify``."""
    return _unbase64(envelope.payload)


def verify(envelope: Envelope, keys: Mapping[str, str], accepted: Collection[str]) -> frozenset[str]:
    """Fingerprints of the ``accepted`` keys of which the envelope holds a valid signature, each once.

    ``keys`` maps fingerprints to public keys in PEM. A key id only narrows down which key is tried: it adds no trust,
    and a signature under another key than the one its id names does not count. Raises TrustError if ``keys`` files a
    key under a fingerprint that is not its own.
    """
    message = pae(envelope.payload_type, payload_of(envelope))
    found = set()
    for signature in envelope.signatures:
        raw = _unbase64(signature.sig)
        for fingerprint in sorted(accepted):
            if signature.keyid and not keyring.same(signature.keyid, fingerprint):
                continue
            if fingerprint in keys and _key_verifies(fingerprint, keys[fingerprint], message, raw):
                found.add(fingerprint)
    return frozenset(found)


def _key_verifies(fingerprint: str, public_key_pem: str, message: bytes, signature: bytes) -> bool:
    if not keyring.same(keyring.fingerprint(public_key_pem), fingerprint):
        raise TrustError(
            "a key is filed under a fingerprint that is not its own",
            where=fingerprint,
            hint="take keys from an opened trust policy, which checks their fingerprints",
        )
    return keyring.verifies(public_key_pem, message, signature)


def _unbase64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable("a field is not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise _unreadable("a field is not canonical base64")
    return raw


def _unreadable(why: str) -> TrustError:
    return TrustError(
        f"this is not a DSSE envelope that gateproof accepts: {why}",
        hint="fetch it again from where it was stored; a signed document cannot be edited, only signed anew",
    )
