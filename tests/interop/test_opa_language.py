"""Small programs of every corner of the language, as v1 and as v0: OPA and gateproof accept and refuse the same ones.

Where both accept a program they give the same value, and where both refuse it they give the same code.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gateproof import rego

PROGRAMS = Path(__file__).with_name("programs.txt")
VERSIONS = {"v1": False, "v0": True}

Peer = Callable[[str], str]
Answer = tuple[str, Any]
"""A code and None, or an empty string and the value of the package as JSON text."""


def programs() -> dict[str, str]:
    """The programs by the names of their packages."""
    texts = PROGRAMS.read_text(encoding="utf-8").removesuffix("\n").split("\n---\n")
    return {f"t{number}": _of_package(text, f"t{number}") for number, text in enumerate(texts)}


def _of_package(text: str, package: str) -> str:
    return f"package {package}\n" + re.sub(r"\bdata\.t\b", f"data.{package}", text) + "\n"


def opa(peer: Peer, folder: Path, *arguments: str) -> Any:
    done = subprocess.run([peer("opa"), *arguments], cwd=folder, capture_output=True, check=False)
    return json.loads(done.stdout or done.stderr or b"{}")


def theirs(peer: Peer, folder: Path, sources: Mapping[str, str], version: str) -> dict[str, Answer]:
    """What OPA makes of each program. It stops after the first stage that fails, so it is asked until nothing does."""
    for name, text in sources.items():
        (folder / f"{name}.rego").write_text(text, encoding="utf-8", newline="")
    answers: dict[str, Answer] = {}
    while True:
        checked = opa(peer, folder, "check", "--format", "json", "--max-errors", "0", f"--{version}-compatible", ".")
        errors = checked.get("errors", [])
        if not errors:
            break
        for error in errors:
            name = Path(error["location"]["file"]).stem
            answers.setdefault(name, (error["code"], None))
            (folder / f"{name}.rego").unlink(missing_ok=True)
    answer = opa(peer, folder, "eval", "--format", "json", f"--{version}-compatible", "--data", ".", "data")
    values = answer["result"][0]["expressions"][0]["value"]
    return {name: answers.get(name, ("", _spelled(values.get(name)))) for name in sources}


def ours(name: str, text: str, version: str) -> Answer:
    try:
        program = rego.compile({f"{name}.rego": text}, v0=VERSIONS[version])
    except rego.CompileError as error:
        return error.code, None
    return "", _spelled(rego.to_json(program.evaluate(f"data.{name}")))


def _spelled(value: Any) -> str:
    """JSON text: in Python, ``True == 1``."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_programs(peer: Peer, tmp_path: Path, version: str) -> None:
    sources = programs()
    expected = theirs(peer, tmp_path, sources, version)
    different = {
        text: {"gateproof": found, "opa": expected[name]}
        for name, text in sources.items()
        if (found := ours(name, text, version)) != expected[name]
    }
    assert different == {}
    refused = sum(bool(code) for code, _ in expected.values())
    assert len(sources) - refused > 100 < refused


CONFLICTS = [
    "p := 1 if { true }\np := 2 if { not input.x }",
    'p["a"] := x if { some x in [1, 2] }',
    "f(x) := y if { some y in [x, 2] }\nq := f(1)",
    'p := {k: v | some v in [1, 2]; k := "a"}',
    'p.q[x] := y if { some x, y in ["a", "b"] }\np.q[0] := "c"',
    "p if false else := x if { some x in [1, 2] }",
]


@pytest.mark.parametrize("rules", CONFLICTS, ids=range(len(CONFLICTS)))
def test_conflicts(peer: Peer, tmp_path: Path, rules: str) -> None:
    (tmp_path / "c.rego").write_text(f"package c\n\n{rules}\n", encoding="utf-8")
    [error] = opa(peer, tmp_path, "eval", "--format", "json", "--data", "c.rego", "data.c")["errors"]
    with pytest.raises(rego.EvalError) as caught:
        rego.compile({"c.rego": f"package c\n\n{rules}\n"}, v0=False).evaluate("data.c")
    assert caught.value.code == error["code"]
    assert f"c.rego:{error['location']['row']}:" in (caught.value.where or "")
