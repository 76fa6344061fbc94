"""Every error that gateproof raises on purpose, in one tree.

    GateproofError
    ├── UsageError          an argument, an option or a file that one names asks for what cannot be done
    ├── ConfigError         what gateproof.yaml says, or lacks even with options and environment, is wrong
    ├── DocumentError       bytes are not the document that they claim to be
    │   └── LimitError      … or are larger, deeper or more entangled than the reader allows
    ├── InputError          a document was read, but is not something that can be judged
    ├── PolicyError         a policy or bundle does not load
    ├── EvaluationError     a policy could not be evaluated on this input
    │   └── BudgetError     … because it used up its steps, memory or output
    ├── TrustError          a key, signature, roster or trust policy is not acceptable
    ├── StoreError          the evidence store cannot be read or written
    ├── LogError            the log contradicts itself, its checkpoint or its entries
    └── MissingExtraError   an optional dependency is not installed

An error says what was expected and what was found (``message``, and each of its ``problems``), where (``where``) and
what to do next (``hint``). ``gateproof.rego.errors`` goes on below PolicyError and EvaluationError with OPA's codes.
Only ``cli`` turns errors into exit codes: every one of them is exit code 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class GateproofError(Exception):
    """Base of the tree.

    ``message``: one sentence. ``where``: file, line, resource or setting, as far as known.
    ``hint``: the next step for the person who reads it. ``problems``: where one thing has several, all of them, each
    with its place.
    """

    def __init__(
        self, message: str, *, where: str | None = None, hint: str | None = None, problems: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.problems = tuple(problems)

    def __str__(self) -> str:
        said = f"{self.where}: {self.message}" if self.where else self.message
        return "\n".join((said, *(f"  {problem}" for problem in self.problems)))

    @property
    def one_line(self) -> str:
        """All that it says, as a reason among others: its lines joined."""
        return "; ".join(line.strip().removesuffix(":") for line in str(self).splitlines())


class UsageError(GateproofError):
    """An argument, an option or a file that one names asks for what cannot be done."""


class ConfigError(GateproofError):
    """What ``gateproof.yaml`` says, or lacks even with options and environment, is wrong."""


class DocumentError(GateproofError):
    """Bytes are not the document that they claim to be. ``line`` and ``column`` count from 1."""

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}" if self.line else None
        return ": ".join(part for part in (self.where, place, self.message) if part)


class LimitError(DocumentError):
    """The document is larger, deeper or more entangled than the reader allows."""


class InputError(GateproofError):
    """A document was read, but is not something that can be judged."""


class PolicyError(GateproofError):
    """A policy or bundle does not load."""


class EvaluationError(GateproofError):
    """A policy could not be evaluated on this input."""


class BudgetError(EvaluationError):
    """Evaluation used up its steps, memory or output."""


class TrustError(GateproofError):
    """A key, signature, roster or trust policy is not acceptable."""


class StoreError(GateproofError):
    """The evidence store cannot be read or written."""


class LogError(GateproofError):
    """The log contradicts itself, its checkpoint or its entries."""


class MissingExtraError(GateproofError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"the package {package!r} is needed here and is not installed",
            hint=f'pip install "gateproof[{extra}]"',
        )


@contextmanager
def placed(where: str, *, hint: str | None = None) -> Iterator[None]:
    """Makes an error of the block say that it is about ``where``, which only the caller knows by name.

    ``hint`` is the next step where the error does not name one.
    """
    try:
        yield
    except GateproofError as error:
        error.where = where
        error.hint = error.hint or hint
        raise
