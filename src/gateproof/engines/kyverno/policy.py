"""From the YAML of a Kyverno policy to rules that can be evaluated.

Whatever is not understood is refused here, by name, so that no policy passes because a part of it was not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from gateproof.catalog import kyverno
from gateproof.catalog.policy import Source
from gateproof.documents.interface import Format
from gateproof.documents.reading import read
from gateproof.engines.kyverno import autogen
from gateproof.engines.kyverno.actions import Actions, read_actions
from gateproof.engines.kyverno.checks import CHECKS, Check, CheckError, Deny, Reading, read_check
from gateproof.engines.kyverno.conditions import ConditionError, Conditions, read_conditions
from gateproof.engines.kyverno.context import ContextError, Entry, read_entries
from gateproof.engines.kyverno.exceptions import PolicyException, read_exception
from gateproof.engines.kyverno.filters import read_criteria
from gateproof.engines.kyverno.match import Criteria, Test, never
from gateproof.engines.kyverno.occasion import About
from gateproof.engines.kyverno.variables import Resolve, compile_message
from gateproof.engines.validating.expressions import Validations
from gateproof.errors import DocumentError, PolicyError

_API_VERSIONS = ("kyverno.io/v1", "kyverno.io/v2beta1")
_UNSUPPORTED_IN_RULE = {
    "imageExtractors": "imageExtractors are not supported yet",
    "verifyImages": "verifyImages is not supported: it asks registries for signatures, and no fact gives them",
}
_RULE_KEYS = {
    "name",
    "match",
    "exclude",
    "context",
    "preconditions",
    "celPreconditions",
    "validate",
    "reportProperties",
    "skipBackgroundRequests",
}
_UNSUPPORTED_CHECKS = {"podSecurity", "manifests", "assert"} - CHECKS.keys()
_VALIDATE_KEYS = {"message", "failureAction", "failureActionOverrides", "allowExistingViolations"}
_EXPECTED = "expected kyverno.io/v1 ClusterPolicy or Policy"
_MOST_KINDS = 1024
_LONGEST_KIND = 253
_HINT = "remove or rewrite what is listed, or run this policy with Kyverno itself"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One validate rule: what it is for, what must hold for it to apply, and what it checks.

    ``kinds``: for generated rules, the only kinds of object that they see.
    """

    name: str
    match: Criteria
    exclude: Criteria
    message: Resolve
    context: tuple[Entry, ...]
    preconditions: Conditions
    check: Check
    actions: Actions = Actions()
    kinds: frozenset[str] | None = None

    def test(self, about: About) -> Test:
        """What is left to ask of an object of this kind, before the rule is for it."""
        if self.kinds is not None and about.kind not in self.kinds:
            return never
        match, exclude = self.match.test(about), self.exclude.test(about, excluding=True)
        if match is never or exclude is never:
            return match
        return lambda occasion: match(occasion) and not exclude(occasion)


