"""The library of Gatekeeper templates against gateproof's Rego.

    python tests/conformance/gatekeeper.py [-v] [filter …]

Reads ``$GATEPROOF_CASES/gatekeeper`` or ``../shared/cases/gatekeeper``. A case evaluates the template's ``violation``
on one object with the constraint's parameters. Which objects a constraint is for is not decided here: a case that
expects nothing where the Rego finds something, of a constraint that matches by more than kinds, counts as refused.
Prints the figures and the reasons of refusals; exit 1 on any wrong verdict, or where there are no cases.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import re2

from gateproof import rego
from gateproof.documents import Format, read
from gateproof.errors import GateproofError

TARGET = "admission.k8s.gatekeeper.sh"
MATCHED = "the constraint matches by more than kinds"


class Outcome(NamedTuple):
    """``verdict`` is identical, refused or wrong; ``reason`` says why it is not identical."""

    verdict: str
    reason: str = ""


class Template(NamedTuple):
    """The Rego of a template: its modules by name, and the path of its rule ``violation`` below ``data``."""

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


@lru_cache(maxsize=256)
def template(path: Path) -> Template:
    """The Rego that a ConstraintTemplate holds, under ``rego`` and ``libs`` or as an engine's source."""
    (target,) = (each for each in _document(path)["spec"]["targets"] if each["target"] == TARGET)
    source = next((each["source"] for each in target.get("code", ()) if each["engine"] == "Rego"), target)
    modules = {f"lib_{number}.rego": text for number, text in enumerate(source.get("libs", ()))}
    package = re2.search(r"(?m)^\s*package\s+([\w.]+)", source["rego"])[1]
    return Template({"template.rego": source["rego"], **modules}, f"data.{package}.violation")


@lru_cache(maxsize=256)
def program(path: Path) -> rego.Program:
    """The compiled template."""
    return rego.compile(template(path).modules)


def question(home: Path, case: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Input and data as Gatekeeper builds them: the review with the parameters, and the inventory."""
    parameters = _constraint(home, case).get("parameters", {})
    given = _document(home / "files" / case["object"])
    review = given["request"] if case["admission_review"] else {"object": given}
    objects = [each for name in case["inventory"] for each in _documents(home / "files" / name)]
    return {"review": _review(review), "parameters": parameters}, {"inventory": _inventory(objects)}


def judge(home: Path, case: dict[str, Any]) -> Outcome:
    """What gateproof makes of one case."""
    path = home / "files" / case["template"]
    try:
        input, data = question(home, case)
        found = program(path).evaluate(template(path).violation, input, data)
    except rego.Unsupported as error:
        return Outcome("refused", error.message)
    except GateproofError as error:
        return Outcome("wrong", f"{type(error).__name__}: {error}")
    messages = [violation["msg"] for violation in found]
    unmet = [each for each in case["assertions"] if not _is_met(each, messages)]
    if not unmet and bool(messages) == case["expect_violation"]:
        return Outcome("identical")
    if messages and not case["expect_violation"] and _selects(home, case):
        return Outcome("refused", MATCHED)
    return Outcome("wrong", f"expected {unmet or case['expect_violation']}, found {messages}")


def _is_met(assertion: Mapping[str, Any], messages: Sequence[str]) -> bool:
    """Whether as many messages match as are asked for: a number of them, or any at all, or none."""
    pattern = assertion["message"]
    count = sum(pattern is None or re2.search(pattern, message) is not None for message in messages)
    wanted = assertion["violations"]
    return count == wanted if type(wanted) is int else bool(count) == (wanted in (True, "yes"))


def _selects(home: Path, case: dict[str, Any]) -> bool:
    return bool(_constraint(home, case).get("match", {}).keys() - {"kinds"})


def _constraint(home: Path, case: dict[str, Any]) -> dict[str, Any]:
    """What the constraint says; it may say nothing."""
    spec: dict[str, Any] = _document(home / "files" / case["constraint"]).get("spec", {})
    return spec


def _review(request: dict[str, Any]) -> dict[str, Any]:
    """An admission request, with what Gatekeeper takes from the object where the request does not say it."""
    about = request.get("object") or request.get("oldObject") or {}
    group, _, version = about.get("apiVersion", "").rpartition("/")
    metadata = about.get("metadata", {})
    taken = {"kind": {"group": group, "version": version, "kind": about.get("kind", "")}, "name": metadata.get("name")}
    return {**taken, "namespace": metadata.get("namespace", ""), "operation": "", "userInfo": {}, **request}


def _inventory(objects: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Objects under ``namespace`` or ``cluster``, by group and version, kind and name."""
    inventory: dict[str, Any] = {}
    for each in objects:
        metadata = each["metadata"]
        place = ["namespace", metadata["namespace"]] if "namespace" in metadata else ["cluster"]
        below = inventory
        for name in (*place, each["apiVersion"], each["kind"]):
            below = below.setdefault(name, {})
        below[metadata["name"]] = each
    return inventory


@lru_cache(maxsize=1024)
def _documents(path: Path) -> list[dict[str, Any]]:
    return [document.value for document in read(path.read_bytes(), Format.YAML) if document.value is not None]


def _document(path: Path) -> dict[str, Any]:
    return _documents(path)[0]


def main(arguments: Sequence[str]) -> int:
    """Compile all templates, judge all cases (or those whose name contains an argument) and print the figures."""
    home = corpus()
    wanted = [argument for argument in arguments if not argument.startswith("-")]
    verdicts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    templates: set[str] = set()
    for case in cases(home) if home.is_dir() else ():
        name = f"{case['template']} {case['test']} {case['case']}"
        if wanted and not any(word in name for word in wanted):
            continue
        outcome = judge(home, case)
        templates.add(case["template"])
        verdicts[outcome.verdict] += 1
        if outcome.verdict == "refused":
            refused[outcome.reason] += 1
        if outcome.verdict == "wrong" or (outcome.verdict == "refused" and "-v" in arguments):
            print(f"{outcome.verdict}: {name}: {outcome.reason}")  # noqa: T201 - a runner prints
    counted = " ".join(f"{verdict}={verdicts[verdict]}" for verdict in ("identical", "refused", "wrong"))
    print(f"gatekeeper: cases={verdicts.total()} {counted}")  # noqa: T201
    print(f"  {len(templates)} templates")  # noqa: T201
    for reason, count in refused.most_common():
        print(f"  {count:4} {reason}")  # noqa: T201
    return 1 if verdicts["wrong"] or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
