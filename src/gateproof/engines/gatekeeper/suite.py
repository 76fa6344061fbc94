"""gator's test suites (``test.gatekeeper.sh`` Suite): constraints on objects, and what they must find.

As ``gator verify`` runs them (https://open-policy-agent.github.io/gatekeeper/website/docs/gator#the-gator-verify-subcommand):
an object is judged as nobody asks about it, or an AdmissionReview as it asks; what cannot be evaluated counts as a
violation; a constraint whose scoped actions do not name ``gator.gatekeeper.sh`` finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import re2

from gateproof.catalog.gatekeeper import GATOR, TESTS
from gateproof.catalog.policy import Source
from gateproof.documents.instants import instant
from gateproof.engines.gatekeeper.inventory import inventory
from gateproof.engines.gatekeeper.judging import Judge
from gateproof.engines.gatekeeper.policy import check_template, compose
from gateproof.engines.gatekeeper.review import Review, namespaces_in, of_object, of_request
from gateproof.engines.interface import Outcome
from gateproof.engines.kubernetes.manifests import Manifest, manifests
from gateproof.engines.suites import SuiteCase
from gateproof.errors import EvaluationError, GateproofError, PolicyError

KIND = "Suite"
_MANY = "yes"
_NONE = "no"


class Assertion(msgspec.Struct, frozen=True):
    """How many violations have a message that matches: a number, ``yes`` (any) or ``no``; without one, all count."""

    violations: int | str | bool | None = None
    message: str | None = None

    def __post_init__(self) -> None:
        if self.message is not None and not _is_expression(self.message):
            raise ValueError(f"{self.message!r} is no regular expression (RE2)")
        if self.wanted not in (_MANY, _NONE) and not (isinstance(self.wanted, int) and self.wanted >= 0):
            raise ValueError(f"violations must be a number, yes or no, not {self.violations!r}")

    @property
    def wanted(self) -> int | str:
        """The number, ``yes`` or ``no``; YAML 1.1 reads these words as booleans."""
        if self.violations is None or isinstance(self.violations, bool):
            return _NONE if self.violations is False else _MANY
        return self.violations

    def unmet(self, messages: Sequence[str]) -> str:
        """Why ``messages`` are not what is asked for; empty when they are."""
        count = sum(self.message is None or re2.search(self.message, each) is not None for each in messages)
        if count == self.wanted if isinstance(self.wanted, int) else bool(count) is (self.wanted == _MANY):
            return ""
        about = f" matching {self.message!r}" if self.message else ""
        return f"{count} violations{about}, where {self.wanted} must be; found: {'; '.join(messages) or 'none'}"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An object, or an AdmissionReview, and what must be found; paths are relative to the suite."""

    name: str = ""
    object: str = ""
    inventory: tuple[str, ...] | None = None
    assertions: tuple[Assertion, ...] | None = None
    skip: bool = False


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """A constraint, with its template and expansions, on cases; or one that must be ``invalid``."""

    name: str = ""
    template: str = ""
    constraint: str = ""
    expansion: str = ""
    cases: tuple[Case, ...] | None = None
    invalid: bool = False
    skip: bool = False

    @property
    def files(self) -> Iterator[str]:
        """Every path that it names."""
        yield from filter(None, (self.template, self.constraint, self.expansion))
        for case in self.cases or ():
            yield from filter(None, (case.object, *(case.inventory or ())))


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """A suite. ``file`` is its own; ``files`` are those that its tests name, by path; or ``unreadable``, and why."""

    tests: tuple[Test, ...] | None = None
    skip: bool = False
    file: str = ""
    files: dict[str, Source] = {}
    unreadable: dict[str, str] = {}

    def objects(self, path: str) -> list[Manifest]:
        """The objects in one of its files. Raises PolicyError."""
        if path not in self.files:
            raise PolicyError(self.unreadable.get(path, f"{path} is missing"), where=self.file, hint="check the path")
        return manifests([self.files[path]])


def is_suite(value: Any) -> bool:
    """Whether a document is a suite."""
    return (
        isinstance(value, dict)
        and value.get("kind") == KIND
        and str(value.get("apiVersion")).rpartition("/")[0] == TESTS
    )


