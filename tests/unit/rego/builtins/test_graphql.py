"""GraphQL: syntax trees and verdicts are those of OPA 1.19."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof.errors import BudgetError, EvaluationError
from gateproof.rego.builtins import resolve
from gateproof.rego.builtins.graphql.nodes import MAX_DEPTH
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import RegoSet

Call = Callable[..., Any]

SCHEMA = """
type Query {
  dog: Dog  pet: Pet  either: CatOrDog  count(n: Int!, by: Int! = 1): Int  ids(of: [ID!]): [ID!]!
  find(where: Where, colour: Colour, any: Any): Dog  one(of: One!): Int  half(x: Float, ok: Boolean): String
}
interface Pet { name(surname: Boolean): String }
type Dog implements Pet {
  name(surname: Boolean): String  barks: Boolean  age: Int  ages: [Int]  mother: Dog
}
type Cat implements Pet { name(surname: Boolean): String  meows: Boolean  age: Float  friend: Dog }
type Fish { fins: Int }
union CatOrDog = Cat | Dog
enum Colour { RED GREEN }
input Where { name: String!  limit: Int! = 10  inner: Where  any: Any }
input One @oneOf { a: Int  b: String }
scalar Any
type Subscription { news: String  other: String }
directive @tag(name: String!) repeatable on FIELD | QUERY
"""


def field(name: str, **members: Any) -> dict[str, Any]:
    return {"Alias": name, "Name": name, **members}


def value(kind: int, raw: str, **members: Any) -> dict[str, Any]:
    return {"Kind": kind, "Raw": raw, "ExpectedTypeHasDefault": False, **members}


def comments(*texts: str) -> dict[str, Any]:
    return {"List": [{"Value": text} for text in texts]}


def argument_values(call: Call, text: str) -> list[tuple[int, str]]:
    """Kind and text of the values in ``{f(…)}``."""
    tree = call("graphql.parse_query", "{f(" + text + ")}")
    arguments = tree["Operations"][0]["SelectionSet"][0]["Arguments"]
    return [(each["Value"]["Kind"], each["Value"]["Raw"]) for each in arguments]


def test_the_tree_of_a_query(call: Call) -> None:
    query = 'query Q($v: [Int!]! = [1] @d) { ...F a: b(x: $v, o: {k: "s"}) @skip(if: true) ... on T { c } }'
    operation = {
        "Operation": "query",
        "Name": "Q",
        "VariableDefinitions": [
            {
                "Variable": "v",
                "Type": {"NamedType": "", "Elem": {"NamedType": "Int", "NonNull": True}, "NonNull": True},
                "DefaultValue": value(8, "", Children=[{"Name": "", "Value": value(1, "1")}]),
                "Directives": [{"Name": "d", "Location": ""}],
                "Used": False,
            }
        ],
        "SelectionSet": [
            {"Name": "F"},
            {
                "Alias": "a",
                "Name": "b",
                "Arguments": [
                    {"Name": "x", "Value": value(0, "v")},
                    {"Name": "o", "Value": value(9, "", Children=[{"Name": "k", "Value": value(3, "s")}])},
                ],
                "Directives": [
                    {"Name": "skip", "Location": "", "Arguments": [{"Name": "if", "Value": value(5, "true")}]}
                ],
            },
            {"TypeCondition": "T", "SelectionSet": [field("c")]},
        ],
    }
    assert call("graphql.parse_query", query) == {"Operations": [operation]}


def test_the_tree_of_a_fragment(call: Call) -> None:
    tree = call("graphql.parse_query", "fragment F($v: A) on T @d { a }")
    variable = {"Variable": "v", "Type": {"NamedType": "A", "NonNull": False}, "Used": False}
    assert tree["Fragments"] == [
        {
            "Name": "F",
            "VariableDefinition": [variable],
            "TypeCondition": "T",
            "Directives": [{"Name": "d", "Location": ""}],
            "SelectionSet": [field("a")],
        }
    ]


def test_the_tree_of_a_schema(call: Call) -> None:
    schema = '"d" type A implements B & C @x { "f" a(b: Int = 1): [A] } union U = | A | B extend schema @y {query: A}'
    int_type, list_type = {"NamedType": "Int", "NonNull": False}, {"NamedType": "", "NonNull": False}
    argument = {"Name": "b", "Description": "", "Type": int_type, "DefaultValue": value(1, "1")}
    a = {
        "Kind": "OBJECT",
        "Name": "A",
        "Description": "d",
        "Interfaces": ["B", "C"],
        "Directives": [{"Name": "x", "Location": ""}],
        "Fields": [
            {
                "Name": "a",
                "Description": "f",
                "Arguments": [argument],
                "Type": {**list_type, "Elem": {"NamedType": "A", "NonNull": False}},
            }
        ],
        "BuiltIn": False,
    }
    assert call("graphql.parse_schema", schema) == {
        "Definitions": [a, {"Kind": "UNION", "Name": "U", "Description": "", "Types": ["A", "B"], "BuiltIn": False}],
        "SchemaExtension": [
            {
                "Description": "",
                "Directives": [{"Name": "y", "Location": ""}],
                "OperationTypes": [{"Operation": "query", "Type": "A"}],
            }
        ],
    }


def test_comments_stay_with_what_they_precede(call: Call) -> None:
    tree = call("graphql.parse_query", "#1\nquery { #2\n#3\n x(a: #4\n [#5\n 1]) #6\n}")
    items = [{"Name": "", "Value": value(1, "1")}]
    argument = {"Name": "a", "Value": value(8, "", Children=items, Comment=comments("#4"))}
    selection = field("x", Comment=comments("#2", "#3"), Arguments=[argument])
    assert tree["Operations"] == [
        {"Operation": "query", "Name": "", "Comment": comments("#1"), "SelectionSet": [selection]}
    ]


def test_comments_of_definitions(call: Call) -> None:
    tree = call("graphql.parse_schema", '#1\n"d" #2\ntype A { #3\n a: Int #4\n} #5')
    (a,) = tree["Definitions"]
    assert tree["Comment"] == comments("#5")
    assert (a["BeforeDescriptionComment"], a["AfterDescriptionComment"]) == (comments("#1"), comments("#2"))
    assert a["Fields"][0]["AfterDescriptionComment"] == comments("#3")
    assert a["EndOfDefinitionComment"] == comments("#4")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a:1b:-2.5e+3", [(1, "1"), (2, "-2.5e+3")]),
        ("a:true b:null c:on", [(5, "true"), (6, "null"), (7, "on")]),
        (r'a:"\"\\\/\b\f\n\r\t\u00e9"', [(3, '"\\/\b\f\n\r\té')]),
        (r'a:"\ud83d\ude00"', [(3, "\ufffd\ufffd")]),
        ('a:""b:"x"', [(3, ""), (3, "x")]),
        ('a:"""\n\n    x\n      y\r\n    z\n  """', [(4, "x\n  y\nz")]),
        ('a:"""x\n  y"""', [(4, "x\n  y")]),
        ('a:"""\t \n """', [(4, "")]),
        (r'a:"""say \""" or "" twice"""', [(4, 'say """ or "" twice')]),
        ('a:"""""""', [(4, '"')]),
        ("\ufeffa:1\ufeff", [(1, "1")]),
    ],
)
def test_values(call: Call, text: str, values: list[tuple[int, str]]) -> None:
    assert argument_values(call, text) == values


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("query", "{", "Expected Name, found <EOF> in GraphQL string at location 1:2"),
        ("query", "{a}\r\n{ a: }", "Expected Name, found } in GraphQL string at location 2:6"),
        ("query", "{}", "expected at least one definition, found } in GraphQL string at location 1:2"),
        ("query", "{a()}", "expected at least one definition, found ) in GraphQL string at location 1:4"),
        ("query", "query Q", "Expected {, found <EOF> in GraphQL string at location 1:8"),
        ("query", "fragment on on T {a}", 'Unexpected Name "on" in GraphQL string at location 1:10'),
        ("query", "fragment F T {a}", 'Expected "on", found Name "T" in GraphQL string at location 1:12'),
        ("query", "query($v: Int = $w) {a}", "Unexpected $ in GraphQL string at location 1:17"),
        ("query", "type A { a: Int }", 'Unexpected Name "type" in GraphQL string at location 1:1'),
        ("query", "{a(b: 01)}", "a number is incomplete or begins with 0 in GraphQL string at location 1:7"),
        ("query", "{a(b: 1.)}", "a number is incomplete or begins with 0 in GraphQL string at location 1:7"),
        ("query", '{a(b: "x\n")}', "no token begins in GraphQL string at location 1:7"),
        ("query", '{a(b: """x)}', "no token begins in GraphQL string at location 1:7"),
        ("query", r'{a(b: "\x")}', "no token begins in GraphQL string at location 1:7"),
        ("query", "{a ..b}", "no token begins in GraphQL string at location 1:4"),
        ("schema", "{a}", "Unexpected { in GraphQL string at location 1:1"),
        ("schema", '"d" extend type A { a: Int }', 'Unexpected Name "extend" in GraphQL string at location 1:5'),
        ("schema", "extend type A", "Unexpected <EOF> in GraphQL string at location 1:14"),
        ("schema", "extend query", 'Unexpected Name "query" in GraphQL string at location 1:8'),
        ("schema", "extend interface A implements B", 'Unexpected Name "implements"'),
        ("schema", "directive @d on FIELD | HERE", 'Unexpected Name "HERE" in GraphQL string at location 1:25'),
        ("schema", "schema {", "Unexpected <EOF> in GraphQL string at location 1:9"),
        ("schema", "schema { other: A }", 'Unexpected Name "other" in GraphQL string at location 1:10'),
    ],
)
def test_syntax_errors(call: Call, name: str, text: str, message: str) -> None:
    with pytest.raises(BuiltinError) as caught:
        call(f"graphql.parse_{name}", text)
    assert caught.value.code == "eval_builtin_error"
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    "text",
    ['{... "on" T {a}}', "{a(b:1c:2)}", "query on {on}", "", "# nothing", "fragment F($v: Int) on T {a}"],
)
def test_queries_that_only_opa_reads(call: Call, text: str) -> None:
    assert type(call("graphql.parse_query", text)) is dict


