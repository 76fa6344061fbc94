"""What generated code calls: variables, selection, operators, and iteration.

Every function is pure, raises :class:`EvaluationError` where CEL has an error, and charges what Kubernetes charges
beyond the constant cost of its node, which generated code has charged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any, Final

from gateproof.cel.budget import check_members
from gateproof.cel.context import Context
from gateproof.cel.errors import EvaluationError, no_such_key, no_such_overload
from gateproof.cel.operators import (
    ABSENT,
    CALL_COST,
    OPERATORS,
    SIZED,
    contains,
    lookup,
    ordered,
    self_comparison,
)
from gateproof.cel.values import NONE, Lazy, Optional, Uint, Value, equal, key_of, type_name, unkey

# Variables and selection


def fetch(ctx: Context, name: str) -> Value:
    """The value of a variable."""
    value = ctx.bindings.get(name, ABSENT)
    if type(value) is Lazy:
        return value.force()
    if value is ABSENT:
        raise EvaluationError(f"no such attribute(s): {name}", hint="give the variable a value")
    return value


def held(value: Value) -> Value:
    """A value that was made before, or its error, which is raised where it is needed."""
    if isinstance(value, EvaluationError):
        raise value
    return value


def select(value: Value, name: str) -> Value:
    """``value.name``."""
    kind = type(value)
    if kind is dict:
        found = value.get(name, ABSENT)
        if found is ABSENT:
            raise no_such_key(name)
        return found.force() if type(found) is Lazy else found
    if kind is Optional:
        return Optional(select(value.value, name)) if has(value, name) else NONE
    if kind is list:
        raise EvaluationError("unsupported index type 'string' in list")
    if isinstance(value, Mapping) and name in value:
        found = value[name]
        return found.force() if type(found) is Lazy else found
    raise no_such_key(name)


def walk(value: Value, *names: str) -> Value:
    """``value.a.b.c``."""
    for name in names:
        if type(value) is dict:
            try:
                value = value[name]
            except KeyError:
                raise no_such_key(name) from None
            if type(value) is Lazy:
                value = value.force()
        else:
            value = select(value, name)
    return value


def select_optional(ctx: Context, value: Value, name: str) -> Value:
    """``value.?name``: an optional. What is not there costs nothing."""
    if type(value) is Optional:
        if not value.present:
            return NONE
        value = value.value
    if not has(value, name):
        return NONE
    ctx.budget.spend(1)
    found = select(value, name)
    return found if type(found) is Optional else Optional(found)


def has(value: Value, name: str) -> bool:
    """``has(value.name)``: whether a map has it; nothing else has fields."""
    kind = type(value)
    if kind is dict:
        return name in value
    if kind is Optional:
        return bool(value.present) and has(value.value, name)
    if kind is list:
        raise EvaluationError("unsupported index type 'string' in list")
    return isinstance(value, Mapping) and name in value


def index(value: Value, at: Value) -> Value:
    """``value[at]``."""
    kind = type(value)
    if kind is dict:
        found = value.get(lookup(at), ABSENT)
        if found is ABSENT:
            raise no_such_key(shown(at))
        return found.force() if type(found) is Lazy else found
    if kind is list:
        place = _place(at)
        if 0 <= place < len(value):
            return value[place]
        raise EvaluationError(f"index out of bounds: {place}", hint="compare with size() first")
    if kind is Optional:
        return _found(value, at)
    raise no_such_key(shown(at))


def index_optional(ctx: Context, value: Value, at: Value) -> Value:
    """``value[?at]``: an optional. What is not there costs nothing."""
    found = _found(value, at)
    ctx.budget.spend(int(found.present))
    return found


def _found(value: Value, at: Value) -> Optional:
    """``value[at]`` as an optional."""
    if type(value) is Optional:
        if not value.present:
            return NONE
        value = value.value
    if type(value) is dict:
        found = value.get(lookup(at), ABSENT)
        if found is ABSENT:
            return NONE
        found = found.force() if type(found) is Lazy else found
    elif type(value) is list:
        place = _place(at)
        if not 0 <= place < len(value):
            return NONE
        found = value[place]
    else:
        return NONE
    return found if isinstance(found, Optional) else Optional(found)


def _place(at: Value) -> int:
    """The number of an element of a list."""
    kind = type(at)
    if kind is int or kind is Uint:
        return int(at)
    if kind is float:
        if at.is_integer():
            return int(at)
        raise EvaluationError(f"unsupported index value {shown(at)} in list", hint="indices are integers")
    raise EvaluationError(f"unsupported index type '{type_name(at)}' in list", hint="indices are integers")


def shown(value: Value) -> str:
    """``value`` in a message."""
    if type(value) is bool:
        return "true" if value else "false"
    return str(value)


# Logic and iteration


def truth(value: Value) -> bool:
    """``value``, which must be a boolean; an error is raised."""
    if value is True or value is False:
        return value
    if isinstance(value, EvaluationError):
        raise value
    raise no_such_overload()


def negation(value: Value) -> bool:
    """``!value``."""
    if value is True or value is False:
        return not value
    raise no_such_overload()


def elements(value: Value) -> Iterable[Value]:
    """What a macro of one variable goes through: elements of a list, keys of a map."""
    if type(value) is list:
        return value
    if type(value) is dict:
        return list(map(unkey, value))
    raise _not_iterable(value)


def _not_iterable(value: Value) -> EvaluationError:
    """A macro cannot go through ``value``."""
    return EvaluationError(f"got '{_go_type(value)}', expected iterable type", hint="macros go through lists and maps")


def _go_type(value: Value) -> str:
    """What cel-go calls the type of ``value`` in Go."""
    return "types." + type_name(value).rpartition(".")[2].removesuffix("_type").capitalize()


def pairs(value: Value) -> Iterable[tuple[Value, Value]]:
    """What a macro of two variables goes through: indices and elements, or keys and values."""
    if type(value) is list:
        return enumerate(value)
    if type(value) is dict:
        return [(unkey(key), held(member.force() if type(member) is Lazy else member)) for key, member in value.items()]
    said = f"unsupported comprehension range type: {_go_type(value)}"
    raise EvaluationError(said, hint="macros go through lists and maps")


def insert(target: dict[Any, Value], key: Value, value: Value) -> None:
    """Add a member to a map that is being made."""
    form = key_of(key)
    if form in target:
        raise EvaluationError(f"insert failed: key {shown(key)} already exists", hint="make the keys distinct")
    target[form] = value
    check_members(len(target))


def insert_all(target: dict[Any, Value], source: Value) -> None:
    """Add the members of a map to one that is being made."""
    if type(source) is not dict:
        raise no_such_overload()
    for key, value in source.items():
        insert(target, unkey(key), value)


def entry(target: dict[Any, Value], key: Value, value: Value) -> None:
    """Add the entry of a map literal; of equal keys the last wins, as with cel-go."""
    target[key_of(key)] = value


def entry_optional(target: dict[Any, Value], key: Value, value: Value) -> None:
    """Add the entry of a map literal where its value is there."""
    if type(value) is not Optional:
        raise EvaluationError(f"cannot initialize optional entry '{shown(key)}' from non-optional value")
    if value.present:
        entry(target, key, value.value)


def item_optional(target: list[Value], value: Value) -> None:
    """Add the item of a list literal where it is there."""
    if type(value) is not Optional:
        raise EvaluationError("cannot initialize optional list element from non-optional value")
    if value.present:
        target.append(value.value)


def unwrapped(value: Value) -> Value:
    """``value``, which must be optional."""
    if type(value) is not Optional:
        raise no_such_overload()
    return value


def again(ctx: Context, before: int, after: int) -> None:
    """Charge once more what was charged between two times, at which so much was left."""
    ctx.budget.spend(before - after)


def within(wanted: Value, strings: Set[str], members: list[Value]) -> bool:
    """``wanted in`` a constant list, of which ``strings`` are its strings."""
    return wanted in strings if type(wanted) is str else any(equal(wanted, member) for member in members)


def single(found: list[Value]) -> bool:
    """Whether exactly one element was found."""
    return len(found) == 1


def items_of(value: Value) -> list[Value]:
    """``value``, which must be a list."""
    if type(value) is not list:
        raise no_such_overload()
    return value


def sorted_by(ctx: Context, values: list[Value], keys: list[Value], typed: bool) -> list[Value]:
    """``values`` in the order of their ``keys``, which must be of one type; ``typed`` where that is known."""
    ctx.budget.spend(self_comparison(keys) if typed else CALL_COST)
    return [value for _, value in ordered(list(zip(keys, values, strict=True)))]


def optional(value: Value) -> Optional:
    """``value`` as an optional that is there."""
    return Optional(value)


_CALLED: Final[tuple[Callable[..., Any], ...]] = (
    *(fetch, held, walk, has, index, select_optional, index_optional, truth, negation, elements, pairs, contains),
    *(insert, insert_all, entry, entry_optional, item_optional, unwrapped, optional, single, again, within, items_of),
    *(sorted_by, *OPERATORS.values()),
)
NAMESPACE: Final[dict[str, Any]] = {
    **{function.__name__: function for function in _CALLED},
    **SIZED,
    "fault": EvaluationError,
    "none": NONE,
    "UNDEFINED": None,
}
"""What generated code may name."""
