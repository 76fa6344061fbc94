"""What programs mean, one construct at a time."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof import rego
from gateproof.rego import UNDEFINED


def value(body: str, given: Any = None, data: Any = None, **options: Any) -> Any:
    """``data.t.x`` of a v1 module with ``body``, as JSON."""
    program = rego.compile({"t.rego": f"package t\n{body}"}, v0=False)
    found = program.evaluate("data.t.x", given, data, **options)
    return found if found is UNDEFINED else rego.to_json(found)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x := 1 + 2 * 3", 7),
        ("x := 0.1 + 0.2", 0.3),
        ("x := 7 / 2", 3.5),
        ("x := 9007199254740993 + 1", 9007199254740994),
        ("x := 2 > 1", True),
        ('x := "é" < "z"', False),
        ("x := {1, 2} | {2, 3}", [1, 2, 3]),
        ("x := {1, 2} - {2}", [1]),
        ("x := [1, 2.0] == [1.0, 2]", True),
        ("x := true == 1", False),
        ("x := count({true, 1, 1.0})", 2),
        ("x := [v | some v in {3, 1, 2}]", [1, 2, 3]),
        ('x := [k | some k, _ in {"b": 1, "a": 2}]', ["a", "b"]),
        ("x := {k: v | some k, v in [5, 6]}", {"0": 5, "1": 6}),
        ("x := [1, 2, 3][_]", "eval_conflict_error"),
        ("x contains [1, 2, 3][_]", [1, 2, 3]),
        ('x[k] := v if some k, v in {"a": 1}', {"a": 1}),
        ("x[1] := 2", {"1": 2}),
        ('x if { [a, "b"] = ["a", b]; a == "a"; b == "b" }', True),
        ('x := b if { {"a": [_, b]} = {"a": [1, 2]} }', 2),
        ("x if every n in [1, 2] { n > 0 }", True),
        ("x if every n in [1, 0] { n > 0 }", UNDEFINED),
        ("x if every n in [] { n > 0 }", True),
        ("x if not input.missing", True),
        ("x if not false", True),
        ('x if not startswith(input.missing, "a")', UNDEFINED),
        ("x if not input.missing != 1", UNDEFINED),
        ("x if not input.missing == 1", True),
        ("x if not to_number(input.missing) == 1", UNDEFINED),
        ('x if { y := {"a": 1}; not y[input.missing] }', UNDEFINED),
        ("x if not y.z\ny := {}", True),
        ("x if not f(1).a\nf(_) := {}", True),
        ("x if not f(1)\nf(2)", True),
        ('x if not startswith(input.missing, "a") with input as {"missing": "b"}', True),
        ("x if not input.text with input.text as input.missing", UNDEFINED),
        ("x if { some n in [1, 2]; not n == 1 }", True),
        ("x if 2 in [1, 2]", True),
        ('x if "k", 1 in {"k": 1}', True),
        ("default x := 3\nx := 4 if false", 3),
        ("x := 1 if false\nelse := 2 if true\nelse := 3", 2),
        ("x := f(2)\nf(n) := n * 10", 20),
        ('x := f("b")\nf("a") := 1\nf("b") := 2', 2),
        ("x := f([1, 2])\nf([a, b]) := a + b", 3),
        ("default f(_) := 9\nf(n) := n if n < 3\nx := f(5)", 9),
        ("x := 1 if true\nx := 2 if true", "eval_conflict_error"),
        ("x := v if v := y with input as 5\ny := input", 5),
        ("x := v if v := y with data.a as 5\ny := data.a", 5),
        ("x := v if v := y with data.t.z as 5\ny := z\nz := 1", 5),
        ("x := v if v := y with f as 5\ny := f(1)\nf(n) := n", 5),
        ("x := v if v := y with count as g\ny := count([])\ng(_) := 7", 7),
        ('x.a.b := 1\nx.a[k] := 2 if k := "c"', {"a": {"b": 1, "c": 2}}),
        ("x.s contains 1\nx.s contains 2", {"s": [1, 2]}),
        ('x := $"a {1 + 1} {input.no} {[true]}"', "a 2 <undefined> [true]"),
        ('x := $`\\{1} {"s"}`', "{1} s"),
        ("x := `raw\\n`", "raw\\n"),
        ('x := "\\u00e9\\ud83d\\ude00"', "é😀"),
        ("x := [y | y := [1, 2][_]; z := y; z > 1]", [2]),
        ("x := input.a.b.c", UNDEFINED),
        ("x := {input.no}", UNDEFINED),
        ("x := count({y | y := input.no})", 0),
        ("x := numbers\nnumbers := 4", 4),
        ("x := 1 / 0", UNDEFINED),
        ("x := 1 + input.text", UNDEFINED),
        ("x if { not input.text > [1 | some a in input.no; a == input[-1]]; not input[-1] }", True),
    ],
)
def test_values(body: str, expected: Any) -> None:
    if expected == "eval_conflict_error":
        with pytest.raises(rego.EvalError) as caught:
            value(body, {"text": "a"})
        assert caught.value.code == expected
    else:
        found = value(body, {"text": "a"})
        assert found is expected if expected is UNDEFINED else repr(found) == repr(expected)


def test_strict_errors_end_the_evaluation() -> None:
    with pytest.raises(rego.EvalError) as caught:
        value("x := 1 / 0", strict=True)
    assert caught.value.code == "eval_builtin_error"


def test_rules_and_base_data_are_one_document() -> None:
    program = rego.compile({"a.rego": "package a.b\nx := data.a.base"}, v0=False)
    assert program.evaluate("data.a", None, {"a": {"base": 1}}) == {"base": 1, "b": {"x": 1}}


def test_a_package_asked_for_one_rule_evaluates_no_other() -> None:
    modules = {
        "a.rego": "package a\nx := data.b[input.name]",
        "b.rego": "package b\ngood := 1\nbad := y if y := [1, 2][_]",
    }
    program = rego.compile(modules, v0=False)
    assert program.evaluate("data.a.x", {"name": "good"}) == 1


def test_print_goes_to_the_host_and_never_fails() -> None:
    lines: list[str] = []
    assert value('x if { print("got", input.no, {1}) }', on_print=lines.append) is True
    assert lines == ["got <undefined> {1}"]


def test_bindings_of_a_query() -> None:
    program = rego.compile({"a.rego": "package a\np contains input[_]"}, query="data.a.p[x]; y := x + 1", v0=False)
    assert program.bindings([2, 1]) == [{"x": 1, "y": 2}, {"x": 2, "y": 3}]


def test_host_builtins_stand_in_for_refused_ones() -> None:
    source = {"a.rego": 'package a\nx := http.send({"url": "u"}).status'}
    with pytest.raises(rego.Unsupported, match=r"http\.send"):
        rego.compile(source, v0=False)
    program = rego.compile(source, v0=False, builtins={"http.send": (1, lambda _request: {"status": 200})})
    assert program.evaluate("data.a.x") == 200


def test_metadata_is_data() -> None:
    source = "# METADATA\n# title: T\n# custom:\n#  level: 3\nx := rego.metadata.rule().custom.level"
    assert value(source) == 3


def test_a_program_serves_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    program = rego.compile({"a.rego": "package a\nx := sum([n | some n in input])"}, v0=False)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: program.evaluate("data.a.x", list(range(n))), range(50)))
    assert found == [n * (n - 1) // 2 for n in range(50)]