VALID = [
    "",
    "{ dog { name } }",
    "{ a: dog { name } b: dog { age } dog { __typename } __typename }",
    "query A { dog { name } } query B { dog { age } }",
    "{ pet { name ... on Dog { barks } ... on Cat { meows } } }",
    "{ either { ... on Pet { name } ... { __typename } } }",
    "{ ...F } fragment F on Query { dog { ...G } } fragment G on Dog { name }",
    "query($v: Int!) { ...F } fragment F on Query { count(n: $v) }",
    "query($v: Int = 1) { count(n: $v) }",
    "query($v: Int) { count(n: 1, by: $v) }",
    "query($v: [ID!]!) { ids(of: $v) }",
    "{ count(n: 9223372036854775807) ids(of: 5) half(x: 1, ok: true) }",
    '{ ids(of: ["a", 1]) half(x: 1.5) }',
    '{ find(where: {name: "n", inner: {name: """b"""}}, colour: RED, any: {x: [1, A]}) { age } }',
    "{ find(any: 99999999999999999999) { age } }",
    "query($v: Int!) { one(of: {a: $v}) }",
    '{ dog @tag(name: "a") @tag(name: "b") { name @include(if: true) } }',
    "query($v: Boolean!) { dog { name @skip(if: $v) } }",
    "{ pet { ... on Dog { x: barks } ... on Cat { x: meows } } }",
    "{ dog { mother { name } mother { age } } }",
    "{ dog { name(surname: true) n: name name(surname: true) } }",
    '{ find(where: {name: "a"}) { age } find(where: {name: "b"}) { age } }',
    "{ pet { ... on Dog { x: mother { ...F } } ... on Cat { x: friend { ...G } } } }"
    " fragment F on Dog { y: name } fragment G on Dog { y: name(surname: true) }",
    "query($v: Colour) { find(any: {x: $v}) { age } }",
    "{ dog { age ...F ...F ages } dog { ages } } fragment F on Dog { name }",
    "subscription { news ... { news } }",
    "subscription { ...F ...F } fragment F on Subscription { news }",
    "{ ...S } fragment S on Query { __schema { types { ...T ...T ... { name } } } }"
    " fragment T on __Type { fields { name } }",
    '{ __schema { types { fields { type { name } } } } __type(name: "A") { name } }',
]


