"""`gateproof eval`: run a Rego query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gateproof.cli import EXIT_DENY, EXIT_OK
from gateproof.cli.output import emit
from gateproof.errors import EvaluationError

if TYPE_CHECKING:
    from gateproof.rego.querying import Given, Query

_EXPLAIN = """Say on standard error which rules were entered, with the values of all expressions (full, which may be
left out), of those that did not hold (fails), or with what trace and print said (notes)."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command."""

    input_file: str | None
    form: str
    explain: str | None
    strict: bool
    python: bool
    fail: bool
    fail_defined: bool


@click.command("eval")
@click.argument("query")
@click.option("--data", "-d", "paths", multiple=True, metavar="PATH", help="Rego or base data, a file or folder.")
@click.option("--input", "-i", "input_file", metavar="FILE", help="The input, JSON or YAML; - for standard input.")
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(("json", "pretty", "values", "bindings", "raw")),
    default="json",
    show_default=True,
    help="raw: strings without quotes, the values of a solution on one line.",
)
@click.option(
    "--explain", is_flag=False, flag_value="full", type=click.Choice(("full", "fails", "notes")), help=_EXPLAIN
)
@click.option("--python", is_flag=True, help="Print the Python that all of it is compiled to, and evaluate nothing.")
@click.option("--strict-builtin-errors", "strict", is_flag=True, help="Errors of builtins are errors, not undefined.")
@click.option("--fail", is_flag=True, help="Exit 1 when the query is undefined.")
@click.option("--fail-defined", is_flag=True, help="Exit 1 when the query is defined.")
def command(query: str, paths: tuple[str, ...], **options: object) -> int:
    """Evaluate a Rego QUERY, as `opa eval` does: the values of its expressions and its variables, by solution.

    In a folder of --data, Rego files and base data (data.json, data.yaml) are read. Exit code 0, 1 for --fail and
    --fail-defined, 2 for errors.
    """
    import time

    from gateproof.adapters.suites import document, gather
    from gateproof.rego import UNDEFINED, CompileError
    from gateproof.rego.querying import Given, Query

    chosen = msgspec.convert(options, Options)
    suite = gather(paths)
    given = Given(
        input=document(chosen.input_file) if chosen.input_file else UNDEFINED,
        data=suite.data,
        now_ns=time.time_ns(),
        strict=chosen.strict,
        on_print=_say,
    )
    try:
        compiled = Query(query, suite.program)
    except CompileError as error:
        error.hint = error.hint or "quote the query for the shell, and correct it"
        raise
    if chosen.python:
        emit(compiled.python())
        return EXIT_OK
    return _evaluate(compiled, given, chosen)


def _evaluate(query: Query, given: Given, options: Options) -> int:
    from gateproof.render.solutions import FORMATS

    if options.explain:
        from gateproof.render.explanation import lines

        for line in lines(query.trace(given, _sensitive(given.input)), options.explain):
            _say(line)
    try:
        solutions = query.solutions(given)
    except EvaluationError as error:
        error.where = query.stopped(given) or error.where
        error.hint = error.hint or "--explain shows what was evaluated before"
        raise
    emit(FORMATS[options.form](solutions))
    failed = options.fail_defined if solutions else options.fail
    return EXIT_DENY if failed else EXIT_OK


def _sensitive(document: Any) -> frozenset[str]:
    """The texts in an input that a gate would not see: what a plan marks as sensitive, and Secrets."""
    import json

    from gateproof import inputs
    from gateproof.rego import UNDEFINED

    if document is UNDEFINED:
        return frozenset()
    subject = inputs.parse(json.dumps(document).encode())
    found = (_at(document, each.path) for each in subject.redactions if len(subject.documents) == 1)
    return frozenset(text for text in found if isinstance(text, str))


def _at(value: Any, path: Iterable[str | int]) -> Any:
    for part in path:
        value = value[part]
    return value


def _say(line: str) -> None:
    from gateproof.render.untrusted import plain

    stripped = line.lstrip(" ")
    click.echo(" " * (len(line) - len(stripped)) + plain(stripped), err=True)
