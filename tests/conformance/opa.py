"""OPA's conformance cases against gateproof's Rego.

    python tests/conformance/opa.py [-v] [filter …]

Reads ``$GATEPROOF_CASES/opa`` or ``../shared/cases/opa``. Prints the figures and the reasons of refusals;
exit 1 on any wrong verdict, or where there are no cases.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gateproof import rego
from gateproof.errors import GateproofError
from gateproof.rego.values import equal

HOST = {"test.sleep": (1, lambda _duration: None)}
"""The builtin that OPA's own runner adds for its tests; time stands still in an evaluation."""

NOW_NS = 1_795_392_000_000_000_000


CORPUS_IS_WRONG = {
    "reachable_paths/cycle_1022_3": "the corpus expects what OPA corrected since (open-policy-agent/opa#5871)",
}
"""Cases that OPA 1.19 itself does not pass, by note; counted as refused, and printed with the reason."""


class Outcome(NamedTuple):
    """``verdict`` is identical, refused or wrong; ``reason`` says why it is not identical."""

    verdict: str
    reason: str


def corpus() -> Path:
    """Where the cases are; the file may not exist."""
    root = os.environ.get("GATEPROOF_CASES")
    home = Path(root) if root else Path(__file__).parents[3] / "shared" / "cases"
    return home / "opa" / "cases.jsonl"


def cases(path: Path) -> Iterator[dict[str, Any]]:
    """The cases of the corpus."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def judge(case: dict[str, Any]) -> Outcome:
    """What gateproof makes of one case."""
    if reason := CORPUS_IS_WRONG.get(case["note"]):
        return Outcome("refused", reason)
    try:
        found = _bindings(case)
    except rego.Unsupported as error:
        return Outcome("refused", error.message)
    except (rego.CompileError, rego.EvalError) as error:
        return _judge_error(case, error)
    except GateproofError as error:
        return Outcome("wrong", f"{type(error).__name__}: {error}")
    except Exception as error:  # noqa: BLE001 - a crash is a wrong verdict like any other
        return Outcome("wrong", f"crash: {type(error).__name__}: {error}")
    if "want_result" not in case:
        return Outcome("wrong", f"no error, but {json.dumps(found)[:300]}")
    wanted = case["want_result"] or []
    same = _unordered(found, wanted) if case.get("sort_bindings") else equal(_by_text(found), _by_text(wanted))
    return (
        Outcome("identical", "")
        if same
        else Outcome("wrong", f"{json.dumps(found)[:400]} != {json.dumps(wanted)[:400]}")
    )


def _judge_error(case: dict[str, Any], error: rego.CompileError | rego.EvalError) -> Outcome:
    code = case.get("want_error_code")
    if (code is None and "want_error" in case) or code == error.code:
        return Outcome("identical", "")
    return Outcome("wrong", f"{error.code}: {error}")


def _bindings(case: dict[str, Any]) -> Any:
    modules = {f"module_{n}.rego": text for n, text in enumerate(case.get("modules") or [])}
    program = rego.compile(modules, query=case["query"], v0=False, builtins=HOST)
    strict = bool(case.get("strict_error"))
    given = _input(case)
    result = program.bindings(given, case.get("data"), now_ns=NOW_NS, seed=b"conformance", strict=strict)
    return [rego.to_json(binding) for binding in result]


def _input(case: dict[str, Any]) -> rego.Value:
    """The input, which may be given as a Rego term."""
    if "input_term" in case:
        program = rego.compile({}, query=f"term = {case['input_term']}", v0=False)
        return program.bindings()[0]["term"]
    return case.get("input", rego.UNDEFINED)


def _unordered(found: Any, wanted: Any) -> bool:
    """Equality up to the order of arrays, which stand for sets in this corpus."""
    return equal(_sorted(found), _sorted(wanted))


def _by_text(solutions: list[Any]) -> list[Any]:
    """The solutions of a query in a fixed order: Rego leaves theirs open."""
    return sorted(solutions, key=lambda solution: json.dumps(solution, sort_keys=True))


def _sorted(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((_sorted(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, dict):
        return {name: _sorted(member) for name, member in value.items()}
    return value


def main(arguments: Sequence[str]) -> int:
    """Judge all cases (or those whose note contains an argument) and print the figures; 1 on anything wrong."""
    path = corpus()
    wanted = [argument for argument in arguments if not argument.startswith("-")]
    figures: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    for case in cases(path) if path.exists() else ():
        if wanted and not any(word in case["note"] or word in case["file"] for word in wanted):
            continue
        outcome = judge(case)
        figures[outcome.verdict] += 1
        if outcome.verdict == "refused":
            refusals[outcome.reason] += 1
        if outcome.verdict == "wrong" or (outcome.verdict == "refused" and "-v" in arguments):
            print(f"{outcome.verdict}: {case['note']} ({case['file']}): {outcome.reason}")  # noqa: T201
    total = sum(figures.values())
    print(f"opa: cases={total} identical={figures['identical']} refused={figures['refused']} wrong={figures['wrong']}")  # noqa: T201
    for reason, count in refusals.most_common():
        print(f"  {count:4} {reason}")  # noqa: T201
    return 1 if figures["wrong"] or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
