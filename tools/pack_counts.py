"""What the built-in policies say of many plans and manifests: results of each policy by outcome. A change to a policy
is measured with it.

    python tools/pack_counts.py ../shared/cases/terraform-plans ../shared/cases/kyverno [--only ID] [--list OUTCOME]

`--list` prints every result of that outcome; `--deletes` those findings that are on something that is being deleted.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.catalog.policy import Policy
from gateproof.engines.interface import Outcome, Result

NOW = "2026-11-23T05:00:00Z"
SUFFIXES = {".json", ".yaml", ".yml"}


def judged(folders: Sequence[Path], policies: Sequence[Policy]) -> Iterator[tuple[Path, inputs.Input, Policy, Result]]:
    """Every result but SKIP, with its file; files that are nothing that is judged here are left out."""
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES):
        subject = inputs.parse(path.read_bytes())
        if subject.documents:
            for policy in policies:
                for result in engines.engine_for(policy.engine).evaluate(policy, subject, {}, now=NOW):
                    if result.outcome is not Outcome.SKIP:
                        yield path, subject, policy, result


def main(arguments: Sequence[str]) -> None:
    """Print the table, or the results that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--only", action="append", help="ids of policies", metavar="ID")
    parser.add_argument("--list", type=Outcome, metavar="OUTCOME")
    parser.add_argument("--deletes", action="store_true")
    options = parser.parse_args(arguments)
    policies = [policy for policy in pack.builtin() if not options.only or policy.id in options.only]
    counts: Counter[tuple[str, Outcome]] = Counter()
    files: dict[str, set[Path]] = {policy.id: set() for policy in policies}
    for path, subject, policy, result in judged(options.folders, policies):
        counts[policy.id, result.outcome] += 1
        files[policy.id].add(path)
        if result.outcome is options.list or (options.deletes and _deleted(subject, result)):
            said = "; ".join(finding.message for finding in result.findings) or result.reason
            print(f"{policy.id}  {path}  {result.resource}  {said}")  # noqa: T201 - it is what was asked for
    if not options.list and not options.deletes:
        columns = (Outcome.PASS, Outcome.FAIL, Outcome.ERROR)
        print(f"{'policy':<34}{'files':>7}" + "".join(f"{each:>8}" for each in columns))  # noqa: T201
        for policy in policies:
            numbers = "".join(f"{counts[policy.id, each]:>8}" for each in columns)
            print(f"{policy.id:<34}{len(files[policy.id]):>7}{numbers}")  # noqa: T201


def _deleted(subject: inputs.Input, result: Result) -> bool:
    """Whether it is a finding on something that Terraform deletes."""
    return result.outcome is Outcome.FAIL and any(
        resource.address == result.resource and resource.view.get("actions") == ["delete"]
        for resource in inputs.resources(subject)
    )


if __name__ == "__main__":
    main(sys.argv[1:])
