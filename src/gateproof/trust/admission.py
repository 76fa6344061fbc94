"""Admission of waivers: which of those presented count for this subject, here and now, and why the others do not.

Follows "Waivers and break-glass" of the decision semantics. Whatever is not shown to be right is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from gateproof.documents import canonical
from gateproof.documents.instants import instant, is_instant
from gateproof.errors import TrustError
from gateproof.inputs.context import Context, Fact, why_unusable
from gateproof.inputs.input import Subject
from gateproof.trust import dsse, forms
from gateproof.trust import keys as keyring
from gateproof.trust.forms import DocumentKind
from gateproof.trust.interface import Envelope, Role
from gateproof.trust.policy import Trust, TrustedKey, counts, key_map
from gateproof.trust.roster import Person, Roster
from gateproof.trust.waiver import Waiver, WaiverKind

TRUSTED_TIME = "trusted-time"
WAIVER_USES = "waiver-uses"
CLOCK_TOLERANCE = timedelta(seconds=60)


class Refusal(StrEnum):
    """Why a waiver does not count."""

    UNREADABLE = "unreadable"
    NO_TRUST = "no-trust"
    BAD_SIGNATURE = "bad-signature"
    KEY_NOT_ALLOWED = "key-not-allowed"
    REVOKED = "revoked"
    NOT_THE_APPROVER = "not-the-approver"
    RANK_TOO_LOW = "rank-too-low"
    SAME_PERSON = "same-person"
    UNKNOWN_PERSON = "unknown-person"
    TOO_LONG = "too-long"
    OTHER_ENVIRONMENT = "other-environment"
    OTHER_SERVICE = "other-service"
    OTHER_SUBJECT = "other-subject"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    NO_TRUSTED_TIME = "no-trusted-time"
    USES_UNKNOWN = "uses-unknown"
    USED_UP = "used-up"


class Granted(msgspec.Struct, frozen=True):
    """A waiver that counts. ``digest`` is that of its envelope; ``signer`` the fingerprint of the approver's key."""

    digest: str
    waiver: Waiver
    signer: str

    def covers(self, policy: str, resource: str, subject_digest: str) -> bool:
        """Whether it turns a FAIL of ``policy`` on ``resource`` of that subject into *waived*."""
        return self.waiver.covers(policy, resource, subject_digest)

    @property
    def errors(self) -> tuple[str, ...]:
        """Policies whose ERROR it also turns into *waived*: only where it names them."""
        return self.waiver.errors


class Refused(msgspec.Struct, frozen=True):
    """A waiver that does not count. ``digest`` is that of the bytes presented; ``reason`` says why in one sentence."""

    digest: str
    code: Refusal
    reason: str


class PriorUse(msgspec.Struct, frozen=True):
    """That a break-glass waiver (digest of its envelope or payload) was used for a subject (digest)."""

    waiver: str
    subject: str


class PriorUses(msgspec.Struct, frozen=True):
    """Value of the fact ``waiver-uses``: every use that is on record."""

    uses: tuple[PriorUse, ...]


def admit(
    waivers: Sequence[bytes],
    subject: Subject,
    context: Context,
    trust: Trust | None,
    facts: Mapping[str, Fact],
    now: str,
) -> tuple[Granted | Refused, ...]:
    """What each of ``waivers`` (envelope bytes) is worth for ``subject`` in ``context`` at ``now`` (RFC 3339 UTC).

    The same waiver given twice is answered once, and the answers are sorted by digest, so that the order in which
    files were found decides nothing. ``facts`` may hold ``trusted-time`` (``{"time": <RFC 3339 UTC>}`` from a
    timestamp authority or a witness) and ``waiver-uses`` (``{"uses": [{"waiver": <digest>, "subject": <digest>}]}``);
    break-glass needs both. Raises TrustError only for a malformed ``now``.
    """
    visit = _Visit(subject, context, facts, now, instant(now))
    distinct = {canonical.digest(raw): raw for raw in waivers}
    return tuple(_admit_one(digest, distinct[digest], trust, visit) for digest in sorted(distinct))


class _Visit(msgspec.Struct, frozen=True):
    """What every waiver is held against."""

    subject: Subject
    context: Context
    facts: Mapping[str, Fact]
    now: str
    moment: datetime


