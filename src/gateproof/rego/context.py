"""What one evaluation carries along: documents, budget, memo, and what `with` replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gateproof.compiler.budget import Budget, Limits
from gateproof.rego.values import UNDEFINED, Value, extent

_LIMITS = Limits()
_NOTHING: Mapping[Any, Any] = MappingProxyType({})
_MOST_MEMBERS = 20_000_000
"""An embedder's values may share members so often that counting them all would not end."""


class Context:
    """The state of one evaluation; builtins flagged ``context`` get it as their first argument.

    For builtins: ``now_ns`` (Unix time in nanoseconds, or None where the host gave none), ``seed``
    (bytes that random builtins derive from, never the system's randomness), ``cache`` (a dict of the
    evaluation, for what builtins may reuse: compiled expressions, schemas), :meth:`spend`,
    :meth:`check_size` and :meth:`print`.
    """

    __slots__ = (
        "budget",
        "cache",
        "data",
        "input",
        "memo",
        "mocks",
        "now_ns",
        "overrides",
        "seed",
        "sink",
        "strict",
        "tables",
        "watch",
        "watching",
        "weights",
    )

    def __init__(
        self,
        input: Value = UNDEFINED,
        data: Value = None,
        now_ns: int | None = None,
        seed: bytes = b"",
        limits: Limits | None = None,
        sink: Callable[[str], object] | None = None,
        strict: bool = False,
        tables: Any = None,
    ) -> None:
        self.input = input
        self.data = {} if data is None else data
        self.now_ns = now_ns
        self.seed = seed
        self.sink = sink
        self.strict = strict
        self.budget = Budget(limits or _LIMITS, members, (input, self.data))
        self.cache: dict[Any, Any] = {}
        self.memo: dict[Any, Value] = {}
        self.mocks: Mapping[str, Any] = _NOTHING
        self.overrides: Mapping[Any, Value] = _NOTHING
        self.tables = tables
        self.watch: Any = None
        self.watching: Sequence[Any] = tables.unwatched if tables else ()
        self.weights: dict[int, tuple[int, Value]] = {}

    def fork(self) -> Context:
        """A context of the same evaluation, whose documents and functions can be replaced."""
        result = object.__new__(Context)
        for name in Context.__slots__:
            setattr(result, name, getattr(self, name))
        result.memo = dict(self.overrides)
        return result

    def spend(self, steps: int) -> None:
        """Charge ``steps`` units of work; call it before doing work that grows with the operands."""
        budget = self.budget
        budget.steps -= steps
        if budget.steps < 0:
            budget.spend(0)

    def check_size(self, size: int) -> None:
        """Refuse to make a value of more than the allowed characters or members; call it before making it."""
        self.budget.check_size(size)

    def print(self, text: str) -> None:
        """Hand a line of ``print`` or ``trace`` to the host, which may not have asked for it."""
        if self.sink is not None:
            self.sink(text)


def members(given: tuple[Value, Value]) -> int:
    """The members of input and data, at any depth."""
    return sum(extent(value, _MOST_MEMBERS) for value in given)
