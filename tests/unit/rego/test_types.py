"""What can never hold is an error when a policy is compiled, as it is for OPA; what may hold is none."""

from __future__ import annotations

import pytest

from gateproof import rego
from gateproof.rego.builtins import BUILTINS
from gateproof.rego.declarations import DECLARATIONS
from gateproof.rego.type_notation import declared, described
from gateproof.rego.types import ANY, BOOLEAN, NULL, NUMBER, STRING, Types


def problems(body: str, *, v0: bool = False) -> list[str]:
    with pytest.raises(rego.CompileError) as caught:
        rego.compile({"p.rego": f"package p\n{body}"}, v0=v0)
    return [problem.splitlines()[0] for problem in caught.value.problems]


WRONG = {
    "operands": ('x := 1 + "a"', "2:6", "plus: invalid argument(s)"),
    "argument": ("x := count(5)", "2:6", "count: invalid argument(s)"),
    "second argument": ('x := startswith("a", 1)', "2:6", "startswith: invalid argument(s)"),
    "equality": ('x if "a" == 1', "2:6", "match error (left: string, right: number)"),
    "unification": ("x if { [a] = {1}; a }", "2:8", "match error (left: array<???>, right: set[number])"),
    "output of a call": ("x if count([], true)", "2:6", "count: invalid argument(s)"),
    "inside a negation": ("x if not count(1)", "2:10", "count: invalid argument(s)"),
    "inside a comprehension": ("x := [y | y := 1 + null]", "2:16", "plus: invalid argument(s)"),
    "inside a template": ('x := $"{upper(1)}"', "2:9", "upper: invalid argument(s)"),
    "inside print": ("x if print(upper(1))", "2:12", "upper: invalid argument(s)"),
    "member of a scalar": ("x := 1\ny := x.foo", "3:6", "undefined ref: data.p.x has no members (have: number)"),
    "member of a literal": ('x := {"a": 1}.b', "2:6", "undefined ref: (…).b (have: b, want one of: a)"),
    "members of a scalar": ("x if some y in 5", "2:16", "undefined ref: (…) has no members (have: number)"),
    "key of an object": ('x := {"a": 1}\ny := x[0]', "3:6", "undefined ref: data.p.x[0] (have: 0, want one of: a)"),
    "key of a set": ("x contains 1\ny := x.a", "3:6", "undefined ref: data.p.x.a (have: a, want type: number)"),
    "variable as key": ("x := [1]\ny := x[k] if k := true", "3:6", "undefined ref: data.p.x[k]"),
    "collection as key": ("x contains [1]\ny if x[{1}]", "3:6", "undefined ref: data.p.x[…]"),
    "argument of a function": ('f(a) := a + 1\nx := f("b")', "3:6", "data.p.f: invalid argument(s)"),
    "constant argument": ("f(1) := 2\nx := f(null)", "3:6", "data.p.f: invalid argument(s)"),
    "result of a function": ('f(a) := "x" if a\nx := f(1) + 1', "3:6", "plus: invalid argument(s)"),
    "a rule that is called": ("f() := 1\nx := f()", "3:6", "undefined function data.p.f"),
    "members of a partial object": ("o[k] := 1 if some k in [2]\nx := o[_].a", "3:6", "undefined ref: data.p.o[_]"),
    "nested documents": ("o.a.b := 1\nx := o.a.b.c", "3:6", "undefined ref: data.p.o.a.b has no members"),
    "package": ("y := 1\nx if data.p == 1", "3:6", "match error"),
    "else": ('x := 1 if input.a else := "b" + 1', "2:27", "plus: invalid argument(s)"),
    "default": ("default x := 1\ny := upper(x)", "3:6", "upper: invalid argument(s)"),
    "all clauses": ("x := 1 if input.a\nx := true if input.b\ny := upper(x)", "4:6", "upper: invalid argument(s)"),
    "replaced by a function of other types": (
        "f(a) := a + 1\ng(a) := upper(a)\nx if f(1) with f as g",
        "4:11",
        "arity mismatch (have: (string) => string",
    ),
    "used before it is bound": ("x if { startswith(y, z); y = 1; z = input.z }", "2:8", "startswith: invalid"),
}