@pytest.mark.parametrize("query", VALID)
def test_valid_queries(call: Call, query: str) -> None:
    assert call("graphql.is_valid", query, SCHEMA) is True


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ cat }", 'Cannot query field "cat" on type "Query"'),
        ("{ dog }", "must have a selection"),
        ("{ ids { a } }", "must not have a selection"),
        ("mutation { a }", "does not support operation type"),
        ("{ dog { name } } query A { dog { name } }", "anonymous operation"),
        ("query A { dog { name } } query A { dog { age } }", "only one operation"),
        ("{ ...F } fragment F on Query { __typename } fragment F on Query { __typename }", "only one fragment"),
        ("{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }", "within itself"),
        ("{ ...F }", 'Unknown fragment "F"'),
        ("{ __typename } fragment F on Query { __typename }", 'Fragment "F" is never used'),
        ("{ ... on Ship { a } }", 'Unknown type "Ship"'),
        ("{ ...F } fragment F on Colour { a }", 'condition on "Colour"'),
        ("{ ... on Where { name } }", 'condition on "Where"'),
        ("{ dog { ... on Cat { meows } } }", "can never be"),
        ("{ either { ... on Fish { fins } } }", "can never be"),
        ("{ count }", 'Argument "n" of "count" is required'),
        ("{ count(n: 1, m: 2) }", 'Unknown argument "m" of "count"'),
        ("{ count(n: 1, n: 1) }", "only one argument"),
        ("{ count(n: null) }", "found null"),
        ("{ __type(name: null) { name } }", "found null"),
        ("{ count(n: 9223372036854775808) }", "out of range"),
        ('{ count(n: "1") }', '"Int" cannot represent'),
        ("{ count(n: [1]) }", '"Int" cannot represent'),
        ("{ count(n: RED) }", '"Int" cannot represent'),
        ("{ half(x: 1e999) }", "out of range"),
        ("{ half(ok: 1) }", '"Boolean" cannot represent'),
        ("{ ids(of: [1.5]) }", '"ID" cannot represent'),
        ("{ ids(of: [null]) }", "found null"),
        ("{ find(colour: BLUE) { age } }", '"Colour" cannot represent'),
        ('{ find(colour: "RED") { age } }', '"Colour" cannot represent'),
        ("{ find(where: {}) { age } }", 'Field "Where.name" is required'),
        ('{ find(where: {name: "a", size: 1}) { age } }', 'Field "size" is not defined'),
        ('{ find(where: {name: "a", name: "b"}) { age } }', "only one input field"),
        ("{ find(where: 1) { age } }", '"Where" cannot represent'),
        ('{ find(where: {name: "a", any: 99999999999999999999}) { age } }', "out of range"),
        (
            'query($v: Any = 1e999) { find(where: {name: "a", any: $v}) { age } }',
            "out of range",
        ),
        ("{ one(of: {}) }", "exactly one member"),
        ('{ one(of: {a: 1, b: "x"}) }', "exactly one member"),
        ("{ one(of: {a: null}) }", "exactly one member"),
        ("query($v: Int) { one(of: {a: $v}) }", "must not be null"),
        ("{ count(n: $v) }", 'Variable "$v" is not defined'),
        ("query($v: Int) { __typename }", 'Variable "$v" is never used'),
        ("query($v: Int, $v: Int) { count(n: 1, by: $v) }", "only one variable"),
        ("query($v: Ship) { count(n: $v) }", 'of the type "Ship"'),
        ("query($v: Dog) { count(n: $v) }", 'of the type "Dog"'),
        ("query($v: Int) { count(n: $v) }", "another type"),
        ("query($v: Int = null) { count(n: $v) }", "another type"),
        ("query($v: [ID]) { ids(of: $v) }", "another type"),
        ("query($v: ID) { ids(of: $v) }", "another type"),
        ('query($v: Int! = "a") { count(n: $v) }', '"Int" cannot represent'),
        ("{ dog @tag { name } }", 'Argument "name" of "tag" is required'),
        ("{ dog @unknown { name } }", 'Unknown directive "@unknown"'),
        ("{ dog @deprecated { name } }", "may not be used on FIELD"),
        ("query @skip(if: true) { __typename }", "may not be used on QUERY"),
        ("{ dog @skip(if: true) @skip(if: true) { name } }", "only be used once"),
        ("{ x: dog { name } x: pet { name } }", "different fields"),
        ("{ dog { name name(surname: true) } }", "differing arguments"),
        ("{ pet { ... on Dog { age } ... on Cat { age } } }", "conflicting types"),
        ("{ dog { name ...F } } fragment F on Dog { name: age }", "different fields"),
        ("{ dog { ...F ...G } } fragment F on Dog { x: age } fragment G on Dog { x: name }", "different fields"),
        ("{ dog { mother { x: age } ...F } } fragment F on Dog { mother { x: name } }", "different fields"),
        (
            "{ dog { ...F ...G } } fragment F on Dog { ...H } fragment G on Dog { x: age }"
            " fragment H on Dog { x: name }",
            "different fields",
        ),
        (
            "{ dog { ...F ...G } } fragment F on Dog { x: age } fragment G on Dog { ...H }"
            " fragment H on Dog { x: name }",
            "different fields",
        ),
        (
            "{ dog { mother { ...F } ...G } } fragment F on Dog { x: age } fragment G on Dog { mother { ...H } }"
            " fragment H on Dog { x: name }",
            "different fields",
        ),
        (
            "{ pet { ... on Dog { x: mother { ...F } } ... on Cat { x: friend { ...G } } } }"
            " fragment F on Dog { y: name } fragment G on Dog { y: barks }",
            "conflicting types",
        ),
        ("{ pet { ... on Dog { x: ages } ... on Cat { x: age } } }", "conflicting types"),
        ("subscription { news other }", "only one top level field"),
        ("subscription { ...F } fragment F on Subscription { news other }", "only one top level field"),
        ("subscription { __typename }", "introspection"),
        ("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", "introspection depth"),
        (
            "{ __schema { types { ...T } } } fragment T on __Type { fields { type { ...U } } }"
            " fragment U on __Type { interfaces { possibleTypes { name } } }",
            "introspection depth",
        ),
        ("{", "Expected Name"),
    ],
)
def test_queries_that_are_not_valid(call: Call, query: str, message: str) -> None:
    with pytest.raises(BuiltinError) as caught:
        call("graphql.parse", query, SCHEMA)
    assert message in caught.value.message
    assert call("graphql.is_valid", query, SCHEMA) is False
    assert call("graphql.parse_and_verify", query, SCHEMA) == [False, {}, {}]


