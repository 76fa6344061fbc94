"""GraphQL documents of any shape end in a verdict, and a tree is judged as its text is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateproof.rego.builtins.graphql import (
    graphql_is_valid,
    graphql_parse_query,
    graphql_parse_schema,
    graphql_schema_is_valid,
)
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError

KEYWORDS = ["query", "mutation", "fragment", "on", "schema", "directive", "extend", "implements", "repeatable"]
KINDS = ["type", "interface", "union", "enum", "input", "scalar"]
NAMES = ["A", "B", "a", "b", "Int", "String", "FIELD", "true", "null", "__typename"]
PIECES = ["...", "1", "-2.5", '"s"', '"""b"""', '"', "\\", "#", "\n", "\ufeff", ",", "@skip", *"!$&():=@[]{}|"]
TEXT = st.lists(st.sampled_from([*KEYWORDS, *KINDS, *NAMES, *PIECES]), max_size=40).map(" ".join)
SCHEMA = "type Query { a(x: Int, y: [String!]): Int b: Query c(x: Int!): [Query] }"
VALUE = st.sampled_from(["1", "null", "$v", '"s"', "[]", '["s"]', "A", "1.5"])
ARGUMENT = st.builds("{}: {}".format, st.sampled_from("xyz"), VALUE)
ARGUMENTS = st.one_of(st.just(""), st.lists(ARGUMENT, min_size=1, max_size=2).map(lambda each: f"({' '.join(each)})"))
FIELD = st.builds("{}{}{}".format, st.sampled_from(["", "d: ", "e: "]), st.sampled_from("abc"), ARGUMENTS)
SELECTIONS = st.recursive(
    st.lists(FIELD, min_size=1, max_size=3).map(" ".join),
    lambda inner: st.lists(st.builds("{} {{ {} }}".format, FIELD, inner), min_size=1, max_size=3).map(" ".join),
    max_leaves=6,
)


@settings(deadline=None)
@given(TEXT)
def test_any_text_has_a_verdict(text: str) -> None:
    assert graphql_is_valid(Context(), text, SCHEMA) in (True, False)
    try:
        schema = graphql_parse_schema(Context(), text)
    except BuiltinError:
        assert graphql_schema_is_valid(Context(), text) is False
    else:
        assert graphql_schema_is_valid(Context(), schema) is graphql_schema_is_valid(Context(), text)


@settings(deadline=None)
@given(SELECTIONS, st.sampled_from(["", "query", "query($v: Int)", "query($v: Int!)", "query($v: [String!] = [])"]))
def test_a_tree_is_judged_as_its_text(selections: str, operation: str) -> None:
    query = f"{operation} {{ {selections} }}"
    tree, schema = graphql_parse_query(Context(), query), graphql_parse_schema(Context(), SCHEMA)
    assert graphql_is_valid(Context(), tree, schema) is graphql_is_valid(Context(), query, SCHEMA)