@pytest.mark.parametrize(("body", "place", "message"), WRONG.values(), ids=WRONG)
def test_what_can_never_hold(body: str, place: str, message: str) -> None:
    found = problems(body)
    assert any(line.startswith(f"p.rego:{place}: rego_type_error: {message}") for line in found), found


RIGHT = {
    "input": "x if input.x == {1}",
    "one member of a set": 'x if { some y in {1, "a"}; y + 1 }',
    "one clause": 'x := 1 if input.a\nx := "b" if input.b\ny := upper(x)',
    "any key of a package": "y := 1\nx := data.q[input.a].foo",
    "documents of the host": "x := data.q.r[1][true]",
    "documents beside rules": "y.a := 1\nx := data.p.y.b",
    "every": 'x if every y in [1] { startswith(y, "a") }',
    "not equal": 'x if "a" != 1',
    "less": 'x if "a" < 1',
    "an empty collection": 'x := [][0] + {}["a"]',
    "an object of computed keys": "x := {input.a: 1}.b + 1",
    "an unused argument": 'f(_) := 1\nx := f(1) + f("a")',
    "a function of several types": 'f(1) := 1\nf("a") := 2\nx := f("b")',
    "a function that is replaced by a value": 'f(a) := a + 1\nx if f(1) == 2 with f as "b"',
    "an array as a pattern": "x if { [a, b] = input.x; a + b > 1 }",
    "walk": "x if { walk(input, [p, v]); p[0] == v }",
    "with": 'y := 1\nx if upper("a") == "A" with y as "b"',
    "options": 'x := json.marshal_with_options([1], {"indent": " "})',
}


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_what_may_hold(body: str) -> None:
    rego.compile({"p.rego": f"package p\n{body}"}, v0=False)


def test_v0_is_checked_alike() -> None:
    assert problems('x[y] { y := 1 + "a" }', v0=True) == [
        "p.rego:2:13: rego_type_error: plus: invalid argument(s) (have: (number, string), want: (number, number))"
    ]


def test_all_problems_are_reported_in_the_order_of_the_source() -> None:
    found = problems("c := a\na := 1 + true\nb if y\nd if not upper(1)\n")
    assert [line.split(": ")[0] for line in found] == ["p.rego:3:6", "p.rego:4:6", "p.rego:5:10"]


def test_what_uses_a_rule_with_a_problem_has_none() -> None:
    assert len(problems("x := 1 + null\ny := x.a\nz[k] := upper(1) if some k in [1]\nq := z[_].a")) == 2


def test_a_query_compares_what_it_is_given() -> None:
    program = rego.compile({"p.rego": "package p\nx := 1"}, query='y := 1; "a" != y')
    assert program.bindings() == [{"y": 1}]
    rego.compile({}, query='"a" == 1')
    with pytest.raises(rego.CompileError, match="plus: invalid"):
        rego.compile({}, query='x := 1 + "a"')


def test_builtins_of_the_host_take_and_give_anything() -> None:
    source = 'package p\nx := y + 1 if y := ask(1, "a")\nz := upper(ask(true, null))'
    program = rego.compile({"p.rego": source}, builtins={"ask": (2, lambda a, _: a)})
    assert program.evaluate("data.p.x") == 2


def test_every_builtin_has_a_declaration_of_its_arity() -> None:
    types = Types()
    arities = {name: len(declared(DECLARATIONS[name], types).args) for name in BUILTINS if name in DECLARATIONS}
    assert {name: builtin.arity for name, builtin in BUILTINS.items()} == arities


@pytest.mark.parametrize(
    "call", ["internal.nothing(1)", "nothing.at.all()", "data.p.nothing(1)", "print.x(1)", "f(1, 2, 3)"]
)
def test_what_is_no_function_is_reported_once(call: str) -> None:
    (line,) = problems(f"f(a) := a\nx := {call}")
    assert line.startswith("p.rego:3:6: rego_type_error: ")


