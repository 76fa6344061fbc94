"""Kyverno's tests (``cli.kyverno.io`` Test, ``kyverno-test.yaml``): policies on objects, and what their rules must say.

As `kyverno test` runs them (https://kyverno.io/docs/kyverno-cli/reference/kyverno_test/), offline: what would be asked
of a cluster or registry comes from the test's values, mocked answers and cluster resources. It differs in these:

- An object that no rule is for is SKIP where pass or fail is expected: nothing was tried. Kyverno counts it as passed.
- A resource that is named and not there is an error; Kyverno then tries every other one.
- What does not gate (rules and policies that mutate, generate, delete or ask for signatures) is SKIP.

Exceptions need not say in a test until when they count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.catalog import pack
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.documents.interface import Format
from gateproof.documents.reading import read as read_documents
from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno.engine import judge
from gateproof.engines.kyverno.exceptions import EXPIRES
from gateproof.engines.kyverno.policy import KyvernoPolicy, load
from gateproof.engines.kyverno.suite_request import Setting, setting
from gateproof.engines.kyverno.suite_values import Values, prepared, read_values
from gateproof.engines.suites import SuiteCase
from gateproof.errors import DocumentError, GateproofError, PolicyError

GROUP = "cli.kyverno.io/"
_FOREVER = "9999-12-31T23:59:59Z"
_HINT = "see `kyverno test`"
_KEYS = {
    *("apiVersion", "kind", "metadata", "name", "policies", "resources", "targetResources", "variables", "userinfo"),
    *("results", "values", "exceptions", "context", "clusterResources", "apiCallResponses", "globalContextEntries"),
}
_MANY = ("policies", "resources", "exceptions", "clusterResources")
_ONE = ("variables", "userinfo", "context")


class Expected(msgspec.Struct, frozen=True, rename="camel"):
    """What a rule (without one: all rules of a policy) must say of resources; without any named, of all of them."""

    policy: str
    result: str
    rule: str = ""
    resources: tuple[str, ...] | None = None
    resource: str = ""
    operation: str = ""
    patched_resources: str = ""
    generated_resource: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """The resources that it names."""
        return self.resources or ((self.resource,) if self.resource else ())

    @property
    def rules(self) -> frozenset[str]:
        """The rule and those that are generated from it."""
        return frozenset(f"{prefix}{self.rule}" for prefix in ("", "autogen-", "autogen-cronjob-"))


class KyvernoTest(msgspec.Struct, frozen=True, kw_only=True):
    """A test. ``file`` is its own; ``files`` are those that it names, by path; or ``unreadable``, and why."""

    value: dict[str, Any]
    file: str
    files: dict[str, tuple[Source, ...]] = {}
    unreadable: dict[str, str] = {}

    def sources(self, key: str) -> list[Source]:
        """The files under one of the keys that name any. Raises PolicyError."""
        raw = self.value.get(key)
        paths = [raw] if isinstance(raw, str) else raw or []
        found: list[Source] = []
        for path in paths:
            if path not in self.files:
                raise PolicyError(self.unreadable.get(str(path), f"{path} is missing"), where=self.file, hint=_HINT)
            found += self.files[path]
        return found

    def documents(self, key: str) -> list[dict[str, Any]]:
        """The objects in these files. Raises PolicyError."""
        return [value for source in self.sources(key) for value in objects_in(source)]


def is_test(value: Any) -> bool:
    """Whether a document is a test of Kyverno."""
    return isinstance(value, dict) and value.get("kind") == "Test" and str(value.get("apiVersion")).startswith(GROUP)


def paths_in(value: Mapping[str, Any]) -> list[str]:
    """Every path that a test names. Raises PolicyError for a part that is of a wrong type."""
    many = [path for key in _MANY for path in _texts(value.get(key), key)]
    return [*many, *(value[key] for key in _ONE if isinstance(value.get(key), str))]


def objects_in(source: Source) -> list[dict[str, Any]]:
    """The objects in a file of YAML, lists flattened. Raises PolicyError."""
    try:
        documents = read_documents(source.text.encode(), Format.YAML)
    except DocumentError as error:
        raise PolicyError(str(error), where=source.name, hint="correct the file") from None
    found: list[dict[str, Any]] = []
    for document in documents:
        value = document.value
        items = value.get("items") if isinstance(value, dict) and str(value.get("kind")).endswith("List") else None
        found += [one for one in (items if isinstance(items, list) else [value]) if isinstance(one, dict)]
    return found


def run(test: KyvernoTest, *, now: str) -> tuple[SuiteCase, ...]:
    """Every result that ``test`` expects, for each of its resources; ``now`` is RFC 3339 UTC."""
    try:
        if unknown := sorted(test.value.keys() - _KEYS):
            raise PolicyError(f"{', '.join(unknown)} of a test is not supported", where=test.file, hint=_HINT)
        expected = _expected(test)
        running = _Running(test, now)
    except GateproofError as error:
        return (SuiteCase(test.file, "", Outcome.ERROR, error.one_line),)
    return tuple(case for each in expected for case in running.cases(each))


def _expected(test: KyvernoTest) -> tuple[Expected, ...]:
    raw = test.value.get("results")
    try:
        return msgspec.convert(raw or [], tuple[Expected, ...])
    except msgspec.ValidationError as error:
        raise PolicyError(f"results: {error}", where=test.file, hint=_HINT) from None


class _Running:
    """A test with everything that it names, read."""

    def __init__(self, test: KyvernoTest, now: str) -> None:
        self._file = test.file
        self._now = now
        self._values: Values = read_values(test.value.get("values"), test.documents("variables"))
        self._setting: Setting = setting(test.value, test.documents, self._values, now)
        self._resources = test.documents("resources")
        self._policies: dict[str, Policy] = {}
        self._problems: dict[str, str] = {}
        exceptions = {
            f"exceptions/{number}.yaml": _dated(one) for number, one in enumerate(test.documents("exceptions"))
        }
        for source in test.sources("policies"):
            self._load(source, exceptions)

    def cases(self, expected: Expected) -> Iterator[SuiteCase]:
        """The cases of one expected result."""
        name = expected.policy.rpartition("/")[2]
        if problem := self._problems.get(name) or self._policies_missing(name):
            yield self._case(expected, "", Outcome.ERROR, problem)
            return
        policy = self._policies[name]
        if why := self._not_gating(policy, expected):
            yield self._case(expected, "", Outcome.SKIP, why)
            return
        for named in expected.named:
            if not any(_is_meant(one, named) for one in self._resources):
                yield self._case(expected, named, Outcome.ERROR, "there is no such resource")
        for value in self._resources:
            if not expected.named or any(_is_meant(value, named) for named in expected.named):
                yield self._tried(expected, policy, value)

    def _tried(self, expected: Expected, policy: Policy, value: dict[str, Any]) -> SuiteCase:
        shown = _shown(value)
        try:
            found = self._said(expected, policy, value)
        except GateproofError as error:
            return self._case(expected, shown, Outcome.ERROR, error.one_line)
        if not found:
            met = expected.result == Outcome.SKIP
            why = "" if met else f"excluded: no rule is for it, so {expected.result} was not tried"
            return self._case(expected, shown, Outcome.PASS if met else Outcome.SKIP, why)
        other = [message or outcome for outcome, message in found if outcome != expected.result]
        if not other:
            return self._case(expected, shown, Outcome.PASS)
        outcomes = " and ".join(sorted({outcome for outcome, _ in found}))
        said = f"{expected.result} is expected, found {outcomes}: {'; '.join(other)}"
        return self._case(expected, shown, Outcome.FAIL, said)

    def _said(self, expected: Expected, policy: Policy, value: dict[str, Any]) -> list[tuple[str, str]]:
        """Outcomes and messages of the policy's rules on an object; none where it is not for it."""
        from gateproof.engines import engine_for

        given = self._values.of_resource(policy.id, _name(value))
        subject, resource = self._setting.request(value, expected.operation or given.operation)
        answers = self._setting.answers
        if policy.engine is not EngineName.KYVERNO:
            results = engine_for(policy.engine).evaluate(policy, subject, answers.facts, now=self._now)
            return [
                (str(one.outcome), one.reason or "; ".join(finding.message for finding in one.findings))
                for one in results
                if one.resource
            ]
        return [
            (str(outcome.outcome), outcome.message)
            for loaded in load(policy.sources)
            for outcome in judge(
                prepared(loaded, given), subject, resource, answers, now=self._now, who=self._setting.who
            )
            if not expected.rule or outcome.rule in expected.rules or not outcome.rule
        ]

    def _load(self, source: Source, exceptions: Mapping[str, str]) -> None:
        from gateproof.engines import check

        names = [str(_metadata(value).get("name")) for value in objects_in(source)]
        try:
            found = pack.load({**exceptions, source.name: source.text})
            check(*found)
        except PolicyError as error:
            self._problems |= dict.fromkeys(names, error.one_line)
            return
        for policy in found:
            name = policy.id if policy.id in names else policy.id.partition(".")[2]  # what judges nothing: KIND.NAME
            if name in names:
                self._policies.setdefault(name, policy)

    def _policies_missing(self, name: str) -> str:
        return "" if name in self._policies else f"there is no policy {name} among its policies"

    def _not_gating(self, policy: Policy, expected: Expected) -> str:
        """Why what is expected is not tried: no part of it gates."""
        if expected.patched_resources or expected.generated_resource:
            return "what changes or makes objects does not gate"
        if policy.engine is EngineName.KYVERNO:
            return next((why for one in load(policy.sources) if (why := _idle(one, expected.rule))), "")
        if policy.engine is EngineName.KYVERNO_VALIDATING:
            from gateproof.engines.kyverno.validating_policy import Idle
            from gateproof.engines.kyverno.validating_policy import load as load_validating

            loaded = load_validating(policy.sources)
            return loaded.reason if isinstance(loaded, Idle) else ""
        return ""

    def _case(self, expected: Expected, resource: str, outcome: Outcome, message: str = "") -> SuiteCase:
        name = "/".join(part for part in (expected.policy, expected.rule, resource, expected.operation) if part)
        return SuiteCase(self._file, name, outcome, message)


