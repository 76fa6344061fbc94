"""``validate.assert``: assertion trees of kyverno-json (https://kyverno.github.io/kyverno-json).

A tree has the shape of what it is about. A key is a member, or in parentheses an expression on what stands there;
``~.`` before it asserts of each element, ``~index.`` under the name ``$index``; ``->name`` after it names its value
``$name`` for what follows. A scalar is the value that is expected, or in parentheses an expression that gives it; a
list is as long as the value. Variables of the rule's context are ``$name``, too. What is missing fails, in expressions
it is null; what cannot be compared is an error. Of Pods' trees none are made for controllers. Kyverno 1.13 judges by
these trees, later versions no longer do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gateproof.documents.interface import Path
from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno.checks import PASSED, Check, CheckError, Reading, Verdict
from gateproof.engines.kyverno.jmespath import (
    BINDINGS,
    Expression,
    HiddenValueError,
    JmespathError,
    UnknownKeyError,
    compile,
)
from gateproof.engines.kyverno.jmespath.interface import hides
from gateproof.engines.kyverno.jmespath.values import encode, equal, is_number, weigh
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.engines.kyverno.scope import Scope

_EACH = re.compile(r"~(\w+)?\.(.*)", re.DOTALL)
_NAMED = re.compile(r"(.*?)\s*->\s*(\w+)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.+)\\", re.DOTALL)
_EXPRESSION = re.compile(r"\((?:(\w+):)?(.+)\)", re.DOTALL)
_NOT_KNOWN = ("admissionInfo", "admissionOperation", "namespaceLabels")
_MOST_SHOWN = 8

Bindings = Mapping[str, Any]


class _Key(msgspec.Struct, frozen=True):
    """A key, or a scalar that is an expression: ``member`` or ``expression``, ``each`` element, the names to give."""

    member: str
    expression: Expression | None = None
    each: bool = False
    index: str = ""
    name: str = ""


class _Entry(msgspec.Struct, frozen=True):
    spelled: str
    key: _Key
    node: _Node


class _Object(msgspec.Struct, frozen=True):
    entries: tuple[_Entry, ...]


class _List(msgspec.Struct, frozen=True):
    nodes: tuple[_Node, ...]


class _Scalar(msgspec.Struct, frozen=True):
    value: Any
    expression: Expression | None = None


_Node = _Object | _List | _Scalar


class Assertion(msgspec.Struct, frozen=True):
    """A tree that must hold of the request."""

    root: _Node

    def judge(self, scope: Scope) -> Verdict:
        """See Check."""
        request = scope.data["request"]
        payload = {
            **{name: request.get(name) for name in ("object", "oldObject", "operation")},
            "requestResource": request.get("requestResource"),
            "resourceKind": {**request.get("requestKind", {}), "subResource": request.get("requestSubResource", "")},
        }
        failed = _Evaluation(scope).failures(self.root, payload, (), {})
        if not failed:
            return PASSED
        path = failed[0][0][1:] if len(failed) == 1 and failed[0][0][:1] == ("object",) else ()
        more = f" and {len(failed) - _MOST_SHOWN} more" if len(failed) > _MOST_SHOWN else ""
        return Verdict(Outcome.FAIL, "; ".join(_told(*one) for one in failed[:_MOST_SHOWN]) + more, path)


def _told(path: Path, problem: str) -> str:
    return f"{'.'.join(map(str, path))} {problem}".strip()


class _Evaluation:
    """One evaluation of a tree: what it finds are places, and what is wrong there."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def failures(self, node: _Node, value: Any, path: Path, bindings: Bindings) -> list[tuple[Path, str]]:
        self._scope.ctx.spend(1)
        if isinstance(node, _Scalar):
            expected = self._search(node.expression, value, bindings) if node.expression else node.value
            weigh(self._scope.ctx, expected, value)
            if hides(expected) or hides(value):
                raise UndecidableError(_told(path, "is sensitive and was replaced before judging"))
            same = _matches(expected, value, path)
            return [] if same else [(path, f"is not {encode(self._scope.ctx, expected)}")]
        if isinstance(node, _List):
            return self._of_list(node, value, path, bindings)
        return self._of_object(node, value, path, bindings)

    def _of_list(self, node: _List, value: Any, path: Path, bindings: Bindings) -> list[tuple[Path, str]]:
        if value is None:
            return [(path, "is null")]
        if not isinstance(value, list):
            raise UndecidableError(_told(path, "is no list"))
        if len(value) != len(node.nodes):
            return [(path, f"has {len(value)} elements, not {len(node.nodes)}")]
        pairs = enumerate(zip(node.nodes, value, strict=True))
        return [one for at, (each, member) in pairs for one in self.failures(each, member, (*path, at), bindings)]

    def _of_object(self, node: _Object, value: Any, path: Path, bindings: Bindings) -> list[tuple[Path, str]]:
        if not node.entries:
            return [(path, "is null")] if value is None else []
        found: list[tuple[Path, str]] = []
        for entry in node.entries:
            key, here = entry.key, (*path, entry.spelled)
            if key.expression is not None:
                projected = self._search(key.expression, value, bindings)
            elif value is None or (isinstance(value, dict) and key.member not in value):
                found.append((here, "is missing"))
                continue
            elif isinstance(value, dict):
                projected = value[key.member]
            else:
                raise UndecidableError(_told(path, "is no object"))
            if key.name:
                bindings = {**bindings, key.name: projected}
            if not key.each:
                found += self.failures(entry.node, projected, here, bindings)
                continue
            for at, member in _members(projected, here):
                inner = {**bindings, key.index: at} if key.index else bindings
                found += self.failures(entry.node, member, (*here, at), inner)
        return found

    def _search(self, expression: Expression, value: Any, bindings: Bindings) -> Any:
        scope = self._scope

        def binding(name: str) -> Any:
            return bindings[name] if name in bindings else scope.query_text(name)

        scope.ctx.cache[BINDINGS] = binding
        try:
            return expression.search(value, scope.ctx)
        except UnknownKeyError:
            return None
        except (JmespathError, HiddenValueError) as error:
            raise UndecidableError(str(error)) from None


