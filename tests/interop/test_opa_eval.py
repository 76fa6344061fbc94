"""OPA prints the same for the same query, in each format that both have."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Peer = Callable[[str], str]

POLICY = """\
package app

default allow := false

allow if "admin" in input.roles

deny contains msg if {
	some name in input.names
	count(name) > 2
	msg := sprintf("%s is long", [name])
}
"""
QUERIES = (
    "data.app",
    "data.app.allow",
    "data.app.deny[x]",
    "x := [1, `a b`, {`k`: [1]}][i]; y := 2",
    "some name in input.names",
    "[1, `a`, null, 1.5][_]",
    "data.nothing",
    "false",
    "{1, 2}; {{3}}",
    '`q"z`',
    "input.names[0] == `ann`; not data.app.allow",
)


def printed(command: list[str], folder: Path) -> tuple[int, str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("form", ["json", "values", "bindings", "raw"])
@pytest.mark.parametrize("option", [(), ("--fail",), ("--fail-defined",)], ids=["", "fail", "fail-defined"])
def test_the_same_is_printed(peer: Peer, tmp_path: Path, form: str, option: tuple[str, ...]) -> None:
    (tmp_path / "app.rego").write_text(POLICY)
    (tmp_path / "input.json").write_text('{"roles": ["admin"], "names": ["ann", "bo", "cecily"]}')
    different = {}
    for query in QUERIES:
        arguments = ["eval", "--format", form, *option, "--data", "app.rego", "--input", "input.json", query]
        theirs = printed([peer("opa"), *arguments], tmp_path)
        ours = printed([sys.executable, "-m", "gateproof", *arguments], tmp_path)
        if (ours[0], read(form, ours[1])) != (theirs[0], read(form, theirs[1])):
            different[query] = (ours, theirs)
    assert different == {}


def read(form: str, text: str) -> Any:
    """JSON as its value, with solutions in any order: Rego leaves theirs open."""
    if form == "raw":
        return sorted(text.splitlines())
    values, decoder, position = [], json.JSONDecoder(), 0
    while position < len(text.rstrip()):
        value, position = decoder.raw_decode(text, position)
        values.append(value)
        position += len(text[position:]) - len(text[position:].lstrip())
    if form == "json":
        values = values[0].get("result", [])
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))
