"""What generated code calls while it searches: references, iteration, comparison, text and calls.

All functions take Rego values and are total: what has no result is UNDEFINED. Whatever loops charges
the budget with the number of items before it begins.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from gateproof.compiler.budget import Budget
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError, EvalError
from gateproof.rego.values import COLLECTIONS, UNDEFINED, RegoSet, Value, compare, equal, extent, key, object_keys

_EMPTY: tuple[()] = ()
_FEW = 8
_OF_A_SMALL_KEY = 3
_OF_A_KEY = 2
"""Steps for each member of a collection that becomes a key: every one is looked at, and made hashable."""
_LONG = 4096
"""Characters; making a shorter text is part of the step that a call costs."""
_WORD = 2**63
_EXACT = 2**53
_OF_A_FRACTION = 3
_OF_A_LONG_NUMBER = 200
"""Steps for a number that is more than a double can hold, and is calculated with exactly, piece by piece."""


# References and iteration


def get(value: Value, index: Value) -> Value:
    """``value[index]``."""
    kind = type(value)
    if kind is dict:
        return value.get(index if type(index) is str else key(index), UNDEFINED)
    if kind is list:
        if type(index) is int and 0 <= index < len(value):
            return value[index]
        return UNDEFINED
    if kind is RegoSet:
        return value.items.get(key(index), UNDEFINED) if index is not UNDEFINED else UNDEFINED
    return UNDEFINED


def element(value: Value, text: str) -> Value:
    """``value[text]`` of what is no object: a set may have it."""
    return value.items.get(text, UNDEFINED) if type(value) is RegoSet else UNDEFINED


def get_base(value: Value, index: Value) -> Value:
    """``value[index]`` of base data, whose objects find numbers under their decimal text."""
    found = get(value, index)
    if found is UNDEFINED and type(value) is dict and type(index) is int:
        return value.get(str(index), UNDEFINED)
    return found


def items(ctx: Context, value: Value) -> Iterable[tuple[Value, Value]]:
    """Keys (or indices, or elements) and values of a collection, in Rego's order."""
    kind = type(value)
    if kind is list:
        charge(ctx, len(value))
        return enumerate(value)
    if kind is dict:
        charge(ctx, len(value))
        if {type(name) for name in value} <= {str}:
            return [(name, value[name]) for name in sorted(value)]
        return [(name, value[key(name)]) for name in object_keys(value)]
    if kind is RegoSet:
        return [(item, item) for item in ordered(ctx, value)]
    return _EMPTY


def values(ctx: Context, value: Value) -> Iterable[Value]:
    """The values of a collection, in Rego's order of their keys."""
    kind = type(value)
    if kind is list:
        budget = ctx.budget
        budget.steps -= len(value) + 1
        if budget.steps < 0:
            budget.spend(0)
        return value  # type: ignore[no-any-return]  # of the kind just found
    if value is UNDEFINED:
        return _EMPTY
    if kind is RegoSet:
        return ordered(ctx, value)
    return [item for _, item in items(ctx, value)]


def ordered(ctx: Context, value: RegoSet) -> list[Value]:
    """The elements of a set in Rego's order. A step for each; sorting those that are collections takes more, once."""
    count = len(value.items)
    charge(ctx, count)
    if count > 1 and not value.is_sorted and not COLLECTIONS.isdisjoint(map(type, value.items.values())):
        charge(ctx, weight(ctx, value) * count.bit_length() >> 2)
    return value.ordered()


def iterable(value: Value) -> bool:
    """Whether `every` can range over ``value``."""
    return type(value) in (list, dict, RegoSet)


def contained(ctx: Context, wanted: Value, collection: Value) -> bool:
    """``wanted in collection``."""
    kind = type(collection)
    if kind is RegoSet:
        return (wanted if type(wanted) is str else key_of(ctx, wanted)) in collection.items
    if kind is dict:
        collection = collection.values()
    elif kind is not list:
        return False
    wanted = paid(ctx, wanted)
    charge(ctx, len(collection))
    if type(wanted) is str:
        return wanted in collection
    return any(equal(wanted, item) for item in collection)


def member(ctx: Context, index: Value, wanted: Value, collection: Value) -> bool:
    """``index, wanted in collection``."""
    found = get(collection, paid(ctx, index))
    return found is not UNDEFINED and same(ctx, found, wanted)


def related(ctx: Context, relation: Callable[..., Iterable[Value]], *args: Value) -> Iterable[Value]:
    """The results of a builtin that has many."""
    try:
        for result in relation(ctx, *args):
            charge(ctx, 1)
            yield result
    except BuiltinError:
        if ctx.strict:
            raise


def charge(ctx: Context, steps: int) -> None:
    """Charge ``steps`` and one more; raises :class:`BudgetError` when none are left."""
    budget = ctx.budget
    budget.steps -= steps + 1
    if budget.steps < 0:
        budget.spend(0)