def _members(value: Any, path: Path) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, list):
        return enumerate(value)
    if isinstance(value, dict):
        return value.items()
    raise UndecidableError(_told(path, "is neither a list nor an object"))


def _matches(expected: Any, value: Any, path: Path) -> bool:
    """An object may have more members than are expected, and numbers are compared as such."""
    if expected is None or value is None:
        return expected is None and value is None
    if isinstance(expected, dict) and isinstance(value, dict):
        return all(key in value and _matches(one, value[key], (*path, key)) for key, one in expected.items())
    if isinstance(expected, list) and isinstance(value, list):
        pairs = zip(expected, value, strict=False)
        return len(expected) == len(value) and all(_matches(one, other, path) for one, other in pairs)
    if type(expected) is not type(value) and not (is_number(expected) and is_number(value)):
        raise UndecidableError(_told(path, "is of another type than what is expected"))
    return equal(expected, value)


def read_assertion(raw: Any, _: Reading) -> Check:
    """Read what stands under ``assert``. Raises CheckError."""
    if not isinstance(raw, dict) or not raw:
        raise CheckError("assert is an object")
    if unknown := sorted(raw.keys() & set(_NOT_KNOWN)):
        raise CheckError(f"assert: {unknown[0]} is not known here")
    return Assertion(_node(raw))


def _node(raw: Any) -> _Node:
    if isinstance(raw, dict):
        return _Object(tuple(_Entry(spelled, _key(spelled), _node(one)) for spelled, one in raw.items()))
    if isinstance(raw, list):
        return _List(tuple(map(_node, raw)))
    key = _key(raw) if isinstance(raw, str) else None
    if key is None or key.expression is None:
        return _Scalar(raw)
    if key.each or key.name:
        raise CheckError(f"assert: {raw!r} stands for a value, which is neither of each nor named")
    return _Scalar(None, key.expression)


def _key(spelled: str) -> _Key:
    each, index, name, rest = False, "", "", spelled
    if found := _EACH.fullmatch(rest):
        each, index, rest = True, found[1] or "", found[2]
    if found := _NAMED.fullmatch(rest):
        rest, name = found[1], found[2]
    if found := _ESCAPED.fullmatch(rest):
        return _Key(found[1], None, each, index, name)
    found = _EXPRESSION.fullmatch(rest)
    if found is None:
        return _Key(rest, None, each, index, name)
    if found[1] not in (None, "jp"):
        raise CheckError(f"assert: {spelled!r} is in another language than JMESPath")
    if unknown := [word for word in _NOT_KNOWN if word in found[2]]:
        raise CheckError(f"assert: {unknown[0]} is not known here")
    try:
        return _Key("", compile(found[2], bindings=True), each, index, name)
    except JmespathError as error:
        raise CheckError(f"assert: {error}") from None
