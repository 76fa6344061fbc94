"""Why a rule did not hold: the expression that was undefined or false, and the values around it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import structs

from gateproof.errors import EvaluationError
from gateproof.rego.errors import BuiltinError, CompileError
from gateproof.rego.lexer import Lexer, Token
from gateproof.rego.syntax import Module, Node
from gateproof.rego.terms import TermParser
from gateproof.rego.tracing import Attempt, Frame, Step, Trace
from gateproof.rego.values import UNDEFINED, RegoSet, Value, key, object_keys

_DEEPEST = 5
_MOST = 8
_LONGEST = 200
_TELLING = 4


class Failure(msgspec.Struct, frozen=True):
    """An expression that did not hold.

    ``rule`` is the path of its rule and ``place`` is ``file:line``. ``values`` are the variables that were known, and
    the references and calls in it, as Rego text or ``undefined``; of the last of the ``times`` it was evaluated. One
    named ``error`` is what a builtin complained of, the first of the evaluation.
    ``inner`` says why the rules that it asked for did not hold. ``case`` is the case of a test that did not hold there.
    """

    rule: str
    place: str
    expression: str
    values: tuple[tuple[str, str], ...] = ()
    times: int = 1
    inner: tuple[Failure, ...] = ()
    case: str = ""


class Explainer:
    """Reads a trace; texts of expressions are taken from the sources."""

    def __init__(self, trace: Trace, refused: Mapping[int, str] | None = None, hidden: Collection[str] = ()) -> None:
        """``refused``: what builtins complained of, by the expression that called them; ``hidden`` is not shown."""
        self._trace = trace
        self._hidden = sorted(filter(None, hidden), key=len, reverse=True)
        self._refused = refused or {}
        self._texts: dict[str, SourceText] = {}

    def failures(self) -> tuple[Failure, ...]:
        """Why the rules that were asked for first did not hold; empty for those that did."""
        return self._inner(self._trace.frames, 0)

    def stopped(self) -> str:
        """The place and text of the expression at which an error ended the evaluation; empty when none did."""
        number = self._trace.stopped
        if number < 0:
            return ""
        expression = self._trace.expressions[number]
        place = self.place(expression.module, expression.at)
        return f"{place}: {self.text(expression.module).literal(expression.at)}"

    def brief(self, value: Value) -> str:
        """``value`` as :func:`brief` has it, without what is hidden."""
        return brief(value, hidden=self._hidden)

    def hide(self, text: str) -> str:
        """``text`` without what is hidden."""
        return _hide(text, self._hidden)

    def _inner(self, frames: list[Frame], depth: int) -> tuple[Failure, ...]:
        if depth == _DEEPEST:
            return ()
        found: list[Failure] = []
        for frame in frames:
            missed = [failure for attempt in frame.attempts for failure in self._missed(attempt, depth)]
            found += missed
            if missed or any(attempt.concluded for attempt in frame.attempts):
                continue
            found += [self._failure(frame, attempt, depth) for attempt in frame.attempts]
        return tuple(found[:_MOST])

    def _missed(self, attempt: Attempt, depth: int) -> Iterator[Failure]:
        """Why each case of a test did not hold."""
        attempt.leave_case()
        rule = self._trace.branches[attempt.branch].rule
        for missed in attempt.missed:
            left = structs.replace(attempt, steps=missed.steps)
            step = missed.steps.get(missed.last)
            if step is not None:
                failure = self._expression(rule, left, missed.last, depth)
                yield structs.replace(failure, case=missed.case, times=1)

    def _failure(self, frame: Frame, attempt: Attempt, depth: int) -> Failure:
        expressions = self._trace.expressions
        branch = self._trace.branches[attempt.branch]
        steps = attempt.steps.items()
        failing = [number for number, step in steps if expressions[number].outer < 0 and not step.held]
        if failing:
            return self._expression(branch.rule, attempt, failing[-1], depth)
        arguments = tuple((f"argument {place}", self.brief(value)) for place, value in enumerate(frame.args, 1))
        place = self.place(branch.module, branch.at)
        inner = self._inner(attempt.calls, depth + 1)
        return Failure(branch.rule, place, self.text(branch.module).line(branch.at), arguments, inner=inner)

    def _expression(self, rule: str, attempt: Attempt, number: int, depth: int) -> Failure:
        expression = self._trace.expressions[number]
        step = attempt.steps[number]
        inner: tuple[Failure, ...] = ()
        if not expression.negated:
            inner = self._inner(step.calls, depth + 1)
        if expression.every and depth < _DEEPEST:
            below = [one for one, other in attempt.steps.items() if self._is_open(one, other, number)]
            inner = (*(self._expression(rule, attempt, one, depth + 1) for one in below[-1:]), *inner)
        text = self.text(expression.module).literal(expression.at)
        place = self.place(expression.module, expression.at)
        return Failure(rule, place, text, tuple(self.values(number, step)), step.reached, inner)

    def _is_open(self, number: int, step: Step, outer: int) -> bool:
        return step.open and self._trace.expressions[number].outer == outer

    def values(self, number: int, step: Step) -> Iterator[tuple[str, str]]:
        """The variables that an expression knew, and the references and calls in it, with their values."""
        expression = self._trace.expressions[number]
        for name, value in zip(expression.names, step.values, strict=True):
            yield name, self.brief(value)
        text = self.text(expression.module)
        for at, value in step.terms.items():
            if term := text.term(at):
                yield term, self.brief(value)
        if number in self._refused:
            yield "error", self.hide(self._refused[number])

    def text(self, module: Module) -> SourceText:
        """The text of a module."""
        if module.file not in self._texts:
            self._texts[module.file] = SourceText(module)
        return self._texts[module.file]

    def place(self, module: Module, at: int) -> str:
        """``file:line`` of an offset."""
        return module.place(at).rpartition(":")[0]


def refusal(trace: Trace, evaluate: Callable[[], object]) -> dict[int, str]:
    """What the first builtin that gives no result complains of, by its expression.

    ``evaluate`` evaluates the traced program strictly; whatever else it raises is of no interest here.
    """
    trace.restart()
    try:
        evaluate()
    except BuiltinError as error:
        return {trace.stopped: error.message}
    except EvaluationError:
        pass
    return {}


class SourceText:
    """The text of what stands at a place of a module; parsed again, as nodes do not know where they end."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._lexer = Lexer(module.file, module.source)
        self._tokens = self._lexer.tokens()
        self._index = {token.at: number for number, token in enumerate(self._tokens)}

    def literal(self, at: int) -> str:
        """The expression with its `not` and `with`."""
        return self._parsed(at, lambda parser: parser.literal()) or self.line(at)

    def term(self, at: int) -> str:
        """The reference or call; empty where it cannot be told, as inside of template strings."""
        return self._parsed(at, lambda parser: parser.term())

    def line(self, at: int) -> str:
        """The rest of the line."""
        return self._module.source[at:].partition("\n")[0].strip()

    def _parsed(self, at: int, parse: Callable[[TermParser], Node]) -> str:
        number = self._index.get(at)
        if number is None:
            return ""
        for v1 in (True, False):
            parser = TermParser(self._module.file, self._module.source, self._tokens, v1=v1)
            parser.seek(number)
            try:
                parse(parser)
            except CompileError:
                continue
            return self._between(self._tokens[number], parser)
        return ""

    def _between(self, first: Token, parser: TermParser) -> str:
        last = self._tokens[parser.index - 1].at
        end = next((one.at for one in self._lexer.comments if last < one.at < parser.token.at), parser.token.at)
        text = " ".join(self._module.source[first.at : end].split())
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def brief(value: Value, limit: int = _LONGEST, hidden: Sequence[str] = ()) -> str:
    """``value`` without ``hidden`` texts, as Rego of about ``limit`` characters; only as much of it is read."""
    pieces: list[str] = []
    left = limit
    for piece in _pieces(value, hidden):
        if len(piece) > left:
            pieces.append(f"{piece[:left]}…")
            break
        pieces.append(piece)
        left -= len(piece)
    return "".join(pieces)


