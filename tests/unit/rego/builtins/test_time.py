"""Time: Go's layouts, zones, calendars, durations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof.errors import EvaluationError
from gateproof.rego.builtins import resolve
from gateproof.rego.builtins.time_layouts import LAYOUTS
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError

Call = Callable[..., Any]
NS = 1670006453141828752


@pytest.mark.parametrize(
    ("name", "operands", "result"),
    [
        ("time.format", [NS], "2022-12-02T18:40:53.141828752Z"),
        ("time.format", [[NS, "Asia/Kolkata"]], "2022-12-03T00:10:53.141828752+05:30"),
        ("time.format", [[NS, "Asia/Kolkata", "RFC1123Z"]], "Sat, 03 Dec 2022 00:10:53 +0530"),
        ("time.format", [[NS, "America/New_York", "Mon Jan _2 3:04PM MST 06"]], "Fri Dec  2 1:40PM EST 22"),
        ("time.format", [[NS, "", "05.000 05.999999999 002 Z07:00 -07"]], "53.141 53.141828752 336 Z +00"),
        ("time.date", [[1517814000000000000, "America/Los_Angeles"]], [2018, 2, 4]),
        ("time.clock", [[1517832000000000000, "America/New_York"]], [7, 0, 0]),
        ("time.weekday", [1517832000000000000], "Monday"),
        ("time.parse_ns", ["2006-01-02", "2020-02-29"], 1582934400000000000),
        ("time.parse_ns", ["RFC822Z", "02 Jan 06 15:04 -0700"], 1136239440000000000),
        ("time.parse_ns", ["3:04PM", "12:00AM"], None),
        ("time.parse_rfc3339_ns", ["1970-01-01T00:00:01.5+01:00"], -3598500000000),
        ("time.parse_duration_ns", ["1h30m"], 5400 * 10**9),
        ("time.parse_duration_ns", ["-1d1.5s"], -86401500000000),
        ("time.parse_duration_ns", ["1µs"], 1000),
        ("time.add_date", [1585852421593912000, 3, 9, 12], 1705257221593912000),
        ("time.add_date", [[1678582800000000000, "America/New_York"], 0, 0, 1], 1678665600000000000),
        ("time.diff", [1580601600000000000, 1583020800000000000], [0, 0, 28, 0, 0, 0]),
        ("time.now_ns", [], 1_700_000_000_000_000_000),
    ],
)
def test_gives(call: Call, name: str, operands: list[Any], result: Any) -> None:
    if result is None:
        with pytest.raises(BuiltinError, match="time outside of valid range"):
            call(name, *operands)  # without a date it is the year 0
        return
    assert call(name, *operands) == result


@pytest.mark.parametrize(
    ("name", "operands", "message"),
    [
        ("time.format", [2**63], "timestamp too big"),
        ("time.format", [1.5], "timestamp too big"),
        ("time.format", ["x"], "either number (ns) or [number (ns), string (tz)]"),
        ("time.date", [[0, "No/Where"]], "unknown time zone No/Where"),
        ("time.date", [[0, "../../etc/passwd"]], "unknown time zone"),
        ("time.parse_ns", ["2006-01-02", "2020-02-30"], "day out of range"),
        ("time.parse_ns", ["2006-01-02", "2020-02-03x"], "extra text"),
        ("time.parse_rfc3339_ns", ["2262-04-11T23:47:16.854775808Z"], "time outside of valid range"),
        ("time.add_date", [0, 10**15, 0, 0], "time outside of valid range"),
        ("time.parse_duration_ns", ["1x"], "unknown unit"),
        ("time.parse_duration_ns", ["9223372036854775808ns"], "invalid duration"),
    ],
)
def test_refuses(call: Call, name: str, operands: list[Any], message: str) -> None:
    with pytest.raises(BuiltinError) as caught:
        call(name, *operands)
    assert message in caught.value.message


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_what_a_named_layout_formats_it_parses(call: Call, layout: str) -> None:
    text = call("time.format", [NS, "UTC", layout])
    assert call("time.format", [call("time.parse_ns", layout, text), "UTC", layout]) == text


def test_a_float_as_a_time_is_quick(call: Call) -> None:
    assert call("time.format", 1.5e18) == "2017-07-14T02:40:00Z"


def test_without_a_time_there_is_no_now() -> None:
    with pytest.raises(EvaluationError, match="given no time"):
        resolve("time.now_ns")(Context())
