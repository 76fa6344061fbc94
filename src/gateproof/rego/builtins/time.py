"""Time: nanoseconds since 1970 in UTC, calendars in any zone, Go's layouts and durations."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from gateproof.errors import EvaluationError
from gateproof.rego.builtins.numerals import format_float
from gateproof.rego.builtins.operands import fail, machine_integer, number, string, wrong_type
from gateproof.rego.builtins.quoting import quote
from gateproof.rego.builtins.time_layouts import (
    LAYOUTS,
    WEEKDAYS,
    Moment,
    days_from_civil,
    format_moment,
    parse_moment,
)
from gateproof.rego.context import Context
from gateproof.rego.values import Value

_INT64 = range(-(2**63), 2**63)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 10**9
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
_HOURS = {"d": 24, "w": 7 * 24, "y": 365 * 24}
_SEGMENT = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([^0-9.]+)")
_MAX_LENGTH = 4096  # of layouts and of texts to parse


def time_now_ns(ctx: Context) -> int:
    """The time of the evaluation: the same, however often it is asked for."""
    if ctx.now_ns is None:
        raise EvaluationError("time.now_ns: this evaluation was given no time", hint="pass now_ns to the evaluation")
    return ctx.now_ns


def time_parse_ns(layout: Value, text: Value) -> int:
    form, whole = string(layout, 1), string(text, 2)
    if len(form) > _MAX_LENGTH or len(whole) > _MAX_LENGTH:
        raise EvaluationError("time.parse_ns: a layout or time is too long", hint="cut it to the time first")
    return _in_range(parse_moment(LAYOUTS.get(form, form), whole))


def time_parse_rfc3339_ns(text: Value) -> int:
    return time_parse_ns(LAYOUTS["RFC3339"], string(text, 1))


def time_parse_duration_ns(text: Value) -> int:
    """Go's durations, such as ``1h30m`` or ``1.5s``, and days, weeks and years of 24, 168 and 8,760 hours."""
    whole = string(text, 1)
    invalid = fail(f"time: invalid duration {quote(whole)}")
    if len(whole) > _MAX_LENGTH:
        raise invalid
    sign, body = (whole[0], whole[1:]) if whole[:1] in ("+", "-") else ("", whole)
    if body == "0":
        return 0
    segments = _SEGMENT.findall(body)
    if not segments or "".join(map("".join, segments)) != body:
        raise invalid
    total = 0
    for digits, unit in segments:
        if unit in _HOURS:
            digits, unit = format_float(float(digits) * _HOURS[unit], "f"), "h"
        if unit not in _NANOSECONDS:
            raise fail(f"time: unknown unit {quote(unit)} in duration {quote(whole)}")
        total += _scaled(digits, _NANOSECONDS[unit])
    if total > _INT64[-1] + (sign == "-"):
        raise invalid
    return -total if sign == "-" else total


def _scaled(digits: str, unit: int) -> int:
    """``digits`` times ``unit``; the fraction is multiplied in floating point and cut off, as in Go."""
    whole, _, fraction = digits.partition(".")
    fraction = fraction[:18]
    part = int(int(fraction or 0) * (unit / 10 ** len(fraction))) if fraction else 0
    return (int(whole[:4000]) if whole else 0) * unit + part


def time_format(moment: Value) -> str:
    """RFC 3339 with nanoseconds, or the layout that is the third element of ``[ns, zone, layout]``."""
    layout = LAYOUTS["RFC3339Nano"]
    if type(moment) is list and len(moment) > 2:
        layout = string(moment[2], 1) or layout
    if len(layout) > _MAX_LENGTH:
        raise EvaluationError("time.format: the layout is too long", hint="format the parts one by one")
    return format_moment(_moment(moment), LAYOUTS.get(layout, layout))


def time_date(moment: Value) -> list[Value]:
    local = _moment(moment).local
    return [local.year, local.month, local.day]


