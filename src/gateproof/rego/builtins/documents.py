"""Nested documents by paths: ``json.filter``, ``json.remove`` and JSON Patch (RFC 6902).

A path is a JSON Pointer (RFC 6901) or an array of keys. Nothing is changed in place: a changed container is
copied, its other members are shared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateproof.rego.builtins.objects import member
from gateproof.rego.builtins.operands import array, fail, object_, wrong_operand, wrong_type
from gateproof.rego.context import Context
from gateproof.rego.values import UNDEFINED, RegoSet, Value, equal, key, type_name

Path = list[Value]
Tree = dict[Any, Any]
"""Paths sharing their beginnings: from the key of a step to the tree below it, or to None where a path ends."""


def json_filter(ctx: Context, document: Value, paths: Value) -> Value:
    """The parts of ``document`` that ``paths`` lead to."""
    object_(document, 1)
    return _keep(ctx, document, _tree(ctx, paths))


def json_remove(ctx: Context, document: Value, paths: Value) -> Value:
    """``document`` without the parts that ``paths`` lead to."""
    object_(document, 1)
    return _drop(ctx, document, _tree(ctx, paths))


def _tree(ctx: Context, paths: Value) -> Tree:
    if type(paths) is not list and type(paths) is not RegoSet:
        raise wrong_type(2, paths, "set", "array")
    root: Tree = {}
    for path in paths:
        steps = _path(path)
        ctx.spend(1 + len(steps))
        node: Tree | None = root
        for step in steps[:-1]:
            node = node.setdefault(key(step), {}) if node is not None else None
        if node is not None and steps:
            node[key(steps[-1])] = None
    return root


def _path(path: Value) -> Path:
    if type(path) is list:
        return path
    if type(path) is not str:
        expected = "one of {set, array} containing string paths or array of path segments"
        raise wrong_operand(2, f"must be {expected} but got {type_name(path)}")
    if not path:
        return []
    return [step.replace("~1", "/").replace("~0", "~") for step in path.lstrip("/").split("/")]


def _keep(ctx: Context, value: Value, tree: Tree | None) -> Value:
    if tree is None:
        return value
    kind = type(value)
    if kind is dict:
        ctx.spend(1 + min(len(value), len(tree)))
        names = value if len(value) < len(tree) else tree
        return {name: _keep(ctx, value[name], tree[name]) for name in names if name in value and name in tree}
    if kind is list:
        ctx.spend(len(value))
        return [_keep(ctx, item, tree[str(i)]) for i, item in enumerate(value) if str(i) in tree]
    if kind is RegoSet:
        ctx.spend(len(value))
        return RegoSet.of(_keep(ctx, item, tree[form]) for form, item in value.items.items() if form in tree)
    return value


def _drop(ctx: Context, value: Value, tree: Tree | None) -> Value:
    if not tree:
        return value
    kind = type(value)
    if kind is dict:
        ctx.spend(len(value))
        kept = {name: item for name, item in value.items() if name not in tree or tree[name] is not None}
        return {name: _drop(ctx, item, tree.get(name)) for name, item in kept.items()}
    if kind is list:
        ctx.spend(len(value))
        steps = [(tree.get(str(i), UNDEFINED), item) for i, item in enumerate(value)]
        return [_drop(ctx, item, below or None) for below, item in steps if below is not None]
    if kind is RegoSet:
        ctx.spend(len(value))
        kept = {form: item for form, item in value.items.items() if form not in tree or tree[form] is not None}
        return RegoSet.of(_drop(ctx, item, tree.get(form)) for form, item in kept.items())
    return value


# JSON Patch


def json_patch(ctx: Context, document: Value, patches: Value) -> Value:
    """``document`` after the operations, one after another; the first that fails fails all."""
    result = document
    for patch in array(patches, 2):
        if type(patch) is not dict:
            raise fail("must be an array of JSON-Patch objects, but at least one element is not an object")
        ctx.spend(1)
        path = _path(_attribute(patch, "path"))
        operation = _attribute(patch, "op")
        if type(operation) is not str:
            raise fail(f"attribute 'op' must be a string but found: {type_name(operation)}")
        if operation not in _OPERATIONS:
            raise fail(f"unrecognized op: '{operation}'")
        result = _OPERATIONS[operation](ctx, result, path, patch)
    if result is UNDEFINED:
        raise fail("the patch removes the whole document")
    return result


def _attribute(patch: dict[Any, Value], name: str) -> Value:
    if name not in patch:
        raise fail(f"missing required attribute '{name}'")
    return patch[name]


def _add(ctx: Context, document: Value, path: Path, patch: dict[Any, Value]) -> Value:
    return _edit(ctx, document, path, _inserting(_attribute(patch, "value")))


def _remove(ctx: Context, document: Value, path: Path, patch: dict[Any, Value]) -> Value:  # noqa: ARG001 - the shape of an operation
    return _edit(ctx, document, path, _delete)


def _replace(ctx: Context, document: Value, path: Path, patch: dict[Any, Value]) -> Value:
    return _add(ctx, _edit(ctx, document, path, _delete), path, patch)


def _move(ctx: Context, document: Value, path: Path, patch: dict[Any, Value]) -> Value:
    source = _path(_attribute(patch, "from"))
    moved = _at(document, source)
    return _edit(ctx, _edit(ctx, document, source, _delete), path, _inserting(moved))


def _copy(ctx: Context, document: Value, path: Path, patch: dict[Any, Value]) -> Value:
    return _edit(ctx, document, path, _inserting(_at(document, _path(_attribute(patch, "from")))))


def _test(ctx: Context, document: Value, path: Path, patch: dict[Any, Value]) -> Value:  # noqa: ARG001 - the same
    if not equal(_at(document, path), _attribute(patch, "value")):
        raise fail("json.patch: the value at the path is not the expected one")
    return document


_OPERATIONS: dict[str, Callable[[Context, Value, Path, dict[Any, Value]], Value]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}

Edit = Callable[[Value, Value], Value]
"""Makes of a container and the last step of a path the changed container; of UNDEFINED, the root's change."""


