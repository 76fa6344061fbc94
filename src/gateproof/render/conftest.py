"""Results of ``check --compat conftest`` in conftest's output formats.

``json`` and ``stdout`` are conftest's own, to the byte for text that is harmless; ``tap``, ``table``, ``junit`` and
``github`` have its lines and elements. What a terminal or CI system would obey is made visible in all of them.
"""

from __future__ import annotations

import json as _json
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from gateproof.engines.conftest import Checked, Location, Message
from gateproof.render import untrusted

_LONGEST = 100_000
_COLORS = {"WARN": 33, "FAIL": 31, "EXCP": 36, "PRNT ": 34}
_RED, _YELLOW, _CYAN, _GREEN = 31, 33, 36, 32
# Go escapes what HTML would take for markup and JavaScript for line ends.
_IN_GO = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What conftest's flags say about its output."""

    color: bool = True
    suppress_exceptions: bool = False
    hide_message: bool = False


def render(results: Sequence[Checked], form: str, options: Options) -> str:
    """``results`` in the format ``form``, one of FORMATS."""
    return FORMATS[form](results, options)


def queries(results: Sequence[Checked], options: Options) -> str:
    """The queries that were asked of each file, as ``--trace`` lists them."""
    lines = [
        _colored(f"file: {_shown(one.file)} | query: {_shown(query.query)}", _GREEN, options)
        for one in results
        for query in one.queries
    ]
    return "".join(f"{line}\n" for line in lines)


# -- stdout ------------------------------------------------------------------------------------------------------------


def _stdout(results: Sequence[Checked], options: Options) -> str:
    lines = [
        f"{_colored('PRNT ', _COLORS['PRNT '], options)}  {_shown(text)}\n"
        for one in results
        for query in one.queries
        for text in query.printed
    ]
    for one in results:
        found = [("WARN", one.warnings), ("FAIL", one.failures)]
        if not options.suppress_exceptions:
            found.append(("EXCP", one.exceptions))
        for word, messages in found:
            head = f"{_colored(word, _COLORS[word], options)} {_indicator(one)}"
            lines += (f"{head} {_shown(message.text)}" for message in messages)
    return "\n".join((*lines, "", _colored(_totals(results), _totals_color(results), options), ""))


def _indicator(one: Checked) -> str:
    file = "-" if one.file == "-" else f"- {_shown(one.file)}"
    return f"{file} - {_shown(one.namespace)} -"


def _totals(results: Sequence[Checked]) -> str:
    warnings, failures, exceptions = (
        sum(len(getattr(one, kind)) for one in results) for kind in ("warnings", "failures", "exceptions")
    )
    tests, passed = sum(one.tests for one in results), sum(one.successes for one in results)
    counted = (_counted(warnings, "warning"), _counted(failures, "failure"), _counted(exceptions, "exception"))
    return ", ".join((_counted(tests, "test"), f"{passed} passed", *counted))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _totals_color(results: Sequence[Checked]) -> int:
    for kind, color in (("failures", _RED), ("warnings", _YELLOW), ("exceptions", _CYAN)):
        if any(getattr(one, kind) for one in results):
            return color
    return _GREEN


def _colored(text: str, color: int, options: Options) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if options.color else text


def _shown(text: str) -> str:
    """``text`` with its line ends and tabs, everything else made harmless."""
    parts = re.split(r"([\n\t])", text)
    return "".join(part if part in ("\n", "\t") else untrusted.plain(part, _LONGEST) for part in parts)


# -- json --------------------------------------------------------------------------------------------------------------


def _as_json(results: Sequence[Checked], _: Options) -> str:
    plain = [_object(one) for one in results] or None
    return "".join(_json_text(plain, "\n")) + "\n"


def _object(one: Checked) -> dict[str, Any]:
    kinds = {kind: getattr(one, kind) for kind in ("warnings", "failures", "exceptions")}
    return {
        "filename": "" if one.file == "-" else one.file,
        "namespace": one.namespace,
        "successes": one.successes,
        **{kind: [_message(message) for message in found] for kind, found in kinds.items() if found},
    }


