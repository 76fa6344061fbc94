"""Vacuity: rules that could not have held on an input, because what they read there is of another type.

    program = vacuity.watched({"policy.rego": source})
    watch = vacuity.Watch(program)
    program.evaluate("data.tf.aws.s3.deny", plan, observer=watch)
    watch.vacuous()

A rule is vacuous when one of its expressions was evaluated and failed on a type everywhere: a key looked up in an array
or scalar, an index in an object, a loop over a scalar, an equality of two types, an operand of a builtin. null and what
is not there are not of another type. What stands in a negation is not looked at. Clauses of a function or of a rule
with one value are ways to the same answer, and vacuous only when all of them are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from gateproof.rego.builtins import BUILTINS, resolve
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError, EvalError
from gateproof.rego.plan import Check, Clause, Operand, Plan, Site
from gateproof.rego.runtime import get
from gateproof.rego.values import UNDEFINED, RegoSet, Value, key, object_keys, type_name
from gateproof.rego.watched import watched

if TYPE_CHECKING:
    from gateproof.rego.program import Program

__all__ = ["Vacuous", "Watch", "watched"]

_SHOWN = 80
_WITH = "object with "
_COLLECTIONS = (list, dict, RegoSet)


class Vacuous(msgspec.Struct, frozen=True):
    """A rule that could not hold.

    ``rule`` is its path, such as ``package.deny``; ``file``, ``line`` and ``text`` are the expression that failed.
    ``path`` is the first place where it did (``_`` is a member that is not known), ``found`` what was there, its type
    and its shape without values, and ``expected`` what the expression needs, such as ``object``, or ``object with x``
    where no object there can have it. ``evaluations`` is how often it failed.
    """

    rule: str
    file: str
    line: int
    text: str
    path: str
    found: str
    expected: str
    evaluations: int

    @property
    def message(self) -> str:
        """All of it in a sentence."""
        kind = self.found.partition(" ")[0]
        expected = self.expected if "," in self.expected else _article(self.expected)
        what = f"{self.path} is {_article(kind)}, not {expected}"
        if self.expected.startswith(_WITH):
            what = f"{self.path} has no {self.expected.removeprefix(_WITH)}"
        return f"the rule at {self.file}:{self.line} could not fire: {what}"


class _Sight(msgspec.Struct):
    """A value of the wrong type: the first one, and how often there was one."""

    operand: Operand
    value: Value
    anchor: Value
    context: Context
    expected: str
    count: int = 0


class _State:
    """What is known of a site that has not held yet: its checks that were of the right and of the wrong type."""

    __slots__ = ("right", "wrong")

    def __init__(self) -> None:
        self.right: set[int] = set()
        self.wrong: dict[int, _Sight] = {}


class Watch:
    """Watches the evaluations of one program, on all documents of one input. It serves one thread at a time."""

    def __init__(self, program: Program, closed: Mapping[int, Collection[str]] | None = None) -> None:
        """``program`` is one made by :func:`watched`; of any other, nothing is learnt.

        ``closed`` are objects of the inputs that stand for all that there can be, by ``id``: a name that such an object
        does not have, and that is not among those that ``closed`` has for it, is looked up in vain everywhere.
        """
        self._closed = closed or {}
        self._plan: Plan = program.plan
        # By site: False when it is closed; else True, or where and on which type it failed and how often it did again.
        self._watching: list[bool | list[Any]] = [True] * len(self._plan.sites)
        self._states: dict[int, _State] = {}

    def attach(self, ctx: Context, plan: Plan) -> None:
        """Watch the evaluation of ``ctx``; raises :class:`EvalError` if it is of another program."""
        if plan is not self._plan:
            raise EvalError("eval_error", "the observer was made for another program", hint="make one for this program")
        ctx.watch = self
        ctx.watching = self._watching

    def missed(self, ctx: Context, site: int, values: Sequence[Value]) -> None:
        """Generated code calls it: an expression did not hold on ``values``."""
        state = self._states.get(site)
        if state is None:
            state = self._states[site] = _State()
            before = self._plan.sites[site].before
            while before >= 0 and self._watching[before]:
                self._watching[before] = False
                before = self._plan.sites[before].before
        for number, check in enumerate(self._plan.sites[site].checks):
            operands = [values[operand.value] for operand in check.operands]
            wrong = _JUDGES[check.kind](check, operands)
            if self._closed and check.kind in ("key", "index"):
                wrong = self._missing(check, operands) or wrong
            if wrong is None:
                return
            position, expected = wrong
            if expected:
                self._note(ctx, site, number, check, position, expected, values)
                return
            state.right.add(number)
        self._watching[site] = False

    def _missing(self, check: Check, operands: Sequence[Value]) -> _Wrong:
        """Judge the look-up of a name in an object that stands for all that there can be."""
        owner, name = operands[0], operands[1] if check.kind == "index" else check.name
        known = self._closed.get(id(owner)) if type(owner) is dict else None
        if known is None or type(name) is not str or name in owner or name in known:
            return None
        return 0, f"{_WITH}{name if name.isidentifier() else repr(name)}"

    def _note(
        self,
        ctx: Context,
        site: int,
        number: int,
        check: Check,
        position: int,
        expected: str,
        values: Sequence[Value],
    ) -> None:
        operand = check.operands[position]
        value = values[operand.value]
        wrong = self._states[site].wrong
        if number not in wrong:
            anchor = values[operand.anchor] if operand.anchor >= 0 else UNDEFINED
            wrong[number] = _Sight(operand, value, anchor, ctx, expected)
        wrong[number].count += 1
        alone = len(check.operands) == 1 and not self._closed
        if alone and self._watching[site] is True:  # the type of this value decides
            self._watching[site] = [operand.value, type(value), 0]

    def vacuous(self) -> tuple[Vacuous, ...]:
        """The rules that could not hold in all that was watched so far, in the order in which they were compiled."""
        found: dict[int, Vacuous] = {}
        held = self._held()
        for number, site in enumerate(self._plan.sites):
            clause = self._plan.clauses[site.clause]
            if number not in held and clause.site not in held and site.clause not in found:
                state = self._states.get(number, _NOTHING)
                wrong = [sight for step, sight in sorted(state.wrong.items()) if step not in state.right]
                if wrong:
                    again = self._watching[number]
                    count = sum(sight.count for sight in wrong) + (again[2] if isinstance(again, list) else 0)
                    found[site.clause] = _vacuous(clause, site, wrong[0], count)
        clauses = enumerate(self._plan.clauses)
        saved = {clause.alternatives for number, clause in clauses if number not in found}
        return tuple(
            each
            for number, each in found.items()
            if not (others := self._plan.clauses[number].alternatives) or others not in saved
        )

    def _held(self) -> set[int]:
        """The sites that held, or may with other values: those that are closed, and those that any of them follows."""
        held: set[int] = set()
        for number, site in reversed(list(enumerate(self._plan.sites))):
            if not self._watching[number]:
                held.add(number)
            if site.before >= 0 and (number in held or number in self._states):
                held.add(site.before)
        return held


_NOTHING = _State()


def _vacuous(clause: Clause, site: Site, sight: _Sight, count: int) -> Vacuous:
    file, _, line = site.place.rpartition(":")
    path = _text(_concrete(sight))
    return Vacuous(clause.rule, file, int(line), site.text, path, _shape(sight.value), sight.expected, count)


# Types: each judge gives None where there is nothing to judge, else the operand of the wrong type and what it should be
# (empty: the types are right).

_Wrong = tuple[int, str] | None
_RIGHT = (0, "")


def _key(_check: Check, operands: list[Value]) -> _Wrong:
    return _absent_or(operands[0], (dict, RegoSet), "object")


def _loop(_check: Check, operands: list[Value]) -> _Wrong:
    return _absent_or(operands[0], _COLLECTIONS, "collection")


def _index(check: Check, operands: list[Value]) -> _Wrong:
    owner, index = operands
    number = type(index) in (int, float)
    if type(owner) is list:
        return _RIGHT if number or index is None else (0, "object")
    if type(owner) is dict:
        named = number and check.name != "data" and owner and all(type(name) is str for name in owner)
        return (0, "array") if named else _RIGHT
    return _absent_or(owner, _COLLECTIONS, "array" if number else "object")


def _absent_or(value: Value, types: tuple[type, ...], expected: str) -> _Wrong:
    if value is None or value is UNDEFINED:
        return None
    return _RIGHT if type(value) in types else (0, expected)


def _equal(check: Check, operands: list[Value]) -> _Wrong:
    if any(operand is None or operand is UNDEFINED for operand in operands):
        return None
    kinds = [type_name(operand) for operand in operands]
    expected = check.name or kinds[1]
    if kinds[0] == expected:
        return _RIGHT
    known = not check.operands[0].path and len(operands) == 2  # a literal, or what a call gave, on the left
    return (1, kinds[0]) if known else (0, expected)


def _call(check: Check, operands: list[Value]) -> _Wrong:
    """A builtin that refused an operand says which, and what it wanted; only those that charge nothing are asked."""
    result, *args = operands
    builtin = BUILTINS[check.name]
    if result is not UNDEFINED or builtin.context or builtin.relation:
        return _RIGHT
    if None in args:
        return None
    try:
        resolve(check.name)(*args)
    except BuiltinError as error:
        if error.code == "eval_type_error":
            return _refused(str(error), len(args))
    return _RIGHT


def _refused(message: str, count: int) -> _Wrong:
    """What ``operand 1 must be string but got number`` says."""
    _, _, rest = message.partition("operand ")
    number, _, complaint = rest.partition(" must be ")
    expected = complaint.partition(" but got ")[0].removeprefix("one of ").strip("{}")
    return (int(number), expected) if number.isdecimal() and 0 < int(number) <= count else _RIGHT


_JUDGES = {"key": _key, "index": _index, "loop": _loop, "equal": _equal, "call": _call}


# Words


def _concrete(sight: _Sight) -> list[str | int | None]:
    """The path, with the members by which the value was reached where they can be found again."""
    path = sight.operand.path
    if None not in path or path[0] not in ("input", "data"):
        return path
    last = max(number for number, part in enumerate(path) if part is None)
    root = sight.context.input if path[0] == "input" else sight.context.data
    for found, value in _members(root, path[1 : last + 1]):
        if value is sight.anchor:
            return [path[0], *found, *path[last + 1 :]]
    return path


def _members(value: Value, path: Sequence[str | int | None]) -> Iterator[tuple[list[str | int | None], Value]]:
    """All that ``path`` leads to from ``value``, each with the way to it."""
    if not path:
        yield [], value
        return
    part, *rest = path
    members: Iterable[tuple[Any, Value]] = ()
    if type(value) is dict:
        members = value.items()
    elif type(value) is list:
        members = enumerate(value)
    for name, member in members if part is None else [(part, get(value, part))]:
        for way, found in _members(member, rest):
            yield [name, *way], found


def _text(path: Sequence[str | int | None]) -> str:
    if not path:
        return "the value"
    text = str(path[0])
    for part in path[1:]:
        if part is None:
            text += "[_]"
        elif isinstance(part, str) and part.isidentifier() and part.isascii():
            text += f".{part}"
        else:
            text += f'["{part}"]' if isinstance(part, str) else f"[{part}]"
    return text


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"


def _shape(value: Value) -> str:
    """The type of ``value``; of a collection also its members, of which nothing is shown but names."""
    kind = type_name(value)
    if type(value) not in _COLLECTIONS:
        return kind
    text = _outline(value, 3)
    return f"{kind} {text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}"


def _outline(value: Value, depth: int) -> str:
    kind = type(value)
    if kind not in _COLLECTIONS or not depth:
        return "…" if kind in _COLLECTIONS else type_name(value)
    if kind is dict:
        names = object_keys(value)[:4]
        inner = [f"{name if type(name) is str else '…'}: {_outline(value[key(name)], depth - 1)}" for name in names]
    else:
        members = value[:2] if kind is list else list(value.items.values())[:2]
        inner = [_outline(member, depth - 1) for member in members]
    more = ", …" if len(value) > len(inner) else ""
    opening, closing = "[]" if kind is list else "{}"
    return f"{opening}{', '.join(inner)}{more}{closing}"
