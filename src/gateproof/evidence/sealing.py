"""Sealing: Statements into signed envelopes, and back out of them once the signature is known to count."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from gateproof.documents import canonical
from gateproof.errors import TrustError
from gateproof.evidence.statement import (
    DECISION_TYPE,
    STATEMENT_TYPE,
    VSA_TYPE,
    DecisionPredicate,
    Statement,
    VerificationSummary,
)
from gateproof.trust import dsse
from gateproof.trust.interface import Role, Signer
from gateproof.trust.policy import Trust

PAYLOAD_TYPE = "application/vnd.in-toto+json"

_Predicate = TypeVar("_Predicate", bound=msgspec.Struct)


def seal(statement: Statement, signer: Signer) -> bytes:
    """``statement`` under one signature, as canonical envelope bytes (DSSE, payload type ``PAYLOAD_TYPE``)."""
    return dsse.encode(dsse.seal(statement.encoded, PAYLOAD_TYPE, [signer]))


def open_statement(raw: bytes, trust: Trust, at: str, *, role: Role = Role.DECISION) -> Statement:
    """The Statement in an envelope that a key with ``role`` signed; ``at`` is RFC 3339 UTC.

    The key must count at ``at``: the time of a log checkpoint that covers the envelope, say. What a statement says of
    its own time proves nothing about its key. Raises TrustError when it was altered, is foreign, or is no Statement.
    """
    envelope = dsse.decode_single(raw, PAYLOAD_TYPE)
    keys = trust.keys_for(role, at)
    if not dsse.verify(envelope, keys, keys):
        raise TrustError(
            f"the statement is not signed by a key that may sign as {role.value!r} at {at}, or was altered",
            where=canonical.digest(raw),
            hint="check that the store is whole, and that the trust policy is the one it was made under",
        )
    return _read(dsse.payload_of(envelope))


def decision_predicate(statement: Statement) -> DecisionPredicate:
    """What a decision statement says, read strictly. Raises TrustError for any other statement.

    Everything in it that is used as a digest has the form of one, so it is safe to look up in a store.
    """
    predicate = _predicate(statement, DECISION_TYPE, DecisionPredicate)
    named = [predicate.core, predicate.subject.digest, predicate.input, predicate.bundle, predicate.gate_table]
    named += [*predicate.facts.values(), *(use.digest for use in predicate.waivers)]
    named += [predicate.trust] if predicate.trust else []
    if not all(map(canonical.is_digest, named)):
        raise _unreadable("something in its predicate is not a digest where one is expected")
    return predicate


def verification_summary(statement: Statement) -> VerificationSummary:
    """What a SLSA verification summary says. Raises TrustError for any other statement."""
    return _predicate(statement, VSA_TYPE, VerificationSummary)


def _read(payload: bytes) -> Statement:
    try:
        statement = msgspec.json.decode(payload, type=Statement)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _unreadable(str(error)) from None
    if statement.type != STATEMENT_TYPE:
        raise _unreadable(f"its type is {statement.type[:80]!r}")
    if not statement.subject or any(not subject.digest for subject in statement.subject):
        raise _unreadable("it has no subject, or a subject without a digest")
    if statement.encoded != payload:
        raise _unreadable("it is not canonical JSON")
    return statement


def _predicate(statement: Statement, predicate_type: str, shape: type[_Predicate]) -> _Predicate:
    if statement.predicate_type != predicate_type:
        raise _unreadable(f"its predicate is {statement.predicate_type[:80]!r} where {predicate_type!r} is expected")
    try:
        return msgspec.convert(statement.predicate, shape)
    except msgspec.ValidationError as error:
        raise _unreadable(f"its predicate does not fit {predicate_type}: {error}") from None


def _unreadable(why: str) -> TrustError:
    return TrustError(
        f"this is not a statement that gateproof reads: {why}", hint="look for it under the digest it was stored under"
    )
