"""What is known of an expression before it is evaluated: constants, and literals that cannot be what they are used as.

cel-go makes lists, maps and conversions of constants once, when it plans; then they cost nothing.
"""

from __future__ import annotations

from typing import Any, Final

from gateproof.cel import calls
from gateproof.cel.checker import Checked
from gateproof.cel.errors import EvaluationError
from gateproof.cel.lexer import Source
from gateproof.cel.runtime import entry
from gateproof.cel.syntax import Call, Ident, ListOf, Literal, MapOf, Node, Select, children
from gateproof.cel.values import TypeValue, Value

_CONVERSIONS: Final = frozenset(
    {"bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"}
)
_PATTERNS: Final = frozenset({"matches", "find", "findAll"})

Constants = dict[Node, Value]


def fold(tree: Node, checked: Checked, source: Source) -> Constants:
    """The nodes that are constant, with their values. Literals that are wrong are reported to ``source``."""
    found: Constants = {}
    waiting = [tree]
    order: list[Node] = []
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting += children(node)
    for node in reversed(order):
        try:
            _fold(node, checked, found)
        except EvaluationError as error:
            source.report(node.at, error.message)
    return found


def _fold(node: Node, checked: Checked, found: Constants) -> None:
    """Add ``node`` where it is constant, as its parts that are were added."""
    match node:
        case Literal(value=value):
            found[node] = value
        case Ident() | Select() if node in checked.type_names:
            found[node] = TypeValue(checked.type_names[node])
        case ListOf(items=items) if all(item in found and not optional for item, optional in items):
            found[node] = [found[item] for item, _ in items]
        case MapOf(entries=entries) if all(k in found and v in found and not optional for k, v, optional in entries):
            made: dict[Any, Value] = {}
            for key, member, _ in entries:
                entry(made, found[key], found[member])
            found[node] = made
        case Call():
            _fold_call(node, checked, found)


def _fold_call(node: Call, checked: Checked, found: Constants) -> None:
    resolved = checked.calls[node]
    args = [found[arg] for arg in resolved.args if arg in found]
    if resolved.function in _CONVERSIONS and len(args) == len(resolved.args) == 1 and resolved.overloads:
        found[node] = calls.apply(resolved, args)
    elif resolved.function == "format" and node.target in found and isinstance(node.args[0], ListOf):
        from gateproof.cel.library import formatting

        formatting.check(found[node.target], [checked.types[item].name for item, _ in node.args[0].items])
    elif resolved.function in _PATTERNS and resolved.overloads and resolved.args[1] in found:
        from gateproof.cel.library import regexes

        if type(pattern := found[resolved.args[1]]) is str:
            regexes.pattern(pattern)
