"""Nothing that a policy writes becomes Python."""

from __future__ import annotations

import ast

import pytest

from gateproof import rego
from gateproof.compiler import code, ir

HOSTILE = "__import__('os').system('true')"


@pytest.mark.parametrize(
    "source",
    [
        f'package p\nx := "{HOSTILE}"',
        f'package p\nx["{HOSTILE}"] := 1',
        f'package p["{HOSTILE}"]\nx := 1',
        f'package p\nx := input["{HOSTILE}"]["\\n# {HOSTILE}"]',
        f'package p\nx := {{"{HOSTILE}": v | v := input["\\"\\"\\"{HOSTILE}"]}}',
        "package p\nx := __import__ if { __import__ := 1; ctx := 2; UNDEFINED := 3; get := ctx }",
        "package p\n__builtins__ := 1\nx := __builtins__",
        "package p\nexec(def) := def\nx := exec(1)",
        "package lambda.class\nyield := 1\nx := yield",
        f"package p\nx := `'''{HOSTILE}'''`",
    ],
)
def test_generated_code_names_only_what_it_generates(source: str) -> None:
    program = rego.compile({f"{HOSTILE}\n{HOSTILE}.rego": source}, v0=False)
    tree = ast.parse(rego.explain(program))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not any("import" in name or "builtins" in name for name in names)
    assert attributes <= {"get", "append", "input", "data", "budget", "steps", "spend"}
    assert not any(isinstance(node, (ast.Import, ast.ImportFrom, ast.Lambda)) for node in ast.walk(tree))


def test_names_of_policies_do_not_reach_the_host() -> None:
    source = "package p\nx := open\nopen := ctx\nctx := type\ntype := 1"
    assert rego.compile({"p.rego": source}, v0=False).evaluate("data.p.x") == 1


def test_a_stored_program_cannot_name_anything_either() -> None:
    function = ir.Function("query", ["ctx"], [ir.Return(ir.Name("__import__"))], "")
    scope = code.load([function], {})
    with pytest.raises(ValueError, match="identifier"):
        scope["query"](None)


def test_generated_code_has_no_builtins() -> None:
    scope = code.load([ir.Function("f", [], [ir.Return(ir.Name("open"))], "")], {})
    with pytest.raises(NameError):
        scope["f"]()
