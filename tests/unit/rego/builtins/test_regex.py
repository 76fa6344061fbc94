"""Regular expressions and globs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof.errors import BudgetError
from gateproof.rego.errors import BuiltinError

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "operands", "result"),
    [
        ("regex.match", ["^[a-z]+\\[[0-9]+\\]$", "adam[23]"], True),
        ("regex.match", ["b", "abc"], True),
        ("regex.match", ["^.$", "é"], True),
        ("re_match", ["a+", "b"], False),
        ("regex.is_valid", ["("], False),
        ("regex.is_valid", ["\\C"], False),
        ("regex.is_valid", [1], False),
        ("regex.split", ["/", "foo//bar"], ["foo", "", "bar"]),
        ("regex.split", ["", "abc"], ["a", "b", "c"]),
        ("regex.split", ["a", ""], [""]),
        ("regex.find_n", ["[oa]+", "foobar", -1], ["oo", "a"]),
        ("regex.find_n", ["x*", "axb", -1], ["", "x", ""]),
        ("regex.find_n", ["a", "aaa", 0], []),
        ("regex.find_all_string_submatch_n", ["a(x*)b(y)?", "ab-axxb", -1], [["ab", "", ""], ["axxb", "xx", ""]]),
        ("regex.replace", ["-wd-", "w(d)", "$1${1}$$$2"], "-dd$-"),
        ("regex.replace", ["foo", "^[a-z]", "F"], "Foo"),
        ("regex.replace", ["a.b", "(?P<n>a)", "${n}${n}$nope"], "aa.b"),
        ("regex.template_match", ["urn:foo:{.*}", "urn:foo:bar", "{", "}"], True),
        ("regex.template_match", ["a.{[0-9]{1,2}}", "a.12", "{", "}"], True),
        ("regex.globs_match", ["a.a.[0-9]+z", "b.b.*z"], False),
        ("regex.globs_match", ["[a-z]+", "[0-9]*"], False),
        ("regex.globs_match", [".*", "abc"], True),
        ("glob.match", ["*.github.com", [], "api.github.com"], True),
        ("glob.match", ["*.github.com", [], "api.cdn.github.com"], False),
        ("glob.match", ["**.github.com", [], "api.cdn.github.com"], True),
        ("glob.match", ["*:github:com", [":"], "api:github:com"], True),
        ("glob.match", ["*", None, "a.b"], True),
        ("glob.match", ["{a,b}?[!x-z]", [], "bcd"], True),
        ("glob.match", ["?at", [], "at"], False),
        ("glob.match", ["\\*", [], "*"], True),
        ("glob.match", ["?", [], ""], True),
        ("glob.match", ["a.**.c", [], "a.c"], True),
        ("glob.match", ["?*", [".", ":"], "a.b"], True),
        ("glob.match", ["{a*,b?}.c", [], "a.c"], False),
        ("glob.match", ["***", [], ""], False),
        ("glob.quote_meta", ["*.a{b}"], "\\*.a\\{b\\}"),
    ],
)
def test_gives(call: Call, name: str, operands: list[Any], result: Any) -> None:
    assert call(name, *operands) == result


@pytest.mark.parametrize(
    ("name", "operands", "message"),
    [
        ("regex.match", ["[", "a"], "error parsing regexp"),
        ("regex.template_match", ["a{b", "a", "{", "}"], "unbalanced braces"),
        ("regex.template_match", ["a", "a", "<<", ">"], "exactly one character"),
        ("regex.globs_match", ["pqrs]", "a"], "set-close ']' with no preceding '['"),
        ("regex.globs_match", ["a", "*"], "must be preceded"),
        ("glob.match", ["[a", [], "a"], "unexpected end of input"),
        ("glob.match", ["[]", [], "a"], "could not parse range"),
        ("glob.match", ["a", ["ab"], "a"], "array of runes"),
    ],
)
def test_refuses(call: Call, name: str, operands: list[Any], message: str) -> None:
    with pytest.raises(BuiltinError) as caught:
        call(name, *operands)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("regex.match", ["a{1000}", "a" * 100_000]),
        ("regex.replace", ["a" * 1900, "a", "$0" * 100]),
        ("regex.split", ["", "a" * 10_000]),
        ("regex.find_all_string_submatch_n", ["(a)(b)?(c)?", "a" * 3000, -1]),
        ("regex.globs_match", [".*" * 500 + "a", "b*" * 500]),
        ("regex.globs_match", ["[\\\u0001-\U0010ffff]", "a"]),
        ("glob.match", ["*a" * 500, [], "a" * 100_000]),
    ],
)
def test_work_is_paid_for(poor_call: Call, name: str, operands: list[Any]) -> None:
    with pytest.raises(BudgetError):
        poor_call(name, *operands)


def test_bytes_that_are_no_text_match_as_one_character(call: Call) -> None:
    broken = call("hex.decode", "ff61")
    assert call("regex.find_n", ".", broken, -1) == list(broken)
