"""Trust: who may sign what, and what a signature is worth. Verification takes bytes and ``now``, and does no I/O."""

from gateproof.trust.admission import Granted, Refusal, Refused, admit
from gateproof.trust.forms import DocumentKind, parse_document, sign_document
from gateproof.trust.interface import Envelope, Role, Signature, Signer
from gateproof.trust.keys import Algorithm, KeySigner
from gateproof.trust.opening import open_trust
from gateproof.trust.policy import Trust, TrustPolicy
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
    "Role",
    "Roster",
    "Signature",
    "Signer",
    "Trust",
    "TrustPolicy",
    "Waiver",
    "WaiverKind",
    "admit",
    "open_trust",
    "parse_document",
    "sign_document",
]
