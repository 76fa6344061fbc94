"""What the expressions of a rule see: the request, and the variables that the rule names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gateproof.engines.kyverno.jmespath import Expression, HiddenValueError, JmespathError, UnknownKeyError, compile
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.rego.context import Context

if TYPE_CHECKING:
    from gateproof.engines.kyverno.answers import Answers

Load = Callable[["Scope"], Any]
"""Gives the value of a variable, or ABSENT where there is to be none."""
ABSENT = object()
_ROLES = "oles"


class VariableError(UndecidableError):
    """A variable has no value. ``unknown``: because a key is missing."""

    def __init__(self, message: str, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.unknown = unknown


class UnansweredError(VariableError):
    """A variable has no value because no fact has it: unlike others, this is never passed over."""


class Evaluation:
    """What is known from outside, and the budget and the time of evaluating one policy on one object."""

    def __init__(
        self, answers: Answers, begin: Callable[[], Context], asking: Callable[[], Mapping[str, Any]] = dict
    ) -> None:
        """``asking`` gives the members of ``request`` that take a look at the whole cluster: roles of who asks."""
        self.answers = answers
        self._begin = begin
        self._asking = asking

    @cached_property
    def asking(self) -> Mapping[str, Any]:
        """Looked up when an expression speaks of roles."""
        return self._asking()

    @cached_property
    def ctx(self) -> Context:
        """Made when it is first needed: most patterns need none."""
        return self._begin()


class Scope:
    """Names and their values; some are loaded when an expression first speaks of them.

    ``data`` and its values are shared and never changed. ``evaluation`` is what all scopes of an object have in common,
    ``element`` what patterns are matched with, if not the whole object.
    """

    __slots__ = ("_limit", "_pending", "data", "element", "evaluation")

    def __init__(
        self,
        data: Mapping[str, Any],
        evaluation: Evaluation,
        pending: Iterable[tuple[str, Load | None]] = (),
        element: Any = None,
    ) -> None:
        self.data = data
        self.evaluation = evaluation
        self.element = element
        self._pending = list(pending)
        self._limit: int | None = None

    def inner(self, names: Mapping[str, Any], entries: Iterable[tuple[str, Load]] = (), element: Any = None) -> Scope:
        """A scope in this one, with more names; ``entries`` are loaded when they are asked for."""
        pending = (*self._pending, *entries)
        data = {**self.data, **names} if names else self.data
        return Scope(data, self.evaluation, pending, self.element if element is None else element)

    @property
    def ctx(self) -> Context:
        """The budget and the time of the evaluation."""
        return self.evaluation.ctx

    @property
    def answers(self) -> Answers:
        """What is known from outside."""
        return self.evaluation.answers

    @property
    def object(self) -> Any:
        """The object that is judged."""
        return self.data["request"].get("object")

    @property
    def operation(self) -> str:
        """What is done with it: CREATE, UPDATE, DELETE or CONNECT."""
        return str(self.data["request"].get("operation", ""))

    def query(self, expression: Expression) -> Any:
        """The value of ``expression``. Raises VariableError where it has none, BudgetError where it takes too much."""
        if self._pending:
            self._load(expression)
        data = self.data
        if _ROLES in expression.text and expression.speaks_of("request"):
            data = {**data, "request": {**data["request"], **self.evaluation.asking}}
        try:
            return expression.search(data, self.ctx)
        except HiddenValueError as error:
            raise UndecidableError(str(error)) from None
        except JmespathError as error:
            raise VariableError(str(error), unknown=isinstance(error, UnknownKeyError)) from None

    def query_text(self, text: str) -> Any:
        """The value of an expression that is known only now."""
        try:
            expression = compile(text)
        except JmespathError as error:
            raise VariableError(str(error)) from None
        return self.query(expression)

    def _load(self, expression: Expression) -> None:
        """Load the variables that ``expression`` speaks of; they themselves can only speak of those before them."""
        outer = self._limit
        for place, (name, load) in enumerate(self._pending[:outer]):
            if load is None or not expression.speaks_of(name):
                continue
            self._pending[place] = (name, None)
            self._limit = place
            try:
                value = load(self)
            finally:
                self._limit = outer
            if value is not ABSENT:
                self.data = {**self.data, name: value}
