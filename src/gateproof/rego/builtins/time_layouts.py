"""Go's time layouts (package ``time``): a layout shows how the reference time would look.

The reference time is Mon Jan 2 15:04:05 MST 2006; what a layout has of it stands for the same part of the time
that is formatted or parsed, everything else for itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from gateproof.rego.builtins.operands import fail
from gateproof.rego.builtins.quoting import quote

__all__ = ["LAYOUTS", "Moment", "days_from_civil", "format_moment", "parse_moment"]

LAYOUTS = {
    "ANSIC": "Mon Jan _2 15:04:05 2006",
    "UnixDate": "Mon Jan _2 15:04:05 MST 2006",
    "RubyDate": "Mon Jan 02 15:04:05 -0700 2006",
    "RFC822": "02 Jan 06 15:04 MST",
    "RFC822Z": "02 Jan 06 15:04 -0700",
    "RFC850": "Monday, 02-Jan-06 15:04:05 MST",
    "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST",
    "RFC1123Z": "Mon, 02 Jan 2006 15:04:05 -0700",
    "RFC3339": "2006-01-02T15:04:05Z07:00",
    "RFC3339Nano": "2006-01-02T15:04:05.999999999Z07:00",
}
"""The layouts that have names."""

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

_CHUNK = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|__2|_2(?!006)|3|4|5|PM|pm"
    r"|[-Z]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?![0-9])"
)
_FRACTION = re.compile(r"[.,]([0-9]+)")


class Moment(NamedTuple):
    """A time on the wall: ``local`` to the second, the nanoseconds behind it."""

    local: datetime
    nanoseconds: int


def _chunks(layout: str) -> Iterator[tuple[str, str]]:
    """Each literal of a layout with the element that follows it; the last element is empty."""
    end = 0
    for match in _CHUNK.finditer(layout):
        yield layout[end : match.start()], match[0]
        end = match.end()
    yield layout[end:], ""


# Formatting


def format_moment(moment: Moment, layout: str) -> str:
    """``Time.Format``."""
    return "".join(literal + _element(moment, element) for literal, element in _chunks(layout))


def _element(moment: Moment, element: str) -> str:
    if element in _WRITERS:
        return _WRITERS[element](moment.local)
    if element[:1] in ("-", "Z"):
        return _offset_text(moment.local, element)
    if element[:1] in (".", ","):
        return _fraction_text(moment.nanoseconds, element)
    return ""


_WRITERS: dict[str, Callable[[datetime], str]] = {
    "January": lambda t: MONTHS[t.month - 1],
    "Jan": lambda t: MONTHS[t.month - 1][:3],
    "1": lambda t: str(t.month),
    "01": lambda t: f"{t.month:02}",
    "Monday": lambda t: WEEKDAYS[t.weekday()],
    "Mon": lambda t: WEEKDAYS[t.weekday()][:3],
    "2": lambda t: str(t.day),
    "_2": lambda t: f"{t.day:2}",
    "02": lambda t: f"{t.day:02}",
    "__2": lambda t: f"{t.timetuple().tm_yday:3}",
    "002": lambda t: f"{t.timetuple().tm_yday:03}",
    "15": lambda t: f"{t.hour:02}",
    "3": lambda t: str(t.hour % 12 or 12),
    "03": lambda t: f"{t.hour % 12 or 12:02}",
    "4": lambda t: str(t.minute),
    "04": lambda t: f"{t.minute:02}",
    "5": lambda t: str(t.second),
    "05": lambda t: f"{t.second:02}",
    "2006": lambda t: f"{t.year:04}",
    "06": lambda t: f"{t.year % 100:02}",
    "PM": lambda t: "PM" if t.hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.hour >= 12 else "am",
    "MST": lambda t: t.tzname() or "UTC",
}


def _offset_text(local: datetime, element: str) -> str:
    offset = local.utcoffset()
    seconds = round(offset.total_seconds()) if offset is not None else 0
    if element[0] == "Z" and seconds == 0:
        return "Z"
    minutes = abs(seconds) // 60
    sign = "-" if seconds <= -60 else "+"
    form = element[1:]
    text = f"{sign}{minutes // 60:02}"
    colon = ":" if ":" in form else ""
    if len(form) > 2:
        text += f"{colon}{minutes % 60:02}"
    if len(form.replace(":", "")) > 4:
        text += f"{colon}{abs(seconds) % 60:02}"
    return text


def _fraction_text(nanoseconds: int, element: str) -> str:
    digits = f"{nanoseconds:09}".ljust(len(element) - 1, "0")[: len(element) - 1]
    if element[1] == "9":
        digits = digits.rstrip("0")
        return element[0] + digits if digits else ""
    return element[0] + digits


# Parsing


def parse_moment(layout: str, text: str) -> int:
    """``time.Parse``: nanoseconds since 1970 (of any size). Raises BuiltinError for text that is not so laid out."""
    return _Parser(layout, text).run()


class _Parser:
    def __init__(self, layout: str, text: str) -> None:
        self.layout = layout
        self.text = text
        self.rest = text
        self.year = 0
        self.month: int | None = None
        self.day: int | None = None
        self.year_day: int | None = None
        self.hour = self.minute = self.second = self.nanosecond = 0
        self.half: str | None = None
        self.offset = 0

    def run(self) -> int:
        chunks = list(_chunks(self.layout))
        for place, (literal, element) in enumerate(chunks):
            self._skip(literal)
            if not element:
                break
            self._read(element)
            if element in ("5", "05") and not (place + 1 < len(chunks) and chunks[place + 1][1][:1] in (".", ",")):
                self._unannounced_fraction()
        if self.rest:
            raise self._refusal(f": extra text: {quote(self.rest)}")
        return self._nanoseconds()

    def _refusal(self, reason: str = "") -> Exception:
        problem = reason or f": cannot parse {quote(self.rest)}"
        return fail(f"parsing time {quote(self.text)} as {quote(self.layout)}{problem}")

    def _skip(self, literal: str) -> None:
        """Pass over ``literal``; a run of spaces stands for any run."""
        for piece in re.findall(r" +|[^ ]+", literal):
            if piece[0] == " ":
                if self.rest[:1] not in ("", " "):
                    raise self._refusal()
                self.rest = self.rest.lstrip(" ")
            elif self.rest.startswith(piece):
                self.rest = self.rest[len(piece) :]
            else:
                raise self._refusal()

    def _take(self, pattern: str) -> str:
        match = re.match(pattern, self.rest)
        if match is None:
            raise self._refusal()
        self.rest = self.rest[match.end() :]
        return match[0]

    def _number(self, name: str, first: int, last: int, pattern: str) -> int:
        value = int(self._take(pattern))
        if not first <= value <= last:
            raise self._refusal(f": {name} out of range")
        return value

    def _read(self, element: str) -> None:
        digits = "[0-9]{2}" if element[0] == "0" else "[0-9]{1,2}"
        if element in ("2006", "06"):
            value = int(self._take("[0-9]{4}" if element == "2006" else "[0-9]{2}"))
            self.year = value if element == "2006" else value + (1900 if value >= 69 else 2000)
        elif element in ("January", "Jan"):
            self.month = 1 + self._name(MONTHS, short=element == "Jan")
        elif element in ("Monday", "Mon"):
            self._name(WEEKDAYS, short=element == "Mon")
        elif element in ("1", "01"):
            self.month = self._number("month", 1, 12, digits)
        elif element in ("2", "_2", "02"):
            self.day = int(self._take(" ?[0-9]{1,2}" if element == "_2" else digits))
        elif element in ("__2", "002"):
            self.year_day = int(self._take(" {0,2}[0-9]{1,3}" if element == "__2" else "[0-9]{3}"))
        elif element == "15":
            self.hour = self._number("hour", 0, 23, "[0-9]{1,2}")
        elif element in ("3", "03"):
            self.hour = self._number("hour", 0, 12, digits)
        elif element in ("4", "04"):
            self.minute = self._number("minute", 0, 59, digits)
        elif element in ("5", "05"):
            self.second = self._number("second", 0, 59, digits)
        elif element in ("PM", "pm"):
            self.half = self._take("[AP]M" if element == "PM" else "[ap]m").upper()
        elif element == "MST":
            self._zone_name()
        elif element[0] in "-Z":
            self._offset(element)
        else:
            self._fraction(element)

    def _name(self, names: list[str], *, short: bool) -> int:
        for place, name in enumerate(names):
            shown = name[:3] if short else name
            if self.rest[: len(shown)].lower() == shown.lower():
                self.rest = self.rest[len(shown) :]
                return place
        raise self._refusal()

    def _offset(self, element: str) -> None:
        if element[0] == "Z" and self.rest.startswith("Z"):
            self.rest = self.rest[1:]
            return
        form = re.sub("[0-9]{2}", "([0-9]{2})", element[1:])
        match = re.match("([+-])" + form, self.rest)
        if match is None:
            raise self._refusal()
        self.rest = self.rest[match.end() :]
        hours, minutes, seconds = (*(int(part) for part in match.groups()[1:]), 0, 0)[:3]
        if hours > 24 or minutes > 60 or seconds > 60:
            raise self._refusal(": time zone offset out of range")
        self.offset = (hours * 3600 + minutes * 60 + seconds) * (-1 if match[1] == "-" else 1)

    def _zone_name(self) -> None:
        """A name tells nothing of the offset: such a time counts as UTC."""
        match = re.match(r"UTC|ChST|MeST|GMT(?:[+-](?:2[0-3]|[01]?[0-9])(?![0-9]))?|[+-][0-9]+", self.rest)
        if match is None:
            match = re.match(r"(?:[A-Z]{4}T|[A-Z]{3}T|WITA|[A-Z]{3})(?![A-Z])", self.rest)
        if match is None or (match[0][0] in "+-" and int(match[0][1:4]) > 23):
            raise self._refusal()
        self.rest = self.rest[match.end() :]

    def _fraction(self, element: str) -> None:
        if element[1] == "0":
            digits = self._take(f"[.,][0-9]{{{len(element) - 1}}}")
        else:
            match = _FRACTION.match(self.rest)
            digits = match[0] if match else ""
            self.rest = self.rest[len(digits) :]
        self.nanosecond = int(digits[1:10].ljust(9, "0"))

    def _unannounced_fraction(self) -> None:
        """Seconds may have a fraction that the layout does not show."""
        match = _FRACTION.match(self.rest)
        if match:
            self.nanosecond = int(match[1][:9].ljust(9, "0"))
            self.rest = self.rest[match.end() :]

    def _nanoseconds(self) -> int:
        hour = self.hour
        if self.half == "PM" and hour < 12:
            hour += 12
        elif self.half == "AM" and hour == 12:
            hour = 0
        days = self._days()
        seconds = ((days * 24 + hour) * 60 + self.minute) * 60 + self.second - self.offset
        return seconds * 10**9 + self.nanosecond

    def _days(self) -> int:
        leap = self.year % 4 == 0 and (self.year % 100 != 0 or self.year % 400 == 0)
        if self.year_day is not None:
            if not 1 <= self.year_day <= 365 + leap:
                raise self._refusal(": day-of-year out of range")
            days = days_from_civil(self.year, 1, 1) + self.year_day - 1
            month = next(m for m in range(12, 0, -1) if days_from_civil(self.year, m, 1) <= days)
            day = days - days_from_civil(self.year, month, 1) + 1
            if self.month not in (None, month) or self.day not in (None, day):
                raise self._refusal(": day-of-year does not match month or day")
            return days
        month, day = self.month or 1, 1 if self.day is None else self.day
        longest = days_from_civil(self.year, month + 1, 1) - days_from_civil(self.year, month, 1)
        if not 1 <= day <= longest:
            raise self._refusal(": day out of range")
        return days_from_civil(self.year, month, day)


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 in the proleptic Gregorian calendar; month and day may lie outside of their ranges."""
    years, month_index = divmod(month - 3, 12)  # years that begin in March end with the leap day
    years += year
    year_days = (153 * month_index + 2) // 5
    return 365 * years + years // 4 - years // 100 + years // 400 + year_days + day - 1 - 719_468