class KyvernoPolicy(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A ClusterPolicy, or (with ``namespace``) a Policy, and the exceptions from it.

    ``not_gating`` names its rules that change or make objects. ``conditions`` say which requests it is for. ``idle``
    says why it judges nothing at all: it is of another kind.
    """

    name: str
    rules: tuple[Rule, ...]
    not_gating: tuple[str, ...] = ()
    namespace: str | None = None
    first_only: bool = False
    exceptions: tuple[PolicyException, ...] = ()
    conditions: Validations | None = None
    idle: str = ""

    @property
    def key(self) -> str:
        """How exceptions name it."""
        return self.name if self.namespace is None else f"{self.namespace}/{self.name}"

    @cached_property
    def _by_kind(self) -> dict[About, tuple[tuple[Rule, Test], ...]]:
        return {}

    def rules_for(self, about: About) -> tuple[tuple[Rule, Test], ...]:
        """The rules that may be for objects of this kind, and what is left to ask before they are."""
        found = self._by_kind.get(about)
        if found is None:
            tests = ((rule, rule.test(about)) for rule in self.rules)
            found = tuple((rule, test) for rule, test in tests if test is not never)
            if max(map(len, about)) <= _LONGEST_KIND and len(self._by_kind) < _MOST_KINDS:
                self._by_kind[about] = found
        return found


@lru_cache(maxsize=512)
def load(sources: tuple[Source, ...]) -> tuple[KyvernoPolicy, ...]:
    """Every policy in ``sources``, with the exceptions beside them. Raises PolicyError with all problems."""
    reader = _Reader()
    policies = tuple(policy for source in sources for policy in reader.source(source))
    if not policies and not reader.exceptions and not reader.problems:
        reader.refuse("no ClusterPolicy or Policy in it")
    if reader.problems:
        where = ", ".join(source.name for source in sources) or None
        raise PolicyError("the Kyverno policy cannot be used", where=where, hint=_HINT, problems=reader.problems)
    if not policies:
        return tuple(
            KyvernoPolicy(name=one.name, rules=(), idle="it is an exception from no policy that is here")
            for one in reader.exceptions
        )
    found = tuple(reader.exceptions)
    return tuple(msgspec.structs.replace(policy, exceptions=found) for policy in policies) if found else policies


class _Reader:
    """Collects problems while it reads, so that all are reported at once."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.exceptions: list[PolicyException] = []
        self._place = ""
        self._namespace: str | None = None
        self._actions = Actions()

    def refuse(self, problem: str) -> None:
        self.problems.append(f"{self._place}: {problem}" if self._place else problem)

    def source(self, source: Source) -> list[KyvernoPolicy]:
        self._place = source.name
        try:
            documents = read(source.text.encode(), Format.YAML)
        except DocumentError as error:
            self.refuse(str(error))
            return []
        return [policy for document in documents if (policy := self._policy(document.value)) is not None]

    def _policy(self, raw: Any) -> KyvernoPolicy | None:
        if not isinstance(raw, dict):
            self.refuse(f"{type(raw).__name__} is not supported ({_EXPECTED})")
            return None
        metadata = self._map(raw, "metadata")
        if kyverno.is_exception(raw):
            self._place = f"exception {metadata.get('name')}"
            self.exceptions.append(read_exception(raw, self.refuse))
            return None
        if why := kyverno.why_idle(raw):
            return KyvernoPolicy(name=str(metadata.get("name") or ""), rules=(), idle=why)
        if raw.get("kind") not in kyverno.POLICIES or raw.get("apiVersion") not in _API_VERSIONS:
            self.refuse(f"{raw.get('apiVersion')} {raw.get('kind')} is not supported ({_EXPECTED})")
            return None
        name = str(metadata.get("name") or "")
        self._place = f"policy {name}"
        spec = self._map(raw, "spec")
        webhook = self._map(spec, "webhookConfiguration")
        conditions = [*self._list(webhook, "matchConditions"), *self._list(spec, "matchConditions")]
        self._namespace = str(metadata.get("namespace") or "default") if raw["kind"] == "Policy" else None
        self._actions = read_actions(spec, "validationFailureAction", self.refuse)
        rules, not_gating = self._rules(self._list(spec, "rules"), metadata)
        return KyvernoPolicy(
            name=name,
            conditions=self._conditions(conditions),
            rules=rules,
            not_gating=not_gating,
            namespace=self._namespace,
            first_only=spec.get("applyRules") == "One",
        )

    def _conditions(self, raw: list[Any]) -> Validations | None:
        found = None
        if raw:
            from gateproof.engines.kyverno.cel_rule import read_match_conditions

            with self._refusing():
                found = read_match_conditions(raw)
        return found

    def _rules(self, raw: list[Any], metadata: dict[str, Any]) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
        policy, blocks, drafts, not_gating = self._place, [], [], []
        if not raw:
            self.refuse("it has no rules")
        for index, one in enumerate(raw):
            self._place = f"{policy}, rule {one.get('name', index) if isinstance(one, dict) else index}"
            if not isinstance(one, dict):
                self.refuse("a rule must be an object")
                continue
            blocks += [read_criteria(one, block, self.refuse) for block in ("match", "exclude")]
            if "validate" in one:
                drafts.append((one, blocks[-2], blocks[-1]))
            not_gating += [f"{one.get('name', index)} ({key})" for key in kyverno.RULES if key in one]
            self._check_keys(one)
        controllers = frozenset[str]()
        if autogen.supported(blocks) and not any(map(autogen.is_only_for_pods, raw)):
            self._place = policy
            controllers = self._controllers(metadata)
        rules = []
        for one, match, exclude in drafts:
            self._place = f"{policy}, rule {one.get('name', '')}"
            rules += self._validate(one, match, exclude, controllers)
        return tuple(rules), tuple(not_gating)

    def _check_keys(self, rule: dict[str, Any]) -> None:
        for key in rule:
            if key in _UNSUPPORTED_IN_RULE:
                self.refuse(_UNSUPPORTED_IN_RULE[key])
            elif key not in _RULE_KEYS and key not in kyverno.RULES:
                self.refuse(f"unknown key {key!r}")
        if "celPreconditions" in rule and "cel" not in self._map(rule, "validate"):
            self.refuse("celPreconditions are for validate.cel alone")
        if not any(key in rule for key in ("validate", *kyverno.RULES, *_UNSUPPORTED_IN_RULE)):
            self.refuse("it has nothing to do (expected validate)")

    def _controllers(self, metadata: dict[str, Any]) -> frozenset[str]:
        annotation = self._map(metadata, "annotations").get(autogen.ANNOTATION)
        if annotation is None:
            return autogen.ALL_CONTROLLERS
        try:
            return autogen.controllers_named(str(annotation))
        except ValueError as error:
            self.refuse(f"annotation {autogen.ANNOTATION}: {error}")
            return frozenset()

    def _validate(
        self, rule: dict[str, Any], match: Criteria, exclude: Criteria, controllers: frozenset[str]
    ) -> list[Rule]:
        validate = self._map(rule, "validate")
        rule = {**rule, "validate": validate}
        for key in validate:
            if key in _UNSUPPORTED_CHECKS:
                self.refuse(f"validate.{key} is not supported yet")
            elif key not in _VALIDATE_KEYS and key not in CHECKS:
                self.refuse(f"unknown key validate.{key}")
        if validate.keys() & _UNSUPPORTED_CHECKS:
            return []
        name = str(rule.get("name", ""))
        known = len(self.problems)
        rules = [self._rule(name, rule, match, exclude)]
        generates = "assert" not in validate and not autogen.is_generated(name) and autogen.applies(match, exclude)
        if not generates or len(self.problems) > known:
            return rules
        for kinds, path in autogen.split(controllers):
            generated = autogen.name(name, cron_job=autogen.is_cron_job(kinds))
            matches = autogen.redirect(match, kinds, every=autogen.is_cron_job(kinds))
            excludes = autogen.redirect(exclude, kinds)
            rules.append(self._rule(generated, autogen.adapted(rule, path), matches, excludes, kinds))
        return rules

    def _rule(
        self,
        name: str,
        raw: dict[str, Any],
        match: Criteria,
        exclude: Criteria,
        kinds: frozenset[str] | None = None,
    ) -> Rule:
        check = context = preconditions = None
        actions = read_actions(raw["validate"], "failureAction", self.refuse)
        with self._refusing():
            check = read_check(raw["validate"], Reading(raw, self._namespace))
        with self._refusing():
            context = read_entries(raw.get("context"), self._namespace)
        with self._refusing():
            preconditions = read_conditions(raw.get("preconditions"))
        return Rule(
            name=name,
            match=match,
            exclude=exclude,
            message=compile_message(str(raw["validate"].get("message") or "").strip().removesuffix(".")),
            context=context or (),
            preconditions=preconditions or Conditions(),
            check=check or Deny(Conditions()),
            actions=actions.beside(self._actions),
            kinds=kinds,
        )

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (CheckError, ConditionError, ContextError) as error:
            self.refuse(str(error))

    def _map(self, raw: dict[str, Any], key: str) -> dict[str, Any]:
        value = raw.get(key)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.refuse(f"{key} must be an object")
        return {}

    def _list(self, raw: dict[str, Any], key: str) -> list[Any]:
        value = raw.get(key)
        if isinstance(value, list):
            return value
        if value is not None:
            self.refuse(f"{key} must be a list")
        return []
