"""The library of Gatekeeper templates against gateproof: match, parameters, inventory, counts and messages.

    python tests/conformance/gatekeeper.py [-v] [filter …]

Reads ``$GATEPROOF_CASES/gatekeeper`` or ``../shared/cases/gatekeeper``. A case puts one object, or one AdmissionReview,
to a constraint, as `gator verify` does, and is identical when every assertion holds: how many violations there are, and
what their messages say. Prints the figures and the reasons of refusals; exit 1 on any wrong verdict, or where there are
no cases.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from gateproof.catalog.policy import Source
from gateproof.engines.gatekeeper import template as templates
from gateproof.engines.gatekeeper.inventory import inventory
from gateproof.engines.gatekeeper.judging import Judge
from gateproof.engines.gatekeeper.policy import load
from gateproof.engines.gatekeeper.suite import Assertion, Case, Suite, Test, review_of, run
from gateproof.engines.interface import Outcome as Result
from gateproof.engines.kubernetes.manifests import Problems, manifests

NOW = "2026-11-23T05:00:00Z"
REFUSED = "not supported"


class Outcome(NamedTuple):
    """``verdict`` is identical, refused or wrong; ``reason`` says why it is not identical."""

    verdict: str
    reason: str = ""


class Template(NamedTuple):
    """The Rego of a template: its modules by name, and its rule ``violation``."""

    modules: dict[str, str]
    violation: str


def corpus() -> Path:
    """Where the cases are; the folder may not exist."""
    root = os.environ.get("GATEPROOF_CASES")
    return (Path(root) if root else Path(__file__).parents[3] / "shared" / "cases") / "gatekeeper"


def cases(home: Path) -> Iterator[dict[str, Any]]:
    """The cases of the corpus."""
    with (home / "cases.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def template(path: Path) -> Template:
    """The Rego of the template in a file, which compiles."""
    [manifest], problems = manifests([source(path)]), Problems()
    target = manifest.value["spec"]["targets"][0]
    target["code"] = [each for each in target.get("code", ()) if each["engine"] == "Rego"]
    found = templates.read(manifest, problems)
    assert found is not None, problems.found
    assert isinstance(found.code, templates.Rego)
    return Template(dict(found.code.modules), ".".join(("data", *templates.rule(found.code).path)))


def question(home: Path, case: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Input and data as Gatekeeper builds them: the review with the parameters, and the inventory."""
    judge = load((source(home / "files" / case["constraint"]), source(home / "files" / case["template"])))
    assert isinstance(judge, Judge)
    others = [each.value for name in case["inventory"] for each in manifests([source(home / "files" / name)])]
    review = review_of(manifests([source(home / "files" / case["object"])])[0], others)
    return {"review": review.request, "parameters": judge.constraint.parameters or {}}, {"inventory": inventory(others)}


def judge(home: Path, case: dict[str, Any]) -> Outcome:
    """What gateproof makes of one case."""
    tried = run(_suite(home, case), now=NOW)[0]
    match tried.outcome:
        case Result.PASS:
            return Outcome("identical")
        case Result.ERROR if REFUSED in tried.message:
            return Outcome("refused", tried.message)
    return Outcome("wrong", tried.message)


def _suite(home: Path, case: dict[str, Any]) -> Suite:
    """The case as a suite of its own. What expects a violation expects one, also where the assertions do not say so."""
    asserted = [Assertion(each["violations"], each["message"]) for each in case["assertions"]]
    tried = Case(
        name=case["case"],
        object=case["object"],
        inventory=tuple(case["inventory"]),
        assertions=(*asserted, Assertion(case["expect_violation"])),
    )
    test = Test(name=case["test"], template=case["template"], constraint=case["constraint"], cases=(tried,))
    return Suite(tests=(test,), files={path: source(home / "files" / path) for path in test.files})


@lru_cache(maxsize=1024)
def source(path: Path) -> Source:
    """A file of the corpus."""
    return Source(path.name, path.read_text(encoding="utf-8"))


def main(arguments: Sequence[str]) -> int:
    """Judge all cases (or those whose name contains an argument) and print the figures."""
    home = corpus()
    wanted = [argument for argument in arguments if not argument.startswith("-")]
    verdicts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    used: set[str] = set()
    for case in cases(home) if home.is_dir() else ():
        name = f"{case['template']} {case['test']} {case['case']}"
        if wanted and not any(word in name for word in wanted):
            continue
        outcome = judge(home, case)
        used.add(case["template"])
        verdicts[outcome.verdict] += 1
        if outcome.verdict == "refused":
            refused[outcome.reason] += 1
        if outcome.verdict == "wrong" or (outcome.verdict == "refused" and "-v" in arguments):
            print(f"{outcome.verdict}: {name}: {outcome.reason}")  # noqa: T201 - a runner prints
    counted = " ".join(f"{verdict}={verdicts[verdict]}" for verdict in ("identical", "refused", "wrong"))
    print(f"gatekeeper: cases={verdicts.total()} {counted}")  # noqa: T201
    print(f"  {len(used)} templates")  # noqa: T201
    for reason, count in refused.most_common():
        print(f"  {count:4} {reason}")  # noqa: T201
    return 1 if verdicts["wrong"] or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