@pytest.mark.parametrize(
    "schema",
    [
        "",
        "extend type A { a: Int }",
        "union U",
        "scalar A extend scalar A @specifiedBy(url: 1)",
        "directive @skip on FIELD directive @skip on FIELD",
        "directive @d repeatable on OBJECT type A @d @d { a: Int }",
        "directive @d on OBJECT type A @d { a: Int } extend type A @d { b: Int }",
        "interface I { a: A } type A implements I { a: A! b(x: Int): Int }",
        "interface I { a: U } union U = A type A implements I { a: A }",
        "interface I { a(x: Int!): [I] } type A implements I { a(x: Int!, y: Int! = 1): [A!]! }",
        "interface I { a: Int } interface J implements I { a: Int } type A implements I & J { a: Int }",
        "input A { a: Int = RED } type B { a(x: Int x: String): Int }",
        "extend type __Type { more: Int }",
        "type A { a: Int @deprecated } schema { query: A } extend schema { mutation: A }",
    ],
)
def test_valid_schemas(call: Call, schema: str) -> None:
    assert call("graphql.schema_is_valid", schema) is True


@pytest.mark.parametrize(
    "schema",
    [
        "type A",
        "type A {",
        "type A { a: B }",
        "type A { a: Int a: Int }",
        "type A { __a: Int }",
        "type __A { a: Int }",
        "type A { a: Int } type A { b: Int }",
        "type A { a: Int } extend union A = A",
        "type A { a(b: A): Int }",
        "type A { a(b: B): Int }",
        "type A { a: B } input B { a: Int }",
        "input A { a: B } type B { a: Int }",
        "input A",
        "enum A",
        "enum A { a a }",
        "enum A { true }",
        "union U = A",
        "union U = Int",
        "union U = A | A type A { a: Int }",
        "scalar Int",
        "scalar A @d",
        "scalar A @specifiedBy",
        'scalar A @specifiedBy(url: "a", more: 1)',
        "scalar A @specifiedBy(url: null)",
        "type A { a: Int @deprecated @deprecated }",
        "type A @deprecated { a: Int }",
        "enum E { a @d }",
        "directive @d on FIELD directive @d on FIELD",
        "directive @__d on FIELD",
        "directive @d(a: Int @d) on ARGUMENT_DEFINITION",
        "type A implements B { a: Int }",
        "type A implements B { a: Int } type B { a: Int }",
        "interface I { a: Int } type A implements I { b: Int }",
        "interface I { a: Int! } type A implements I { a: Int }",
        "interface I { a: [Int] } type A implements I { a: Int }",
        "interface I { a(x: Int): Int } type A implements I { a: Int }",
        "interface I { a(x: Int): Int } type A implements I { a(x: Int!): Int }",
        "interface I { a: Int } type A implements I { a(x: Int!): Int }",
        "interface I { a(x: [[Int]]): Int } type A implements I { a(x: [Int]): Int }",
        "interface I { a(x: [Int]): Int } type A implements I { a(x: Int): Int }",
        "interface I { a: Int } interface J implements I { a: Int } type A implements J { a: Int }",
        "schema { query: A }",
        "type A { a: Int } schema { query: A } schema { query: A }",
    ],
)
def test_schemas_that_are_not_valid(call: Call, schema: str) -> None:
    assert call("graphql.schema_is_valid", schema) is False


