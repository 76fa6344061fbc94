"""The cases of kyverno/policies against gateproof's Kyverno engine.

    python tests/conformance/kyverno.py [-v] [filter …]

Reads ``$GATEPROOF_CASES/kyverno`` or ``../shared/cases/kyverno``. A case asks what one rule (or what is generated from
it for controllers) says about one object: pass, fail, or skip, which is also what it is when the rule is not for the
object. Prints the figures and the reasons of refusals; exit 1 on any wrong verdict, or where there are no cases.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from gateproof import inputs
from gateproof.catalog.policy import Source
from gateproof.engines.kyverno.engine import judge as judge_rules
from gateproof.engines.kyverno.policy import KyvernoPolicy, load
from gateproof.errors import PolicyError
from gateproof.inputs import Input, Resource


class Outcome(NamedTuple):
    """``verdict`` is identical, refused or wrong; ``reasons`` say why it is not identical."""

    verdict: str
    reasons: tuple[str, ...] = ()


def corpus() -> Path:
    """Where the cases are; the folder may not exist."""
    root = os.environ.get("GATEPROOF_CASES")
    return (Path(root) if root else Path(__file__).parents[3] / "shared" / "cases") / "kyverno"


def cases(home: Path) -> Iterator[dict[str, Any]]:
    """The cases of the corpus."""
    with (home / "cases.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def judge(home: Path, case: dict[str, Any]) -> Outcome:
    """What gateproof makes of one case."""
    try:
        policies = _policies(home / "files" / case["policy_file"])
    except PolicyError as error:
        return Outcome("refused", tuple(sorted({_construct(problem) for problem in error.problems})))
    rules = {f"{prefix}{case['rule']}"[:63] for prefix in ("", "autogen-", "autogen-cronjob-")}
    found = {
        str(outcome.outcome)
        for name in case["resource_files"]
        for subject in (_subject(home / "files" / name),)
        for resource in inputs.resources(subject)
        if _is_meant(resource, case)
        for policy in policies
        if policy.name == case["policy"]
        for outcome in judge_rules(policy, subject, resource)
        if outcome.rule in rules
    }
    if (found or {"skip"}) == {case["expected"]}:
        return Outcome("identical")
    return Outcome("wrong", (f"{case['expected']} is expected, found {', '.join(sorted(found)) or 'skip'}",))


@lru_cache(maxsize=512)
def _policies(path: Path) -> tuple[KyvernoPolicy, ...]:
    return load((Source(path.name, path.read_text(encoding="utf-8")),))


@lru_cache(maxsize=512)
def _subject(path: Path) -> Input:
    subject = inputs.parse(path.read_bytes())
    if subject.problem:
        raise ValueError(f"{path}: {subject.problem}")
    return subject


def _is_meant(resource: Resource, case: dict[str, Any]) -> bool:
    namespace, _, name = case["resource"].rpartition("/")
    view = resource.view
    in_namespace = not namespace or (view["namespace"] or "default") == namespace
    return view["kind"] == case["kind"] and view["name"] == name and in_namespace


def _construct(problem: str) -> str:
    """The refused construct, without its place."""
    return re.sub(r"^policy [^:]*: | \(.*", "", problem)


def run(home: Path, filters: Sequence[str]) -> tuple[Counter[str], Counter[str], list[str]]:
    """Verdicts, reasons of refusals, and a line for each wrong case."""
    verdicts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    wrong: list[str] = []
    for case in cases(home):
        name = f"{case['policy_file']} {case['rule']} {case['kind']} {case['resource']}"
        if filters and not any(text in name for text in filters):
            continue
        outcome = judge(home, case)
        verdicts[outcome.verdict] += 1
        if outcome.verdict == "refused":
            refused[", ".join(outcome.reasons)] += 1
        elif outcome.verdict == "wrong":
            wrong.append(f"{name}: {', '.join(outcome.reasons)}")
    return verdicts, refused, wrong


def main(arguments: Sequence[str]) -> int:
    """Print the figures; 1 on anything wrong."""
    home = corpus()
    if not home.is_dir():
        print(f"kyverno: no cases at {home}")  # noqa: T201 - a runner prints
        return 1
    verdicts, refused, wrong = run(home, [argument for argument in arguments if argument != "-v"])
    counted = " ".join(f"{name}={verdicts[name]}" for name in ("identical", "refused", "wrong"))
    print(f"kyverno: cases={verdicts.total()} {counted}")  # noqa: T201
    for reason, count in refused.most_common():
        print(f"  refused {count:5} {reason}")  # noqa: T201
    for line in wrong if "-v" in arguments else wrong[:20]:
        print(f"  wrong {line}")  # noqa: T201
    return 1 if wrong or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
