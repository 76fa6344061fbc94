"""Rego, compiled to Python: OPA's verdicts, in process.

    program = rego.compile({"policy.rego": source})
    program.evaluate("data.tf.aws.s3.deny", input=plan)

Depends on nothing of gateproof but the compiler's back end and the errors.
"""

# ruff: noqa: PT028 - `test` runs tests and is none
from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from gateproof.compiler.budget import Limits
from gateproof.rego.errors import BuiltinError, CompileError, EvalError, Unsupported, refusing_depth
from gateproof.rego.values import UNDEFINED, RegoSet, Value, to_json

if TYPE_CHECKING:
    from gateproof.rego.plan import Plan
    from gateproof.rego.program import HostBuiltins, Program
    from gateproof.rego.testing import Report

__all__ = [
    "UNDEFINED",
    "BuiltinError",
    "CompileError",
    "EvalError",
    "Limits",
    "Program",
    "RegoSet",
    "Unsupported",
    "Value",
    "compile",
    "explain",
    "metadata",
    "test",
    "to_json",
]


def compile(
    modules: Mapping[str, str],
    *,
    query: str | None = None,
    v0: bool | None = None,
    builtins: HostBuiltins | None = None,
    schema: Mapping[str, object] | None = None,
    library: Collection[str] = (),
) -> Program:
    """Compile Rego.

    ``modules`` maps file names to sources. ``query`` is compiled with them, for
    :meth:`Program.bindings`. ``v0`` fixes the version of the language; None tries v1 for each module and
    falls back to v0, see :func:`gateproof.rego.parser.parse_module`. ``builtins`` are the host's own, which
    may stand in for those that are refused. ``schema``, a JSON Schema of the input, makes a reference to a
    member that it does not have a problem. Of the modules that ``library`` names only what the others reach is
    compiled; they are v1, or say what they are. Raises :class:`CompileError` with every problem found.
    """
    from gateproof.rego.program import Program

    with refusing_depth():
        host = {name: arity for name, (arity, _) in (builtins or {}).items()}
        plan = _plan(modules, query, v0, host, schema, library)
    return Program(plan, builtins)


def _plan(
    modules: Mapping[str, str],
    query: str | None,
    v0: bool | None,
    host: Mapping[str, int],
    schema: object,
    library: Collection[str],
) -> Plan:
    from gateproof.rego import reachability
    from gateproof.rego.parser import parse_modules, parse_query
    from gateproof.rego.planner import Planner

    parsed = reachability.parse(modules, library) if library else parse_modules(modules, v0=v0)
    return Planner(parsed, host, schema).plan(parse_query(query) if query else None)


def test(
    modules: Mapping[str, str],
    *,
    data: Value = None,
    only: str = "",
    coverage: bool = False,
    bench: bool = False,
    v0: bool | None = None,
    builtins: HostBuiltins | None = None,
    now_ns: int | None = None,
    limits: Limits | None = None,
    clock: Callable[[], int] | None = None,
) -> Report:
    """Run the rules ``test_…`` of ``modules``, as `opa test` does.

    ``only`` is a regular expression (RE2) for their paths, such as ``data.package.test_x``. ``coverage`` says which
    lines they evaluated. ``clock`` gives nanoseconds, for the time that each takes; with ``bench`` each is run many
    times. Everything else is as in :func:`compile` and :meth:`Program.evaluate`. Raises :class:`CompileError`.
    """
    from gateproof.rego import testing

    options = testing.Options(
        data=data, only=only, coverage=coverage, bench=bench, now_ns=now_ns, limits=limits, clock=clock
    )
    return testing.run(modules, options, v0=v0, builtins=builtins)


def explain(program: Program) -> str:
    """The generated Python of a program, for people to read."""
    from gateproof.compiler import code

    return code.source(program.plan.functions)


def metadata(modules: Mapping[str, str], *, v0: bool | None = None) -> list[dict[str, object]]:
    """The METADATA annotations of all modules, in the order of the sources.

    Each is ``{"path": "data.package.rule", "scope": …, "annotations": {…}, "location": "file:line:column"}``.
    Raises :class:`CompileError` for what does not parse and for annotations that are not YAML mappings.
    """
    from gateproof.rego.annotations import blocks
    from gateproof.rego.parser import parse_module

    found: list[dict[str, object]] = []
    for file, source in modules.items():
        module = parse_module(file, source, v0=v0)
        for block in blocks(module):
            path = ".".join(("data", *block.path))
            location = module.place(block.at)
            found.append({"path": path, "scope": block.scope, "annotations": block.values, "location": location})
    return found


def __getattr__(name: str) -> object:
    """``Program`` on demand: a host that only reads results need not load the compiler."""
    if name == "Program":
        from gateproof.rego.program import Program

        return Program
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
