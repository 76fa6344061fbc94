"""Rego policies: bare, as conftest runs them, and written for gateproof.

Bare (``EngineName.REGO``): every rule ``deny``, ``violation`` or ``warn``, also with a suffix (``deny_public``), of the
package that the policy is named after (of every package, if there is none) is asked for each document as ``input``.
What it holds are messages: strings, or objects with ``msg``. A rule that ``exception`` of its package names (as in
conftest) is exempt: what it finds is no failure but a SKIP that says so.

Written for gateproof (``EngineName.REGO_RESOURCE``): the package ``gateproof.policies.<id>`` says for all resources at
once to which it applies, what it denies and what it cannot decide; docs/reference/policy-contract.md has the contract.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from gateproof import inputs
from gateproof.catalog.policy import LIBRARY, EngineName, InputKind, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.documents import canonical
from gateproof.documents.instants import instant
from gateproof.documents.interface import Path
from gateproof.engines import programs
from gateproof.engines.bounds import told
from gateproof.engines.interface import Finding, Outcome, Result
from gateproof.errors import EvaluationError, PolicyError
from gateproof.inputs import resources
from gateproof.inputs.context import Fact
from gateproof.inputs.input import Input, Resource

if TYPE_CHECKING:
    from gateproof.rego.program import Program
    from gateproof.rego.vacuity import Watch

_MESSAGES = r"(deny|violation|warn)(_[a-zA-Z0-9]+)*"
_EXCEPTION = "exception"
_ID = r"[a-z][a-z0-9]*([_-][a-z0-9]+)*"
_PACKAGE = "gateproof.policies."
# Where the values of a Terraform resource stand in its change; paths in policies start from there.
_TERRAFORM_VALUES: Path = ("change", "after")
_WHOLE = {
    InputKind.TERRAFORM_PLAN: "plan",
    InputKind.GITHUB_WORKFLOW: "workflow",
    InputKind.DOCKERFILE: "dockerfile",
}
"""What results about a whole document are about."""
_NOTHING = "it applies to no resource in this input"
_CONTRACT = ("gateproof", "contract")
# Asks a policy for what the contract names and nothing else; a rule that it does not have is left out.
_QUESTIONS = """package gateproof.contract

applies := data.PACKAGE.applies
deny := data.PACKAGE.deny
undecided := data.PACKAGE.undecided
"""


class ProgramCache(Protocol):
    """Where compiled policies are kept between runs. What it returns is trusted: it must be its owner's alone."""

    def get(self, digest: str) -> bytes | None:
        """What was put under ``digest``, or None."""

    def put(self, digest: str, program: bytes) -> None:
        """Keep ``program``; failing to is no error."""


_cache: ProgramCache | None = None


def use_cache(cache: ProgramCache | None) -> None:
    """Keep compiled policies in ``cache`` from now on, in the whole process; None: in memory alone."""
    global _cache
    _cache = cache


class RegoEngine:
    """Engine for both ways of writing Rego."""

    def __init__(
        self,
        compiler: Callable[[tuple[Source, ...]], Program] | None = None,
        *,
        observe: Callable[[Policy, Program], Watch | None] | None = None,
    ) -> None:
        """``compiler`` makes the programs, where they are to be other than those that decide: traced, for coverage.

        ``observe`` gives what watches the evaluation of a policy, if anything; it changes no result. Where a result is
        an ERROR, not all was evaluated, and what was watched says nothing.
        """
        self._compiler = compiler
        self._observe = observe

    def check(self, policy: Policy) -> None:
        """See Engine."""
        self._load(policy)

    def evaluate(self, policy: Policy, subject: Input, facts: Mapping[str, Fact], *, now: str) -> Sequence[Result]:
        """See Engine."""
        ours = policy.engine is EngineName.REGO_RESOURCE
        document = inputs.document(subject, policy.resources) if ours else None
        if ours and document is None:
            # Nothing that it could read is here, so it need not even be compiled.
            return [Result(policy.id, "", Outcome.SKIP, _NOTHING)]
        program = self._load(policy)
        watch = self._observe(policy, program) if self._observe else None
        evaluation = _Evaluation(policy, program, subject, facts, now, watch)
        return evaluation.by_resource(document) if document is not None else evaluation.by_document()

    def _load(self, policy: Policy) -> Program:
        if self._compiler is None:
            return _loaded(_Code(policy.id, policy.engine, policy.sources))
        program = self._compiler(sources_of(policy))
        _check(policy, program)
        return program


