"""Globs: OPA and gateproof find that the same texts match, whatever the glob looks like."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateproof import rego
from gateproof.errors import EvaluationError

Peer = Callable[[str], str]
Call = tuple[str, list[str] | None, str]

PROGRAM = """package g

answers := [[matched | matched := glob.match(pattern, delimiters, text)] | some [pattern, delimiters, text] in input]
"""
PIECES = [
    "a",
    "b",
    "ab",
    "x-",
    "-x",
    ".",
    "/",
    ":",
    "*",
    "*",
    "**",
    "?",
    "***",
    "[ab]",
    "[!ab]",
    "[a-c]",
    "[!a-c]",
    "[a]",
]
BRACES = [
    "{a,b}",
    "{a*,b?}",
    "{*a,*b}",
    "{a,}",
    "{ab,ac}",
    "{?,a}",
    "{a?,b*}",
    ",",
    "}",
    "ä",
    "[ä]",
    "[!ä]",
    "\\*",
    "\\",
]
DELIMITERS: list[list[str] | None] = [[], None, ["."], ["/"], [".", ":"], [":", "."], ["ä"], ["a"]]
LETTERS = ["a", "b", "c", "ab", "x", "-", ".", "/", ":", "ä", "x-x", "a.c", "*", "日"]
KNOWN: list[Call] = [
    ("a**a", [], "a"),
    ("x-**-x", ["/"], "x-x"),
    ("a.**.c", [], "a.c"),
    ("?*", [".", ":"], "a.b"),
    ("{a*,b?}.c", [], "a.c"),
    ("***", [], ""),
    ("?", [], ""),
    ("a\0b", [], "ab"),
    ("\ufffd", [], "\ufffd"),
    ("[a-]", [], "-"),
    ("[b-a]", [], "a"),
    ("[]", [], ""),
    ("[!]", [], ""),
    ("[a", [], "a"),
]


def calls(seed: int) -> list[Call]:
    pick = random.Random(seed)  # noqa: S311 - sample data, not a secret
    found: list[Call] = []
    for _ in range(500):
        glob = "".join(pick.choices([*PIECES, *BRACES], k=pick.randint(0, 6)))
        delimiters = pick.choice(DELIMITERS)
        found += [(glob, delimiters, "".join(pick.choices(LETTERS, k=pick.randint(0, 5)))) for _ in range(6)]
    return found


def answered(asked: list[Call]) -> list[tuple[Call, Any]]:
    """The calls that are answered here: at the others OPA ends."""
    program = rego.compile({"g.rego": PROGRAM})
    found: list[tuple[Call, Any]] = []
    for call in asked:
        with contextlib.suppress(EvaluationError):
            found += [(call, *program.evaluate("data.g.answers", [list(call)]))]
    return found


def differences(peer: Peer, folder: Path, asked: list[Call]) -> list[tuple[Call, Any, Any]]:
    ours = answered(asked)
    assert len(ours) > len(asked) * 0.95
    (folder / "g.rego").write_text(PROGRAM, encoding="utf-8")
    (folder / "input.json").write_text(json.dumps([call for call, _ in ours]), encoding="utf-8")
    command = [peer("opa"), "eval", "-d", "g.rego", "-i", "input.json", "data.g.answers"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    theirs = json.loads(done.stdout)["result"][0]["expressions"][0]["value"]
    return [(call, its, mine) for (call, mine), its in zip(ours, theirs, strict=True) if its != mine]


def test_where_the_shortcuts_of_opa_show(peer: Peer, tmp_path: Path) -> None:
    assert differences(peer, tmp_path, KNOWN) == []


@pytest.mark.parametrize("seed", range(4))
def test_random_globs(peer: Peer, tmp_path: Path, seed: int) -> None:
    assert differences(peer, tmp_path, calls(seed)) == []


@pytest.mark.parametrize("glob", ["a{,}", "a{}", "a{"])
def test_what_opa_ends_at_is_refused(glob: str) -> None:
    program = rego.compile({"g.rego": PROGRAM})
    with pytest.raises(EvaluationError, match="empty alternatives"):
        program.evaluate("data.g.answers", [[glob, [], "a"]])
