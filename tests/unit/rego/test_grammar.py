"""Rule heads, bodies, imports and numbers that are read, or refused, as OPA does it."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof import rego


def value(rules: str, *, v0: bool = False, **given: Any) -> Any:
    """The package ``p`` with these rules, as JSON values."""
    return rego.to_json(rego.compile({"p.rego": f"package p\n{rules}\n"}, v0=v0).evaluate("data.p", **given))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("x if {}", {"x": True}),
        ('x if {"a": false}', {"x": True}),
        ("x if {1 | false}", {"x": True}),
        ("x if { false } { true }", {"x": True}),
        ("f(n) if { n == 1 } { n == 2 }\nx := [f(n) | some n in [1, 2, 3]]", {"x": [True, True]}),
        ("x [k] := 1 if { k := `a` }", {"x": {"a": 1}}),
        ("f (n) := n if { n > 1 }\nx := f(2)", {"x": 2}),
        ("default x", {"x": True}),
        ('default x := $"{1}a"', {"x": "1a"}),
        ("x := 1, 2 in [1]", {"x": False}),
        ("x := {1 in [1]: 2}", {"x": {"true": 2}}),
        ('x := "a\tb"', {"x": "a\tb"}),
        ("import rego.v1 as y\nx := 1", {"x": 1}),
        ("import input.x\nx := 1\ny := x", {"x": 1}),
        ("x := {true: 1, null: 2, [1]: 3}", {"x": {"[1]": 3, "null": 2, "true": 1}}),
    ],
)
def test_read(rules: str, expected: Any) -> None:
    found = value(rules)
    assert found == expected
    assert list(found) == list(expected)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("not { false }", True),
        ("not { y := 1; y == 2 }", True),
        ("not { y := 1; y == 1 }", False),
        ("not { some y in [1, 2]; y > 2 }", True),
        ("not { y = [1, 2][_]; y > z }; z = 2", True),
        ("not count(input.nope) == 1", True),
        ("z := 2; not { z == 2; not { z == 3 } }", False),
        ("not { input.a } with input as {}", True),
    ],
)
def test_bodies_of_not(body: str, expected: bool) -> None:
    assert value(f"import future.keywords.not\nx if {{ {body} }}", input={}) == ({"x": True} if expected else {})


def test_a_negated_expression_binds_nothing() -> None:
    with pytest.raises(rego.CompileError) as caught:
        value("import future.keywords.not\nx if { not input.a[y] }")
    assert caught.value.code == "rego_unsafe_var_error"


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ("x if {1, 2}", "parse"),
        ("x if not {1}", "parse"),
        ("x.y", "parse"),
        ("x.y.z", "parse"),
        ("f()", "parse"),
        ("count([1])", "parse"),
        ("print(1)", "parse"),
        ("f(x) contains 1 if { x }", "parse"),
        ("default f(1) := 1", "parse"),
        ("default f(a, a) := 1", "parse"),
        ("default x[y] := 1", "unsafe_var"),
        ("x := 1 else := 2", "parse"),
        ("x if false else := 1 else := 2", "parse"),
        ("x. y := 1", "parse"),
        ("x := --1", "parse"),
        ("_ := 1", "parse"),
        ("x if every [a] in [[1]] { a }", "parse"),
        ('x := $"{not true}"', "parse"),
        ('x := $"{y := 1}"', "parse"),
        ("import data.y as if", "parse"),
        ("import data.y as input", "parse"),
        ("import data.y\nimport data.z.y", "compile"),
        ("input := 1", "compile"),
        ("data.x := 1", "compile"),
        ("x if { some y; true }", "compile"),
        ("x if every y in [1] { true }", "compile"),
        ("f(1 + y) := 1", "compile"),
        ("x if { [y, y] := [1, 1] }", "compile"),
        ("x := [y | some z; y := 1]", "compile"),
        ("x if { print(y); y = 1 }", "unsafe_var"),
        ('x := $"{input.a[_]}"', "unsafe_var"),
        ("x if { assign(y) }", "type"),
        ("x if { count := [1]; count(count) }", "type"),
        ("x := 1\nx(y) := y", "type"),
        ("x(y) := y\nx.z := 1", "type"),
        ("default f(_) := 1\nf(a, b) := a + b", "type"),
        ("x if { f(1) with f as g }\nf(a) := a\ng(a, b) := a + b", "type"),
    ],
)
def test_refused(rules: str, code: str) -> None:
    with pytest.raises(rego.CompileError) as caught:
        value(rules)
    assert caught.value.code == f"rego_{code}_error"


def test_v0_lets_variables_and_rules_be_called_input() -> None:
    assert value("x { input := 1; input == 1 }", v0=True) == {"x": True}
    assert value("input = 1", v0=True) == {"input": 1}
    with pytest.raises(rego.CompileError, match="template strings"):
        value('x := $"a"', v0=True)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("round(12345678901234567890123)", 12345678901234567889920),
        ("ceil(12345678901234567890123)", 12345678901234567889920),
        ("floor(-12345678901234567890123)", -12345678901234567889920),
        ("abs(-12345678901234567890123)", 12345678901234567890000),
        ("round(9223372036854775809)", 9223372036854775810),
        ("12345678901234567890123 / 3", 4115226300411522630000),
        ("12345678901234567890123 + 0.1", 12345678901234567890000),
        ("12345678901234567890123 + 1", 12345678901234567890124),
        ("abs(-1.0)", 1),
        ('sprintf("%s|%d", [1e300 * 1, 1])', None),
        ('sprintf("%v", [0.00001])', "1e-05"),
    ],
)
def test_numbers(expression: str, expected: Any) -> None:
    found = value(f"x := {expression}")["x"]
    assert expected is None or (found == expected and type(found) is type(expected))


def test_a_large_number_of_the_input_is_text_in_a_message() -> None:
    assert value('x := sprintf("%s %d", [input.a, input.a])', input={"a": 1e21}) == {
        "x": "1e+21 %!d(string=1e+21)",
    }


@pytest.mark.parametrize("number", ["9007199254740993.5", "0.12345678901234567890123", "1e-400", "1e400"])
def test_literals_of_more_digits_than_a_double_are_refused(number: str) -> None:
    with pytest.raises(rego.Unsupported, match="double"):
        value(f"x := {number}")


def test_results_of_more_digits_than_a_double_are_refused() -> None:
    with pytest.raises(rego.EvalError, match="more digits than a double") as caught:
        value("x := 9007199254740993 + 0.1")
    assert caught.value.where == "p.rego:2:1"


@pytest.mark.parametrize(
    ("rules", "where"),
    [
        ("x := 1 if { true }\nx := 2 if { not input.a }", "p.rego:2:1, p.rego:3:1"),
        ("x := y if { some y in [1, 2] }", "p.rego:2:1"),
        ("f(a) := y if { some y in [a, 2] }\nx := f(1)", "p.rego:2:1"),
        ("x := {k: v | some v in [1, 2]; k := 1}", "p.rego:2:1"),
    ],
)
def test_conflicts_say_where(rules: str, where: str) -> None:
    with pytest.raises(rego.EvalError) as caught:
        value(rules)
    assert (caught.value.code, caught.value.where) == ("eval_conflict_error", where)


def test_every_problem_is_said_once_with_its_line() -> None:
    with pytest.raises(rego.CompileError) as caught:
        value("\tx := )")
    problem = "p.rego:2:7: rego_parse_error: unexpected `)`, expected a term"
    assert str(caught.value).splitlines() == [problem, "        x := )", "             ^"]
    assert caught.value.one_line == problem
    with pytest.raises(rego.CompileError) as caught:
        value("x := )\ny := ]")
    first, second = problem.replace("2:7", "2:6"), problem.replace("2:7", "3:6").replace(")", "]")
    assert str(caught.value).splitlines() == [
        "the policy does not parse: 2 problems",
        *(first, "    x := )", "         ^"),
        *(second, "    y := ]", "         ^"),
    ]
    assert caught.value.one_line == f"the policy does not parse: 2 problems; {first}; {second}"
    with pytest.raises(rego.CompileError) as caught:
        value("x := y")
    assert str(caught.value).splitlines() == [
        "the policy does not compile: 1 problem",
        *("p.rego:2:6: rego_unsafe_var_error: var y is unsafe", "    x := y", "         ^"),
    ]


def test_the_mark_stands_under_long_lines_too() -> None:
    with pytest.raises(rego.CompileError) as caught:
        value(f'x := concat("", ["{"a" * 300}", y, "{"b" * 300}"])')
    _, _, line, mark = str(caught.value).splitlines()
    assert line[mark.index("^")] == "y"
    assert len(line) < 120


def test_a_name_of_one_comprehension_is_free_in_the_next() -> None:
    text = """package p

import rego.v1

r := {x | input.a[x]} | {x | x := input.b[_]}
"""
    program = rego.compile({"p.rego": text})
    assert rego.to_json(program.evaluate("data.p.r", {"a": {"k": 1}, "b": ["m"]})) == ["k", "m"]