class _Code(NamedTuple):
    """What of a policy its program depends on."""

    id: str
    engine: EngineName
    sources: tuple[Source, ...]


def sources_of(policy: Policy | _Code) -> tuple[Source, ...]:
    """What the program of ``policy`` is compiled from. Raises PolicyError when there is nothing."""
    sources = tuple(source for source in policy.sources if _is_rule(source.name))
    if not sources:
        raise PolicyError(f"policy {policy.id} has no Rego file", hint="add policy.rego")
    if policy.engine is EngineName.REGO_RESOURCE:
        sources = (*sources, Source("<contract>", _QUESTIONS.replace("PACKAGE", _package(policy))))
    return sources


def _is_rule(name: str) -> bool:
    return name.endswith(".rego") and not name.endswith("_test.rego")


@lru_cache(maxsize=512)
def _loaded(policy: _Code) -> Program:
    """The program of a policy, which can be asked what it is to be asked. Raises PolicyError."""
    sources = sources_of(policy)
    # What decides and what says that a rule could not hold is one program; those written for us need not be watched.
    watched = policy.engine is EngineName.REGO
    digest = canonical.digest_of((sources, watched))
    program = programs.shipped(policy.id, digest)
    if program is None:
        program = cached(digest, lambda: _compile({source.name: source.text for source in sources}, watched))
    _check(policy, program)
    return program


def cached(digest: str, compile: Callable[[], Program]) -> Program:
    """The program that is kept under ``digest``, of all that it is compiled from; else ``compile`` makes it, once."""
    from gateproof.rego.program import Program

    if _cache is not None and (stored := _cache.get(digest)) is not None:
        try:
            return Program.from_bytes(stored)
        except PolicyError:
            pass  # of another version: compiled again, and replaced
    program = compile()
    if _cache is not None:
        _cache.put(digest, program.to_bytes())
    return program


def _compile(modules: Mapping[str, str], watched: bool) -> Program:
    if watched:
        from gateproof.rego import watched as watching

        return watching.watched(modules)
    from gateproof import rego

    return rego.compile(modules, library=library(modules))


def library(modules: Iterable[str]) -> list[str]:
    """Those of the names of a policy's modules that are of the shipped library."""
    return [name for name in modules if name.startswith(LIBRARY)]


def _package(policy: Policy | _Code) -> str:
    if not re.fullmatch(_ID, policy.id):
        raise PolicyError(f"{policy.id!r} is no id for a policy", hint="use lower-case words joined by hyphens")
    return _PACKAGE + policy.id.replace("-", "_")


def _message_rules(policy: Policy | _Code, program: Program) -> list[list[str]]:
    """Rules that hold messages: those of the package that the policy is named after, or else of every package."""
    paths = [rule.path for rule in program.plan.rules if re.fullmatch(_MESSAGES, rule.path[-1])]
    return [path for path in paths if ".".join(path[:-1]) == policy.id] or paths


def _check(policy: Policy | _Code, program: Program) -> None:
    paths = [rule.path for rule in program.plan.rules]
    if policy.engine is EngineName.REGO_RESOURCE:
        package = _package(policy)
        missing = [rule for rule in ("applies", "deny") if [*package.split("."), rule] not in paths]
        if missing:
            raise PolicyError(
                f"policy {policy.id} has no rule {' and no rule '.join(missing)} in package {package}",
                hint="see docs/reference/policy-contract.md",
            )
        return
    if not _message_rules(policy, program):
        raise PolicyError(
            f"policy {policy.id} has no rule deny, violation or warn in any package: it could never fail",
            hint="name a rule deny, violation or warn, or one of these with a suffix",
        )


