"""Trust: who may sign what, and what a signature is worth. Verification takes bytes and ``now``, and does no I/O."""

from gateproof.trust.admission import Granted, Refusal, Refused, admit
from gateproof.trust.forms import DocumentKind, parse_document, sign_document
from gateproof.trust.interface import Envelope, Role, Signature, Signer
from gateproof.trust.keys import Algorithm, KeySigner
from gateproof.trust.opening import open_trust, read_trust_record
from gateproof.trust.policy import Revocation, Trust, TrustedKey, TrustPolicy, TrustRecord, WaiverLimits
from gateproof.trust.roster import Person, Roster
from gateproof.trust.waiver import ReasonCode, Waiver, WaiverKind

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
