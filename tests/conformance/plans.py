"""The real Terraform plans of several projects, judged by the built-in pack.

    python tests/conformance/plans.py [-v] [filter …]

Reads ``$GATEPROOF_CASES/terraform-plans`` or ``../shared/cases/terraform-plans``. The corpus says of no plan what its
verdict is, only that it must be read: ``identical`` counts plans that were read and judged, ``refused`` those whose
input could not be read, ``wrong`` those on which anything crashed or that ended as UNDECIDED without a reason. Prints
the figures and the verdicts; exit 1 on anything wrong, or where there are no cases.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gateproof import inputs
from gateproof.catalog import bundle, default_gate, pack
from gateproof.catalog.bundle import Bundle
from gateproof.engines.interface import Outcome as PolicyOutcome
from gateproof.flow import judge_input
from gateproof.gate.decision import Decision, Verdict
from gateproof.inputs.context import Context

NOW = "2026-11-23T05:00:00Z"


class Outcome(NamedTuple):
    """``verdict`` is identical, refused or wrong; ``detail`` is what the gate says, or why it could not."""

    verdict: str
    detail: str


def corpus() -> Path:
    """Where the plans are; the folder may not exist."""
    root = os.environ.get("GATEPROOF_CASES")
    return (Path(root) if root else Path(__file__).parents[3] / "shared" / "cases") / "terraform-plans"


def judge(raw: bytes, policies: Bundle) -> Outcome:
    """What gateproof makes of one plan, in production at the strictest."""
    try:
        subject = inputs.parse(raw)
        if not subject.documents:
            return Outcome("refused", subject.problem)
        decision = judge_input(subject, policies, {}, Context(), (), None, NOW)
    except Exception as error:  # noqa: BLE001 - a crash is a wrong verdict like any other
        return Outcome("wrong", f"crash: {type(error).__name__}: {error}")
    if problem := _unexplained(decision):
        return Outcome("wrong", problem)
    return Outcome("identical", decision.verdict)


def _unexplained(decision: Decision) -> str:
    """What is wrong with the explanation of a decision; empty when it has one."""
    errors = [result for result in decision.core.results if result.outcome is PolicyOutcome.ERROR]
    if any(not result.reason for result in errors):
        return "an ERROR has no reason"
    if broken := [result.reason for result in errors if result.reason.startswith("the engine failed")]:
        return broken[0]
    if decision.verdict is Verdict.UNDECIDED and not (errors or decision.core.problems):
        return "UNDECIDED, and nothing says why"
    return ""


def main(arguments: Sequence[str]) -> int:
    """Print the figures; 1 on anything wrong."""
    filters = [argument for argument in arguments if argument != "-v"]
    policies = bundle.build(pack.builtin(), default_gate.DEFAULT)
    figures: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    for path in sorted(corpus().glob("*.json")):
        if filters and not any(text in path.name for text in filters):
            continue
        outcome = judge(path.read_bytes(), policies)
        figures[outcome.verdict] += 1
        if outcome.verdict == "identical":
            verdicts[outcome.detail] += 1
        if outcome.verdict != "identical" or "-v" in arguments:
            print(f"  {outcome.verdict} {path.name}: {outcome.detail}")  # noqa: T201 - a runner prints
    counted = " ".join(f"{name}={figures[name]}" for name in ("identical", "refused", "wrong"))
    print(f"plans: cases={figures.total()} {counted}")  # noqa: T201
    for verdict, count in verdicts.most_common():
        print(f"  {count:5} {verdict}")  # noqa: T201
    return 1 if figures["wrong"] or not figures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
