"""OPA runs the same tests: the same ones pass, fail and are skipped, and the same lines are covered."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateproof import rego
from gateproof.rego.coverage import Coverage

Peer = Callable[[str], str]

KINDS = """\
package kinds

test_true if 1 == 1
test_false := false
test_undefined if input.x
test_number := 3
test_text := "x"
test_null := null
test_twice if false
test_twice if true
todo_test_later if false
test_set contains 1
test_nothing contains x if some x in []
test_cases[name] := held if some name, held in {"one": true, "two": false}
test_deep[name].x if some name in ["a", "b"]
test_missed[name] if { some name in ["a", "b"]; name == "a" }
test_held[name] if { some name in ["a", "b"]; name != "c" }
test_late[c.name] if { some c in [{"name": "a", "ok": true}, {"name": "b", "ok": false}]; x := c.ok; x }
test_groups[g][name] if { some g in ["g", "h"]; some name in ["a", "b"]; g != name; not g == "h" }
test_named.group[name] if { some name in ["a", "b"]; name == "a" }
test_fixed.a if 1 == 2
test_fixed.b if 1 == 1
test_object := {"a": true}
test_keys[n] if { some n in [1, 2]; n == 1 }
inner.test_below if true
test_conflict if { x := f(1); x }
f(_) := 1
f(_) := 2
default test_default := false
test_default if input.y
test_prints if { print("hi", 1); false }
test_function(x) if x
test_builtin if to_number("a") == 1
no_test if true
"""
POLICY = """\
package app

default allow := false

allow if {
	some role in input.roles
	role == "admin"
	not blocked
}

blocked if {
	input.user in data.blocked
	input.user != "root"
}

names contains name if {
	some name in input.names
	count(name) > 2
}

short := [name |
	some name in input.names
	not name in names
]

level(n) := "high" if {
	n > 10
} else := "low" if {
	n > 0
}

never if {
	input.never
	input.at_all
}
"""
TESTS = """\
package app

test_admin if allow with input as {"roles": ["dev", "admin"]}

test_blocked if {
	not allow with input as {"roles": ["admin"], "user": "eve"} with data.blocked as ["eve"]
}

test_names if {
	names == {"ann"} with input as {"names": ["ann", "bo"]}
	short == ["bo"] with input as {"names": ["ann", "bo"]}
}

test_level if level(11) == "high"

test_low_is_wrong if level(2) == "high"

test_mock if allow with input as {"roles": ["admin"]} with blocked as false
"""
V0 = """\
package old

deny[msg] {
	input.bad
	msg := "bad"
}

test_denies { deny["bad"] with input as {"bad": true} }
test_allows { count(deny) == 0 with input as {} }
test_wrong { deny[x] with input as {}; x == "bad" }
"""

QUOTED = """\
package quoted["a-b"].c

test_x if true
test_x if false
test_cases[x] if { some x in [1, 2]; x == 1 }
inner.test_y if true
"""

SUITES = {
    "quoted": ({"quoted_test.rego": QUOTED}, "--v1-compatible"),
    "kinds": ({"kinds_test.rego": KINDS}, "--v1-compatible"),
    "app": ({"app.rego": POLICY, "app_test.rego": TESTS}, "--v1-compatible"),
    "v0": ({"old.rego": V0}, "--v0-compatible"),
}


def theirs(peer: Peer, folder: Path, files: dict[str, str], *options: str) -> Any:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [peer("opa"), "test", "--format", "json", *options, *files]
    return json.loads(subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout)


def outcome(test: dict[str, Any]) -> str:
    return next((word for word in ("error", "skip", "fail") if test.get(word)), "pass")


@pytest.mark.parametrize("name", SUITES)
def test_tests_end_the_same(peer: Peer, tmp_path: Path, name: str) -> None:
    files, version = SUITES[name]
    expected = {
        f"{test['package']}.{test['name']}": (outcome(test), f"{test['location']['file']}:{test['location']['row']}")
        for test in theirs(peer, tmp_path, files, version)
    }
    found = {test.name: (str(test.outcome), test.place) for test in rego.test(files).tests}
    assert found == expected
    assert len(expected) >= 3


def test_the_same_lines_are_covered(peer: Peer, tmp_path: Path) -> None:
    files, version = SUITES["app"]
    # With a test that fails, OPA says that instead.
    files = {**files, "app_test.rego": TESTS.replace("level(2) ==", "level(12) ==")}
    report = theirs(peer, tmp_path, files, version, "--coverage")
    covered = rego.test(files, coverage=True).coverage
    assert isinstance(covered, Coverage)
    (policy,) = [file for file in covered.files if file.file == "app.rego"]
    rows = {kind: starts(report["files"]["app.rego"].get(kind, ())) for kind in ("covered", "not_covered")}
    assert set(policy.uncovered) == rows["not_covered"] & set(policy.lines)
    assert set(policy.covered) <= rows["covered"]


def starts(ranges: list[dict[str, dict[str, int]]]) -> set[int]:
    return {row for each in ranges for row in range(each["start"]["row"], each["end"]["row"] + 1)}
