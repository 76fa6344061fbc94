"""Kyverno's tests (``cli.kyverno.io`` Test, ``kyverno-test.yaml``): policies on objects, and what their rules must say.

As `kyverno test` runs them (https://kyverno.io/docs/kyverno-cli/reference/kyverno_test/), offline: what would be asked
of a cluster or registry comes from the test's values, mocked answers and cluster resources. It differs in these:

- An object that no rule is for is SKIP where pass or fail is expected: nothing was tried. Kyverno counts it as passed.
- A resource that is named and not there is an error; Kyverno then tries every other one. ``resourceSpecs`` name some
  without ``resources``, too, and their kind counts.
- What does not gate (rules and policies that mutate, generate, delete or ask for signatures) is SKIP.

Exceptions need not say in a test until when they count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gateproof.catalog import pack
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno.engine import judge
from gateproof.engines.kyverno.exceptions import EXPIRES
from gateproof.engines.kyverno.policy import KyvernoPolicy, load
from gateproof.engines.kyverno.suite_expected import Expected, metadata_of, name_of, read_expected
from gateproof.engines.kyverno.suite_files import KyvernoTest, check_keys, objects_in
from gateproof.engines.kyverno.suite_request import Setting, setting
from gateproof.engines.kyverno.suite_values import Values, prepared, read_values
from gateproof.engines.suites import SuiteCase
from gateproof.errors import GateproofError, PolicyError

_WARN = "warn"
"""What a failure is called of a policy that is annotated as not scored."""
_SCORED = "policies.kyverno.io/scored"
_FOREVER = "9999-12-31T23:59:59Z"


def run(test: KyvernoTest, *, now: str) -> tuple[SuiteCase, ...]:
    """Every result that ``test`` expects, for each of its resources; ``now`` is RFC 3339 UTC."""
    try:
        check_keys(test)
        expected = read_expected(test.value.get("results"), test.file)
        running = _Running(test, now)
    except GateproofError as error:
        return (SuiteCase(test.file, "", Outcome.ERROR, error.one_line),)
    return tuple(case for each in expected for case in running.cases(each))


class _Running:
    """A test with everything that it names, read."""

    def __init__(self, test: KyvernoTest, now: str) -> None:
        self._file = test.file
        self._now = now
        self._values: Values = read_values(test.value.get("values"), test.documents(test.paths("variables")))
        self._setting: Setting = setting(test, self._values, now)
        self._resources = test.documents(test.paths("resources"))
        self._policies: dict[str, Policy] = {}
        self._problems: dict[str, str] = {}
        self._unscored: set[str] = set()
        listed = enumerate(test.documents(test.paths("exceptions")))
        exceptions = {f"exceptions/{number}.yaml": _dated(one) for number, one in listed}
        for source in test.sources(test.paths("policies")):
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
            if not any(map(named.means, self._resources)):
                yield self._case(expected, str(named), Outcome.ERROR, "there is no such resource")
        for value in self._resources:
            if not expected.named or any(named.means(value) for named in expected.named):
                yield self._tried(expected, policy, value)

    def _tried(self, expected: Expected, policy: Policy, value: dict[str, Any]) -> SuiteCase:
        shown = _shown(value)
        try:
            found = self._said(expected, policy, value)
        except GateproofError as error:
            return self._case(expected, shown, Outcome.ERROR, error.one_line)
        if policy.id in self._unscored:
            found = [(_WARN if outcome == str(Outcome.FAIL) else outcome, message) for outcome, message in found]
        if not found:
            met = expected.result == str(Outcome.SKIP)
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

        given = self._values.of_resource(policy.id, name_of(value))
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

        values = objects_in(source)
        names = [str(metadata_of(value).get("name")) for value in values]
        self._unscored |= {name for name, value in zip(names, values, strict=True) if not _is_scored(value)}
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
        if expected.is_about_changes:
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
    metadata = metadata_of(exception)
    annotations = metadata.get("annotations")
    annotations = {**(annotations if isinstance(annotations, dict) else {}), EXPIRES: _FOREVER}
    return msgspec.json.encode({**exception, "metadata": {**metadata, "annotations": annotations}}).decode()


def _is_scored(policy: Mapping[str, Any]) -> bool:
    annotations = metadata_of(policy).get("annotations")
    return not isinstance(annotations, dict) or annotations.get(_SCORED) != "false"


def _idle(policy: KyvernoPolicy, rule: str) -> str:
    if policy.idle:
        return policy.idle
    named = [one for one in policy.not_gating if one.rpartition(" (")[0] == rule]
    if named or (policy.not_gating and not policy.rules):
        return f"rules that change or make objects do not gate: {', '.join(named or policy.not_gating)}"
    return ""


def _shown(value: Mapping[str, Any]) -> str:
    namespace = metadata_of(value).get("namespace")
    return "/".join(str(part) for part in (value.get("kind"), namespace, name_of(value)) if part)