_SURROGATE = "[\ud800-\udfff]"


def _is_step(step: object) -> bool:
    if isinstance(step, str):
        return step.isascii() or not re.search(_SURROGATE, step)
    return type(step) is int


def _shown(text: str) -> str:
    """``text`` as Go would print it: bytes that are not UTF-8, which Rego strings may hold, are replaced."""
    return text if text.isascii() else re.sub(_SURROGATE, "\ufffd", text)


class _Message(msgspec.Struct, frozen=True):
    """One finding as a rule has put it."""

    text: str
    path: Path = ()
    severity: Severity | None = None


class _Evaluation:
    """One policy on one input."""

    def __init__(
        self,
        policy: Policy,
        program: Program,
        subject: Input,
        facts: Mapping[str, Fact],
        now: str,
        watch: Watch | None = None,
    ) -> None:
        self._policy = policy
        self._program = program
        self._evaluate = partial(program.evaluate, observer=watch) if watch else program.evaluate
        self._subject = subject
        self._kind = subject.subject.kind
        self._data = {"parameters": policy.parameters, "facts": {name: fact.value for name, fact in facts.items()}}
        self._now = _nanoseconds(now)
        self._seed = subject.subject.digest.encode()

    def _ask(self, path: Sequence[str], document: Any) -> Any:
        return self._evaluate(path, document, self._data, now_ns=self._now, seed=self._seed)

    # -- bare Rego -------------------------------------------------------------------------------------------------

    def by_document(self) -> list[Result]:
        """One Result for each document: a plan is one, and so is each Kubernetes object."""
        documents, rules = self._subject.documents, _message_rules(self._policy, self._program)
        if self._kind in _WHOLE:
            return [self._document(rules, documents[0], _WHOLE[self._kind], 0)]
        found = resources(self._subject)
        return [self._document(rules, documents[one.document], one.address, one.document) for one in found]

    def _document(self, rules: Sequence[list[str]], document: Any, address: str, index: int) -> Result:
        try:
            found = [(path, list(self._messages(path, document))) for path in rules]
            exempt = [path for path, messages in found if messages and self._is_exempt(path, document)]
        except EvaluationError as error:
            return Result(self._policy.id, address, Outcome.ERROR, error.one_line)
        reason = f"exception in the policy: {', '.join(path[-1] for path in exempt)}" if exempt else ""
        messages = [message for path, messages in found if path not in exempt for message in messages]
        if messages:
            return msgspec.structs.replace(self._failed(address, messages, index, ()), reason=reason)
        return Result(self._policy.id, address, Outcome.SKIP if exempt else Outcome.PASS, reason)

    def _is_exempt(self, path: list[str], document: Any) -> bool:
        """Whether the policy makes an exception of a rule for this document."""
        rule = [*path[:-1], _EXCEPTION]
        if not any(one.path == rule for one in self._program.plan.rules):
            return False
        from gateproof.engines.conftest.evaluation import exemptions

        return exemptions(self._ask(rule, document), path[-1]) > 0

    def _messages(self, path: list[str], document: Any) -> Iterator[_Message]:
        from gateproof.rego import UNDEFINED, RegoSet

        value = self._ask(path, document)
        if value is UNDEFINED or value is False:
            return
        severity = Severity.LOW if path[-1].startswith("warn") else None
        name = ".".join(path)
        if value is True:
            # Conftest reads sets alone and lets this pass; a rule that says deny is taken at its word.
            yield _Message(f"{name} is true", severity=severity)
            return
        for one in value if isinstance(value, RegoSet | list) else [value]:
            text = one.get("msg") if isinstance(one, dict) else one
            if not isinstance(text, str):
                raise EvaluationError(f"{name} holds a value that is neither a string nor an object with msg")
            yield _Message(_shown(text), severity=severity)

    # -- Rego written for gateproof ----------------------------------------------------------------------------------

    def by_resource(self, document: dict[str, Any]) -> list[Result]:
        """One Result for each resource that the policy applies to."""
        answer = self._ask(_CONTRACT, document)
        by_address = inputs.by_address(self._subject)
        denied = self._denied(answer)
        undecided = self._undecided(answer)
        applies = {*_strings(answer, "applies"), *denied, *undecided}
        if unknown := sorted(applies - by_address.keys()):
            raise EvaluationError(f"policy {self._policy.id} names {unknown[0]!r}, which is no resource of this input")
        if not applies:
            return [Result(self._policy.id, "", Outcome.SKIP, _NOTHING)]
        return [self._result(by_address[address], denied, undecided) for address in sorted(applies)]

    def _denied(self, answer: Any) -> dict[str, list[_Message]]:
        denied: dict[str, list[_Message]] = {}
        for one in _objects(answer, "deny", "message"):
            path = one.get("path", [])
            if not isinstance(path, list) or not all(map(_is_step, path)):
                raise EvaluationError("deny holds a path that is not a list of names and indices")
            denied.setdefault(one["resource"], []).append(_Message(_shown(one["message"]), tuple(path)))
        return denied

    def _undecided(self, answer: Any) -> dict[str, list[str]]:
        undecided: dict[str, list[str]] = {}
        for one in _objects(answer, "undecided", "reason"):
            undecided.setdefault(one["resource"], []).append(_shown(one["reason"]))
        return undecided

    def _result(self, resource: Resource, denied: dict[str, list[_Message]], undecided: dict[str, list[str]]) -> Result:
        address = resource.view["address"]
        if messages := denied.get(address):
            values = _TERRAFORM_VALUES if self._kind is InputKind.TERRAFORM_PLAN else ()
            if len(messages) > 1:
                messages.sort(key=lambda message: ([str(step) for step in message.path], message.text))
            return self._failed(resource.address, messages, resource.document, (*resource.path, *values))
        if reasons := undecided.get(address):
            return Result(self._policy.id, resource.address, Outcome.ERROR, told(reasons))
        return Result(self._policy.id, resource.address, Outcome.PASS)

    def _failed(self, address: str, messages: list[_Message], document: int, base: Path) -> Result:
        policy = self._policy
        findings = [
            Finding(
                policy.id,
                address,
                message.text,
                message.severity or policy.severity,
                policy.controls,
                document,
                (*base, *message.path),
            )
            for message in messages
        ]
        return Result(policy.id, address, Outcome.FAIL, findings=tuple(findings))


def _elements(answer: Any, rule: str) -> list[Any]:
    """The elements of a rule, in any order: comparing thousands of findings as Rego does would take longest of all."""
    from gateproof.rego import RegoSet

    value = answer.get(rule, RegoSet.of(()))
    if not isinstance(value, RegoSet):
        raise EvaluationError(f"the rule {rule} is not a set", hint="see docs/reference/policy-contract.md")
    return list(value.items.values())


def _strings(answer: Any, rule: str) -> list[str]:
    elements = _elements(answer, rule)
    if not {str}.issuperset(map(type, elements)):
        raise EvaluationError(f"the rule {rule} holds something else than addresses")
    return elements


def _objects(answer: Any, rule: str, text: str) -> list[dict[str, Any]]:
    elements = _elements(answer, rule)
    for one in elements:
        if not (isinstance(one, dict) and isinstance(one.get("resource"), str) and isinstance(one.get(text), str)):
            raise EvaluationError(f"the rule {rule} holds something else than objects with resource and {text}")
    return elements


@lru_cache(maxsize=16)
def _nanoseconds(now: str) -> int:
    """RFC 3339 → Unix nanoseconds."""
    return int(instant(now).timestamp()) * 10**9
