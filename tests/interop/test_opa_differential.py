"""Random programs: OPA and gateproof give the same value for every rule, or both give none."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gateproof import rego

RULES = 150
SEEDS = range(10)

Peer = Callable[[str], str]


def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rego_writer", Path(__file__).with_name("rego_writer.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def opa(peer: Peer, folder: Path, *arguments: str) -> Any:
    done = subprocess.run([peer("opa"), *arguments], cwd=folder, capture_output=True, check=False)
    return json.loads(done.stdout or done.stderr or b"{}")


def compiled(peer: Peer, folder: Path, write: ModuleType, rules: list[str]) -> str:
    """The module of those rules that OPA compiles: its type checker sees through some operands."""
    while True:
        module: str = write.module(rules)
        (folder / "fuzz.rego").write_text(module, encoding="utf-8")
        errors = opa(peer, folder, "check", "--format", "json", "--max-errors", "0", "fuzz.rego").get("errors", [])
        rows = {error["location"]["row"] for error in errors}
        if not rows:
            return module
        start = write.module([]).count("\n") + 2
        kept = []
        for rule in rules:
            end = start + rule.count("\n") + 1
            if not rows & set(range(start, end)):
                kept.append(rule)
            start = end + 1
        assert len(kept) < len(rules), errors
        rules = kept


def theirs(peer: Peer, folder: Path, given: Any) -> dict[str, Any]:
    """What OPA says, rule by rule; undefined rules are left out."""
    (folder / "input.json").write_text(json.dumps(given), encoding="utf-8")
    answer = opa(peer, folder, "eval", "--format", "json", "--data", "fuzz.rego", "--input", "input.json", "data.fuzz")
    assert "result" in answer, answer
    value: dict[str, Any] = answer["result"][0]["expressions"][0]["value"]
    return value


def ours(module: str, given: Any) -> dict[str, Any]:
    """What gateproof says, through JSON as well."""
    value = rego.compile({"fuzz.rego": module}).evaluate("data.fuzz", given)
    read: dict[str, Any] = json.loads(json.dumps(rego.to_json(value)))
    return read


def spelled(values: dict[str, Any]) -> dict[str, str]:
    """Values as text: in Python, ``True == 1``."""
    return {name: json.dumps(value, sort_keys=True, ensure_ascii=False) for name, value in values.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_programs(peer: Peer, tmp_path: Path, seed: int) -> None:
    write = writer()
    module = compiled(peer, tmp_path, write, write.Writer(seed).rules(RULES))
    found, expected = spelled(ours(module, write.INPUT)), spelled(theirs(peer, tmp_path, write.INPUT))
    different = {
        name: {"gateproof": found.get(name), "opa": expected.get(name)}
        for name in sorted(found.keys() | expected.keys())
        if found.get(name) != expected.get(name)
    }
    assert different == {}
    assert len(expected) > RULES / 3


BEYOND = {
    "round": "round(12345678901234567890123)",
    "ceil": "ceil(12345678901234567890123)",
    "floor": "floor(-12345678901234567890123)",
    "abs": "abs(-12345678901234567890123)",
    "odd": "round(9223372036854775809)",
    "divide": "12345678901234567890123 / 3",
    "multiply": "12345678901234567890123 * 0.1",
    "sum": "sum([12345678901234567890123, 1.5])",
    "integers": "12345678901234567890123 * 12345678901234567890123 - 1",
}


@pytest.mark.parametrize("expression", BEYOND.values(), ids=BEYOND)
def test_numbers_beyond_a_double(peer: Peer, tmp_path: Path, expression: str) -> None:
    module = writer().module([f"r := {expression}"])
    (tmp_path / "fuzz.rego").write_text(module, encoding="utf-8")
    assert ours(module, {}) == theirs(peer, tmp_path, {})


def test_fractions_that_a_double_does_not_hold_are_refused() -> None:
    module = writer().module(["r := (9007199254740993 + 0.1) - 9007199254740993"])
    with pytest.raises(rego.EvalError, match="more digits than a double"):
        ours(module, {})
    with pytest.raises(rego.Unsupported, match="more digits than a double"):
        ours(writer().module(["r := 9007199254740993.1"]), {})


def test_an_unused_variable_of_every(peer: Peer, tmp_path: Path) -> None:
    module = writer().module(["r if every x in input.a { input.n == 7 }"])
    (tmp_path / "fuzz.rego").write_text(module, encoding="utf-8")
    assert opa(peer, tmp_path, "check", "--format", "json", "fuzz.rego")["errors"][0]["code"] == "rego_compile_error"
    with pytest.raises(rego.CompileError):
        rego.compile({"fuzz.rego": module})