def missed(ctx: Context, site: int, *values: Value) -> None:
    """Tell who watches that an expression did not hold, and what it looked at."""
    last = ctx.watching[site]
    if last is not True and type(values[last[0]]) is last[1]:
        last[2] += 1
    else:
        ctx.watch.missed(ctx, site, values)


# Comparison


def weight(ctx: Context, value: Value) -> int:
    """The members of ``value`` at any depth; as many as can be paid for, where it shares members so often."""
    budget = ctx.budget
    most = budget.steps << 3 if budget.steps > 0 else 0
    members = extent(value, most)
    if members <= most:
        return members
    budget.spend(members)
    return weight(ctx, value)  # the input allowed for more


def same(ctx: Context, left: Value, right: Value) -> bool:
    """``left == right``; the work on collections and on long texts is charged."""
    kind = type(left)
    if kind is type(right) and left is not right:
        if kind is list or kind is dict:
            charge(ctx, weight(ctx, left) >> 2)
        elif kind is RegoSet:
            charge(ctx, len(left) >> 2)
        elif kind is str and len(left) > _LONG:
            charge(ctx, len(left) >> 10)
    return left is right or equal(left, right)


def key_of(ctx: Context | None, value: Value) -> Hashable:
    """The key of ``value``; the work on collections is charged (constants have no context to charge)."""
    kind = type(value)
    if ctx is not None and (kind is list or kind is dict):
        members = value.values() if kind is dict else value
        small = len(members) <= _FEW and COLLECTIONS.isdisjoint(map(type, members))
        charge(ctx, _OF_A_SMALL_KEY if small else _OF_A_KEY * weight(ctx, value))
    return key(value)


def paid(ctx: Context, value: Value) -> Value:
    """``value``, which is about to be a key; the work that this is on a collection is charged."""
    kind = type(value)
    if kind is list or kind is dict:
        charge(ctx, _OF_A_KEY * weight(ctx, value))
    return value


def less(ctx: Context, left: Value, right: Value) -> bool:
    """``left < right`` in Rego's total order; the work on collections and on long texts is charged."""
    kind = type(left)
    if kind is type(right):
        if kind is int or kind is float:
            return bool(left < right)
        if kind is str:
            if len(left) > _LONG:
                charge(ctx, len(left) >> 10)
            return bool(left < right)
        if kind in COLLECTIONS:
            charge(ctx, weight(ctx, left) + weight(ctx, right))
    return compare(left, right) < 0


def at_most(ctx: Context, left: Value, right: Value) -> bool:
    """``left <= right``."""
    return not less(ctx, right, left)


def greater(ctx: Context, left: Value, right: Value) -> bool:
    """``left > right``."""
    return less(ctx, right, left)


def at_least(ctx: Context, left: Value, right: Value) -> bool:
    """``left >= right``."""
    return not less(ctx, left, right)


# Text


def rendered(ctx: Context, value: Value) -> str:
    """``value`` as a template string shows it."""
    if value is UNDEFINED:
        return "<undefined>"
    if type(value) is str:
        return value
    if type(value) in COLLECTIONS:
        from gateproof.rego.builtins.sizes import charge_for

        charge_for(ctx, value)
        charge_for(ctx, value)  # once for the text and once for the order of its members
    return text(value)


def text(value: Value) -> str:
    """``value`` as Rego source."""
    kind = type(value)
    if kind is list:
        return "[" + ", ".join([text(item) for item in value]) + "]"
    if kind is RegoSet:
        return "{" + ", ".join([text(item) for item in value]) + "}" if len(value) else "set()"
    if kind is dict:
        return "{" + ", ".join([f"{text(n)}: {text(value[key(n)])}" for n in object_keys(value)]) + "}"
    import json

    from gateproof.rego.builtins.numerals import decimal, number_text

    if kind is int:
        return decimal(value)
    return number_text(value) if kind is float else json.dumps(value, ensure_ascii=False)


