"""Evidence: Decisions as signed in-toto statements, and statements read back from what was signed."""

from gateproof.evidence.sealing import PAYLOAD_TYPE, decision_predicate, open_statement, seal, verification_summary
from gateproof.evidence.statement import (
    DECISION_TYPE,
    VSA_TYPE,
    DecisionPredicate,
    ResourceDescriptor,
    Statement,
    VerificationResult,
    VerificationSummary,
    cited,
    predicate_of,
    state,
)

__all__ = [
    "DECISION_TYPE",
    "PAYLOAD_TYPE",
    "VSA_TYPE",
    "DecisionPredicate",
    "ResourceDescriptor",
    "Statement",
    "VerificationResult",
    "VerificationSummary",
    "cited",
    "decision_predicate",
    "open_statement",
    "predicate_of",
    "seal",
    "state",
    "verification_summary",
]