def test_parsing_gives_both_trees(call: Call) -> None:
    query, schema = "{ dog { name } }", SCHEMA
    trees = [call("graphql.parse_query", query), call("graphql.parse_schema", schema)]
    assert call("graphql.parse", query, schema) == trees
    assert call("graphql.parse_and_verify", query, schema) == [True, *trees]


@pytest.mark.parametrize(
    ("schema", "query", "valid"),
    [
        ("type A { a: Int }", "{ __typename }", False),
        ("type A { a: Int } schema { mutation: A }", "mutation { a }", True),
        ("type A { a: Int } extend schema { query: A }", "{ a }", True),
        ("type Query { b: Int } type A { a: Int } schema { query: A }", "{ b }", False),
        ("input Query { a: Int } type A { a: Int }", "{ a ... on A { a } }", True),
        ("enum A { B } schema { query: A }", "{ __typename }", True),
    ],
)
def test_roots(call: Call, schema: str, query: str, valid: bool) -> None:
    assert call("graphql.is_valid", query, schema) is valid


def test_a_schema_is_read_once_in_an_evaluation() -> None:
    ctx = Context()
    assert resolve("graphql.schema_is_valid")(ctx, SCHEMA) is True
    before = ctx.budget.steps
    assert resolve("graphql.is_valid")(ctx, "{ dog { name } }", SCHEMA) is True
    assert before - ctx.budget.steps < 1_000


