"""What an evaluation did → text: rules, their expressions, and the values around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from gateproof.rego.visits import Evaluated, Visit

_MOST = 2_000


def lines(visits: Sequence[Visit], what: str = "full") -> Iterator[str]:
    """The lines of an explanation, about 2,000 at most.

    ``what``: ``full``; ``fails`` for the expressions that did not hold each time, ``notes`` for those that said
    something with ``trace`` or ``print``, both with the rules around them.
    """
    every = _Explanation(what).visits(visits, 0)
    yield from islice(every, _MOST)
    if next(every, None) is not None:
        yield "…"


class _Explanation:
    def __init__(self, what: str) -> None:
        self._what = what

    def visits(self, visits: Sequence[Visit], indent: int) -> Iterator[str]:
        """Each rule that has something to show, and what it has."""
        for visit in visits:
            inside = self._inside(visit, indent)
            first = next(inside, None)
            if self._what == "full" or first is not None or (self._what == "fails" and not visit.held):
                arguments = f"({', '.join(visit.arguments)})" if visit.arguments else ""
                place = "" if visit.rule == "query" else f"  {visit.place}"
                yield f"{' ' * indent}{'holds' if visit.held else 'fails'}  {visit.rule}{arguments}{place}"
            if first is not None:
                yield first
                yield from inside

    def _inside(self, visit: Visit, indent: int) -> Iterator[str]:
        for each in visit.expressions:
            yield from self._expression(each, indent + 2)
        yield from self.visits(visit.visits, indent + 9)

    def _expression(self, each: Evaluated, indent: int) -> Iterator[str]:
        inner = self.visits(each.visits, indent + 7)
        first = next(inner, None)
        wanted = {"full": True, "fails": each.held < each.times, "notes": bool(each.notes)}[self._what]
        if wanted or first is not None:
            space = " " * indent
            times = f"  ({each.held} of {each.times} times)" if each.times > 1 else ""
            yield f"{space}{'true ' if each.held else 'FALSE'}  {each.place}: {each.expression}{times}"
            yield from (f"{space}       note: {note}" for note in each.notes)
            if wanted and self._what != "notes":
                yield from (f"{space}         {name} = {value}" for name, value in each.values)
        if first is not None:
            yield first
            yield from inner
