"""The intermediate representation: small structured programs that search for solutions.

A body is a list of statements. A :class:`Guard` that fails abandons the current iteration of the
innermost :class:`Loop` of its :class:`Scope`, or the scope itself where no loop is open: that is the
whole of backtracking. Names are generated, never taken from a policy. Everything is plain data and can
be stored with ``msgspec.msgpack``.
"""

from __future__ import annotations

import msgspec


class Const(msgspec.Struct, tag="c", frozen=True):
    """null, a boolean, a number that fits 64 bits, or a string."""

    value: bool | int | float | str | None


class BigInt(msgspec.Struct, tag="i", frozen=True):
    """An integer of any size, in decimal."""

    digits: str


class Name(msgspec.Struct, tag="n", frozen=True):
    """A local variable, or a function or constant of the namespace."""

    id: str


class Attribute(msgspec.Struct, tag="a", frozen=True):
    """An attribute of the evaluation's context."""

    owner: Expr
    name: str


class Call(msgspec.Struct, tag="k", frozen=True):
    """A call of a function of the namespace."""

    function: str
    args: list[Expr]


class Field(msgspec.Struct, tag="f", frozen=True):
    """``value[name]`` where ``name`` is a constant string: a dict lookup if it is one (``sure``), else ``element``."""

    value: Expr
    name: str
    sure: bool = False


class KeyOf(msgspec.Struct, tag="y", frozen=True):
    """The hashable form of a value: itself where it is a string, else ``key_of(ctx, value)``."""

    value: Expr


class When(msgspec.Struct, tag="w", frozen=True):
    """``quick`` where ``test`` holds, else ``call``: what a call comes to for the commonest types."""

    test: Expr
    quick: Expr
    call: Expr


class Method(msgspec.Struct, tag="m", frozen=True):
    """``value.name(*args)``; only inside of :class:`When`."""

    value: Expr
    name: str
    args: list[Expr]


class Infix(msgspec.Struct, tag="r", frozen=True):
    """``left operator right`` of two integers; the operator is that of Rego and of Python."""

    left: Expr
    operator: str
    right: Expr


class Text(msgspec.Struct, tag="q", frozen=True):
    """The string that ``parts``, which are strings, are together."""

    parts: list[Expr]


class MakeList(msgspec.Struct, tag="l", frozen=True):
    """A new list."""

    items: list[Expr]


class MakeDict(msgspec.Struct, tag="d", frozen=True):
    """A new dict; keys are hashable forms."""

    pairs: list[tuple[Expr, Expr]]


class Item(msgspec.Struct, tag="x", frozen=True):
    """``sequence[index]`` of a list whose length is known to suffice."""

    sequence: Expr
    index: int


class Is(msgspec.Struct, tag="s", frozen=True):
    """Identity: ``left is right``."""

    left: Expr
    right: Expr


class Same(msgspec.Struct, tag="e", frozen=True):
    """Python's ``==``; for operands of which one is a string or a length."""

    left: Expr
    right: Expr


class IsKind(msgspec.Struct, tag="t", frozen=True):
    """``type(value) is kind``, a name of the namespace."""

    value: Expr
    kind: str


class Among(msgspec.Struct, tag="g", frozen=True):
    """Whether a string is an element of a set."""

    value: Expr
    elements: Expr


class Not(msgspec.Struct, tag="o", frozen=True):
    """Negation of a test."""

    test: Expr


class All(msgspec.Struct, tag="b", frozen=True):
    """Conjunction of tests, left to right."""

    tests: list[Expr]


Expr = (
    Const
    | BigInt
    | Name
    | Attribute
    | Call
    | Field
    | KeyOf
    | When
    | Method
    | Infix
    | Text
    | MakeList
    | MakeDict
    | Item
    | Is
    | Same
    | IsKind
    | Among
    | Not
    | All
)


class Assign(msgspec.Struct, tag="A"):
    """``target = value``."""

    target: str
    value: Expr


class Do(msgspec.Struct, tag="D"):
    """Evaluate for the effect."""

    value: Expr


class Charge(msgspec.Struct, tag="H"):
    """Take steps from the budget of the evaluation."""

    steps: int


class Report(msgspec.Struct, tag="W"):
    """Evaluate for what an observer learns by it; nothing that follows depends on it."""

    value: Expr


class Store(msgspec.Struct, tag="S"):
    """``target[key] = value``."""

    target: str
    key: Expr
    value: Expr


class Append(msgspec.Struct, tag="P"):
    """``target.append(value)``."""

    target: str
    value: Expr


class Guard(msgspec.Struct, tag="G"):
    """Go on only if ``test`` holds. ``missed`` is evaluated, for its effect, where it does not."""

    test: Expr
    missed: Expr | None = None


class Loop(msgspec.Struct, tag="L"):
    """Run ``body`` for each item of ``source``; with ``key``, for each pair of it."""

    key: str | None
    value: str
    source: Expr
    body: list[Stmt]


class Scope(msgspec.Struct, tag="C"):
    """Run ``body``; its guards end at most the scope. ``flag`` says afterwards whether it succeeded."""

    flag: str | None
    body: list[Stmt]


class Succeed(msgspec.Struct, tag="U"):
    """Leave the scope of ``flag``, with the flag set. The last statement of its list."""

    flag: str


class Return(msgspec.Struct, tag="R"):
    """Leave the function with ``value``."""

    value: Expr


class If(msgspec.Struct, tag="I"):
    """Run ``body`` where ``test`` holds, else ``other``. Neither has guards."""

    test: Expr
    body: list[Stmt]
    other: list[Stmt] = []


class Attempt(msgspec.Struct, tag="T"):
    """Run ``body``; an error of the class ``kind``, a name of the namespace, ends it and becomes ``caught``.

    ``body`` has no guards.
    """

    body: list[Stmt]
    kind: str
    caught: str


class Break(msgspec.Struct, tag="B"):
    """Leave the innermost loop. The last statement of its list."""


Stmt = Assign | Do | Charge | Report | Store | Append | Guard | Loop | Scope | Succeed | Return | If | Attempt | Break


class Function(msgspec.Struct):
    """A generated function. ``label`` says to people where it comes from. Falls off with UNDEFINED."""

    name: str
    params: list[str]
    body: list[Stmt]
    label: str
