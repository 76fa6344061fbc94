"""Regular expressions in RE2's syntax, which is Go's, on google-re2: time linear in the text.

Spending: a step for each 16 characters of text, more where the expression is large; for each expression that was not
among the last ones of the evaluation, what it takes to compile it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from gateproof.errors import EvaluationError
from gateproof.rego.builtins.globs_intersection import may_both_match
from gateproof.rego.builtins.operands import fail, machine_integer, string
from gateproof.rego.builtins.quoting import quote, well_formed
from gateproof.rego.context import Context
from gateproof.rego.values import Value

_ANY_BYTE = re.compile(r"\\Q.*?(?:\\E|\Z)|\\(.)", re.DOTALL)
_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")
_REMEMBERED = 128
_COMPILING = 20
_MATCH = 5
_DELIMITER = re.compile(r"[\x00-\x7f]")


def regex_match(ctx: Context, pattern: Value, text: Value) -> bool:
    """Whether ``text`` has a match anywhere."""
    expression = _expression(ctx, string(pattern, 1), string(text, 2))
    return expression.search(well_formed(text).encode()) is not None


re_match = regex_match


def regex_is_valid(ctx: Context, pattern: Value) -> bool:
    if type(pattern) is not str:
        return False
    ctx.spend(1 + len(pattern) // 16)
    return isinstance(_known(ctx, pattern), _Compiled)


def regex_split(ctx: Context, pattern: Value, text: Value) -> list[Value]:
    expression = _expression(ctx, string(pattern, 1), string(text, 2))
    if pattern and not text:
        return [""]
    pieces: list[Value] = []
    begin = end = 0
    for match in _matches(ctx, expression, text):
        end = match.start()
        if match.end():
            pieces.append(text[begin:end])
        begin = match.end()
    return [*pieces, text[begin:]] if end != len(text) else pieces


def regex_find_n(ctx: Context, pattern: Value, text: Value, limit: Value) -> list[Value]:
    """The first ``limit`` matches; all where it is negative."""
    whole, count = string(text, 2), machine_integer(limit, 3)
    expression = _expression(ctx, string(pattern, 1), whole)
    return [whole[match.start() : match.end()] for match in _first(_matches(ctx, expression, whole), count)]


def regex_find_all_string_submatch_n(ctx: Context, pattern: Value, text: Value, limit: Value) -> list[Value]:
    """For each match the whole and its groups, of which those without part in it are empty."""
    whole, count = string(text, 2), machine_integer(limit, 3)
    expression = _expression(ctx, string(pattern, 1), whole)
    found: list[Value] = []
    for match in _first(_matches(ctx, expression, whole), count):
        ctx.spend(1 + expression.groups)
        found.append([whole[start:end] for start, end in map(match.span, range(expression.groups + 1))])
    return found


def regex_replace(ctx: Context, text: Value, pattern: Value, replacement: Value) -> str:
    """Every match replaced, with ``$1`` and ``${name}`` in the replacement standing for its groups."""
    whole, template = string(text, 1), string(replacement, 3)
    expression = _expression(ctx, string(pattern, 2), whole)
    parts = _template(template, expression)
    ctx.spend(len(template) // 16)
    pieces: list[str] = []
    end = size = 0
    for match in _matches(ctx, expression, whole):
        expanded = [part if type(part) is str else whole[slice(*match.span(part))] for part in parts]
        size += sum(map(len, expanded))
        ctx.spend(len(parts) + size // 1024)
        ctx.check_size(len(whole) + size)
        pieces += (whole[end : match.start()], *expanded)
        end = match.end()
    return "".join(pieces) + whole[end:]


def _template(template: str, expression: Any) -> list[str | int]:
    """The literal parts of a replacement and the numbers of groups between them."""
    parts: list[str | int] = []
    end = 0
    for match in _REFERENCE.finditer(template):
        parts.append(template[end : match.start()])
        end = match.end()
        name = match[2] or match[3]
        if match[1]:
            parts.append("$")
        elif re.fullmatch(r"0|[1-9][0-9]{0,7}", name):
            parts += [int(name)] if int(name) <= expression.groups else []
        elif name in expression.groupindex:
            parts.append(expression.groupindex[name])
    return [*parts, template[end:]]


def regex_template_match(ctx: Context, template: Value, text: Value, opening: Value, closing: Value) -> bool:
    """Whether all of ``text`` matches ``template``, which has regular expressions between the delimiters."""
    form, whole = string(template, 1), string(text, 2)
    for name, delimiter in (("start", string(opening, 3)), ("end", string(closing, 4))):
        if not _DELIMITER.fullmatch(delimiter):
            raise fail(f"{name} delimiter has to be exactly one character long but is {len(delimiter)} long")
    pieces = ["^"]
    for literal, inner in _template_parts(form, opening, closing):
        pieces.append(re.escape(literal) if literal.isascii() else _quote_meta(literal))
        if inner is not None:
            _expression(ctx, f"^{inner}$", "")
            pieces.append(f"({inner})")
    return _expression(ctx, "".join([*pieces, "$"]), whole).search(well_formed(whole).encode()) is not None


def _template_parts(template: str, opening: str, closing: str) -> Iterator[tuple[str, str | None]]:
    """Each literal with the expression that follows it; nested delimiters belong to the expression."""
    level = start = end = 0
    for at, char in enumerate(template):
        if char == opening:
            level += 1
            start = at if level == 1 else start
        elif char == closing:
            level -= 1
            if level == 0:
                yield template[end:start], template[start + 1 : at]
                end = at + 1
        if level < 0:
            break
    if level:
        raise fail(f"unbalanced braces in {quote(template)}")
    yield template[end:], None


def _quote_meta(text: str) -> str:
    return re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", text)


def regex_globs_match(ctx: Context, left: Value, right: Value) -> bool:
    """Whether some text that is not empty matches both of two simple expressions (``.``, ``*``, ``+``, ``[a-z]``)."""
    return may_both_match(ctx, string(left, 1), string(right, 2))


# Compiling and matching


class _Compiled:
    __slots__ = ("expression", "weight")

    def __init__(self, expression: Any) -> None:
        self.expression = expression
        self.weight: int = expression.programsize


def _expression(ctx: Context, pattern: str, text: str) -> Any:
    """The compiled expression, with the search of ``text`` charged for."""
    ctx.spend(1 + len(pattern) // 16 + len(text) // 16)
    compiled = _known(ctx, pattern)
    if isinstance(compiled, str):
        raise fail(compiled)
    ctx.spend((1 + len(text) // 64) * (compiled.weight // 16))
    return compiled.expression


def _known(ctx: Context, pattern: str) -> _Compiled | str:
    """The compiled ``pattern``, or why Go refuses it. Others pay for it again when it has been long out of use.

    What this evaluation has paid for is not what the process remembers, or the steps would depend on its past.
    """
    recent: dict[str, _Compiled | str] = ctx.cache.setdefault(_known, {})
    compiled = recent.pop(pattern, None)
    if compiled is None:
        ctx.spend(_COMPILING + len(pattern) // 2)
        compiled = _compiled(pattern)
        if isinstance(compiled, _Compiled):
            ctx.spend(compiled.weight // 2)
        if len(recent) >= _REMEMBERED:
            del recent[next(iter(recent))]
    recent[pattern] = compiled
    return compiled


@lru_cache(maxsize=_REMEMBERED)
def _compiled(pattern: str) -> _Compiled | str:
    """The compiled ``pattern``, or why Go refuses it. (Kept across evaluations: it depends on nothing else.)"""
    import re2

    if any(match[1] == "C" for match in _ANY_BYTE.finditer(pattern)):
        return r"error parsing regexp: invalid escape sequence: `\C`"  # RE2 has it, Go does not
    options = re2.Options()
    options.log_errors = False
    try:
        return _Compiled(re2.compile(well_formed(pattern), options))
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    if "too large" in reason:
        raise EvaluationError("a regular expression is too large", hint="split it into several")
    return f"error parsing regexp: {reason}"


def _matches(ctx: Context, expression: Any, text: str) -> Iterator[Any]:
    """All matches from left to right, without empty ones right behind another, as Go finds them."""
    end = -1
    for match in expression.finditer(well_formed(text)):
        ctx.spend(_MATCH + (len(text) - match.end() >> 10))  # the search for the next may go to the end
        abuts = match.start() == match.end() == end
        end = match.end()
        if not abuts:
            yield match


def _first(matches: Iterator[Any], count: int) -> Iterator[Any]:
    if count == 0:
        return
    for found, match in enumerate(matches, 1):
        yield match
        if found == count:
            return
