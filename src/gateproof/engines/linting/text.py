"""How the Rego of a policy reads: types and parameters against METADATA, negations, loops, messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from gateproof.catalog.cluster_facts import CLUSTER_FACTS
from gateproof.catalog.policy import InputKind, Policy
from gateproof.engines.linting.interface import MAIN, Level, PolicyFiles, Problem, own_files
from gateproof.engines.linting.syntax import Parsed, bodies, dotted, line, spelled, walk, written
from gateproof.rego.syntax import (
    Array,
    Call,
    Comprehension,
    Every,
    Literal,
    Module,
    Node,
    Object,
    Ref,
    Rule,
    Scalar,
    SomeIn,
    Var,
    children,
)

_OPEN = frozenset(
    {"annotations", "before", "labels", "object", "pod", "pod_labels", "references", "sensitive", "unknown", "values"}
)
"""Parts of a view of which nobody knows what they have."""

_EQUALITY = ("eq", "equal")
_ANSWERS = ("deny", "undecided")


def problems(files: PolicyFiles, policy: Policy) -> Iterator[Problem]:
    """All that is wrong with the text of a policy that loads and compiles."""
    own = own_files(policy)
    parsed = Parsed(own)
    library = Parsed([(source.name, source.text) for source in policy.sources if (source.name, source.text) not in own])
    check = _Check(files, policy, parsed, library)
    yield from check.types()
    yield from check.given("parameters", set(policy.parameters), (), r"#\s+parameters:")
    yield from check.given("facts", set(policy.facts), CLUSTER_FACTS, r"#\s+facts:")
    for module in parsed.modules:
        for rule in module.rules:
            yield from check.negations(module, rule)
            yield from check.messages(module, rule)
            yield from check.loops(module, rule)


class _Check:
    def __init__(self, files: PolicyFiles, policy: Policy, parsed: Parsed, library: Parsed) -> None:
        self._files = files
        self._policy = policy
        self._parsed = parsed
        self._library = library
        self._collections = _collections(parsed)

    def _problem(self, module: Module, node: Node, level: Level, code: str, message: str) -> Problem:
        return Problem(self._files.path(module.file), line(module, node), level, code, message)

    def _declared(self, pattern: str, level: Level, code: str, message: str) -> Problem:
        return Problem(self._files.path(MAIN), self._files.line(pattern), level, code, message)

    # -- what METADATA declares ------------------------------------------------------------------------------------

    def types(self) -> Iterator[Problem]:
        """Types that are read and not declared, which are never seen, and those that are declared for nothing."""
        declared = set(self._policy.resources)
        if not declared:
            plans = InputKind.TERRAFORM_PLAN in self._policy.kinds  # of Kubernetes objects, some go by what they have
            if plans and any(_types_read(self._parsed, node) for _, node in self._parsed.nodes()):
                message = "custom.resources is missing: name the types that it reads; without any of them it is SKIP"
                yield self._declared("# custom:", Level.WARNING, "resources", message)
            return
        for module, node in self._parsed.nodes():
            for type in _types_read(self._parsed, node):
                if type not in declared:
                    near = get_close_matches(type, declared, n=1)
                    meant = f" (did you mean {near[0]}?)" if near else ""
                    message = f"it reads {type!r}, which custom.resources does not name: it never sees one{meant}"
                    yield self._problem(module, node, Level.ERROR, "resources-undeclared", message)
        if set(self._policy.kinds) == {InputKind.TERRAFORM_PLAN}:
            texts = self._parsed.texts() | self._library.texts()
            for type in sorted(declared - texts):
                message = f"custom.resources names {type!r}, and nothing in the policy does"
                yield self._declared(rf"#.*\b{re.escape(type)}\b", Level.WARNING, "resources-unread", message)

    def given(self, name: str, declared: set[str], known: Iterable[str], place: str) -> Iterator[Problem]:
        """Members of ``data.parameters`` or ``data.facts``: read and not declared, and declared and not read.

        Those that are ``known`` may be read without being declared: each policy is given them where they are at hand.
        """
        read: set[str] = set()
        whole = False
        for own, parsed in ((True, self._parsed), (False, self._library)):
            for module, node in parsed.nodes():
                if not (isinstance(node, Ref) and spelled(node.head) == "data" and _step(node, 0) == name):
                    continue
                member = _step(node, 1)
                whole = whole or member is None
                if member is not None:
                    read.add(member)
                    if own and member not in {*declared, *known}:
                        message = f"it reads data.{name}.{member}, which custom.{name} does not declare"
                        yield self._problem(module, node, Level.ERROR, f"{name}-undeclared", message)
        for member in sorted(declared - read) if not whole else ():
            message = f"custom.{name} declares {member!r}, and nothing reads it"
            yield self._declared(rf"#.*\b{re.escape(member)}\b|{place}", Level.WARNING, f"{name}-unread", message)

    # -- negations ---------------------------------------------------------------------------------------------------

    def negations(self, module: Module, rule: Rule) -> Iterator[Problem]:
        """Negated calls of which an operand may be absent: then they do not hold, as little as the call itself."""
        for _, body in bodies(rule):
            certain = {spelled(node) for literal in body if not literal.negated for node in walk(literal)}
            loose = _loose(body)
            for literal in body:
                if literal.negated:
                    yield from self._negated(module, literal, certain, loose)

    def _negated(self, module: Module, literal: Literal, certain: set[str], loose: set[str]) -> Iterator[Problem]:
        for node in _operands(literal.term, top=True):
            if isinstance(node, Ref) and _may_be_absent(node, loose) and spelled(node) not in certain:
                message = (
                    f"where {written(node)} is absent, the negation does not hold either: fetch it with a default"
                    " first (object.get, tf.value)"
                )
                yield self._problem(module, literal, Level.WARNING, "negated-absent", message)

    # -- messages ----------------------------------------------------------------------------------------------------

    def messages(self, module: Module, rule: Rule) -> Iterator[Problem]:
        """Elements of deny and undecided that say nothing."""
        name = rule.path[0].name if rule.path and isinstance(rule.path[0], Var) else ""
        if name not in _ANSWERS or not isinstance(rule.key, Object):
            return
        word = "message" if name == "deny" else "reason"
        for key, value in rule.key.pairs:
            if isinstance(key, Scalar) and key.value == word and _is_blank(value, rule.body):
                yield self._problem(module, value, Level.ERROR, "message-empty", f"the {word} of {name} is empty")

    # -- loops -------------------------------------------------------------------------------------------------------

    def loops(self, module: Module, rule: Rule) -> Iterator[Problem]:
        """A loop over resources inside of another one: quadratic."""
        message = "a loop over resources within a loop over resources: join through a set of names or addresses"
        clause: Rule | None = rule
        while clause is not None:
            for node in self._scope(clause.body, (clause.key, clause.value), 0):
                yield self._problem(module, node, Level.WARNING, "nested-loops", message)
            clause = clause.otherwise

    def _scope(self, body: Iterable[Literal], heads: Iterable[Node | None], depth: int) -> Iterator[Node]:
        """Loops over resources in a body and what it is the body of, where ``depth`` such loops are around it."""
        for literal in body:
            loops = sum(_is_loop(node, self._collections) for node in _outside(literal.term))
            depth += loops
            if loops and depth > 1:
                yield literal
            yield from self._inside(literal.term, depth)
        for head in heads:
            if head is not None:
                yield from self._inside(head, depth)

    def _inside(self, node: Node, depth: int) -> Iterator[Node]:
        for each in _outside(node):
            if isinstance(each, Every):
                own = _is_collection(each.collection, self._collections)
                if own and depth:
                    yield each
                yield from self._scope(each.body, (), depth + own)
            elif isinstance(each, Comprehension):
                yield from self._scope(each.body, (each.key, each.value), depth)


def _outside(node: Node) -> Iterator[Node]:
    """``node`` and what is below it, but not what is inside of comprehensions and ``every``, which come as they are."""
    yield node
    if not isinstance(node, Comprehension | Every):
        for child in children(node):
            yield from _outside(child)


def _types_read(parsed: Parsed, node: Node) -> list[str]:
    """The types that ``node`` asks for, where they are constant."""
    if isinstance(node, Ref) and spelled(node.head) == "input" and _step(node, 0) in ("planned", "removed"):
        type = _step(node, 1)
        return [type] if type else []
    if isinstance(node, Call) and dotted(node.function).rpartition(".")[2] in ("planned", "removed") and node.args:
        return parsed.constants(node.args[0]) or []
    if isinstance(node, Call) and dotted(node.function) in _EQUALITY and len(node.args) == 2:
        one, other = node.args
        if isinstance(one, Ref) and isinstance(other, Scalar) and isinstance(other.value, str):
            return [other.value] if spelled(one.path[-1]) == "'type'" and len(one.path) == 1 else []
    return []


def _step(ref: Ref, index: int) -> str | None:
    """A step of a reference, where it is a constant text."""
    step = ref.path[index] if index < len(ref.path) else None
    return step.value if isinstance(step, Scalar) and isinstance(step.value, str) else None


def _operands(term: Node, *, top: bool) -> Iterator[Node]:
    """What must be defined for a call in a negation to be evaluated at all."""
    if isinstance(term, Call):
        plain = top and dotted(term.function) in _EQUALITY
        for argument in term.args:
            if isinstance(argument, Call | Array | Object):
                yield from _operands(argument, top=False)
            elif not plain:
                yield argument
    elif isinstance(term, Array):
        for item in term.items:
            yield item
            yield from _operands(item, top=False)
    elif isinstance(term, Object):
        for _, value in term.pairs:
            yield value
            yield from _operands(value, top=False)


def _may_be_absent(ref: Ref, loose: set[str]) -> bool:
    """Whether it reads a member of something of which nobody knows the members."""
    if isinstance(ref.head, Var) and ref.head.name in loose:
        return True
    steps = [step.value for step in ref.path if isinstance(step, Scalar)]
    return isinstance(ref.head, Var) and any(step in _OPEN for step in steps[:-1] if isinstance(step, str))


def _loose(body: Iterable[Literal]) -> set[str]:
    """Variables that stand for something in an open part: elements of its lists, and what was assigned from it."""
    found: set[str] = set()
    for literal in body:
        term = literal.term
        source: Node | None = None
        target: Node | None = None
        if isinstance(term, SomeIn):
            target, source = term.value, term.collection
        elif isinstance(term, Call) and dotted(term.function) in ("assign", "eq") and len(term.args) == 2:
            target, source = term.args
        if isinstance(target, Var) and isinstance(source, Ref) and _may_be_absent(source, found):
            found.add(target.name)
    return found


def _is_blank(value: Node, body: Iterable[Literal]) -> bool:
    if isinstance(value, Scalar):
        return not (isinstance(value.value, str) and value.value.strip())
    if isinstance(value, Call) and dotted(value.function) == "sprintf" and value.args:
        return _is_blank(value.args[0], ()) if isinstance(value.args[0], Scalar) else False
    if isinstance(value, Var):
        for literal in body:
            term = literal.term
            if isinstance(term, Call) and dotted(term.function) == "assign" and spelled(term.args[0]) == value.name:
                return _is_blank(term.args[1], ())
    return False


def _collections(parsed: Parsed) -> set[str]:
    """Names of rules that are lists of the input's resources, or of some of them."""
    found: set[str] = set()
    while True:
        added = {
            name
            for name, rules in parsed.rules.items()
            if name not in found and any(_is_list_of_resources(rule, found) for rule in rules)
        }
        if not added:
            return found
        found |= added


