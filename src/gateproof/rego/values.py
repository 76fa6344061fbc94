"""Rego values as Python values: what is a number, an object, a set; when two are equal; which comes first.

| Rego    | Python                                                                                    |
| ------- | ----------------------------------------------------------------------------------------- |
| null    | ``None``                                                                                  |
| boolean | ``bool`` (never a number, although Python says so)                                        |
| number  | ``int`` (any size) or finite ``float``; ``1`` and ``1.0`` are the same value              |
| string  | ``str``                                                                                   |
| array   | ``list``                                                                                  |
| object  | ``dict`` from :func:`key` of the Rego key to the value; a string is its own key           |
| set     | :class:`RegoSet`                                                                          |

JSON as Python's readers return it is therefore a Rego value already and is never copied. Values are
never changed once made: a builtin returns new lists and dicts. "Undefined" is not a value;
:data:`UNDEFINED` stands for it where Python needs something to pass around.

Order and equality follow OPA's ``ast.Compare``: null < false < true < numbers < strings < arrays <
objects < sets.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator
from functools import cmp_to_key
from operator import itemgetter
from typing import Any, Final

Value = Any
"""A Rego value (see the table above)."""


class Undefined:
    """The type of :data:`UNDEFINED`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDEFINED"

    def __bool__(self) -> bool:
        return False


UNDEFINED: Final = Undefined()


class BooleanKey:
    """A boolean as a key: Python's ``True`` would be the same key as ``1``."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"BooleanKey({self.value})"


TRUE_KEY: Final = BooleanKey(True)
FALSE_KEY: Final = BooleanKey(False)


class RegoSet:
    """An immutable set of any Rego values; iterates in Rego's order."""

    __slots__ = ("_hash", "_ordered", "items")

    def __init__(self, items: dict[Any, Value]) -> None:
        """``items`` maps :func:`key` of each element to the element; the set owns it from here on."""
        self.items = items
        self._ordered: list[Value] | None = None
        self._hash: int | None = None

    @classmethod
    def of(cls, values: Iterable[Value]) -> RegoSet:
        """The set of ``values``."""
        return cls({key(value): value for value in values})

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.ordered())

    @property
    def is_sorted(self) -> bool:
        """Whether somebody has asked for its elements in order."""
        return self._ordered is not None

    def ordered(self) -> list[Value]:
        """The elements in Rego's order; not to be changed by the caller."""
        if self._ordered is None:
            if not _NEVER_EQUAL_TO_ANOTHER.issuperset(map(type, self.items.values())):
                _keep_the_first(self.items)
            self._ordered = sort(self.items.values())
        return self._ordered

    def __contains__(self, value: Value) -> bool:
        return key(value) in self.items

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RegoSet) and self.items.keys() == other.items.keys()

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.items))
        return self._hash

    def __repr__(self) -> str:
        return f"RegoSet.of({self.ordered()!r})"


_NEVER_EQUAL_TO_ANOTHER: Final = frozenset({str, bool, type(None)})
"""The types of values of which equal ones look the same: ``1`` and ``1.0`` do not."""


def _keep_the_first(items: dict[Any, Value]) -> None:
    """Of equal elements the first stays: its is the key, and the value is the last one's."""
    for form, item in items.items():
        kind = type(item)
        if kind is int or kind is float or kind is RegoSet:
            items[form] = form
        elif (kind is list or kind is dict) and (_has_fraction(item) or _has_fraction(form)):
            items[form] = unkey(form)


def _has_fraction(form: Any) -> bool:
    """Whether there is a float in a value, or in the key of one, at any depth."""
    kind = type(form)
    if kind is float:
        return True
    if kind is dict:
        return any(map(_has_fraction, form)) or any(map(_has_fraction, form.values()))
    return kind in _SEQUENCES and any(map(_has_fraction, form))


_SEQUENCES: Final = frozenset({list, tuple, frozenset})
_OTHER_KEYS: Final = frozenset({bool, list, dict})
"""The types of values that are not their own keys."""


def key(value: Value) -> Hashable:
    """The hashable form of ``value``: two values have equal keys exactly when Rego calls them equal."""
    kind = type(value)
    if kind is str or kind is int or kind is float or value is None:
        return value  # type: ignore[no-any-return]  # of the kind just found
    if kind is bool:
        return TRUE_KEY if value else FALSE_KEY
    if kind is list:
        return tuple(value) if _OTHER_KEYS.isdisjoint(map(type, value)) else tuple([key(item) for item in value])
    if kind is dict:
        return object_key(value)
    if kind is RegoSet:
        return value  # type: ignore[no-any-return]  # of the kind just found
    raise TypeError(f"not a Rego value: {kind.__name__}")


def object_key(value: dict[Any, Value]) -> Hashable:
    """The hashable form of an object: its members, each by its name and its own key."""
    if _OTHER_KEYS.isdisjoint(map(type, value.values())):
        return frozenset(value.items())
    return frozenset([(name, member if type(member) is str else key(member)) for name, member in value.items()])


def unkey(form: Any) -> Value:
    """The value whose :func:`key` is ``form``: the key of an object as a Rego value."""
    kind = type(form)
    if kind is tuple:
        return [unkey(item) for item in form]
    if kind is frozenset:
        return {name: unkey(member) for name, member in form}
    return form.value if kind is BooleanKey else form


