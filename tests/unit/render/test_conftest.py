"""conftest's output formats: what they hold, and that nothing in them is obeyed."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest

from gateproof.engines.conftest import Checked, Location, Message, Query
from gateproof.render.conftest import FORMATS, Options, queries, render

PLAIN = Options(color=False)
HOSTILE = "\x1b[31mred\u202e\n::error::no ##vso[task] <script>&\x00"
RESULTS = (
    Checked(
        "a.yaml",
        "main",
        2,
        (Message("careful"),),
        (
            Message("bad <one>", Location("b.yaml", 3), {"n": 1000000.0, "k": {"z": [], "a": None}}),
            Message("two\nlines"),
        ),
        (Message("exempt"),),
        (Query("data.main.deny", ("printed",)),),
    ),
    Checked("-", "other"),
)


def test_stdout() -> None:
    assert render(RESULTS, "stdout", PLAIN).splitlines() == [
        "PRNT   printed",
        "",
        "WARN - a.yaml - main - careful",
        "FAIL - a.yaml - main - bad <one>",
        "FAIL - a.yaml - main - two",
        "lines",
        "EXCP - a.yaml - main - exempt",
        "",
        "6 tests, 2 passed, 1 warning, 2 failures, 1 exception",
    ]
    assert "EXCP" not in render(RESULTS, "stdout", Options(color=False, suppress_exceptions=True))
    assert "\x1b[31mFAIL\x1b[0m - a.yaml" in render(RESULTS, "stdout", Options())


def test_json_as_go_writes_it() -> None:
    text = render(RESULTS, "json", PLAIN)
    assert json.loads(text)[0]["failures"][0]["loc"] == {"file": "b.yaml", "line": 3}
    assert '\t\t\t\t"msg": "bad \\u003cone\\u003e",\n' in text
    assert '"k": {\n\t\t\t\t\t\t"a": null,\n\t\t\t\t\t\t"z": []\n\t\t\t\t\t},\n\t\t\t\t\t"n": 1e+06\n' in text
    assert json.loads(text)[1] == {"filename": "", "namespace": "other", "successes": 0}
    assert render((), "json", PLAIN) == "null\n"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.5, "1.5"),
        (2.0, "2"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (999999.5, "999999.5"),
        (1234567.0, "1.234567e+06"),
        (-2e22, "-2e+22"),
    ],
)
def test_numbers_as_go_writes_them(number: float, text: str) -> None:
    results = [Checked("f", "main", failures=(Message("m", metadata={"n": number}),))]
    assert f'"n": {text}\n' in render(results, "json", PLAIN)


def test_tap_and_table_and_github() -> None:
    tap = render(RESULTS, "tap", PLAIN).splitlines()
    assert tap[0] == "1..6"
    assert tap[-1] == "ok 6 - a.yaml - main - SUCCESS"
    assert "│ warning   │ a.yaml │ main      │ careful" in render(RESULTS, "table", PLAIN)
    assert render((), "table", PLAIN) == ""
    github = render(RESULTS, "github", PLAIN).splitlines()
    assert "::error file=b.yaml,line=3::bad <one>" in github
    assert "::error file=a.yaml,line=1::(ORIGINATING FROM b.yaml L3) bad <one>" in github


def test_junit() -> None:
    suites = ElementTree.fromstring(render(RESULTS, "junit", PLAIN))  # noqa: S314 - our own output
    names = ["a.yaml - careful", "a.yaml - bad <one>", "a.yaml - two", "a.yaml", "a.yaml"]
    assert [case.get("name") for case in suites[0]] == names
    hidden = ElementTree.fromstring(render(RESULTS, "junit", Options(hide_message=True)))  # noqa: S314 - the same
    assert {case.get("name") for case in hidden[0]} == {"a.yaml"}


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_in_it_is_obeyed(form: str) -> None:
    message = Message(HOSTILE, Location(HOSTILE, 1), {HOSTILE: HOSTILE})
    one = Checked(HOSTILE, HOSTILE, 1, (message,), (message,), (message,), (Query(HOSTILE, (HOSTILE,)),))
    text = render([one], form, PLAIN) + queries([one], PLAIN)
    assert not any(character in text for character in "\x1b\u202e\x00")
    assert "##vso[" not in text
    assert not any(line.startswith("::error::") for line in text.splitlines())
