"""What the syntax tree of a policy is asked: references as texts, walks, constants of rules, names that are bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateproof.rego.parser import parse_module
from gateproof.rego.syntax import (
    Array,
    Call,
    Literal,
    Module,
    Node,
    Object,
    Ref,
    Rule,
    Scalar,
    SetLiteral,
    Var,
    children,
)


class Parsed:
    """The own files of a policy, without tests."""

    def __init__(self, sources: Sequence[tuple[str, str]]) -> None:
        self.modules: list[Module] = [parse_module(name, text) for name, text in sources]
        self.rules: dict[str, list[Rule]] = {}
        for module in self.modules:
            for rule in module.rules:
                if rule.path and isinstance(rule.path[0], Var):
                    self.rules.setdefault(rule.path[0].name, []).append(rule)

    def nodes(self) -> Iterator[tuple[Module, Node]]:
        """Every node of every file."""
        for module in self.modules:
            for rule in module.rules:
                for node in walk(rule):
                    yield module, node

    def texts(self) -> set[str]:
        """Every text that is written anywhere, names after dots among them."""
        return {node.value for _, node in self.nodes() if isinstance(node, Scalar) and isinstance(node.value, str)}

    def constants(self, node: Node) -> list[str] | None:
        """The texts that a list, a set, the keys of an object, or a rule that is one of them has; None if unclear."""
        if isinstance(node, Array | SetLiteral):
            found = [item.value for item in node.items if isinstance(item, Scalar) and isinstance(item.value, str)]
            return found if len(found) == len(node.items) else None
        if isinstance(node, Object):
            return self.constants(Array(node.at, [key for key, _ in node.pairs]))
        if isinstance(node, Call) and dotted(node.function) == "object.keys" and len(node.args) == 1:
            return self.constants(node.args[0])
        rules = self.rules.get(node.name, []) if isinstance(node, Var) else []
        if len(rules) == 1 and rules[0].kind == "complete" and not rules[0].body and rules[0].value is not None:
            return self.constants(rules[0].value)
        return None


def line(module: Module, node: Node) -> int:
    """The line that ``node`` begins on."""
    return module.source.count("\n", 0, node.at) + 1


def walk(node: Node) -> Iterator[Node]:
    """``node`` and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def dotted(node: Node) -> str:
    """A name, or a reference of constant texts, as it is written with dots; empty for anything else."""
    if isinstance(node, Var):
        return node.name
    if isinstance(node, Ref) and isinstance(node.head, Var):
        parts = [step.value for step in node.path if isinstance(step, Scalar) and isinstance(step.value, str)]
        return ".".join((node.head.name, *parts)) if len(parts) == len(node.path) else ""
    return ""


def spelled(node: Node) -> str:
    """Any reference as text, so that two that read the same place are equal; empty for what is none."""
    if isinstance(node, Var):
        return node.name
    if isinstance(node, Scalar):
        return repr(node.value)
    if isinstance(node, Ref):
        steps = [spelled(step) for step in (node.head, *node.path)]
        return "|".join(steps) if all(steps) else ""
    return ""


def written(ref: Ref) -> str:
    """A reference as people write it, steps that are no names left out."""
    text = ref.head.name if isinstance(ref.head, Var) else "…"
    for step in ref.path:
        if isinstance(step, Scalar) and isinstance(step.value, str) and step.value.isidentifier():
            text += f".{step.value}"
        else:
            text += f"[{step.name}]" if isinstance(step, Var) else "[…]"
    return text


def bodies(node: Node) -> Iterator[tuple[Node, list[Literal]]]:
    """Every body below ``node``, with what it belongs to."""
    for each in walk(node):
        body = getattr(each, "body", None)
        if body:
            yield each, body
