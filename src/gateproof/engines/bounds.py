"""How many findings a policy may have on one object of a cluster.

Whoever may create a Pod chooses how many containers it has, and a gate that writes each of thousands of findings into
its evidence is kept busy by a few such Pods. What decides is kept whole: findings are alike to the gate when severity,
controls and whether they are advisory are the same, and of each kind the first are kept, with a last one that counts
the rest.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from gateproof.documents import canonical
from gateproof.engines.interface import Finding, Result

MAX_FINDINGS = 100
"""Findings of one kind that a Result keeps; more than anybody reads about one object."""

MAX_REASONS = 100
"""Reasons that an ERROR tells."""


def bounded(result: Result) -> Result:
    """``result`` with at most ``MAX_FINDINGS`` of each kind, the first in canonical order, and how many more there are.

    The same findings in any order give the same Result.
    """
    kinds: defaultdict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for finding in result.findings:
        kinds[finding.severity, finding.controls, finding.advisory].append(finding)
    kept: list[Finding] = []
    for alike in kinds.values():
        if len(alike) > MAX_FINDINGS:
            alike.sort(key=canonical.encode)
            rest = len(alike) - MAX_FINDINGS
            more = msgspec.structs.replace(
                alike[MAX_FINDINGS], message=f"and {rest} more findings of this policy on this object", path=()
            )
            alike[MAX_FINDINGS:] = [msgspec.structs.replace(more, rule=msgspec.UNSET)]
        kept += alike
    return msgspec.structs.replace(result, findings=tuple(kept))


def told(reasons: list[str]) -> str:
    """Reasons in one line, in order; of very many the first, and how many more there are."""
    rest = len(reasons) - MAX_REASONS
    shown = sorted(reasons)[:MAX_REASONS]
    return "; ".join(shown) + (f"; and {rest} more reasons" if rest > 0 else "")
