"""What a call costs, as Kubernetes counts it: cel-go's model and what the API server's libraries add to it."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Final

from gateproof.cel.budget import check_members
from gateproof.cel.checker import Resolved
from gateproof.cel.operators import CALL_COST as _CALL
from gateproof.cel.operators import LIST_COST as _LIST
from gateproof.cel.operators import extent, self_comparison, size_of
from gateproof.cel.values import Value, unkey

Cost = Callable[[tuple[Value, ...], Value], int]
"""From operands and result to units."""
Work = Callable[[tuple[Value, ...]], int]
"""From operands to members that are looked at."""


def rule(call: Resolved) -> Cost:
    """The rule for a call."""
    if len(call.overloads) == 1:
        signature = call.overloads[0].signature
        if call.function == "matches" and not signature.member:
            return _one  # only the method is known to be costly
        if signature.params and (call.function, signature.params[-1].name) in _BY_TYPE:
            return _BY_TYPE[call.function, signature.params[-1].name]
        if call.function in _OF_KNOWN_TYPE:
            return _OF_KNOWN_TYPE[call.function]
    return _RULES.get(call.function, _one)


def is_of_result(cost: Cost) -> bool:
    """Whether a rule needs the result; others charge before it is made."""
    return cost in (_joined, _made)


def work(function: str) -> Work | None:
    """What a function does that no rule counts: comparing values that may be large with others."""
    return _WORK.get(function)


def _one(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return 1


def _tenth(size: float) -> int:
    """A tenth, upwards: of a traversal of a string."""
    return ceil(size * 0.1)


def _scan(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _tenth(size_of(args[0]))


def _scan_and_make(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return ceil(size_of(args[0]) * 2 * 0.1)


def _joined(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return ceil(size_of(result) * 2 * 0.1)


def _product(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _tenth(size_of(args[0])) * _tenth(size_of(args[1]))


def _regex(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _tenth(1 + size_of(args[0])) * ceil(size_of(args[1]) * 0.25)


def _validated(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _tenth(1 + size_of(args[1])) * ceil(int(args[0].pattern_size) * 0.25)


def _traversed(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _traversal(args[0])


def _traversal(value: Value) -> int:
    """What looking at all of ``value`` costs."""
    cost = 0
    check_members(extent(value))
    waiting = [value]
    while waiting:
        each = waiting.pop()
        kind = type(each)
        if kind is str:
            cost += int(len(each.encode("utf-8", "surrogatepass")) * 0.1)
        elif kind is bytes:
            cost += int(len(each) * 0.1)
        elif kind is list:
            waiting += each
        elif kind is dict:
            waiting += map(unkey, each)
            waiting += each.values()
        else:
            cost += 1
    return cost


def _made(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return size_of(result) + _CALL + _LIST


def _flattened(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    depth = args[1] if len(args) == 2 else 1
    return size_of(args[0]) * depth + _CALL + _LIST


def _compared(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return self_comparison(args[0])


def _sets(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _CALL + size_of(args[0]) * size_of(args[1])


def _sets_twice(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _CALL + 2 * size_of(args[0]) * size_of(args[1])


def _contains_ip(args: tuple[Value, ...], result: Value) -> int:  # noqa: ARG001 - a rule
    return _tenth(2 * size_of(args[0]))


def _contains_cidr(args: tuple[Value, ...], result: Value) -> int:
    return _contains_ip(args, result) + _tenth(size_of(args[0])) + 1


def _parsing(rule: Cost) -> Cost:
    """``rule`` for an operand that is known to be a string, which has to be read."""
    return lambda args, result: rule(args, result) + _tenth(size_of(args[1]))


_RULES: Final[dict[str, Cost]] = {
    **dict.fromkeys(("startsWith", "endsWith", "strings.quote", "format"), _scan),
    **dict.fromkeys(("url", "lowerAscii", "upperAscii", "substring", "trim", "cidr", "isIP", "isCIDR", "ip"), _scan),
    **dict.fromkeys(("quantity", "isQuantity", "semver", "isSemver"), _scan),
    **dict.fromkeys(("replace", "split", "ip.isCanonical"), _scan_and_make),
    **dict.fromkeys(("isSorted", "sum", "min", "max", "indexOf", "lastIndexOf"), _traversed),
    **dict.fromkeys(("matches", "find", "findAll"), _regex),
    "join": _joined,
    "contains": _product,
    "validate": _validated,
    "containsIP": _contains_ip,
    "containsCIDR": _contains_cidr,
}
_OF_KNOWN_TYPE: Final[dict[str, Cost]] = {
    **dict.fromkeys(("slice", "reverse", "lists.range"), _made),
    **dict.fromkeys(("distinct", "sort"), _compared),
    **dict.fromkeys(("sets.contains", "sets.intersects"), _sets),
    "sets.equivalent": _sets_twice,
    "flatten": _flattened,
}
"""Rules that hold where the types of the operands leave one overload."""
_BY_TYPE: Final[dict[tuple[str, str], Cost]] = {
    ("ip", "net.CIDR"): _one,
    ("containsIP", "string"): _parsing(_contains_ip),
    ("containsCIDR", "string"): _parsing(_contains_cidr),
    ("bytes", "string"): _scan,
    ("string", "bytes"): _scan,
}
_WORK: Final[dict[str, Work]] = {
    "distinct": lambda args: extent(args[0]) * len(args[0]),
    "indexOf": lambda args: extent(args[0]),
    "lastIndexOf": lambda args: extent(args[0]),
    "sets.contains": lambda args: extent(args[1]) * len(args[0]),
    "sets.equivalent": lambda args: extent(args[1]) * len(args[0]),
    "sets.intersects": lambda args: extent(args[0]) * len(args[1]),
}
