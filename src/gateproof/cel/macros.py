"""Macros: calls that stand for more than a call."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from gateproof.cel.lexer import Source
from gateproof.cel.syntax import Bind, Call, Comprehension, Ident, Node, Select, SortBy, Unwrap

_Expander = Callable[[Call, Source], Node]


def expand(call: Call, libraries: Collection[str], source: Source) -> Node:
    """``call``, or what it stands for where it is a macro of ``libraries``. Problems are reported to ``source``."""
    key = (call.function, len(call.args), call.target is not None)
    library, expander = _MACROS.get(key, ("", None))
    if expander is None or library not in libraries:
        return call
    if call.function == "bind" and not (isinstance(call.target, Ident) and call.target.name == "cel"):
        return call
    return expander(call, source)


def _has(call: Call, source: Source) -> Node:
    operand = call.args[0]
    if isinstance(operand, Select) and not operand.test and not operand.optional:
        return Select(operand.operand, operand.field, call.at, test=True)
    source.report(operand.at, "has() needs a field, such as has(object.spec)")
    return call


def _variable(node: Node, source: Source) -> str:
    """The name of the variable that ``node`` introduces."""
    if isinstance(node, Ident) and not node.rooted and not node.name.startswith("__result__"):
        return node.name
    source.report(node.at, "expected the name of a variable")
    return "_"


def _one(macro: str, *, test: int | None = None, result: int | None = None) -> _Expander:
    """A macro of one variable; ``test`` and ``result`` are the numbers of their arguments."""
    return _comprehension(macro, 1, test, result)


def _two(macro: str, *, test: int | None = None, result: int | None = None) -> _Expander:
    """A macro of two variables."""
    return _comprehension(macro, 2, test, result)


def _comprehension(macro: str, variables: int, test: int | None, result: int | None) -> _Expander:
    def expander(call: Call, source: Source) -> Node:
        names = tuple(_variable(arg, source) for arg in call.args[:variables])
        if variables == 2 and names[0] == names[1]:
            source.report(call.args[1].at, "the two variables have the same name")
        part = call.args.__getitem__
        return Comprehension(
            macro,
            call.target if call.target is not None else call,
            names,
            part(test) if test is not None else None,
            part(result) if result is not None else None,
            call.at,
        )

    return expander


def _bind(call: Call, source: Source) -> Node:
    name, value, body = call.args
    return Bind(_variable(name, source), value, body, call.at)


def _unwrap(call: Call, source: Source) -> Node:
    name, body = call.args
    target = call.target if call.target is not None else call
    return Unwrap(target, _variable(name, source), body, call.at, flat=call.function == "optFlatMap")


def _sort_by(call: Call, source: Source) -> Node:
    name, key = call.args
    return SortBy(call.target if call.target is not None else call, _variable(name, source), key, call.at)


_MACROS: Final[dict[tuple[str, int, bool], tuple[str, _Expander]]] = {
    ("has", 1, False): ("standard", _has),
    ("all", 2, True): ("standard", _one("all", test=1)),
    ("exists", 2, True): ("standard", _one("exists", test=1)),
    ("exists_one", 2, True): ("standard", _one("exists_one", test=1)),
    ("existsOne", 2, True): ("standard", _one("exists_one", test=1)),
    ("filter", 2, True): ("standard", _one("filter", test=1)),
    ("map", 2, True): ("standard", _one("map", result=1)),
    ("map", 3, True): ("standard", _one("map", test=1, result=2)),
    ("all", 3, True): ("comprehensions", _two("all", test=2)),
    ("exists", 3, True): ("comprehensions", _two("exists", test=2)),
    ("exists_one", 3, True): ("comprehensions", _two("exists_one", test=2)),
    ("existsOne", 3, True): ("comprehensions", _two("exists_one", test=2)),
    ("transformList", 3, True): ("comprehensions", _two("transformList", result=2)),
    ("transformList", 4, True): ("comprehensions", _two("transformList", test=2, result=3)),
    ("transformMap", 3, True): ("comprehensions", _two("transformMap", result=2)),
    ("transformMap", 4, True): ("comprehensions", _two("transformMap", test=2, result=3)),
    ("transformMapEntry", 3, True): ("comprehensions", _two("transformMapEntry", result=2)),
    ("transformMapEntry", 4, True): ("comprehensions", _two("transformMapEntry", test=2, result=3)),
    ("bind", 3, True): ("bindings", _bind),
    ("optMap", 2, True): ("optional", _unwrap),
    ("optFlatMap", 2, True): ("optional", _unwrap),
    ("sortBy", 2, True): ("lists", _sort_by),
}