NOTATION = [
    "(number) => boolean",
    "(any<number, set[any]>, array[string]) => any",
    "(array<boolean, any>) => object<a: string, b: any>[string: number]",
    "(object[any: any]) => set[array<number, string>]",
    "() => ",
]


@pytest.mark.parametrize("text", NOTATION)
def test_notation(text: str) -> None:
    assert described(declared(text, Types())) == text


def test_unions() -> None:
    types = Types()
    both = types.union([NUMBER, STRING])
    assert both is types.union([STRING, NUMBER, STRING])
    assert types.union([both, ANY]) is ANY
    assert types.union([None, NULL]) is NULL
    assert types.union([]) is None
    assert types.unifies(both, STRING)
    assert not types.unifies(both, BOOLEAN)
    assert types.unifies(types.array_type([both]), types.array_type([], NUMBER))
    assert not types.unifies(types.array_type([NULL]), types.array_type([], both))


def test_types_that_double_are_cheap() -> None:
    lines = [f"r{n + 1} := [r{n}, r{n}]" for n in range(200)]
    rego.compile({"p.rego": "\n".join(["package p", "r0 := [input]", *lines, "x := r200 == r200"])})


def test_types_that_are_far_too_complex_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateproof.rego.types._MAX_STEPS", 100)
    members = ", ".join(f'{{"k{n}": [{n}]}}' for n in range(100))
    with pytest.raises(rego.Unsupported, match="too complex"):
        rego.compile({"p.rego": f"package p\nx := {{{members}}}"})


SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "count": {"type": ["integer", "null"]},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "port": {"type": "string", "format": "int-or-string"},
        "nodes": {"type": "array", "items": {"$ref": "#/$defs/node"}},
        "either": {"anyOf": [{"type": "boolean"}, {"type": "object", "properties": {"on": {"type": "boolean"}}}]},
        "both": {"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {"type": "number"}}}]},
    },
    "$defs": {"node": {"properties": {"id": {"type": "string"}, "nodes": {"items": {"$ref": "#/$defs/node"}}}}},
}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x := input.nam", "undefined ref: input.nam (have: nam, want one of: both, count, either, name"),
        ("x := input.name + 1", "plus: invalid argument(s)"),
        ("x := input.tags.a + 1", "plus: invalid argument(s)"),
        ("x := input.nodes[_].name", "undefined ref: input.nodes[_].name"),
        ("x := input.nodes.id", "undefined ref: input.nodes.id"),
        ("x := input.either.off", "undefined ref: input.either.off"),
        ("x := upper(input.both.b)", "upper: invalid argument(s)"),
        ("x if { some node in input.nodes; node.nodes == 1 }", "match error"),
    ],
)
def test_a_schema_finds_what_no_input_has(body: str, message: str) -> None:
    rego.compile({"p.rego": f"package p\n{body}"})
    with pytest.raises(rego.CompileError) as caught:
        rego.compile({"p.rego": f"package p\n{body}"}, schema=SCHEMA)
    assert [problem.partition("rego_type_error: ")[2].startswith(message) for problem in caught.value.problems] == [
        True
    ]


def test_a_schema_allows_what_an_input_may_have() -> None:
    source = """package p
    x if { input.count + 1 > 1; input.port == "http"; input.port == 80; input.tags[_] == "a" }
    y if { input.nodes[_].nodes[_].nodes[_].id == "a"; input.both.a.b; input.either.on; input.either }
    z := input.count == null
    """
    rego.compile({"p.rego": source}, schema=SCHEMA)


@pytest.mark.parametrize("reference", ["other.json", "https://example.com/schema", "#/$defs/missing"])
def test_a_schema_must_be_whole(reference: str) -> None:
    with pytest.raises(rego.Unsupported, match="the schema refers to"):
        rego.compile({"p.rego": "package p\nx := input.a"}, schema={"properties": {"a": {"$ref": reference}}})
