"""Kyverno's functions on times: RFC 3339 with the offset kept, Go's layouts and durations.

What the clock says is the time of the evaluation, in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from gateproof.engines.kyverno import measures
from gateproof.engines.kyverno.jmespath.errors import JmespathError
from gateproof.engines.kyverno.jmespath.interface import Function
from gateproof.rego.builtins.time import time_now_ns
from gateproof.rego.builtins.time_layouts import parse_moment
from gateproof.rego.context import Context

_SECOND = 10**9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEGINNING = -62_135_596_800 * _SECOND
"""The year 1, from which times are truncated."""
_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]+))?(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))"
)
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_LONGEST = 256


class Moment(msgspec.Struct, frozen=True):
    """Nanoseconds since 1970, and by how many seconds the clock on the wall is ahead of UTC."""

    nanoseconds: int
    offset: int = 0

    def text(self) -> str:
        """RFC 3339, without fractions."""
        try:
            local = _EPOCH + timedelta(seconds=self.nanoseconds // _SECOND + self.offset)
        except OverflowError:
            raise JmespathError("a time is outside of the years 1 to 9999") from None
        sign, minutes = "-" if self.offset < 0 else "+", abs(self.offset) // 60
        zone = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}" if self.offset else "Z"
        return f"{local:%Y-%m-%dT%H:%M:%S}".zfill(19) + zone


def _moment(text: str) -> Moment:
    found = _RFC3339.fullmatch(text) if len(text) <= _LONGEST else None
    try:
        if found is None:
            raise ValueError(text)
        seconds = (datetime.fromisoformat(f"{found[1]}T{found[2]}+00:00") - _EPOCH) // timedelta(seconds=1)
    except ValueError:
        raise JmespathError(f"{text[:80]!r} is no time in RFC 3339") from None
    fraction = int((found[3] or "0").ljust(9, "0")[:9])
    offset = 0
    if found[5]:
        hours, minutes = int(found[6]), int(found[7])
        if hours > 24 or minutes > 59:
            raise JmespathError(f"{text[:80]!r} is no time in RFC 3339")
        offset = (hours * 60 + minutes) * (-60 if found[5] == "-" else 60)
    return Moment((seconds - offset) * _SECOND + fraction, offset)


def _duration(text: str) -> int:
    nanoseconds = measures.duration(text) if len(text) <= measures.LONGEST else None
    if nanoseconds is None:
        raise JmespathError(f"{text[:80]!r} is no duration")
    return nanoseconds


def _laid_out(layout: str, text: str) -> Moment:
    if max(len(layout), len(text)) > _LONGEST:
        raise JmespathError(f"a layout or time is longer than {_LONGEST} characters")
    return Moment(parse_moment(layout, text))


def _now(ctx: Context) -> Moment:
    return Moment(time_now_ns(ctx))


def _since(ctx: Context, layout: str, start: str, end: str) -> str:
    read: Callable[[str], Moment] = (lambda text: _laid_out(layout, text)) if layout else _moment
    return _between(read(start), read(end) if end else _now(ctx))


def _between(start: Moment, end: Moment) -> str:
    longest = 2**63 - 1  # Go's longest duration, which stands for all that are longer
    return measures.duration_text(max(-longest, min(longest, end.nanoseconds - start.nanoseconds)))


def _parse(_: Context, layout: str, text: str) -> str:
    if _INTEGER.fullmatch(layout):
        if _INTEGER.fullmatch(text) is None:
            raise JmespathError(f"time_parse(): {text[:80]!r} is no number of seconds")
        return Moment(int(text) * _SECOND).text()
    return _laid_out(layout, text).text()


def _to_cron(_: Context, text: str) -> str:
    moment = _moment(text)
    local = _EPOCH + timedelta(seconds=moment.nanoseconds // _SECOND + moment.offset)
    return f"{local.minute} {local.hour} {local.day} {local.month} {local.isoweekday() % 7}"


def _add(_: Context, text: str, duration: str) -> str:
    moment = _moment(text)
    return Moment(moment.nanoseconds + _duration(duration), moment.offset).text()


def _truncate(_: Context, text: str, duration: str) -> str:
    moment, step = _moment(text), _duration(duration)
    past = (moment.nanoseconds - _BEGINNING) % step if step > 0 else 0
    return Moment(moment.nanoseconds - past, moment.offset).text()


def _ordered(test: Callable[[int, int], bool]) -> Callable[..., Any]:
    return lambda _, one, other: test(_moment(one).nanoseconds, _moment(other).nanoseconds)


def _is_between(_: Context, text: str, start: str, end: str) -> bool:
    return _moment(start).nanoseconds < _moment(text).nanoseconds < _moment(end).nanoseconds


FUNCTIONS = (
    Function("time_add", ("string", "string"), _add),
    Function("time_after", ("string", "string"), _ordered(lambda one, other: one > other)),
    Function("time_before", ("string", "string"), _ordered(lambda one, other: one < other)),
    Function("time_between", ("string", "string", "string"), _is_between),
    Function("time_diff", ("string", "string"), lambda _, start, end: _between(_moment(start), _moment(end))),
    Function("time_now", (), lambda ctx, *_: _now(ctx).text()),
    Function("time_now_utc", (), lambda ctx, *_: _now(ctx).text()),
    Function("time_parse", ("string", "string"), _parse),
    Function("time_since", ("string", "string", "string"), _since),
    Function("time_to_cron", ("string",), _to_cron),
    Function("time_truncate", ("string", "string"), _truncate),
    Function("time_utc", ("string",), lambda _, text: Moment(_moment(text).nanoseconds).text()),
)