def test_trees_stand_for_their_text(call: Call) -> None:
    query, schema = call("graphql.parse", 'query($v: Int!) { count(n: $v) find(where: {name: "a"}) { age } }', SCHEMA)
    assert call("graphql.parse_and_verify", query, schema) == [True, query, schema]
    assert call("graphql.schema_is_valid", schema) is True


def test_fragments_do_not_survive_in_trees(call: Call) -> None:
    tree = call("graphql.parse_query", "{ ...F } fragment F on Query { __typename }")
    assert call("graphql.is_valid", tree, SCHEMA) is False


@pytest.mark.parametrize(
    ("tree", "selections"),
    [
        ({"SelectionSet": [{"Name": "__typename", "Comment": comments("#")}]}, [{"Alias": "", "Name": "__typename"}]),
        ({"SelectionSet": RegoSet.of([{"Name": "__typename"}])}, [{"Alias": "", "Name": "__typename"}]),
        (
            {"SelectionSet": [{"Name": "__typename", "unknown": 1}, {"Name": 1}, 7]},
            [{"Alias": "", "Name": "__typename"}, {"TypeCondition": ""}],
        ),
        ({"SelectionSet": [{"name": "__typename", "TypeCondition": 1}]}, None),
        ({"SelectionSet": None}, []),
        ({"SelectionSet": {}}, None),
    ],
)
def test_selections_in_trees(call: Call, tree: dict[str, Any], selections: list[Any] | None) -> None:
    verdict, query, _ = call("graphql.parse_and_verify", {"operations": [tree]}, SCHEMA)
    assert verdict is (selections is not None)
    if verdict:
        expected = {"Name": "", "Operation": ""} | ({"SelectionSet": selections} if selections else {})
        assert query == {"Operations": [expected]}


