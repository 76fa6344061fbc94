"""Trust: who may sign what, and what a signature is worth. Verification takes bytes and ``now``, and does no I/O.

Names are imported when they are used: most runs have no trust policy, and those that judge need none of its keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateproof.trust.admission import Granted, Refusal, Refused, admit
    from gateproof.trust.forms import DocumentKind, parse_document, sign_document
    from gateproof.trust.interface import Envelope, Role, Signature, Signer
    from gateproof.trust.keys import Algorithm, KeySigner
    from gateproof.trust.opening import open_trust, read_trust_record
    from gateproof.trust.policy import Revocation, Trust, TrustedKey, TrustPolicy, TrustRecord, WaiverLimits
    from gateproof.trust.roster import Person, Roster
    from gateproof.trust.waiver import ReasonCode, Waiver, WaiverKind

_HOMES = {
    "Granted": "gateproof.trust.admission",
    "Refusal": "gateproof.trust.admission",
    "Refused": "gateproof.trust.admission",
    "admit": "gateproof.trust.admission",
    "DocumentKind": "gateproof.trust.forms",
    "parse_document": "gateproof.trust.forms",
    "sign_document": "gateproof.trust.forms",
    "Envelope": "gateproof.trust.interface",
    "Role": "gateproof.trust.interface",
    "Signature": "gateproof.trust.interface",
    "Signer": "gateproof.trust.interface",
    "Algorithm": "gateproof.trust.keys",
    "KeySigner": "gateproof.trust.keys",
    "open_trust": "gateproof.trust.opening",
    "read_trust_record": "gateproof.trust.opening",
    "Revocation": "gateproof.trust.policy",
    "Trust": "gateproof.trust.policy",
    "TrustPolicy": "gateproof.trust.policy",
    "TrustRecord": "gateproof.trust.policy",
    "TrustedKey": "gateproof.trust.policy",
    "WaiverLimits": "gateproof.trust.policy",
    "Person": "gateproof.trust.roster",
    "Roster": "gateproof.trust.roster",
    "ReasonCode": "gateproof.trust.waiver",
    "Waiver": "gateproof.trust.waiver",
    "WaiverKind": "gateproof.trust.waiver",
}

__all__ = [
    "Algorithm",
    "DocumentKind",
    "Envelope",
    "Granted",
    "KeySigner",
    "Person",
    "ReasonCode",
    "Refusal",
    "Refused",
    "Revocation",
    "Role",
    "Roster",
    "Signature",
    "Signer",
    "Trust",
    "TrustPolicy",
    "TrustRecord",
    "TrustedKey",
    "Waiver",
    "WaiverKind",
    "WaiverLimits",
    "admit",
    "open_trust",
    "parse_document",
    "read_trust_record",
    "sign_document",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
