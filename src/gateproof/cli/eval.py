"""`gateproof eval`: run a Rego query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from gateproof.cli import EXIT_DENY, EXIT_OK
from gateproof.cli.output import emit
from gateproof.errors import EvaluationError

if TYPE_CHECKING:
    from gateproof.rego.querying import Solution
    from gateproof.rego.visits import Visit

_MOST_LINES = 2_000


@click.command("eval")
@click.argument("query")
@click.option("--data", "-d", "paths", multiple=True, metavar="PATH", help="Rego or base data, a file or folder.")
@click.option("--input", "-i", "input_file", metavar="FILE", help="The input, JSON or YAML; - for standard input.")
@click.option("--format", "form", type=click.Choice(("json", "pretty")), default="json", show_default=True)
@click.option("--explain", is_flag=True, help="Say on standard error which rules were entered, and what did not hold.")
@click.option("--strict", is_flag=True, help="Errors of builtins are errors, and not undefined.")
@click.option("--fail", is_flag=True, help="Exit 1 when the query is undefined.")
def command(
    query: str, paths: tuple[str, ...], input_file: str | None, form: str, explain: bool, strict: bool, fail: bool
) -> int:
    """Evaluate a Rego QUERY, as `opa eval` does: the values of its expressions and its variables, by solution."""
    import time

    from gateproof.adapters.suites import document, gather
    from gateproof.rego import UNDEFINED, CompileError
    from gateproof.rego.querying import Given, Query

    suite = gather(paths)
    given = Given(
        input=document(input_file) if input_file else UNDEFINED,
        data=suite.data,
        now_ns=time.time_ns(),
        strict=strict,
        on_print=_say,
    )
    try:
        compiled = Query(query, suite.modules)
    except CompileError as error:
        error.hint = error.hint or "quote the query for the shell, and correct it"
        raise
    if explain:
        for line in _explanation(compiled.trace(given)):
            _say(line)
    try:
        solutions = compiled.solutions(given)
    except EvaluationError as error:
        error.hint = error.hint or "--explain shows what was evaluated before"
        raise
    emit(_pretty(solutions) if form == "pretty" else _json(solutions))
    return EXIT_DENY if fail and not solutions else EXIT_OK


def _say(line: str) -> None:
    from gateproof.render.untrusted import plain

    stripped = line.lstrip(" ")
    click.echo(" " * (len(line) - len(stripped)) + plain(stripped), err=True)


def _json(solutions: Sequence[Solution]) -> str:
    """The document that `opa eval --format json` prints; empty when the query is undefined."""
    from gateproof.rego import to_json

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
    from gateproof.rego import to_json

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

    from gateproof.render.untrusted import json_document

    return json_document(json.dumps(value).encode())


def _explanation(visits: Sequence[Visit]) -> Iterator[str]:
    lines = (line for visit in visits for line in _visit(visit, 0))
    for number, line in enumerate(lines):
        if number == _MOST_LINES:
            yield "…"
            return
        yield line


def _visit(visit: Visit, indent: int) -> Iterator[str]:
    space = " " * indent
    arguments = f"({', '.join(visit.arguments)})" if visit.arguments else ""
    place = "" if visit.rule == "query" else f"  {visit.place}"
    yield f"{space}{'holds' if visit.held else 'fails'}  {visit.rule}{arguments}{place}"
    for each in visit.expressions:
        times = f"  ({each.held} of {each.times} times)" if each.times > 1 else ""
        yield f"{space}  {'true ' if each.held else 'FALSE'}  {each.place}: {each.expression}{times}"
        yield from (f"{space}           {name} = {value}" for name, value in each.values)
        for inner in each.visits:
            yield from _visit(inner, indent + 9)
    for inner in visit.visits:
        yield from _visit(inner, indent + 9)
