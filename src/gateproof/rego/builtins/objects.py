"""Objects as maps: look-up, choice of keys, union, and the subset relation of nested values."""

from __future__ import annotations

from typing import Any

from gateproof.rego.builtins.operands import array, object_, wrong_element, wrong_type
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.runtime import size
from gateproof.rego.values import UNDEFINED, RegoSet, Value, equal, key, unkey

Object = dict[Any, Value]


def object_get(ctx: Context, subject: Value, path: Value, default: Value) -> Value:
    """What is at a key, or at a path where the key is an array; else ``default``."""
    found: Value = object_(subject, 1)
    ctx.budget.spend(size(ctx, path))
    for step in path if type(path) is list else [path]:
        found = found.get(step, UNDEFINED) if type(found) is dict and type(step) is str else member(found, step)
        if found is UNDEFINED:
            return default
    return found


def member(container: Value, step: Value) -> Value:
    """The element of ``container`` at ``step`` (of a set: the element itself), or UNDEFINED."""
    kind = type(container)
    if kind is dict:
        return container.get(key(step), UNDEFINED)
    if kind is list:
        return container[step] if type(step) is int and 0 <= step < len(container) else UNDEFINED
    if kind is RegoSet and step in container:
        return step
    return UNDEFINED


def object_keys(ctx: Context, subject: Value) -> RegoSet:
    names = object_(subject, 1)
    ctx.spend(len(names))
    return RegoSet({name: unkey(name) for name in names})


def object_filter(ctx: Context, subject: Value, keys: Value) -> Object:
    """The members with the given keys (an array, a set, or the keys of an object)."""
    members, wanted = object_(subject, 1), _keys(ctx, keys)
    ctx.spend(len(members))
    return {name: value for name, value in members.items() if name in wanted}


def object_remove(ctx: Context, subject: Value, keys: Value) -> Object:
    members, unwanted = object_(subject, 1), _keys(ctx, keys)
    ctx.spend(len(members))
    return {name: value for name, value in members.items() if name not in unwanted}


def _keys(ctx: Context, keys: Value) -> Any:
    if type(keys) is dict:
        return keys
    if type(keys) is RegoSet:
        return keys.items
    if type(keys) is list:
        ctx.spend(len(keys))
        return {key(item) for item in keys}
    raise wrong_type(2, keys, "object", "set", "array")


def object_union(ctx: Context, left: Value, right: Value) -> Object:
    """Both objects in one; objects under the same key are united too, of other values the right one wins."""
    return _union(ctx, object_(left, 1), object_(right, 2))


def object_union_n(ctx: Context, objects: Value) -> Object:
    united: Object = {}
    for each in array(objects, 1):
        if type(each) is not dict:
            raise wrong_element(1, objects, each, "object")
    for each in objects:
        united = _union(ctx, united, each)
    return united


def _union(ctx: Context, left: Object, right: Object) -> Object:
    ctx.spend(1 + len(left) + len(right))
    if not left or not right:
        return left or right
    united = {**left, **right}
    for name in left.keys() & right.keys():
        if type(left[name]) is dict and type(right[name]) is dict:
            united[name] = _union(ctx, left[name], right[name])
    return united


def object_subset(ctx: Context, larger: Value, smaller: Value) -> bool:
    """Whether ``smaller`` is in ``larger``: members of objects (nested), elements of sets, runs of arrays."""
    kinds = type(larger), type(smaller)
    if kinds == (list, RegoSet):
        ctx.spend(len(larger))
        return _all_in(larger, smaller)
    if kinds not in ((dict, dict), (RegoSet, RegoSet), (list, list)):
        raise BuiltinError("eval_type_error", "both arguments object.subset must be of the same type or array and set")
    return _is_part(ctx, larger, smaller)


def _all_in(items: list[Value], wanted: RegoSet) -> bool:
    """Whether every element of ``wanted`` is among ``items``, as OPA counts: repeated items count again."""
    missing = len(wanted)
    for item in items:
        missing -= item in wanted
        if missing == 0:
            return True
    return False


def _is_part(ctx: Context, larger: Value, smaller: Value) -> bool:
    ctx.spend(1 + len(smaller))
    if type(larger) is dict:
        return all(name in larger and _matches(ctx, larger[name], value) for name, value in smaller.items())
    if type(larger) is RegoSet:
        return bool(smaller.items.keys() <= larger.items.keys())
    return _has_run(ctx, larger, smaller)


def _matches(ctx: Context, larger: Value, smaller: Value) -> bool:
    if type(larger) is type(smaller) and type(larger) in (dict, RegoSet, list) and _is_part(ctx, larger, smaller):
        return True
    return equal(larger, smaller)


def _has_run(ctx: Context, items: list[Value], run: list[Value]) -> bool:
    """Whether ``run`` stands in ``items`` without gaps (Knuth, Morris and Pratt: linear time)."""
    ctx.spend(len(items) + len(run))
    haystack, needle = [key(item) for item in items], [key(item) for item in run]
    borders = _borders(needle)
    matched = 0
    for item in haystack:
        while matched and (matched == len(needle) or item != needle[matched]):
            matched = borders[matched - 1]
        if matched < len(needle) and item == needle[matched]:
            matched += 1
        if matched == len(needle):
            return True
    return not needle


def _borders(needle: list[Any]) -> list[int]:
    borders = [0] * len(needle)
    length = 0
    for position in range(1, len(needle)):
        while length and needle[position] != needle[length]:
            length = borders[length - 1]
        length += needle[position] == needle[length]
        borders[position] = length
    return borders