def _hide(text: str, hidden: Sequence[str]) -> str:
    """Text without what is hidden; what is short may be anything, and is hidden only by itself."""
    for one in hidden:
        if text == one or len(one) >= _TELLING:
            text = text.replace(one, "(sensitive)")
    return text


def _pieces(value: Value, hidden: Sequence[str] = ()) -> Iterator[str]:
    from gateproof.rego.runtime import text

    kind = type(value)
    if value is UNDEFINED:
        yield "undefined"
    elif kind is list:
        yield from _members("[", value, "]", hidden)
    elif kind is RegoSet:
        yield from _members("{", value.ordered(), "}", hidden) if len(value) else ("set()",)
    elif kind is dict:
        yield "{"
        for position, name in enumerate(object_keys(value)):
            yield ", " if position else ""
            yield from _pieces(name, hidden)
            yield ": "
            yield from _pieces(value[key(name)], hidden)
        yield "}"
    elif kind is str:
        yield text(_hide(value, hidden)[: _LONGEST + 1])
    else:
        yield text(value)


def _members(opening: str, values: Iterable[Value], closing: str, hidden: Sequence[str]) -> Iterator[str]:
    yield opening
    for position, value in enumerate(values):
        yield ", " if position else ""
        yield from _pieces(value, hidden)
    yield closing