class _RefusedError(Exception):
    """A check has found a reason to refuse."""

    def __init__(self, code: Refusal, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def _admit_one(digest: str, raw: bytes, trust: Trust | None, visit: _Visit) -> Granted | Refused:
    try:
        # 1. Which key signed it, and whether that key may, still. Nothing in it is read before.
        envelope = _envelope(raw)
        trust, roster = _required(trust)
        key = _signing_key(envelope, trust)
        _check_key(key, trust, visit.moment)
        # 2. What it says, and whether that was taken back.
        waiver = _waiver(envelope)
        _check_revocation(digest, envelope, trust, visit.moment)
        # 3. Whether the people are the right ones, and different ones.
        _check_people(waiver, key, trust, roster, visit.context)
        # 4. Whether it is for this.
        _check_scope(waiver, visit)
        # 5. Whether it is for now.
        _check_interval(waiver, trust, visit.moment)
        if waiver.kind is WaiverKind.BREAK_GLASS:
            _check_trusted_time(visit)
            _check_uses(digest, envelope, visit)
    except _RefusedError as refusal:
        return Refused(digest=digest, code=refusal.code, reason=refusal.reason)
    return Granted(digest=digest, waiver=waiver, signer=key.fingerprint)


def _envelope(raw: bytes) -> Envelope:
    try:
        return dsse.decode_single(raw, DocumentKind.WAIVER.payload_type)
    except TrustError as error:
        raise _RefusedError(Refusal.UNREADABLE, error.one_line) from None


def _waiver(envelope: Envelope) -> Waiver:
    try:
        waiver: Waiver = forms.read_payload(DocumentKind.WAIVER, dsse.payload_of(envelope))
        return waiver
    except TrustError as error:
        raise _RefusedError(Refusal.UNREADABLE, error.one_line) from None


def _required(trust: Trust | None) -> tuple[Trust, Roster]:
    if trust is None:
        raise _RefusedError(Refusal.NO_TRUST, "there is no trust policy to verify it with")
    if trust.roster is None:
        raise _RefusedError(Refusal.NO_TRUST, "there is no signed roster to read the approver's rank from")
    return trust, trust.roster


def _signing_key(envelope: Envelope, trust: Trust) -> TrustedKey:
    keys = key_map(trust.policy)
    valid = dsse.verify(envelope, keys, keys)
    for key in trust.policy.keys:
        if key.fingerprint in valid:
            return key
    raise _RefusedError(
        Refusal.BAD_SIGNATURE,
        "its signature does not verify under any key of the trust policy: it was altered, or signed by a foreign key",
    )


def _check_key(key: TrustedKey, trust: Trust, now: datetime) -> None:
    if Role.WAIVER not in key.roles:
        raise _RefusedError(Refusal.KEY_NOT_ALLOWED, f"the key {key.name!r} may not sign waivers")
    if not counts(trust.policy, key, Role.WAIVER, now):
        raise _RefusedError(Refusal.KEY_NOT_ALLOWED, f"the key {key.name!r} is expired, revoked or not valid yet")


def _check_revocation(digest: str, envelope: Envelope, trust: Trust, now: datetime) -> None:
    revocation = trust.policy.revocation(now, digest, canonical.digest(dsse.payload_of(envelope)))
    if revocation is not None:
        raise _RefusedError(Refusal.REVOKED, f"it was revoked at {revocation.at}: {revocation.reason}")


def _check_people(waiver: Waiver, key: TrustedKey, trust: Trust, roster: Roster, context: Context) -> None:
    approver = _person(roster, waiver.approver, "approver")
    signer = roster.find(key.identity or key.fingerprint)
    if signer is not approver:
        raise _RefusedError(
            Refusal.NOT_THE_APPROVER, f"the key {key.name!r} that signed it is not {waiver.approver!r}'s, its approver"
        )
    limits = trust.policy.waivers
    needed = limits.break_glass_rank if waiver.kind is WaiverKind.BREAK_GLASS else limits.exception_rank
    if roster.rank(approver.rank) < roster.rank(needed):
        raise _RefusedError(
            Refusal.RANK_TOO_LOW, f"its approver's rank is {approver.rank!r}, and {needed!r} or above is needed"
        )
    requester = _person(roster, waiver.requester, "requester")
    author = _person(roster, context.author, "author of the change")
    for left, right, what in (
        (approver, requester, "its approver and its requester"),
        (approver, author, "its approver and the author of the change"),
        (requester, author, "its requester and the author of the change"),
    ):
        if left is right:
            raise _RefusedError(Refusal.SAME_PERSON, f"{what} are the same person, {left.id!r}")


def _person(roster: Roster, identity: str, part: str) -> Person:
    """Who ``identity`` is. Somebody unknown cannot be shown to be another person, so is refused."""
    person = roster.find(identity)
    if person is None:
        who = f"{identity!r}" if identity.strip() else "not known"
        raise _RefusedError(
            Refusal.UNKNOWN_PERSON,
            f"the {part} is {who}, not in the roster, and so cannot be shown to differ from the others",
        )
    return person


def _check_scope(waiver: Waiver, visit: _Visit) -> None:
    if waiver.environment != visit.context.environment:
        raise _RefusedError(
            Refusal.OTHER_ENVIRONMENT, f"it is for {waiver.environment.value}, not {visit.context.environment.value}"
        )
    if waiver.service != visit.context.service:
        raise _RefusedError(
            Refusal.OTHER_SERVICE, f"it is for the service {waiver.service!r}, not {visit.context.service!r}"
        )
    if visit.context.asserts_its_service:
        raise _RefusedError(
            Refusal.OTHER_SERVICE,
            f"only the change itself says that it is of the service {waiver.service!r}: name it with --service, or in"
            " gateproof.yaml on the protected branch",
        )
    if waiver.subject and not keyring.same(waiver.subject, visit.subject.digest):
        raise _RefusedError(
            Refusal.OTHER_SUBJECT, f"it is for the subject {waiver.subject}, not {visit.subject.digest}"
        )


def _check_interval(waiver: Waiver, trust: Trust, now: datetime) -> None:
    start, end = instant(waiver.not_before), instant(waiver.not_after)
    limits = trust.policy.waivers
    cap = (
        timedelta(minutes=limits.break_glass_minutes)
        if waiver.kind is WaiverKind.BREAK_GLASS
        else timedelta(days=limits.exception_days)
    )
    if end - start > cap:
        raise _RefusedError(
            Refusal.TOO_LONG, f"it lasts {_spell(end - start)}, and the trust policy allows {_spell(cap)}"
        )
    if now < start:
        raise _RefusedError(Refusal.NOT_YET_VALID, f"it is not valid before {waiver.not_before}")
    if now >= end:
        raise _RefusedError(Refusal.EXPIRED, f"it expired at {waiver.not_after}")


def _check_trusted_time(visit: _Visit) -> None:
    value = _fresh(visit, TRUSTED_TIME, Refusal.NO_TRUSTED_TIME)
    time = value.get("time") if isinstance(value, dict) else None
    if not isinstance(time, str) or not is_instant(time):
        raise _RefusedError(Refusal.NO_TRUSTED_TIME, f"the fact {TRUSTED_TIME!r} holds no time in UTC")
    if abs(instant(time) - visit.moment) > CLOCK_TOLERANCE:
        raise _RefusedError(
            Refusal.NO_TRUSTED_TIME, f"the outside time source says {time}, more than 60 s away from the time used here"
        )


def _check_uses(digest: str, envelope: Envelope, visit: _Visit) -> None:
    value = _fresh(visit, WAIVER_USES, Refusal.USES_UNKNOWN)
    try:
        uses = msgspec.convert(value, PriorUses).uses
    except msgspec.ValidationError as error:
        raise _RefusedError(Refusal.USES_UNKNOWN, f"the fact {WAIVER_USES!r} cannot be read: {error}") from None
    names = {digest, canonical.digest(dsse.payload_of(envelope))}
    if any(use.waiver in names and use.subject == visit.subject.digest for use in uses):
        raise _RefusedError(Refusal.USED_UP, "it has been used for this subject before, and break-glass counts once")


def _fresh(visit: _Visit, name: str, code: Refusal) -> Any:
    """The value of a fact that is at hand and neither stale nor from the future (beyond the clock tolerance)."""
    fact = visit.facts.get(name)
    why = why_unusable(fact, visit.now, ahead=CLOCK_TOLERANCE)
    if fact is None or why:
        raise _RefusedError(code, f"break-glass needs the fact {name!r}, which {why}")
    return fact.value


def _spell(duration: timedelta) -> str:
    """A duration in its largest whole unit, such as ``90 days`` or ``150 minutes``."""
    seconds = int(duration.total_seconds())
    units = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next(each for each in units if seconds % each[0] == 0)
    return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
