"""``match`` and ``exclude`` blocks from YAML to Criteria; whatever is not understood is refused, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateproof.engines.kyverno.match import Criteria, Filter, KindSelector, LabelSelector, Requirement
from gateproof.engines.kyverno.occasion import Subject
from gateproof.inputs.admission import OPERATIONS

_WHO = ("subjects", "roles", "clusterRoles")
_RESOURCES = {
    *("kinds", "name", "names", "namespaces", "annotations", "selector", "namespaceSelector", "operations"),
}
_OPERATORS = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}
_SUBJECTS = ("User", "Group", "ServiceAccount")


def read_criteria(holder: Mapping[str, Any], block: str, refuse: Callable[[str], None]) -> Criteria:
    """The block called ``block`` of a rule or exception; ``refuse`` is told everything that is wrong with it."""
    return _Reader(block, refuse).criteria(holder.get(block))


def read_selector(holder: Mapping[str, Any], key: str, refuse: Callable[[str], None]) -> LabelSelector | None:
    """The label selector called ``key``, if there is one; ``refuse`` is told everything that is wrong with it."""
    return _Reader(key, refuse).selector(holder, key)


class _Reader:
    def __init__(self, block: str, refuse: Callable[[str], None]) -> None:
        self._block = block
        self._tell = refuse

    def _refuse(self, problem: str) -> None:
        self._tell(f"{self._block}: {problem}")

    def criteria(self, raw: Any) -> Criteria:
        raw = self._map({"it": raw}, "it")
        joins = [key for key in ("any", "all") if raw.get(key)]
        direct = {key: value for key, value in raw.items() if key not in ("any", "all")}
        if len(joins) > 1 or (joins and direct):
            self._refuse("it must be one of any, all and resources")
        if joins:
            filters = [self._filter(one) for one in self._list(raw, joins[0])]
        else:
            filters = [self._filter(direct)] if direct else []
        if self._block == "match" and not any(one.of_objects or one.asks_who for one in filters):
            self._refuse("it selects no object")
        return Criteria(tuple(filters), need_all=joins == ["all"])

    def _filter(self, raw: Any) -> Filter:
        if not isinstance(raw, dict):
            self._refuse("a filter must be an object")
            return Filter()
        for key in raw.keys() - {*_WHO, "resources"}:
            self._refuse(f"unknown key {key!r}")
        resources = self._map(raw, "resources")
        for key in resources.keys() - _RESOURCES:
            self._refuse(f"unknown key {key!r}")
        single = (str(resources["name"]),) if resources.get("name") else ()
        operations = self._texts(resources, "operations")
        for operation in operations:
            if operation not in OPERATIONS:
                self._refuse(f"{operation!r} is no operation (expected {', '.join(OPERATIONS)})")
        return Filter(
            kinds=tuple(map(self._kind, self._texts(resources, "kinds"))),
            names=tuple(group for group in (single, self._texts(resources, "names")) if group),
            namespaces=self._texts(resources, "namespaces"),
            annotations=self._pairs(resources, "annotations"),
            selector=self.selector(resources, "selector"),
            namespace_selector=self.selector(resources, "namespaceSelector"),
            operations=operations,
            subjects=tuple(map(self._subject, self._list(raw, "subjects"))),
            roles=frozenset(self._texts(raw, "roles")),
            cluster_roles=frozenset(self._texts(raw, "clusterRoles")),
        )

    def _kind(self, text: str) -> KindSelector:
        selector = KindSelector.parse(text)
        if selector is None:
            self._refuse(f"{text!r} is not a kind (expected group/version/Kind)")
        return selector or KindSelector("", "", "", "")

    def _subject(self, raw: Any) -> Subject:
        subject = raw if isinstance(raw, dict) else {}
        kind, name, namespace = (subject.get(key) for key in ("kind", "name", "namespace"))
        known = (
            kind in _SUBJECTS
            and isinstance(name, str)
            and not subject.keys() - {"kind", "name", "namespace", "apiGroup"}
        )
        if not known or (kind == "ServiceAccount") != isinstance(namespace, str):
            self._refuse(f"{raw!r} is no subject (expected kind {', '.join(_SUBJECTS)} with its name)")
        return Subject(str(kind), str(name), str(namespace or ""))

    def selector(self, resources: Mapping[str, Any], key: str) -> LabelSelector | None:
        raw = resources.get(key)
        if raw is None:
            return None
        if not isinstance(raw, dict) or raw.keys() - {"matchLabels", "matchExpressions"}:
            self._refuse(f"{key} has matchLabels and matchExpressions")
            return LabelSelector()
        requirements = []
        for one in self._list(raw, "matchExpressions"):
            operator = one.get("operator") if isinstance(one, dict) else None
            values = self._texts(one, "values") if isinstance(one, dict) else ()
            if operator not in _OPERATORS or bool(values) != _OPERATORS[operator] or not one.get("key"):
                self._refuse(f"{one!r} is not a label requirement")
                continue
            requirements.append(Requirement(str(one["key"]), operator, frozenset(values)))
        return LabelSelector(self._pairs(raw, "matchLabels"), tuple(requirements))

    def _texts(self, raw: dict[str, Any], key: str) -> tuple[str, ...]:
        values = self._list(raw, key)
        if not all(isinstance(value, str) for value in values):
            self._refuse(f"{key} must be a list of strings")
            return ()
        for value in values:
            self._refuse_variables(value, key)
        return tuple(values)

    def _pairs(self, raw: dict[str, Any], key: str) -> tuple[tuple[str, str], ...]:
        pairs = self._map(raw, key)
        if not all(isinstance(value, str) for value in pairs.values()):
            self._refuse(f"{key} must be a map of strings")
            return ()
        for value in pairs.values():
            self._refuse_variables(value, key)
        return tuple(sorted(pairs.items()))

    def _refuse_variables(self, text: str, key: str) -> None:
        if "{{" in text:
            self._refuse(f"a variable ({text!r}) at {key}")

    def _map(self, raw: dict[str, Any], key: str) -> dict[str, Any]:
        value = raw.get(key)
        if isinstance(value, dict):
            return value
        if value is not None:
            self._refuse("it must be an object" if key == "it" else f"{key} must be an object")
        return {}

    def _list(self, raw: dict[str, Any], key: str) -> list[Any]:
        value = raw.get(key)
        if isinstance(value, list):
            return value
        if value is not None:
            self._refuse(f"{key} must be a list")
        return []