def make_object(pairs: Iterable[tuple[Value, Value]]) -> dict[Any, Value]:
    """The object of ``pairs``; of equal keys the last wins."""
    return {key(name): value for name, value in pairs}


COLLECTIONS: Final = frozenset({list, dict, RegoSet})
_SCALARS: Final = frozenset({str, int, float, bool, type(None), RegoSet})


def equal(left: Value, right: Value) -> bool:
    """Whether Rego calls two values equal: ``1 == 1.0`` holds, ``1 == true`` does not, at any depth."""
    kind = type(left)
    if kind is not type(right):
        return kind is not bool and type(right) is not bool and bool(left == right)
    if kind in _SCALARS:
        return bool(left == right)
    return bool(left == right) and _same_booleans(left, right)


def _same_booleans(left: Value, right: Value) -> bool:
    """Whether two containers that Python calls equal do not owe it to ``1 == True``."""
    if type(left) is list:
        return all(
            a is b or (equal(a, b) if type(a) is bool or type(b) is bool else _deep(a, b))
            for a, b in zip(left, right, strict=True)
        )
    for name, a in left.items():
        b = right[name]
        if a is not b and not (equal(a, b) if type(a) is bool or type(b) is bool else _deep(a, b)):
            return False
    return True


def _deep(left: Value, right: Value) -> bool:
    return _same_booleans(left, right) if type(left) is list or type(left) is dict else True


_RANK: Final = {type(None): 0, bool: 1, int: 2, float: 2, str: 3, list: 4, dict: 5, RegoSet: 6}


def compare(left: Value, right: Value) -> int:
    """-1, 0 or 1 as ``left`` sorts before, with or after ``right`` in Rego's total order."""
    rank = _RANK[type(left)]
    other = _RANK[type(right)]
    if rank != other:
        return -1 if rank < other else 1
    if rank == 0:
        return 0
    if rank <= 3:
        return -1 if left < right else int(left > right)
    if rank == 5:
        return _compare_objects(left, right)
    for a, b in zip(left, right, strict=False):
        order = compare(a, b)
        if order:
            return order
    return (len(left) > len(right)) - (len(left) < len(right))


def _compare_objects(left: dict[Any, Value], right: dict[Any, Value]) -> int:
    mine, others = object_keys(left), object_keys(right)
    for a, b in zip(mine, others, strict=False):
        order = compare(a, b)
        if order:
            return order
        order = compare(left[key(a)], right[key(b)])
        if order:
            return order
    return (len(mine) > len(others)) - (len(mine) < len(others))


_sort_key = cmp_to_key(compare)


def sort(values: Iterable[Value]) -> list[Value]:
    """A new list of ``values`` in Rego's order; equal values keep their places."""
    result = list(values)
    kinds = {type(value) for value in result}
    if kinds <= {str} or kinds <= {int, float}:
        result.sort()
    elif len(result) > 1:
        result.sort(key=_sort_key)
    return result


def object_keys(value: dict[Any, Value]) -> list[Value]:
    """The keys of an object as Rego values, in Rego's order."""
    kinds = {type(name) for name in value}
    if kinds <= {str}:
        return sorted(value)
    return sort([unkey(name) for name in value])


def extent(value: Value, limit: float = float("inf")) -> int:
    """The number of members of ``value``, its members' members and so on; counting ends above ``limit``."""
    members = _members(value)
    count = len(members)
    waiting = [member for member in members if type(member) in COLLECTIONS]
    while waiting and count <= limit:
        members = _members(waiting.pop())
        count += len(members)
        if not COLLECTIONS.isdisjoint(map(type, members)):
            waiting += [member for member in members if type(member) in COLLECTIONS]
    return count


def _members(value: Value) -> Collection[Value]:
    """The values in a collection; nothing is in anything else."""
    kind = type(value)
    if kind is list:
        return value  # type: ignore[no-any-return]  # of the kind just found
    if kind is dict:
        return value.values()  # type: ignore[no-any-return]  # a dict, says its kind
    return value.items.values() if kind is RegoSet else ()


def type_name(value: Value) -> str:
    """Rego's name of the type of ``value``, as the builtin ``type_name`` gives it."""
    return ("null", "boolean", "number", "string", "array", "object", "set")[_RANK[type(value)]]


def to_json(value: Value) -> Any:
    """``value`` as JSON values: sets become sorted arrays, keys that are not strings their JSON text.

    Object members come in the order of their names, so that equal values give the same bytes.
    """
    kind = type(value)
    if kind is list:
        return [to_json(item) for item in value]
    if kind is RegoSet:
        return [to_json(item) for item in value]
    if kind is dict:
        if {type(name) for name in value} <= {str}:
            return {name: to_json(value[name]) for name in sorted(value)}
        members = [(_json_name(name), to_json(value[key(name)])) for name in object_keys(value)]
        return dict(sorted(members, key=itemgetter(0)))
    return value


def _json_name(name: Value) -> str:
    if type(name) is str:
        return name
    import json

    return json.dumps(to_json(name), separators=(",", ":"), ensure_ascii=False)