@pytest.mark.parametrize(
    "operation",
    [
        {"Name": 1},
        {"Operation": "other"},
        {"VariableDefinitions": [{"Variable": "v", "Used": True}]},
        {"VariableDefinitions": [{"Variable": "v", "Used": 1}]},
        {"SelectionSet": [{"Name": "count", "Arguments": [{"Name": "n"}]}]},
        {"SelectionSet": [{"Name": "count", "Arguments": [{"Name": "n", "Value": {"Kind": 1}}]}]},
        {"SelectionSet": [{"Name": "count", "Arguments": [{"Name": "n", "Value": {"Kind": 42}}]}]},
        {"SelectionSet": [{"Name": "count", "Arguments": [{"Name": "n", "Value": {"Kind": 1.0, "Raw": "1"}}]}]},
        {"SelectionSet": [{"Name": "__typename", "Directives": [{"Name": "deprecated"}]}]},
        1,
    ],
)
def test_broken_trees_are_not_valid(call: Call, operation: Any) -> None:
    assert call("graphql.is_valid", {"Operations": [operation]}, SCHEMA) is False


def test_a_used_variable_may_be_said_to_be_used(call: Call) -> None:
    variable = {"Variable": "v", "Type": {"NamedType": "Int"}, "Used": True}
    tree = {"Operations": [{"VariableDefinitions": [variable]}]}
    assert call("graphql.is_valid", tree, SCHEMA) is True


@pytest.mark.parametrize(
    "argument",
    [
        {"Name": "n", "name": "n"},
        None,
        {"Value": {"Definition": {}}},
        {"Value": {"ExpectedTypeHasDefault": True}},
    ],
)
def test_trees_whose_meaning_is_unclear_are_refused(call: Call, argument: Any) -> None:
    tree = {"Operations": [{"SelectionSet": [{"Name": "count", "Arguments": [argument]}]}]}
    with pytest.raises(EvaluationError) as caught:
        call("graphql.is_valid", tree, SCHEMA)
    assert not isinstance(caught.value, BuiltinError)


