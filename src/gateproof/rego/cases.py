"""Tests of several cases, ``test_x[case] if …``: programs that say which cases were tried, held or not.

As `opa test` has it: a case is tried as soon as the variables of the head's variable part are bound, so that one whose
body fails afterwards is missed in the value of the rule, and not forgotten.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator

from gateproof.compiler import ir
from gateproof.rego.bodies import BodyPlanner
from gateproof.rego.index import constant_name
from gateproof.rego.planner import Planner
from gateproof.rego.runtime import get
from gateproof.rego.safety import open_variables
from gateproof.rego.syntax import Literal, Node, Rule, Var
from gateproof.rego.values import UNDEFINED, Value, unkey

PROBE = "test_case"
"""What generated code calls with the path of the rule's constant part, and the values of the variable one."""

Tried = dict[str, list[list[Value]]]
"""The cases that were tried, by the path of their test; of each the values of the variable part of the head."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TEST = "test_"
SKIPPED = "todo_test_"


def test_name(rule: Rule) -> tuple[str, ...]:
    """The rule's name up to what makes it a test: ``inner.test_x`` of ``inner.test_x[case]``; empty if it is none."""
    own: list[str] = []
    for number, part in enumerate(rule.path):
        name = part.name if isinstance(part, Var) and not number else constant_name(part)
        if name is None:
            break
        own.append(name)
        if name.startswith((TEST, SKIPPED)):
            return tuple(own)
    return ()


def full_name(package: Iterable[str], own: Iterable[str]) -> str:
    """The name of a test as a reference: ``data.app.test_x``, or ``data.app["x-y"].test_x``."""
    parts = (f".{part}" if _NAME.fullmatch(part) else f"[{json.dumps(part, ensure_ascii=False)}]" for part in package)
    return "".join(("data", *parts, *(f".{part}" for part in own)))


def has_cases(rule: Rule) -> bool:
    """Whether a part of the rule's name is not constant."""
    return None in map(constant_name, rule.path[1:])


class CaseBodyPlanner(BodyPlanner):
    """Plans bodies of tests that report their cases; the bodies of other rules are as ever."""

    _case: tuple[str, list[Node]] | None = None
    _nesting = 0

    def restart(self, root: list[ir.Stmt], rule: Rule) -> None:
        super().restart(root, rule)
        self._case, self._nesting = None, 0
        own = test_name(rule)
        if own and has_cases(rule) and not rule.args:
            self._case = full_name(self.planner.module.package, own), rule.path[len(own) :]

    def body(self, literals: list[Literal]) -> None:
        self._try()
        super().body(literals)

    def _literal(self, literal: Literal) -> None:
        self._nesting += 1
        super()._literal(literal)
        self._nesting -= 1
        self._try()

    def _try(self) -> None:
        """Report the case once all of its variables are bound, in the body of the rule itself."""
        if self._case is None or self._nesting:
            return
        path, parts = self._case
        if set().union(*map(open_variables, parts)) <= set(self.bound):
            self._case = None
            names = ir.MakeList([self.value(part) for part in parts])
            self.out.append(ir.Do(ir.Call(PROBE, [ir.Const(path), names])))


class CasePlanner(Planner):
    """Plans programs whose tests report their cases to the probe :data:`PROBE`."""

    bodies = CaseBodyPlanner


def collector(tried: Tried) -> Callable[[str, list[Value]], None]:
    """A probe that puts what is reported into ``tried``."""

    def collect(path: str, names: list[Value]) -> None:
        tried.setdefault(path, []).append(names)

    return collect


def outcomes(value: Value, tried: list[list[Value]]) -> dict[str, bool]:
    """Whether each case held, by its name such as ``group/case``: those in ``value``, and those missed there."""
    found = {"/".join(path): held is True for path, held in _members(value, ())}
    for names in tried:
        place = value
        for name in names:
            place = get(place, name)
        if place is UNDEFINED:
            found[named(names)] = False
    return found


def named(names: list[Value]) -> str:
    """The name of a case, of the values of the parts of its head."""
    return "/".join(map(_text, names))


def _members(value: Value, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Value]]:
    for key, held in value.items():
        path = (*above, _text(unkey(key)))
        if type(held) is dict and held:
            yield from _members(held, path)
        else:
            yield path, held


def _text(name: Value) -> str:
    from gateproof.rego.failures import brief

    return name if type(name) is str else brief(name)
