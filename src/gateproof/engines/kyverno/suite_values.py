"""Values of Kyverno's tests (``cli.kyverno.io`` Values): variables that a cluster or registry would have given.

A rule's values stand in for the entries of its context that have no answer; a key such as ``dictionary.data.env`` is a
part of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.engines.kyverno.checks import Check
from gateproof.engines.kyverno.context import Entry
from gateproof.engines.kyverno.foreach import ForEach
from gateproof.engines.kyverno.policy import KyvernoPolicy, Rule
from gateproof.engines.kyverno.scope import Load, Scope, VariableError
from gateproof.engines.kyverno.suite_documents import read_all
from gateproof.engines.kyverno.suite_files import HINT
from gateproof.errors import PolicyError

OPERATION = "request.operation"
_REQUEST = "request"
_PREFIXES = ("autogen-cronjob-", "autogen-")


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """Values for a policy on a resource: for all rules, by rule, and by rule for each element of ``foreach``."""

    names: dict[str, Any] = {}
    rules: dict[str, dict[str, Any]] = {}
    elements: dict[str, dict[str, list[Any]]] = {}

    @property
    def operation(self) -> str:
        """The operation that is said among them; empty where none is."""
        return str(self.names.get(OPERATION) or "")


class _Resource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    values: dict[str, Any] = {}


class _Rule(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    name: str
    values: dict[str, Any] = {}
    foreach_values: dict[str, list[Any]] = {}


class _Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    resources: tuple[_Resource, ...] = ()
    rules: tuple[_Rule, ...] = ()


class Selector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A namespace and its labels."""

    name: str
    labels: dict[str, str] = {}


class Namespace(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A whole namespace."""

    metadata: dict[str, Any]
    api_version: str = ""
    kind: str = ""
    spec: dict[str, Any] = {}
    status: dict[str, Any] = {}


class ApiResource(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What an API server serves: a resource or a part of one."""

    name: str
    kind: str
    version: str
    group: str = ""
    singular_name: str = ""
    namespaced: bool = True
    verbs: tuple[str, ...] | None = ()
    short_names: tuple[str, ...] | None = ()
    categories: tuple[str, ...] | None = ()


class Subresource(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What is sent, and what it is a part of."""

    subresource: ApiResource
    parent_resource: ApiResource


class Values(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """All that a file of values says."""

    global_values: dict[str, Any] = {}
    policies: tuple[_Policy, ...] = ()
    namespace_selector: tuple[Selector, ...] = ()
    namespaces: tuple[Namespace, ...] = ()
    subresources: tuple[Subresource, ...] = ()

    def of_resource(self, policy: str, resource: str) -> Given:
        """The values for a policy on the resource called so."""
        mine = [one for one in self.policies if one.name == policy]
        names = dict(self.global_values)
        for one in mine:
            for each in one.resources:
                if each.name == resource:
                    names |= each.values
        return Given(
            names=names,
            rules={rule.name: rule.values for one in mine for rule in one.rules},
            elements={rule.name: rule.foreach_values for one in mine for rule in one.rules if rule.foreach_values},
        )


def read_values(inline: Any, documents: Sequence[Mapping[str, Any]]) -> Values:
    """The values of a test, in itself or in a file of their own, not both. Raises PolicyError."""
    if len(documents) > (1 if inline is None else 0):
        raise PolicyError("values: they are in the test itself, or the one document of a file", hint=HINT)
    found: Any = inline or {}
    if documents:
        found = {key: value for key, value in documents[0].items() if key not in ("apiVersion", "kind", "metadata")}
    return read_all(Values, [found], "values")[0]


def prepared(policy: KyvernoPolicy, given: Given) -> KyvernoPolicy:
    """``policy`` with the values in place of what is not known."""
    return msgspec.structs.replace(policy, rules=tuple(_rule(rule, given) for rule in policy.rules))


def _rule(rule: Rule, given: Given) -> Rule:
    base = next((rule.name.removeprefix(prefix) for prefix in _PREFIXES if rule.name.startswith(prefix)), rule.name)
    values = _nested({**given.names, **given.rules.get(base, given.rules.get(rule.name, {}))})
    elements = given.elements.get(base, {})
    if not values and not elements:
        return rule
    return msgspec.structs.replace(
        rule, context=_entries(rule.context, values, {}), check=_check(rule.check, values, elements)
    )


def _check(check: Check, values: Mapping[str, Any], elements: Mapping[str, list[Any]]) -> Check:
    """The check with the values of each element in its loops."""
    if not isinstance(check, ForEach):
        return check
    loops = (
        msgspec.structs.replace(
            loop, context=_entries(loop.context, values, elements), check=_check(loop.check, values, elements)
        )
        for loop in check.loops
    )
    return msgspec.structs.replace(check, loops=tuple(loops))


def _entries(
    context: Iterable[Entry], values: Mapping[str, Any], elements: Mapping[str, list[Any]]
) -> tuple[Entry, ...]:
    """``context`` with values for what has no answer, and before it those that it has no entry for."""
    entries = list(context)
    known = {name for name, _ in entries}
    made = [(name, _given(name, value)) for name, value in values.items() if name not in known]
    for key in elements:
        root = key.partition(".")[0]
        if root not in known:
            made.append((root, _of_element(key, elements)))
    for name, load in entries:
        listed = next((key for key in elements if key.partition(".")[0] == name), None)
        if listed is not None:
            load = _or_else(load, _of_element(listed, elements))
        elif name in values:
            load = _or_else(load, _given(name, values[name]))
        made.append((name, load))
    return tuple(made)


def _given(name: str, value: Any) -> Load:
    """Gives ``value``; what is said of the request is said beside what it is."""
    if name == _REQUEST:
        return lambda scope: _joined(scope.data[_REQUEST], value)
    return lambda _: value


def _joined(one: Any, other: Any) -> Any:
    """``other``, and what ``one`` has beside it."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return {**one, **{key: _joined(one.get(key), value) for key, value in other.items()}}


def _of_element(key: str, elements: Mapping[str, list[Any]]) -> Load:
    def load(scope: Scope) -> Any:
        index = int(scope.data.get("elementIndex") or 0)
        if index >= len(elements[key]):
            raise VariableError(f"the values of the test have no {key} for element {index}")
        root = key.partition(".")[0]
        return _nested({key: elements[key][index]})[root]

    return load


def _or_else(load: Load, other: Load) -> Load:
    """What ``load`` gives, or where it has no value what ``other`` does."""

    def either(scope: Scope) -> Any:
        try:
            return load(scope)
        except VariableError:
            return other(scope)

    return either


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys as objects in objects; the operation is in the request itself."""
    made: dict[str, Any] = {}
    for key, value in values.items():
        *path, last = key.split(".")
        if key == OPERATION:
            continue
        place = made
        for step in path:
            below = place.get(step)
            place[step] = place = dict(below) if isinstance(below, dict) else {}
        place[last] = value
    return made
