"""Values that are easily mistaken for each other: OPA and gateproof show the same of them, character by character."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateproof import rego
from gateproof.rego.errors import CompileError

Peer = Callable[[str], str]

INPUT = '{"whole": 1.0, "long": 123456789.0, "half": 0.5, "object": {"z": 1}}'
RULES = [
    "x := {y | y := [1, 1.0][_]}",
    "x := {y | y := [1.0, 1][_]}",
    "x contains 1\nx contains 1.0",
    "x contains 1.0\nx contains 1",
    "x := {1, 1.0}",
    "x := {1.0, 1}",
    "x := {k: 1 | some k in [1.0, 1]}",
    "x[k] := 1 if some k in [1, 1.0]",
    "x := {1} | {1.0}",
    "x := {1.0} | {1}",
    "x := {1.0} & {1}",
    "x := union({{1.0}, {1}})",
    "x := intersection({{1}, {1.0}})",
    "x := {[1], [1.0]}",
    "x := {[1.0, 2], [1, 2]}",
    'x := {{"a": 1}, {"a": 1.0}}',
    "x := object.union({1.0: 1}, {1: 2})",
    'x := concat(" ", [json.marshal({1, 1.0}), sprintf("%v", [{1.0, 1}])])',
    'x := $"{input.whole} {input.long} {input.half}"',
    'x := $"{[input.whole, {"k": input.half}]} {{1.0, 2}}"',
    'x := json.patch({"a": 1}, [{"op": "move", "path": "/z", "from": ""}])',
    'x := json.patch({"a": [1, 2]}, [{"op": "replace", "path": "/a/+1", "value": 3}])',
    'x := json.patch([1, 2], [{"op": "remove", "path": "-1"}])',
    "x := [{1} & {2} | {3}]",
    "x := [{1} - {2} | {3}]",
    "x := [{1} | {2} | {3}]",
    "x := [{1} | {2}, 3]",
    'x := {"a": {2} | {3}, "b": 1}',
    'x if not print("a")',
    'x := [1 | not print("a")]',
]
REFUSED = [
    "x := [y + 1 | some y in [1]]",
    "x := {y == 1 | some y in [1]}",
    "x := {y: y + 1 | some y in [1]}",
    "x := [1 + 1 | true]",
    'x := print("a")',
    "x if true with walk as 1",
    "x if walk(input, [p, v]) with walk as m\nm(y) := [[], 1]",
]


@pytest.mark.parametrize("rule", RULES)
def test_values(peer: Peer, tmp_path: Path, rule: str) -> None:
    source = f"package a\n\n{rule}\n"
    (tmp_path / "a.rego").write_text(source, encoding="utf-8")
    (tmp_path / "input.json").write_text(INPUT, encoding="utf-8")
    command = [peer("opa"), "eval", "-f", "raw", "-d", "a.rego", "-i", "input.json", "data.a.x"]
    theirs = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True).stdout.strip()
    value = rego.compile({"a.rego": source}).evaluate("data.a.x", json.loads(INPUT))
    if value is rego.UNDEFINED:
        ours = ""
    else:
        ours = value if isinstance(value, str) else json.dumps(rego.to_json(value), separators=(",", ":"))
    assert ours == theirs


@pytest.mark.parametrize("rule", REFUSED)
def test_what_is_refused(peer: Peer, tmp_path: Path, rule: str) -> None:
    source = f"package a\n\n{rule}\n"
    (tmp_path / "a.rego").write_text(source, encoding="utf-8")
    assert subprocess.run([peer("opa"), "check", "a.rego"], cwd=tmp_path, capture_output=True, check=False).returncode
    with pytest.raises(CompileError):
        rego.compile({"a.rego": source})