def read(value: dict[str, Any], file: str) -> Suite:
    """The suite in a document, without the files that it names. Raises PolicyError for what is no suite."""
    try:
        found = msgspec.convert({"tests": value.get("tests"), "skip": value.get("skip", False)}, Suite)
    except msgspec.ValidationError as error:
        raise PolicyError(f"the suite cannot be read: {error}", where=file, hint="see `gator verify`") from None
    return msgspec.structs.replace(found, file=file)


def run(suite: Suite, *, now: str) -> tuple[SuiteCase, ...]:
    """Every case of ``suite``, in order; ``now`` is RFC 3339 UTC."""
    if suite.skip:
        return (SuiteCase(suite.file, suite.file, Outcome.SKIP),)
    return tuple(case for test in suite.tests or () for case in _run(suite, test, now))


def _run(suite: Suite, test: Test, now: str) -> Iterator[SuiteCase]:
    if test.skip:
        yield SuiteCase(suite.file, test.name, Outcome.SKIP)
        return
    try:
        judge = _judge(suite, test)
    except GateproofError as error:
        met = test.invalid and isinstance(error, _InvalidError)
        yield SuiteCase(suite.file, test.name, Outcome.PASS if met else Outcome.ERROR, "" if met else str(error))
        return
    if test.invalid:
        yield SuiteCase(suite.file, test.name, Outcome.FAIL, "the constraint is valid, and must not be")
        return
    for case in test.cases or ():
        name = f"{test.name}/{case.name}"
        if case.skip:
            yield SuiteCase(suite.file, name, Outcome.SKIP)
            continue
        try:
            unmet = _unmet(suite, case, judge, now)
        except GateproofError as error:
            yield SuiteCase(suite.file, name, Outcome.ERROR, str(error))
            continue
        yield SuiteCase(suite.file, name, Outcome.FAIL if unmet else Outcome.PASS, unmet)


class _InvalidError(PolicyError):
    """The constraint is not one of its template."""


def _judge(suite: Suite, test: Test) -> Judge:
    for path, what in ((test.template, "template"), (test.constraint, "constraint")):
        if not path:
            raise PolicyError(f"the test names no {what}", where=suite.file, hint=f"add {what}: FILE")
    by, judged = suite.objects(test.template)[:1], suite.objects(test.constraint)[:1]
    if not by or not judged:
        raise PolicyError("the template or the constraint is empty", where=suite.file, hint="check the files")
    check_template(by[0])
    try:
        judge = compose(by[0], judged[0], ())
    except PolicyError as error:
        raise _InvalidError(error.message, hint=error.hint, problems=error.problems) from None
    return compose(by[0], judged[0], suite.objects(test.expansion)) if test.expansion else judge


def _unmet(suite: Suite, case: Case, judge: Judge, now: str) -> str:
    """Why what was found is not what is asked for; empty when it is."""
    if not case.object or not case.assertions:
        raise PolicyError("a case needs object and assertions", where=suite.file, hint="see `gator verify`")
    objects = suite.objects(case.object)
    if len(objects) != 1:
        raise PolicyError(f"{len(objects)} objects where one is wanted", where=case.object, hint="split the file")
    others = [each.value for path in case.inventory or () for each in suite.objects(path)]
    points = judge.constraint.points
    found = None
    if points is None or GATOR in points:
        review = review_of(objects[0], others)
        nanoseconds = int(instant(now).timestamp()) * 10**9
        found = judge.judge(review, inventory(others), now_ns=nanoseconds, seed=objects[0].source.text.encode())
    messages = [each.message for each in found or () if not each.is_ignored]
    return next((unmet for one in case.assertions if (unmet := one.unmet(messages))), "")


def review_of(manifest: Manifest, others: Sequence[dict[str, Any]]) -> Review:
    """How gator puts an object, or an AdmissionReview, to constraints; ``others`` are what the cluster has."""
    known = namespaces_in(others)
    if (manifest.group, manifest.kind) != ("admission.k8s.io", "AdmissionReview"):
        return of_object(manifest.value, namespaces=known)
    request = manifest.value.get("request")
    if not isinstance(request, dict):
        raise EvaluationError("the AdmissionReview has no request")
    return of_request(request, namespaced=False, namespaces=known)


def _is_expression(text: str) -> bool:
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        re2.compile(text, quiet)
    except re2.error:
        return False
    return True