def _dated(exception: dict[str, Any]) -> str:
    """An exception that counts whenever it is: tests need not say until when."""
    metadata = _metadata(exception)
    annotations = metadata.get("annotations")
    annotations = {**(annotations if isinstance(annotations, dict) else {}), EXPIRES: _FOREVER}
    return msgspec.json.encode({**exception, "metadata": {**metadata, "annotations": annotations}}).decode()


def _idle(policy: KyvernoPolicy, rule: str) -> str:
    if policy.idle:
        return policy.idle
    named = [one for one in policy.not_gating if one.rpartition(" (")[0] == rule]
    if named or (policy.not_gating and not policy.rules):
        return f"rules that change or make objects do not gate: {', '.join(named or policy.not_gating)}"
    return ""


def _is_meant(value: Mapping[str, Any], named: str) -> bool:
    namespace, _, name = named.rpartition("/")
    found = _metadata(value).get("namespace") or "default"
    return _name(value) == name and (not namespace or namespace == found)


def _name(value: Mapping[str, Any]) -> str:
    metadata = _metadata(value)
    return str(metadata.get("name") or metadata.get("generateName") or "")


def _shown(value: Mapping[str, Any]) -> str:
    namespace = _metadata(value).get("namespace")
    return "/".join(str(part) for part in (value.get("kind"), namespace, _name(value)) if part)


def _metadata(value: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = value.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _texts(raw: Any, key: str) -> Sequence[str]:
    if raw is None:
        return ()
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise PolicyError(f"{key} of a test must be a list of paths", hint=_HINT)
    return raw