def joined(ctx: Context, parts: list[str]) -> str:
    """The text of a template string."""
    size = sum(map(len, parts))
    ctx.check_size(size)
    ctx.spend(size // 8 + len(parts))
    return "".join(parts)


def written(ctx: Context, text: str) -> str:
    """A text that was put together from others; a long one is paid for."""
    return _charged(ctx.budget, text) if len(text) > _LONG else text


# Calls and `with`


def wrapped(
    function: Callable[..., Value], *, context: bool, arity: int = 0, cost: int = 1, reads: tuple[int, ...] = ()
) -> Callable[..., Value]:
    """A builtin as generated code calls it: a failure is UNDEFINED unless errors are strict.

    ``cost`` is charged for each call, and for the operands at the places that it ``reads`` what their sizes come to.
    Most builtins take the context and two operands: with these passed by name, a call takes half of the time.
    """

    def call(ctx: Context, *args: Value) -> Value:
        budget = ctx.budget
        budget.steps -= cost
        for place in reads:
            budget.steps -= size(ctx, args[place])
        if budget.steps < 0:
            budget.spend(0)
        try:
            result = function(*args)
        except BuiltinError:
            if ctx.strict:
                raise
            return UNDEFINED
        return _charged(budget, result) if type(result) is str and len(result) > _LONG else result

    def call_with_context(ctx: Context, *args: Value) -> Value:
        budget = ctx.budget
        budget.steps -= cost
        if budget.steps < 0:
            budget.spend(0)
        try:
            result = function(ctx, *args)
        except BuiltinError:
            if ctx.strict:
                raise
            return UNDEFINED
        return _charged(budget, result) if type(result) is str and len(result) > _LONG else result

    def call_with_two(ctx: Context, left: Value, right: Value) -> Value:
        budget = ctx.budget
        budget.steps -= cost
        if budget.steps < 0:
            budget.spend(0)
        try:
            result = function(ctx, left, right)
        except BuiltinError:
            if ctx.strict:
                raise
            return UNDEFINED
        return _charged(budget, result) if type(result) is str and len(result) > _LONG else result

    if context:
        return call_with_two if arity == 2 else call_with_context
    return call


def picked(ctx: Context, value: Value, path: Value, default: Value, otherwise: Callable[..., Value]) -> Value:
    """``object.get`` by a short path, which is part of the step that it stands in; else the builtin's."""
    if type(path) is list and type(value) is dict and 0 < len(path) <= _FEW:
        found: Value = value
        for step in path:
            if type(found) is dict and type(step) is str:
                found = found.get(step, UNDEFINED)
                if found is UNDEFINED:
                    return default
            elif type(found) is list and type(step) is int and 0 <= step < len(found):
                found = found[step]
            else:
                return otherwise(ctx, value, path, default)
        return found
    return otherwise(ctx, value, path, default)


def chained(ctx: Context, left: Value, right: Value, otherwise: Callable[..., Value]) -> Value:
    """``array.concat`` of two short arrays, which is part of the step that it stands in; else the builtin's."""
    if type(left) is list and type(right) is list and len(left) + len(right) <= _FEW:
        return left + right
    return otherwise(ctx, left, right)


def operator(function: Callable[[Value, Value], Value]) -> Callable[..., Value]:
    """An operator as generated code calls it; integers of a machine's word cost least."""

    def call(ctx: Context, left: Value, right: Value) -> Value:
        budget = ctx.budget
        budget.steps -= 1
        if budget.steps < 0:
            budget.spend(0)
        try:
            return calculated(ctx, function, left, right)
        except BuiltinError:
            if ctx.strict:
                raise
            return UNDEFINED

    return call


def calculated(ctx: Context, function: Callable[[Value, Value], Value], left: Value, right: Value) -> Value:
    """What an operator makes of two operands, which are charged for unless they are integers of a machine's word."""
    if type(left) is int and type(right) is int and -_WORD < left < _WORD and -_WORD < right < _WORD:
        return function(left, right)
    charge(ctx, size(ctx, left) + size(ctx, right))
    result = function(left, right)
    if type(result) is not RegoSet and not -_EXACT < result < _EXACT:
        charge(ctx, _OF_A_LONG_NUMBER)
    return result


def size(ctx: Context, value: Value) -> int:
    """Steps for reading all of an operand. Large integers are multiplied and divided in time that grows as squares."""
    kind = type(value)
    if kind is str:
        return len(value) >> 4
    if kind is list and COLLECTIONS.isdisjoint(map(type, value)):
        return len(value)
    if kind is int:
        return 0 if -_EXACT < value < _EXACT else _OF_A_LONG_NUMBER + (value.bit_length() ** 2 >> 13)
    if kind is float:
        return _OF_A_FRACTION if -_EXACT < value < _EXACT else _OF_A_LONG_NUMBER
    return weight(ctx, value) if kind in COLLECTIONS else 0


def _charged(budget: Budget, text: str) -> str:
    """A long text, paid for."""
    budget.check_size(len(text))
    budget.spend(len(text) >> 6)
    return text


def mocked(ctx: Context, name: str, function: Callable[..., Value], *args: Value) -> Value:
    """A call of a function that `with` may have replaced; inside the replacement nothing is replaced."""
    replacement = ctx.mocks.get(name)
    if replacement is None:
        return function(ctx, *args)
    ctx = ctx.fork()
    ctx.mocks = {}
    return replacement(ctx, *args)


def always(value: Value) -> Callable[..., Value]:
    """A function that gives ``value`` whatever it is asked."""

    def constant(_ctx: Context, *_args: Value) -> Value:
        return value

    return constant


def unavailable(name: str) -> Callable[..., Value]:
    """A builtin that exists only where `with` replaces it."""

    def call(_ctx: Context, *_args: Value) -> Value:
        raise EvalError("eval_builtin_error", f"builtin {name} is not supported here")

    return call