def _message(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = {"msg": message.text}
    if message.location:
        place = {"file": message.location.file or None, "line": message.location.line}
        found["loc"] = {name: value for name, value in place.items() if value is not None}
    if message.metadata:
        found["metadata"] = _sorted(message.metadata)
    return found


def _sorted(value: Any) -> Any:
    """Members of objects in the order of their names, as Go writes its maps."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value, key=str.encode)}
    return [_sorted(member) for member in value] if isinstance(value, list) else value


def _json_text(value: Any, line: str) -> Iterator[str]:
    """JSON as Go's ``encoding/json`` indents it with tabs; ``line`` begins a line of the outer value."""
    if isinstance(value, dict | list) and value:
        inner = f"{line}\t"
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        for number, member in enumerate(value.items() if isinstance(value, dict) else value):
            yield ("," if number else opening) + inner
            if isinstance(value, dict):
                yield f"{_string(member[0])}: "
            yield from _json_text(member[1] if isinstance(value, dict) else member, inner)
        yield line + closing
    elif isinstance(value, str):
        yield _string(value)
    elif isinstance(value, float):
        yield _number(value)
    else:
        yield _json.dumps(value)


def _string(text: str) -> str:
    return untrusted.harmless_json(_json.dumps(text, ensure_ascii=False).translate(_IN_GO))


def _number(number: float) -> str:
    """The shortest digits, with an exponent below 0.0001 and from a million on: conftest's numbers come so from OPA."""
    mantissa, _, exponent = f"{Decimal(repr(number)).normalize():e}".partition("e")
    if number == 0 or -4 <= int(exponent) < 6:
        return repr(number).removesuffix(".0")
    return f"{mantissa}e{int(exponent):+03d}"


# -- the others --------------------------------------------------------------------------------------------------------


def _tap(results: Sequence[Checked], _: Options) -> str:
    lines: list[str] = []
    for one in results:
        if not one.tests:
            break  # conftest, too, writes nothing about what comes after a namespace without tests
        lines.append(f"1..{one.tests}")
        lines += _numbered(one)
    return "".join(f"{line}\n" for line in lines)


def _numbered(one: Checked) -> Iterator[str]:
    successes = [Message("SUCCESS")] * one.successes
    parts = (("", "not ok", one.failures), ("warnings", "not ok", one.warnings), ("exceptions", "ok", one.exceptions))
    number = 0
    for title, word, messages in (*parts, ("successes", "ok", successes)):
        if messages and title:
            yield f"# {title}"
        for message in messages:
            number += 1
            yield f"{word} {number} {_indicator(one)} {untrusted.plain(message.text, _LONGEST)}"


def _table(results: Sequence[Checked], _: Options) -> str:
    rows = [row for one in results for row in _rows(one)]
    if not rows:
        return ""
    rows = [("RESULT", "FILE", "NAMESPACE", "MESSAGE"), *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    rules = ["─" * (width + 2) for width in widths]
    lines = [f"│ {' │ '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} │" for row in rows]
    lines[0] = f"│ {' │ '.join(f'{cell:^{width}}' for cell, width in zip(rows[0], widths, strict=True))} │"
    head, middle, foot = (f"{a}{b.join(rules)}{c}" for a, b, c in ("┌┬┐", "├┼┤", "└┴┘"))
    return "\n".join((head, lines[0], middle, *lines[1:], foot, ""))


def _rows(one: Checked) -> Iterator[tuple[str, str, str, str]]:
    place = (untrusted.plain(one.file), untrusted.plain(one.namespace))
    yield from [("success", *place, "SUCCESS")] * one.successes
    for word, messages in (("exception", one.exceptions), ("warning", one.warnings), ("failure", one.failures)):
        yield from ((word, *place, untrusted.plain(message.text, _LONGEST)) for message in messages)


def _junit(results: Sequence[Checked], options: Options) -> str:
    suites: dict[str, list[tuple[str, str]]] = {}
    for one in results:
        cases = suites.setdefault(f"conftest.{one.namespace}", [])
        cases += [(_case_name(one.file, found, options), found.text) for found in (*one.warnings, *one.failures)]
        cases += [(one.file, "")] * one.successes
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for name, cases in suites.items():
        failures = sum(1 for _, text in cases if text)
        shown = untrusted.xml(name)
        lines.append(f'\t<testsuite tests="{len(cases)}" failures="{failures}" time="0.000" name="{shown}">')
        for case, text in cases:
            head = f'\t\t<testcase classname="{shown}" name="{untrusted.xml(case)}" time="0.000">'
            body = "\n".join(map(untrusted.xml, text.split("\n")))
            failure = f'\n\t\t\t<failure message="Failed" type="">{body}</failure>\n\t\t' if text else ""
            lines.append(f"{head}{failure}</testcase>")
        lines.append("\t</testsuite>")
    return "\n".join((*lines, "</testsuites>", ""))


def _case_name(file: str, message: Message, options: Options) -> str:
    return file if options.hide_message else f"{file} - {message.text.partition(chr(10))[0]}"


def _github(results: Sequence[Checked], _: Options) -> str:
    lines: list[str] = []
    for one in results:
        file, namespace = untrusted.workflow_data(one.file), untrusted.workflow_data(one.namespace)
        lines.append(f'::group::Testing "{file}" against {one.tests} policies in namespace "{namespace}"')
        for level, messages in (("error", one.failures), ("warning", one.warnings), ("notice", one.exceptions)):
            for message in messages:
                lines += _annotations(level, one.file, message)
        lines.append(_annotation("notice", Location(one.file, 1), f"Number of successful checks: {one.successes}"))
        lines.append("::endgroup::")
    return "".join(f"{line}\n" for line in (*lines, _totals(results)))


def _annotations(level: str, file: str, message: Message) -> Iterator[str]:
    place = message.location or Location(file, 1)
    yield _annotation(level, place, message.text)
    if place.file != file:
        origin = f"(ORIGINATING FROM {place.file} L{place.line or ''}) {message.text}"
        yield _annotation(level, Location(file, 1), origin)


def _annotation(level: str, place: Location, text: str) -> str:
    line = "" if place.line is None else _json.dumps(place.line)
    return f"::{level} file={untrusted.workflow_property(place.file)},line={line}::{untrusted.workflow_data(text)}"


FORMATS: dict[str, Callable[[Sequence[Checked], Options], str]] = {
    "stdout": _stdout,
    "json": _as_json,
    "tap": _tap,
    "table": _table,
    "junit": _junit,
    "github": _github,
}
"""conftest's output formats that are written here."""
