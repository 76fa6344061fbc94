"""Solutions of a Rego query → what `opa eval` prints of them, by format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateproof.rego import to_json
from gateproof.rego.querying import Solution
from gateproof.render.untrusted import json_document, plain


def _json(solutions: Sequence[Solution]) -> str:
    """The document that `opa eval --format json` prints; empty when the query is undefined."""
    results = []
    for solution in solutions:
        result: dict[str, Any] = {
            "expressions": [
                {"value": to_json(each.value), "text": each.text, "location": {"row": each.row, "col": each.column}}
                for each in solution.expressions
            ]
        }
        if solution.bindings:
            result["bindings"] = {name: to_json(value) for name, value in solution.bindings.items()}
        results.append(result)
    return _document({"result": results} if results else {})


def _pretty(solutions: Sequence[Solution]) -> str:
    """The value alone where there is one; else the variables of each solution."""
    if not solutions:
        return "undefined\n"
    if len(solutions) == 1 and len(solutions[0].expressions) == 1 and not solutions[0].bindings:
        return _document(to_json(solutions[0].expressions[0].value))
    if not any(solution.bindings for solution in solutions):
        return _document([[to_json(each.value) for each in solution.expressions] for solution in solutions])
    return _document([{name: to_json(value) for name, value in one.bindings.items()} for one in solutions])


def _document(value: Any) -> str:
    """Indented JSON. Integers of any size are kept."""
    import json

    return json_document(json.dumps(value).encode())


def _values(solutions: Sequence[Solution]) -> str:
    """Of each solution the values of its expressions, as an array."""
    return "".join(_document([to_json(each.value) for each in one.expressions]) for one in solutions)


def _bindings(solutions: Sequence[Solution]) -> str:
    """Of each solution its variables, as an object."""
    return "".join(_document({name: to_json(value) for name, value in one.bindings.items()}) for one in solutions)


def _raw(solutions: Sequence[Solution]) -> str:
    """Of each solution the values of its expressions, on a line."""
    return "".join(" ".join(_bare(each.value) for each in one.expressions) + "\n" for one in solutions)


def _bare(value: Any) -> str:
    """A string as it is but for what a terminal would obey; anything else as JSON in one line."""
    import json

    plain_value = to_json(value)
    if isinstance(plain_value, str):
        return "\n".join(map(plain, plain_value.split("\n")))
    return plain(json.dumps(plain_value, separators=(",", ":"), ensure_ascii=False))


FORMATS: Mapping[str, Callable[[Sequence[Solution]], str]] = {
    "json": _json,
    "pretty": _pretty,
    "values": _values,
    "bindings": _bindings,
    "raw": _raw,
}
