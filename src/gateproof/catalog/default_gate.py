"""The gate table that applies unless a team's own rows say otherwise.

========================= ========================================= ==================================
environment               blocks                                    warns
========================= ========================================= ==================================
dev                       critical; restricted data: high as well   the rest
staging                   critical and high; restricted data: all   the rest
prod                      everything                                low, for tier 3 with public data
========================= ========================================= ==================================

In prod, tier 1 or restricted data also obliges to an approval and a canary. No row is looser for a higher
environment, tier, classification or severity.
"""

from __future__ import annotations

from gateproof.catalog.gate_table import Action, GateTable, ObligationRule, Row
from gateproof.catalog.scales import Classification, Environment, Severity, Tier

_DEV, _STAGING, _PROD = (Environment.DEV,), (Environment.STAGING,), (Environment.PROD,)
_RESTRICTED = (Classification.RESTRICTED,)
_HIGH_AND_ABOVE = (Severity.HIGH, Severity.CRITICAL)

_APPROVAL = "a human other than the author of the change has approved it"
_CANARY = "the change has run as a canary without breaching its objectives"

DEFAULT = GateTable(
    rows=(
        Row("dev-critical", Action.BLOCK, environments=_DEV, severities=(Severity.CRITICAL,)),
        Row("dev-restricted", Action.BLOCK, environments=_DEV, classifications=_RESTRICTED, severities=_HIGH_AND_ABOVE),
        Row("dev-rest", Action.WARN, environments=_DEV),
        Row("staging-high", Action.BLOCK, environments=_STAGING, severities=_HIGH_AND_ABOVE),
        Row("staging-restricted", Action.BLOCK, environments=_STAGING, classifications=_RESTRICTED),
        Row("staging-rest", Action.WARN, environments=_STAGING),
        Row("prod-everything", Action.BLOCK, environments=_PROD),
        Row(
            "prod-low-risk",
            Action.WARN,
            environments=_PROD,
            tiers=(Tier.THREE,),
            classifications=(Classification.PUBLIC,),
            severities=(Severity.LOW,),
        ),
    ),
    obligations=(
        ObligationRule("approval", _APPROVAL, environments=_PROD, tiers=(Tier.ONE,)),
        ObligationRule("approval", _APPROVAL, environments=_PROD, classifications=_RESTRICTED),
        ObligationRule("canary", _CANARY, environments=_PROD, tiers=(Tier.ONE,)),
        ObligationRule("canary", _CANARY, environments=_PROD, classifications=_RESTRICTED),
    ),
)
