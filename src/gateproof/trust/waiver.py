"""Waiver: a signed, scoped exception that expires; break-glass is one that is asked for and granted just in time."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from gateproof.catalog.scales import Environment
from gateproof.documents import canonical
from gateproof.documents.instants import instant, is_instant
from gateproof.trust import keys as keyring

_TEXT_LIMIT = 4096
_REQUIRED_TEXT = ("service", "reason", "risk_owner", "requester", "approver", "ticket")


class WaiverKind(StrEnum):
    """How urgent a waiver is: the two kinds have different caps and approvers."""

    EXCEPTION = "exception"
    BREAK_GLASS = "break-glass"


class ReasonCode(StrEnum):
    """Why a waiver is asked for: one word that populations of waivers are counted by.

    false-positive: the policy is wrong about this resource. compensating-control: something else meets the control.
    accepted-risk: the risk owner carries it. planned-fix: the ticket says when it is repaired. vendor-limitation: the
    product cannot be configured so. migration: an intermediate state of a move. incident: service is down or
    degraded. security-hotfix: the change closes a hole that is worse. legal-hold: a regulator or court asks for it.
    """

    FALSE_POSITIVE = "false-positive"
    COMPENSATING_CONTROL = "compensating-control"
    ACCEPTED_RISK = "accepted-risk"
    PLANNED_FIX = "planned-fix"
    VENDOR_LIMITATION = "vendor-limitation"
    MIGRATION = "migration"
    INCIDENT = "incident"
    SECURITY_HOTFIX = "security-hotfix"
    LEGAL_HOLD = "legal-hold"


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is waived, where, why, for how long, and who answers for it.

    ``policies`` are exact ids. ``subject`` is the digest of the one input it is for; ``resources`` are resource
    addresses in which ``*`` stands for any run of characters; at least one of the two is given, and where both are,
    both must match. It counts in the half-open ``[not_before, not_after)`` (RFC 3339 UTC), and only while the key that
    signed it does. It turns a FAIL of its policies into *waived*, and an ERROR only of those that ``errors`` names too.
    """

    kind: WaiverKind
    policies: tuple[str, ...]
    environment: Environment
    service: str
    reason_code: ReasonCode
    reason: str
    risk_owner: str
    requester: str
    approver: str
    ticket: str
    not_before: str
    not_after: str
    subject: str = ""
    resources: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    def covers(self, policy: str, resource: str, subject_digest: str) -> bool:
        """Whether a FAIL of ``policy`` on ``resource`` of that subject is in scope."""
        if policy not in self.policies or (self.subject and not keyring.same(self.subject, subject_digest)):
            return False
        return not self.resources or any(_matches(pattern, resource) for pattern in self.resources)


def check(waiver: Waiver) -> list[str]:
    """What is wrong with ``waiver`` in itself, whoever signs it: all of it, each with its field."""
    problems = [f"{field}: must not be empty" for field in _REQUIRED_TEXT if not getattr(waiver, field).strip()]
    problems += [
        f"{field}: is longer than {_TEXT_LIMIT} characters"
        for field in _REQUIRED_TEXT
        if len(getattr(waiver, field)) > _TEXT_LIMIT
    ]
    if not waiver.policies:
        problems.append("policies: name at least one; a waiver is never for all policies")
    for policy in (*waiver.policies, *waiver.errors):
        if not policy.strip() or set(policy) & set("*?") or policy.strip().lower() in ("all", "any"):
            problems.append(f"policies: {policy!r} is not the id of one policy; a waiver is never for all policies")
    problems += [
        f"errors: {policy!r} is not among the policies of this waiver"
        for policy in waiver.errors
        if policy not in waiver.policies
    ]
    if not waiver.subject and not waiver.resources:
        problems.append("subject, resources: give the digest of the subject, or resource addresses, or both")
    if waiver.subject and not canonical.is_digest(waiver.subject):
        problems.append("subject: must be sha256:<64 hex digits>")
    problems += [
        f"resources: {pattern!r} is not limited to any resource"
        for pattern in waiver.resources
        if not any(character.isalnum() for character in pattern)
    ]
    return problems + _check_interval(waiver)


def _check_interval(waiver: Waiver) -> list[str]:
    problems = [
        f"{field}: write a time in UTC such as 2026-11-23T05:00:00Z"
        for field in ("not_before", "not_after")
        if not is_instant(getattr(waiver, field))
    ]
    if not problems and instant(waiver.not_before) >= instant(waiver.not_after):
        problems.append("not_after: must be later than not_before")
    return problems


def _matches(pattern: str, text: str) -> bool:
    """Whether ``text`` is ``pattern`` with a run of characters for each ``*``; takes linear time, unlike a regex."""
    head, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, tail = rest
    if not text.startswith(head) or not text.endswith(tail) or len(text) < len(head) + len(tail):
        return False
    position, end = len(head), len(text) - len(tail)
    for part in middle:
        found = text.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True
