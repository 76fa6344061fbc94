"""Opening: from the bytes of a signed trust policy and roster, and a pinned fingerprint, to Trust."""

from __future__ import annotations

from datetime import datetime

import msgspec

from gateproof.documents import canonical
from gateproof.documents.instants import instant, within
from gateproof.errors import TrustError
from gateproof.trust import dsse, forms
from gateproof.trust import keys as keyring
from gateproof.trust.forms import DocumentKind
from gateproof.trust.interface import Role
from gateproof.trust.policy import Trust, TrustedKey, TrustPolicy, TrustRecord, check_ranks, counts, key_map
from gateproof.trust.roster import Roster

_RECORD_HINT = "look for it in the store under the trust digest that the decision names"


def open_trust(
    policy_envelope: bytes,
    root_fingerprint: str,
    roster_envelope: bytes | None,
    now: str,
    *,
    lowest_version: int = 1,
) -> Trust:
    """The trust policy and roster, if they are what the root key says.

    ``root_fingerprint`` comes out of band and pins the key (role ``trust``) that must have signed the policy; the
    roster is signed by a key with the role ``roster``. ``now`` is RFC 3339 UTC. ``lowest_version`` is the highest
    policy version that the caller has seen before: an older policy is refused. Raises TrustError saying what is wrong.
    """
    moment = instant(now)
    policy = _open_policy(policy_envelope, root_fingerprint, moment)
    if policy.version < lowest_version:
        raise TrustError(
            f"the trust policy is version {policy.version}, and version {lowest_version} has been seen before",
            hint="fetch the current trust policy; an old one may still trust keys that were revoked since",
        )
    record = TrustRecord(root=root_fingerprint, policy=canonical.digest(policy_envelope))
    if roster_envelope is None:
        return Trust(record=record, policy=policy)
    roster = _open_roster(roster_envelope, policy, moment)
    record = TrustRecord(root=record.root, policy=record.policy, roster=canonical.digest(roster_envelope))
    return Trust(record=record, policy=policy, roster=roster)


def read_trust_record(raw: bytes) -> TrustRecord:
    """What ``Trust.encoded`` said: where a replay finds the envelopes. Raises TrustError unless it is such a record."""
    try:
        record = msgspec.json.decode(raw, type=TrustRecord)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise TrustError(f"this is not a record of trust: {error}", hint=_RECORD_HINT) from None
    digests = [record.root, record.policy, *([record.roster] if record.roster else [])]
    if canonical.encode(record) != raw or not all(map(canonical.is_digest, digests)):
        raise TrustError("this is not a record of trust: it is not canonical, or names no digests", hint=_RECORD_HINT)
    return record


def _open_policy(raw: bytes, root_fingerprint: str, now: datetime) -> TrustPolicy:
    if not canonical.is_digest(root_fingerprint):
        raise TrustError(
            "the root's fingerprint must be sha256:<64 hex digits>", hint="take it from whoever made the root key"
        )
    # 1. The root's public key travels inside the policy, so the policy is read before it is believed.
    envelope = dsse.decode_single(raw, DocumentKind.TRUST.payload_type)
    policy: TrustPolicy = forms.read_payload(DocumentKind.TRUST, dsse.payload_of(envelope))
    # 2. The pin decides which of its keys is the root: checks of the form have tied each fingerprint to its key.
    root = _root(policy, root_fingerprint)
    # 3. Only what the root signed counts.
    if not dsse.verify(envelope, key_map(policy), [root.fingerprint]):
        raise TrustError(
            "the trust policy is not signed by the pinned root key, or was altered after signing",
            where=root_fingerprint,
            hint="fetch the policy again, or have the holder of the root key sign it",
        )
    # 4. And only as long as the root says.
    if not within(now, "", policy.not_after):
        raise TrustError(f"the trust policy expired at {policy.not_after}", hint="have the root key sign a new one")
    if not counts(policy, root, Role.TRUST, now):
        raise TrustError(
            "the root key has expired, is not valid yet, or is revoked by its own policy",
            where=root_fingerprint,
            hint="have a new root key sign the policy, and pin that one's fingerprint",
        )
    return policy


def _root(policy: TrustPolicy, root_fingerprint: str) -> TrustedKey:
    for key in policy.keys:
        if Role.TRUST in key.roles and keyring.same(key.fingerprint, root_fingerprint):
            return key
    raise TrustError(
        "the pinned root key is not among the keys with the role 'trust' in this trust policy",
        where=root_fingerprint,
        hint="this policy belongs to another root: compare the fingerprint with the one you were given",
    )


def _open_roster(raw: bytes, policy: TrustPolicy, now: datetime) -> Roster:
    envelope = dsse.decode_single(raw, DocumentKind.ROSTER.payload_type)
    accepted = [key.fingerprint for key in policy.keys if counts(policy, key, Role.ROSTER, now)]
    if not dsse.verify(envelope, key_map(policy), accepted):
        raise TrustError(
            "the roster is not signed by a key that may sign rosters now, or was altered after signing",
            hint="sign it with a key that has the role 'roster' in the trust policy",
        )
    roster: Roster = forms.read_payload(DocumentKind.ROSTER, dsse.payload_of(envelope))
    if not within(now, "", roster.not_after):
        raise TrustError(f"the roster expired at {roster.not_after}", hint="have it signed anew")
    problems = check_ranks(policy.waivers, roster)
    if problems:
        raise TrustError(
            "the trust policy and the roster do not fit together:",
            problems=problems,
            hint="name ranks of the roster, at or above the lowest allowed, in the trust policy",
        )
    return roster