def _at(document: Value, path: Path) -> Value:
    found = document
    for step in path:
        found = member(found, _step(found, step))
        if found is UNDEFINED:
            raise fail("path does not exist")
    if found is UNDEFINED:
        raise fail("nil value encountered where composite value was expected")
    return found


def _step(container: Value, step: Value) -> Value:
    """``step`` as an index where ``container`` is an array."""
    return _index(container, step) if type(container) is list else step


def _index(items: list[Value], step: Value) -> int:
    if step == "-" and type(step) is str:
        return len(items)
    if type(step) is str:
        digits = step[1:] if step[:1] in ("+", "-") else step
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
            raise fail("invalid string for indexing")
        if step != "0" and step.startswith("0"):
            raise fail("leading zeros are not allowed in JSON paths")
        return int(step)
    if type(step) is int:
        return step
    raise fail("invalid type for indexing")


def _edit(ctx: Context, document: Value, path: Path, edit: Edit) -> Value:
    """``document`` with ``edit`` applied at the end of ``path``."""
    if not path:
        return edit(UNDEFINED, None)
    if document is UNDEFINED:
        raise fail("nil value encountered where composite value was expected")
    containers = [document]
    for step in path[:-1]:
        containers.append(_at(containers[-1], [step]))
    ctx.spend(sum(1 + (len(each) if type(each) in (list, dict, RegoSet) else 0) for each in containers))
    changed = edit(containers.pop(), path[-1])
    for container, step in zip(reversed(containers), reversed(path[:-1]), strict=True):
        changed = _with(container, step, changed)
    return changed


def _with(container: Value, step: Value, item: Value) -> Value:
    """``container`` with ``item`` in the place of what is at ``step``."""
    if type(container) is dict:
        return {**container, key(step): item}
    if type(container) is RegoSet:
        rest = {form: each for form, each in container.items.items() if form != key(step)}
        return RegoSet({**rest, key(item): item})
    index = _index(container, step)
    return [*container[:index], item, *container[index + 1 :]]


def _inserting(item: Value) -> Edit:
    def insert(container: Value, step: Value) -> Value:
        if container is UNDEFINED:
            return item
        if type(container) is dict:
            return {**container, key(step): item}
        if type(container) is RegoSet:
            if not equal(step, item):
                raise fail("set key does not equal value to be inserted")
            return RegoSet({**container.items, key(item): item})
        if type(container) is not list:
            raise fail("expected composite type")
        index = _index(container, step)
        if not 0 <= index <= len(container):
            raise fail("index for array insertion out of bounds")
        return [*container[:index], item, *container[index:]]

    return insert


def _delete(container: Value, step: Value) -> Value:
    if container is UNDEFINED:
        return UNDEFINED
    if type(container) not in (list, dict, RegoSet):
        raise fail("expected composite type")
    index = _step(container, step)
    if member(container, index) is UNDEFINED:
        raise fail("cannot delete a value that does not exist")
    if type(container) is list:
        return [*container[:index], *container[index + 1 :]]
    if type(container) is dict:
        return {name: item for name, item in container.items() if name != key(step)}
    return RegoSet({form: item for form, item in container.items.items() if form != key(step)})
