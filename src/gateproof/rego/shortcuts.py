"""What operators and builtins come to for the types that their operands nearly always have: Python's own, uncalled.

Each gives the expression of a call, preceded by a shorter one and the test of types under which both are the same. What
is cut short does no work that grows with its operands, so that it is part of the step that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from gateproof.compiler import ir
from gateproof.rego.emitter import CTX

COMPARISONS = {"lt": "less", "lte": "at_most", "gt": "greater", "gte": "at_least"}
ARITHMETIC = frozenset({"plus", "minus", "mul", "div", "rem", "and", "or"})
TEXTS = frozenset({"concat", "lower", "replace", "sprintf", "substring", "trim", "trim_prefix", "trim_suffix", "upper"})
"""Builtins that give strings and nothing else."""

_SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "plus": "+", "minus": "-"}
_KINDS = {"is_array": "list", "is_boolean": "bool", "is_object": "dict", "is_string": "str"}
_PLACES = re.compile("%[sv]")
_SHORT = 1024
"""Characters of a text that can be compared within a step."""
_MOST_PLACES = 8
"""Strings that are put into one before anybody asks how long that is."""


def when(kinds: Sequence[tuple[ir.Expr, str]], quick: ir.Expr, call: ir.Expr) -> ir.Expr:
    """``quick`` where all names among the values are of their kinds, else ``call``; constants must be already."""
    tests: list[ir.Expr] = [ir.IsKind(value, kind) for value, kind in kinds if isinstance(value, ir.Name)]
    if not tests:
        return quick
    return ir.When(tests[0] if len(tests) == 1 else ir.All(tests), quick, call)


def operator(name: str, left: ir.Expr, right: ir.Expr, call: ir.Expr) -> ir.Expr:
    """A comparison, a sum or a difference: at once where it is one of integers."""
    if name in _SIGNS and _may_be_integer(left) and _may_be_integer(right):
        return when([(left, "int"), (right, "int")], ir.Infix(left, _SIGNS[name], right), call)
    return call


def equality(left: ir.Expr, right: ir.Expr, call: ir.Expr) -> ir.Expr:
    """``left == right``: Python's is Rego's where one of them is a string, or both are integers."""
    if not isinstance(left, ir.Name):
        return call
    if isinstance(right, ir.Const) and not isinstance(right.value, (int, float)):
        return ir.Is(left, right) if right.value is None else ir.Same(left, right)
    if isinstance(right, ir.Const) and isinstance(right.value, bool):
        return ir.Is(left, right)
    if isinstance(right, ir.Const) and type(right.value) is int:
        return when([(left, "int")], ir.Same(left, right), call)
    return ir.When(_is_short(left), ir.Same(left, right), call) if isinstance(right, ir.Name) else call


def builtin(name: str, args: Sequence[ir.Expr], call: ir.Expr) -> ir.Expr:
    """A call of the builtin ``name``; one that `with` may replace has no shorter one."""
    if not isinstance(call, ir.Call) or not call.function.startswith("builtin_"):
        return call
    match name, args:
        case "count", [ir.Name() as value]:
            return when([(value, "list")], ir.Call("len", [value]), call)
        case (("startswith" | "endswith"), [ir.Name() as value, ir.Const(str()) as part]):
            return when([(value, "str")], ir.Method(value, name, [part]), call)
        case (("startswith" | "endswith"), [ir.Name() as value, ir.Name() as part]):
            test = ir.All([ir.IsKind(value, "str"), _is_short(part)])
            return ir.When(test, ir.Method(value, name, [part]), call)
        case "object.get", [ir.Name() as value, part, default] if _may_be_text(part):
            path = ir.Call("picked", [CTX, value, part, default, ir.Name(call.function)])
            quick = ir.Method(value, "get", [part, default])
            return when([(value, "dict"), (part, "str")], quick, path if isinstance(part, ir.Name) else call)
        case "array.concat", [left, right]:
            return ir.Call("chained", [CTX, left, right, ir.Name(call.function)])
        case (("is_array" | "is_boolean" | "is_object" | "is_string"), [ir.Name() as value]):
            return ir.IsKind(value, _KINDS[name])
    return call


def membership(value: ir.Expr, collection: ir.Expr, call: ir.Expr, *, is_set: bool) -> ir.Expr:
    """``value in collection``: at once where a string is looked for in a set. ``is_set``: it is known to be one."""
    if not _may_be_text(value) or not isinstance(collection, ir.Name):
        return call
    kinds = [(value, "str")] if is_set else [(value, "str"), (collection, "rego_set")]
    return when(kinds, ir.Among(value, collection), call)


def lookup(value: ir.Expr, index: ir.Expr, undefined: ir.Expr, call: ir.Expr) -> ir.Expr:
    """``value[index]``."""
    if isinstance(value, ir.Name) and isinstance(index, ir.Const) and type(index.value) is int and index.value >= 0:
        there = ir.All([ir.IsKind(value, "list"), ir.Infix(ir.Call("len", [value]), ">", index)])
        return ir.When(there, ir.Item(value, index.value), call)
    if isinstance(value, ir.Name) and isinstance(index, ir.Name):
        return when([(value, "dict"), (index, "str")], ir.Method(value, "get", [index, undefined]), call)
    return call


def formatted(form: ir.Expr, parts: Sequence[ir.Expr], texts: Collection[str], call: ir.Expr) -> ir.Expr:
    """``sprintf`` of a constant template with a ``%s`` or ``%v`` for each value and nothing else.

    ``texts`` are known strings. Where there is no ``%s``, which takes nothing else, the result is always defined.
    """
    template = form.value if isinstance(form, ir.Const) else None
    if type(template) is not str or not 0 < len(parts) <= _MOST_PLACES:
        return call
    pieces = _PLACES.split(template)
    if len(pieces) != len(parts) + 1 or template.count("%") != len(parts):
        return call
    whole: list[ir.Expr] = [ir.Const(pieces[0])]
    strings: list[tuple[ir.Expr, str]] = []
    for part, place, piece in zip(parts, _PLACES.findall(template), pieces[1:], strict=True):
        if not _may_be_text(part):
            return call
        known = isinstance(part, ir.Const) or (isinstance(part, ir.Name) and part.id in texts)
        if place == "%s" and not known:
            strings.append((part, "str"))
        elif not known:
            part = when([(part, "str")], part, ir.Call("shown", [CTX, part]))
        whole += (part, ir.Const(piece))
    return when(strings, ir.Call("written", [CTX, ir.Text(whole)]), call)


def _is_short(value: ir.Name) -> ir.Expr:
    """Whether ``value`` is a short text."""
    return ir.All([ir.IsKind(value, "str"), ir.Infix(ir.Call("len", [value]), "<", ir.Const(_SHORT))])


def _may_be_integer(value: ir.Expr) -> bool:
    return isinstance(value, ir.Name) or (isinstance(value, ir.Const) and type(value.value) is int)


def _may_be_text(value: ir.Expr) -> bool:
    return isinstance(value, ir.Name) or (isinstance(value, ir.Const) and type(value.value) is str)