def _is_list_of_resources(rule: Rule, known: set[str]) -> bool:
    if rule.kind != "complete" or rule.value is None:
        return False
    value = rule.value
    if isinstance(value, Comprehension) and value.kind != "object" and isinstance(value.value, Var):
        return any(
            isinstance(literal.term, SomeIn)
            and spelled(literal.term.value) == value.value.name
            and _is_collection(literal.term.collection, known)
            for literal in value.body
        )
    return not rule.body and _is_collection(value, known)


def _is_collection(node: Node, known: set[str]) -> bool:
    if isinstance(node, Var):
        return node.name in known
    if isinstance(node, Ref):
        if dotted(node) == "input.resources" or dotted(node).endswith((".workloads", ".pods")):
            return True
        return spelled(node.head) == "input" and _step(node, 0) in ("planned", "removed") and len(node.path) == 2
    return isinstance(node, Call) and dotted(node.function).rpartition(".")[2] in ("planned", "removed")


def _is_loop(node: Node, known: set[str]) -> bool:
    """Whether it goes through resources: ``some r in resources``, or ``resources[_]`` with any variable."""
    if isinstance(node, SomeIn):
        return _is_collection(node.collection, known)
    return isinstance(node, Ref) and any(
        isinstance(step, Var) and _is_collection(_part(node, index), known) for index, step in enumerate(node.path)
    )


def _part(ref: Ref, length: int) -> Node:
    return Ref(ref.at, ref.head, ref.path[:length]) if length else ref.head
