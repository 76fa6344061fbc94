"""Trust policy: which keys may sign what, as one signed document pinned by the fingerprint of its root key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

import msgspec

from gateproof.documents import canonical
from gateproof.documents.instants import instant, is_instant, within
from gateproof.errors import TrustError
from gateproof.trust import keys as keyring
from gateproof.trust.interface import Role
from gateproof.trust.roster import Roster

LONGEST_EXCEPTION_DAYS = 90
LONGEST_BREAK_GLASS_MINUTES = 120
LOWEST_EXCEPTION_RANK = "manager"
LOWEST_BREAK_GLASS_RANK = "vp"


class TrustedKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public key (PEM), whose it is, and what it may sign.

    ``identity`` names a person of the roster (an e-mail address) or a workload. The key counts inside the half-open
    ``[not_before, not_after)`` (RFC 3339 UTC); an empty bound is no bound.
    """

    fingerprint: str
    public_key: str
    name: str
    roles: tuple[Role, ...]
    identity: str = ""
    not_before: str = ""
    not_after: str = ""


class Revocation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that stopped counting at ``at`` (RFC 3339 UTC).

    ``digest`` is the fingerprint of a key, or the digest of a waiver: of its envelope, or of the payload in it (which
    also catches the same waiver signed again). Date ``at`` back where a key was misused before anybody noticed.
    """

    digest: str
    reason: str
    at: str


class WaiverLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a waiver may last and who may approve it. The defaults are the loosest values allowed."""

    exception_days: int = LONGEST_EXCEPTION_DAYS
    exception_rank: str = LOWEST_EXCEPTION_RANK
    break_glass_minutes: int = LONGEST_BREAK_GLASS_MINUTES
    break_glass_rank: str = LOWEST_BREAK_GLASS_RANK


class TrustPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which keys may sign what. ``version`` grows with every change; ``log_origin`` names the log (C2SP checkpoints).

    ``not_after`` (RFC 3339 UTC) is when the whole policy stops counting, if ever.
    """

    version: int
    name: str
    log_origin: str
    keys: tuple[TrustedKey, ...]
    revoked: tuple[Revocation, ...] = ()
    waivers: WaiverLimits = WaiverLimits()
    not_after: str = ""

    def revocation(self, at: datetime, *digests: str) -> Revocation | None:
        """The revocation of any of ``digests`` that counts at ``at``, or None."""
        for entry in self.revoked:
            if any(keyring.same(entry.digest, digest) for digest in digests) and instant(entry.at) <= at:
                return entry
        return None


class TrustRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a Decision's trust digest stands for: the root's fingerprint, the digests of the two envelopes."""

    root: str
    policy: str
    roster: str = ""


class Trust(msgspec.Struct, frozen=True, dict=True):
    """A verified trust policy and roster, ready to verify others with; made by ``open_trust`` alone.

    Without a roster nobody has a rank, and no waiver counts.
    """

    record: TrustRecord
    policy: TrustPolicy
    roster: Roster | None = None

    @property
    def root(self) -> str:
        """Fingerprint of the root key."""
        return self.record.root

    @cached_property
    def encoded(self) -> bytes:
        """Canonical JSON of the record: store it beside the two envelopes, and a replay finds them by their digests."""
        return canonical.encode(self.record)

    @cached_property
    def digest(self) -> str:
        """Digest of ``encoded``; every Decision names it."""
        return canonical.digest(self.encoded)

    def key(self, fingerprint: str) -> TrustedKey | None:
        """The key of that fingerprint, whatever it may sign, or None."""
        return next((key for key in self.policy.keys if keyring.same(key.fingerprint, fingerprint)), None)

    def keys_for(self, role: Role, at: str) -> dict[str, str]:
        """Fingerprint → PEM of every key that may sign as ``role`` at ``at`` (RFC 3339 UTC)."""
        moment = instant(at)
        return {key.fingerprint: key.public_key for key in self.policy.keys if counts(self.policy, key, role, moment)}


def counts(policy: TrustPolicy, key: TrustedKey, role: Role, at: datetime) -> bool:
    """Whether ``key`` may sign as ``role`` at ``at``: it has the role, is in its interval, and is not revoked."""
    return (
        role in key.roles
        and within(at, key.not_before, key.not_after)
        and policy.revocation(at, key.fingerprint) is None
    )


def check(policy: TrustPolicy) -> list[str]:
    """What is wrong with ``policy``: all of it, each with its place."""
    problems = []
    if policy.version < 1:
        problems.append("version: must be 1 or more")
    if not policy.name.strip():
        problems.append("name: must not be empty")
    if not policy.log_origin.strip():
        problems.append("log_origin: must not be empty")
    if policy.not_after and not is_instant(policy.not_after):
        problems.append("not_after: write a time in UTC such as 2026-11-23T05:00:00Z")
    if not any(Role.TRUST in key.roles for key in policy.keys):
        problems.append("keys: no key has the role 'trust', so nobody could sign this policy")
    seen: set[str] = set()
    for index, key in enumerate(policy.keys):
        problems += [f"keys[{index}].{problem}" for problem in _check_key(key, seen)]
    for index, entry in enumerate(policy.revoked):
        if not canonical.is_digest(entry.digest):
            problems.append(f"revoked[{index}].digest: must be sha256:<64 hex digits>")
        if not entry.reason.strip():
            problems.append(f"revoked[{index}].reason: must not be empty")
        if not is_instant(entry.at):
            problems.append(f"revoked[{index}].at: write a time in UTC such as 2026-11-23T05:00:00Z")
    return problems + _check_limits(policy.waivers)


def _check_key(key: TrustedKey, seen: set[str]) -> list[str]:
    problems = []
    try:
        actual = keyring.fingerprint(key.public_key)
    except TrustError as error:
        problems.append(f"public_key: {error.message}")
    else:
        if not keyring.same(actual, key.fingerprint):
            problems.append(f"fingerprint: the public key's is {actual}")
        if actual in seen:
            problems.append("public_key: listed twice; give one entry all its roles")
        seen.add(actual)
    if not key.roles:
        problems.append("roles: a key without roles signs nothing")
    problems += [
        f"{field}: write a time in UTC such as 2026-11-23T05:00:00Z"
        for field in ("not_before", "not_after")
        if getattr(key, field) and not is_instant(getattr(key, field))
    ]
    return problems


def _check_limits(limits: WaiverLimits) -> list[str]:
    problems = []
    for field, longest in (
        ("exception_days", LONGEST_EXCEPTION_DAYS),
        ("break_glass_minutes", LONGEST_BREAK_GLASS_MINUTES),
    ):
        if not 1 <= getattr(limits, field) <= longest:
            problems.append(f"waivers.{field}: must be between 1 and {longest}")
    return problems


def check_ranks(limits: WaiverLimits, roster: Roster) -> list[str]:
    """What is wrong with the approvers' ranks in ``limits``, read by the order of ranks in ``roster``."""
    problems = []
    for field, lowest in (("exception_rank", LOWEST_EXCEPTION_RANK), ("break_glass_rank", LOWEST_BREAK_GLASS_RANK)):
        name = getattr(limits, field)
        if roster.rank(lowest) < 0 or roster.rank(name) < roster.rank(lowest):
            problems.append(
                f"waivers.{field}: {name!r} is not at or above {lowest!r} in the roster's ranks "
                f"({', '.join(roster.ranks)})"
            )
    return problems


def key_map(policy: TrustPolicy) -> Mapping[str, str]:
    """Fingerprint → PEM of every key in ``policy``, whatever it may sign."""
    return {key.fingerprint: key.public_key for key in policy.keys}
