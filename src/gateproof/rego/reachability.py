"""The rules of a library that a policy reaches; the others need not be compiled.

A rule counts as reached when its name stands anywhere in what was reached before, as a name or as a string. That is
more than what is used, and never less: where a package of the library is read as a whole, or by a computed name, all of
it is reached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import structs

from gateproof.rego.parser import parse_module, parse_modules
from gateproof.rego.syntax import Module, Ref, Rule, Scalar, Var, children

_Path = tuple[str, ...]


def parse(sources: Mapping[str, str], library: Collection[str]) -> list[Module]:
    """The modules in ``sources``; those that ``library`` names have only the rules that the others reach.

    Raises :class:`CompileError` with every problem of every file.
    """
    own = parse_modules({name: source for name, source in sources.items() if name not in library})
    shared = [_shared(name, source) for name, source in sources.items() if name in library]
    packages = [("data", *module.package) for module, _ in shared]
    if any(_reads_whole(module, packages) for module in (*own, *(module for module, _ in shared))):
        return [*own, *(module for module, _ in shared)]
    reached = {name for module in own for rule in module.rules for name in _names(rule)}
    unreached = [(_head(rule), names) for _, rules in shared for rule, names in rules]
    while found := [names for head, names in unreached if head in reached]:
        unreached = [(head, names) for head, names in unreached if head not in reached]
        reached.update(*found)
    return [
        *own,
        *(
            structs.replace(module, rules=[rule for rule, _ in rules if _head(rule) in reached])
            for module, rules in shared
        ),
    ]


@lru_cache(maxsize=64)
def _shared(name: str, source: str) -> tuple[Module, Sequence[tuple[Rule, frozenset[str]]]]:
    """A module of a library, which many policies have, and the names in each of its rules."""
    module = parse_module(name, source)
    return module, [(rule, frozenset(_names(rule))) for rule in module.rules]


def _head(rule: Rule) -> str:
    name = rule.path[0]
    return name.name if isinstance(name, Var) else ""


def _names(node: Any) -> Iterator[str]:
    """Every name and every string below ``node``."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Var):
            yield node.name
        elif isinstance(node, Scalar) and isinstance(node.value, str):
            yield node.value
        waiting.extend(children(node))


def _reads_whole(module: Module, packages: Sequence[_Path]) -> bool:
    """Whether a reference of ``module`` ends above the rules of one of ``packages``, or goes on by a computed name."""
    roots: dict[str, _Path] = {"data": ("data",)}
    for each in module.imports:
        roots[each.alias or each.path[-1]] = tuple(each.path)
    waiting: list[Any] = [*module.rules]
    while waiting:
        node = waiting.pop()
        path = _static(node, roots)
        if path and any(package[: len(path)] == path for package in packages):
            return True
        waiting.extend(node.path if isinstance(node, Ref) and isinstance(node.head, Var) else children(node))
    return False


def _static(node: Any, roots: Mapping[str, _Path]) -> _Path:
    """The path below ``data`` that a reference surely has; empty for what is none."""
    if isinstance(node, Var):
        return roots.get(node.name, ())
    if not (isinstance(node, Ref) and isinstance(node.head, Var)) or node.head.name not in roots:
        return ()
    path = list(roots[node.head.name])
    for part in node.path:
        if not (isinstance(part, Scalar) and isinstance(part.value, str)):
            break
        path.append(part.value)
    return tuple(path)