@pytest.mark.parametrize("operand", [1, None, ["{a}"]])
def test_types_of_operands(call: Call, operand: Any) -> None:
    assert call("graphql.is_valid", operand, SCHEMA) is False
    assert call("graphql.is_valid", "{dog{name}}", operand) is False
    assert call("graphql.schema_is_valid", operand) is False
    assert call("graphql.parse_and_verify", operand, SCHEMA) == [False, {}, {}]
    for name, operands in (("parse", (operand, SCHEMA)), ("parse_query", (operand,)), ("parse_schema", (operand,))):
        with pytest.raises(BuiltinError) as caught:
            call(f"graphql.{name}", *operands)
        assert caught.value.code == "eval_type_error"


@pytest.mark.parametrize(
    "text",
    ["{a" * MAX_DEPTH + "{a}" + "}" * MAX_DEPTH, "{a(b: " + "[" * 10_000, "{a(b: " + "{a: " * 10_000],
)
def test_nesting_is_bounded(call: Call, text: str) -> None:
    with pytest.raises(BudgetError, match="nested too deeply"):
        call("graphql.parse_query", text)


def test_types_nest_no_deeper_than_values(call: Call) -> None:
    with pytest.raises(BudgetError, match="nested too deeply"):
        call("graphql.schema_is_valid", "type A { a: " + "[" * 10_000)


def test_fragments_nest_no_deeper_than_selections(call: Call) -> None:
    chain = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(500))
    with pytest.raises(BudgetError, match="nested too deeply"):
        call("graphql.is_valid", "{ ...F0 } fragment F500 on Query { __typename } " + chain, SCHEMA)
    cycle = chain + " fragment F500 on Query { ...F0 }"
    assert call("graphql.is_valid", "{ ...F0 } " + cycle, SCHEMA) is False


def test_fragments_nest_even_where_they_were_visited_before(call: Call) -> None:
    chain = " ".join(f"fragment F{n} on Dog {{ ...F{min(n + 30, 300)} mother {{ ...F{n + 1} }} }}" for n in range(300))
    query = "{ dog { ...F300 ...F270 ...F0 } } fragment F300 on Dog { age } " + chain
    with pytest.raises(BudgetError, match="nested too deeply"):
        call("graphql.is_valid", query, SCHEMA)
    inner = "mother {" * 40 + "age" + "}" * 40
    query = "{ dog { " + inner.replace("age", "...F") + " } } fragment F on Dog { " + inner + " }"
    with pytest.raises(BudgetError, match="nested too deeply"):
        call("graphql.is_valid", query, SCHEMA)


def test_trees_nest_no_deeper_either(call: Call) -> None:
    tree: dict[str, Any] = {"Name": "a"}
    for _ in range(150):
        tree = {"Name": "a", "SelectionSet": [tree]}
    with pytest.raises(BudgetError, match="nested too deeply"):
        call("graphql.is_valid", {"Operations": [tree]}, SCHEMA)


@pytest.mark.parametrize(
    "query",
    [
        "{" + "dog " * 200 + "}",
        "{dog{" + "age " * 100 + "}}",
        "{" + " " * 9000 + "}",
        "#\n" * 200,
    ],
)
def test_work_is_paid_for(poor_call: Call, query: str) -> None:
    with pytest.raises(BudgetError):
        poor_call("graphql.is_valid", query, "type Query { dog: Dog } type Dog { age: Int }")


def test_fragments_that_double_at_every_step_are_compared_once(call: Call) -> None:
    step = "fragment F{n} on Dog {{ mother {{ ...F{m} }} x: mother {{ ...F{m} ...F{m} }} }}"
    fragments = " ".join(step.format(n=n, m=n + 1) for n in range(24))
    query = "{ dog { ...F0 } } fragment F24 on Dog { age } " + fragments
    assert call("graphql.is_valid", query, SCHEMA) is True
