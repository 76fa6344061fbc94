"""Parts of timestamps and durations. Timestamps are in UTC where no time zone is given."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from gateproof.cel.errors import EvaluationError
from gateproof.cel.values import Duration, Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE = 400
_OFFSET = re.compile(r"([+-]?[0-9]{1,4}):([0-9]{1,4})")
_PART = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*")


def _in(time: Timestamp, zone: str) -> datetime:
    """``time`` in the time zone, to microseconds."""
    moment = _EPOCH + timedelta(microseconds=time.nanos // 1000)
    if zone in ("", "UTC", "Local"):
        return moment
    try:
        return moment.astimezone(_zone(zone))
    except OverflowError:  # into a year that Python lacks: the calendar is the same every 400 years
        return moment.replace(year=moment.year + (_CYCLE if moment.year == 1 else -_CYCLE)).astimezone(_zone(zone))


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    """The time zone of that name in the package ``tzdata``, whatever the machine has; or of an offset (``-05:30``)."""
    if ":" in name:
        return _offset(name)
    parts = name.split("/")
    if all(map(_PART.fullmatch, parts)):
        from importlib.resources import files
        from zoneinfo import ZoneInfo

        try:
            with files("tzdata").joinpath("zoneinfo", *parts).open("rb") as data:
                return ZoneInfo.from_file(data, key=name)
        except (ValueError, OSError):
            pass
    raise EvaluationError(f"unknown time zone {name}", hint="give a name of the IANA database, or an offset")


def _offset(name: str) -> tzinfo:
    """The time zone that is so far from UTC."""
    offset = _OFFSET.fullmatch(name)
    if offset is None or int(offset[2]) > 59:
        raise EvaluationError(f"invalid time zone offset {name}", hint="give an offset such as -05:30")
    minutes = int(offset[1]) * 60 + (-int(offset[2]) if name[0] == "-" else int(offset[2]))
    try:
        return timezone(timedelta(minutes=minutes))
    except ValueError:
        raise EvaluationError(f"invalid time zone offset {name}", hint="give an offset below a day") from None


def rfc3339(time: Timestamp) -> str:
    """``time`` as it was written, with as many digits of the second as it needs."""
    seconds, nanos = divmod(time.nanos + time.offset * 10**9, 10**9)
    moment = _EPOCH + timedelta(seconds=seconds)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    hours, minutes = divmod(abs(time.offset) // 60, 60)
    zone = f"{'-' if time.offset < 0 else '+'}{hours:02d}:{minutes:02d}" if time.offset else "Z"
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + fraction + zone


def get_full_year(time: Timestamp, zone: str = "UTC") -> int:
    """``time.getFullYear()``."""
    year = _in(time, zone).year
    cycles = round((year - _in(time, "UTC").year) / _CYCLE)
    return year - cycles * _CYCLE


def get_month(time: Timestamp, zone: str = "UTC") -> int:
    """``time.getMonth()``, from 0."""
    return _in(time, zone).month - 1


def get_day_of_year(time: Timestamp, zone: str = "UTC") -> int:
    """``time.getDayOfYear()``, from 0."""
    return _in(time, zone).timetuple().tm_yday - 1


def get_day_of_month(time: Timestamp, zone: str = "UTC") -> int:
    """``time.getDayOfMonth()``, from 0."""
    return _in(time, zone).day - 1


def get_date(time: Timestamp, zone: str = "UTC") -> int:
    """``time.getDate()``: the day of the month, from 1."""
    return _in(time, zone).day


def get_day_of_week(time: Timestamp, zone: str = "UTC") -> int:
    """``time.getDayOfWeek()``: 0 is Sunday."""
    return _in(time, zone).isoweekday() % 7


def get_hours(time: Timestamp, zone: str = "UTC") -> int:
    """``time.getHours()``."""
    return _in(time, zone).hour


def get_minutes(time: Timestamp, zone: str = "UTC") -> int:
    """``time.getMinutes()``."""
    return _in(time, zone).minute


def get_seconds(time: Timestamp, zone: str = "UTC") -> int:
    """``time.getSeconds()``."""
    return _in(time, zone).second


def get_milliseconds(time: Timestamp, zone: str = "UTC") -> int:
    """``time.getMilliseconds()``: those of the second."""
    return _in(time, zone).microsecond // 1000


def _whole(nanos: int, unit: int) -> int:
    """How many units, towards zero."""
    return nanos // unit if nanos >= 0 else -(-nanos // unit)


def duration_hours(duration: Duration) -> int:
    """``duration.getHours()``: all of it."""
    return _whole(duration.nanos, 3600 * 10**9)


def duration_minutes(duration: Duration) -> int:
    """``duration.getMinutes()``: all of it."""
    return _whole(duration.nanos, 60 * 10**9)


def duration_seconds(duration: Duration) -> int:
    """``duration.getSeconds()``: all of it."""
    return _whole(duration.nanos, 10**9)


def duration_milliseconds(duration: Duration) -> int:
    """``duration.getMilliseconds()``: all of it."""
    return _whole(duration.nanos, 10**6)
