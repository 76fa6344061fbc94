"""GraphQL: ``graphql.parse``, ``graphql.is_valid`` and their relatives.

Documents are read and judged by the rules of the parser that OPA uses, which differ from the specification
(https://spec.graphql.org/October2021/) in places; the modules beside this one say where. Nothing beyond the standard
library is needed. Operands are texts, or syntax trees (:mod:`~gateproof.rego.builtins.graphql.nodes`).
"""

from __future__ import annotations

from typing import Any

from gateproof.rego.builtins.graphql.nodes import Node
from gateproof.rego.builtins.graphql.query_parser import QueryParser
from gateproof.rego.builtins.graphql.schema import Schema
from gateproof.rego.builtins.graphql.schema_parser import SchemaParser
from gateproof.rego.builtins.graphql.tree_reader import read_tree
from gateproof.rego.builtins.graphql.validation import validate
from gateproof.rego.builtins.operands import string, wrong_type
from gateproof.rego.builtins.quoting import well_formed
from gateproof.rego.builtins.sizes import charge_for
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value, to_json

_TREE_OF = {QueryParser: "QueryDocument", SchemaParser: "SchemaDocument"}


def graphql_parse_query(ctx: Context, query: Value) -> Node:
    """The syntax tree of a query."""
    return _parse(ctx, string(query, 1), QueryParser)


def graphql_parse_schema(ctx: Context, schema: Value) -> Node:
    """The syntax tree of a schema, of which only the grammar is checked."""
    return _parse(ctx, string(schema, 1), SchemaParser)


def graphql_parse(ctx: Context, query: Value, schema: Value) -> list[Value]:
    """The syntax trees of a query and of the schema for which it is valid."""
    document = _document(ctx, query, QueryParser, 0)
    schema_document, checked = _schema(ctx, schema, 1)
    validate(checked, document, ctx.spend)
    return [document, schema_document]


def graphql_parse_and_verify(ctx: Context, query: Value, schema: Value) -> list[Value]:
    """The same after true; ``[false, {}, {}]`` for a query that is not valid."""
    try:
        return [True, *graphql_parse(ctx, query, schema)]
    except BuiltinError:
        return [False, {}, {}]


def graphql_is_valid(ctx: Context, query: Value, schema: Value) -> bool:
    """Whether a query is valid for a schema."""
    try:
        graphql_parse(ctx, query, schema)
    except BuiltinError:
        return False
    return True


def graphql_schema_is_valid(ctx: Context, schema: Value) -> bool:
    """Whether a schema is valid."""
    try:
        _schema(ctx, schema, 0)
    except BuiltinError:
        return False
    return True


def _schema(ctx: Context, operand: Value, position: int) -> tuple[Node, Schema]:
    """The tree of a schema and its types; a text is looked at once in an evaluation."""
    remembered: tuple[Node, Schema] | None = None
    if type(operand) is str:
        remembered = ctx.cache.get((Schema, operand))
    if remembered is None:
        document = _document(ctx, operand, SchemaParser, position)
        remembered = document, Schema(document, ctx.spend)
        if type(operand) is str:
            ctx.cache[Schema, operand] = remembered
    return remembered


def _document(ctx: Context, operand: Value, parser: type[Any], position: int) -> Node:
    if type(operand) is str:
        return _parse(ctx, operand, parser)
    if type(operand) is not dict:
        raise wrong_type(position, operand, "string", "object")
    charge_for(ctx, operand)
    return read_tree(to_json(operand), _TREE_OF[parser], ctx.spend)


def _parse(ctx: Context, text: str, parser: type[Any]) -> Node:
    ctx.check_size(len(text))
    ctx.spend(len(text) // 4)
    tree: Node = parser(well_formed(text), ctx.spend).document()
    return tree
