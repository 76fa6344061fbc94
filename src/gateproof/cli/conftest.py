"""`gateproof check --compat conftest`: takes the arguments of `conftest test`, and gives its verdict and exit code.

It stands beside the gate: no gateproof.yaml, gate table, waiver or evidence, and no Decision. Exit codes: 0 without
failures, 1 with; under ``--fail-on-warn`` 1 for warnings and 2 for failures; 1 for whatever prevented an answer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateproof.cli.options import PATH
from gateproof.cli.output import emit, explain
from gateproof.errors import GateproofError, UsageError

if TYPE_CHECKING:
    from gateproof.engines.conftest import Checked

_EXIT_OK = 0
_EXIT_ERROR = 1
_FORMATS = ("stdout", "json", "tap", "table", "junit", "github")
_REFUSED = {
    "--update": "policies are not downloaded: fetch them first",
    "-u": "policies are not downloaded: fetch them first",
    "--strict": "the compiler has no strict mode",
    "--capabilities": "what the compiler offers cannot be restricted",
    "--proto-file-dirs": "textproto is not read",
}
"""Flags of conftest that are refused, with why."""


def _split(_: click.Context, __: click.Parameter, values: Sequence[str]) -> tuple[str, ...]:
    """Values that may be separated by commas, too."""
    return tuple(part for value in values for part in value.split(",") if part)


def _refuse(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    if value and ctx.get_parameter_source(parameter.name or "") is not click.core.ParameterSource.DEFAULT:
        flag = parameter.opts[0]
        raise click.UsageError(f"{flag} is refused: {_REFUSED[flag]}", ctx)


def _take_settings(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
    """Make what the settings file says the defaults of all options."""
    from gateproof.adapters import conftest

    found = conftest.settings(value)
    listed = {name.lower().replace("-", "_"): setting for name, setting in found.items()}
    for name in ("policy", "namespace", "data"):
        if isinstance(listed.get(name), str):
            listed[name] = [listed[name]]
    ctx.default_map = listed


@click.command("conftest", hidden=True)
@click.argument("paths", nargs=-1, required=True)
@click.option("-p", "--policy", multiple=True, default=("policy",), callback=_split, help="Files or folders with Rego.")
@click.option(
    "-n", "--namespace", multiple=True, default=("main",), callback=_split, help="Packages; *, ? and [] match."
)
@click.option("--all-namespaces", is_flag=True, help="Every package.")
@click.option("--combine", is_flag=True, help="Test all files as one document.")
@click.option("-d", "--data", multiple=True, callback=_split, help="Files or folders that make up data.")
@click.option("--parser", help="Read every file with this parser.")
@click.option("--ignore", default="", help="Leave out paths below folders that this regular expression finds.")
@click.option("--rego-version", default="v1", type=click.Choice(("v0", "v1"), case_sensitive=False), show_default=True)
@click.option("-o", "--output", type=click.Choice(_FORMATS), default="stdout", show_default=True)
@click.option("--fail-on-warn", is_flag=True, help="Exit 1 for warnings and 2 for failures.")
@click.option("--no-fail", is_flag=True, help="Exit 0 for failures.")
@click.option("--no-color", is_flag=True, help="No colours.")
@click.option("--quiet", is_flag=True, help="No output when all tests succeed.")
@click.option("--suppress-exceptions", is_flag=True, help="Leave exceptions out of stdout.")
@click.option("--junit-hide-message", is_flag=True, help="Leave messages out of the names of JUnit test cases.")
@click.option("--show-builtin-errors", is_flag=True, help="An error of a builtin is an error.")
@click.option("--trace", is_flag=True, help="List the queries on standard error.")
@click.option("--tls/--no-tls", default=True, hidden=True)
@click.option("-c", "--config-file", type=PATH, is_eager=True, expose_value=False, callback=_take_settings)
@click.option("--update", "-u", multiple=True, hidden=True, expose_value=False, callback=_refuse)
@click.option("--strict", is_flag=True, hidden=True, expose_value=False, callback=_refuse)
@click.option("--capabilities", hidden=True, expose_value=False, callback=_refuse)
@click.option("--proto-file-dirs", multiple=True, hidden=True, expose_value=False, callback=_refuse)
def command(**options: Any) -> int:
    """Test configurations as `conftest test` does: its verdict and exit codes, and no Decision of gateproof.

    Nothing is gated, waived or recorded here. Exit code 0 without failures, 1 with failures and for errors.
    """
    try:
        results = _results(options)
        _show(results, options)
    except GateproofError as error:
        explain(error)
        return _EXIT_ERROR
    shown = not options["quiet"] or _exit_code(results, options)
    return _EXIT_OK if options["no_fail"] and shown else _exit_code(results, options)


def _results(options: dict[str, Any]) -> list[Checked]:
    import os
    import time

    from gateproof.adapters import conftest
    from gateproof.engines.conftest import Policies

    files = conftest.configurations(options["paths"], options["parser"], options["ignore"])
    modules, data = conftest.policies(options["policy"]), conftest.data(options["data"])
    policies = Policies(modules, data, version=options["rego_version"].lower())
    how = {"now_ns": time.time_ns(), "strict": options["show_builtin_errors"]}
    results = []
    for namespace in _namespaces(policies.namespaces, options):
        if options["combine"]:
            parts = {path: file.configuration for path, file in files.items()}
            results.append(policies.check_combined(parts, os.getcwd(), namespace, **how))
        else:
            results += [policies.check(file, namespace, **how) for file in files.values()]
    return results


def _namespaces(known: Sequence[str], options: dict[str, Any]) -> Iterator[str]:
    """The namespaces to ask; one that no policy has is asked, too, and has no tests."""
    from fnmatch import fnmatchcase

    asked_for = options["namespace"]
    if options["all_namespaces"]:
        yield from known
    elif not any(set("*?[") & set(pattern) for pattern in asked_for):
        yield from asked_for
    else:
        if any("\\" in pattern or "[!" in pattern for pattern in asked_for):
            raise UsageError(
                "a pattern with \\ or [! is refused", where="--namespace", hint="use *, ?, [a-z] and [^a-z]"
            )
        patterns = [pattern.replace("[^", "[!") for pattern in asked_for]
        yield from (name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns))


def _show(results: Sequence[Checked], options: dict[str, Any]) -> None:
    from gateproof.render import conftest

    how = conftest.Options(
        color=not options["no_color"],
        suppress_exceptions=options["suppress_exceptions"],
        hide_message=options["junit_hide_message"],
    )
    if options["quiet"] and not _exit_code(results, options):
        return
    if options["trace"]:
        click.echo(conftest.queries(results, how), nl=False, err=True)
        sys.stderr.flush()
    emit(conftest.render(results, options["output"], how))


def _exit_code(results: Sequence[Checked], options: dict[str, Any]) -> int:
    failed, warned = any(one.failures for one in results), any(one.warnings for one in results)
    if options["fail_on_warn"]:
        return 2 if failed else int(warned)
    return int(failed)