def time_clock(moment: Value) -> list[Value]:
    local = _moment(moment).local
    return [local.hour, local.minute, local.second]


def time_weekday(moment: Value) -> str:
    return WEEKDAYS[_moment(moment).local.weekday()]


def time_add_date(moment: Value, years: Value, months: Value, days: Value) -> int:
    """The time on the wall moved by years, months and days, in the zone of the moment."""
    local, nanoseconds = _moment(moment)
    year = local.year + machine_integer(years, 2)
    month = local.month + machine_integer(months, 3)
    day = local.day + machine_integer(days, 4)
    clock = (local.hour * 60 + local.minute) * 60 + local.second
    seconds = days_from_civil(year, month, day) * 86_400 + clock
    _in_range(seconds // 2 * _SECOND)  # far off in any zone
    zone = local.tzinfo or UTC
    return _in_range((seconds - _offset(zone, seconds - _offset(zone, seconds))) * _SECOND + nanoseconds)


def time_diff(one: Value, other: Value) -> list[Value]:
    """Years, months, days, hours, minutes and seconds between two moments, by the calendar of the first's zone."""
    first, second = _moment(one), _moment(other)
    zone = first.local.tzinfo or UTC
    second = Moment(second.local.astimezone(zone), second.nanoseconds)
    if (first.local.astimezone(UTC), first.nanoseconds) > (second.local.astimezone(UTC), second.nanoseconds):
        first, second = second, first
    start, end = first.local, second.local
    years, months, days = end.year - start.year, end.month - start.month, end.day - start.day
    hours, minutes, seconds = end.hour - start.hour, end.minute - start.minute, end.second - start.second
    if seconds < 0:
        seconds, minutes = seconds + 60, minutes - 1
    if minutes < 0:
        minutes, hours = minutes + 60, hours - 1
    if hours < 0:
        hours, days = hours + 24, days - 1
    if days < 0:
        length = days_from_civil(start.year, start.month + 1, 1) - days_from_civil(start.year, start.month, 1)
        days, months = days + length, months - 1
    if months < 0:
        months, years = months + 12, years - 1
    return [years, months, days, hours, minutes, seconds]


def _in_range(nanoseconds: int) -> int:
    if nanoseconds not in _INT64:
        raise fail("time outside of valid range")
    return nanoseconds


def _moment(value: Value) -> Moment:
    """Nanoseconds, or an array of nanoseconds and the name of a zone."""
    instant, zone = value, ""
    if type(value) is list and value:
        instant, zone = value[0], string(value[1], 1) if len(value) > 1 else ""
        number(instant, 1)
    if type(instant) not in (int, float):
        raise wrong_type(1, value, "either number (ns) or [number (ns), string (tz)]")
    if instant != int(instant) or int(instant) not in _INT64:
        raise fail("timestamp too big")
    seconds, nanoseconds = divmod(int(instant), _SECOND)
    return Moment((_EPOCH + timedelta(seconds=seconds)).astimezone(_zone(zone)), nanoseconds)


_ZONE_PART = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*")


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    """The zone of that name in the IANA database of the package ``tzdata``, whatever the machine has.

    A verdict must not depend on the machine, so its own zone is taken for UTC and its own database is not asked.
    """
    if name in ("", "UTC", "Local"):
        return UTC
    parts = name.split("/")
    if not all(_ZONE_PART.fullmatch(part) for part in parts):
        raise fail(f"unknown time zone {name}")
    from importlib.resources import files

    try:
        with files("tzdata").joinpath("zoneinfo", *parts).open("rb") as data:
            return ZoneInfo.from_file(data, key=name)
    except (ValueError, OSError):
        raise fail(f"unknown time zone {name}") from None


def _offset(zone: tzinfo, seconds: int) -> int:
    """Seconds east of Greenwich at a moment given in seconds since 1970."""
    offset = (_EPOCH + timedelta(seconds=seconds)).astimezone(zone).utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0
