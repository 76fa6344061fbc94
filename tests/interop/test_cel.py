"""CEL: cel-go with Kubernetes' libraries and gateproof give the same values and costs for random expressions."""

from __future__ import annotations

import base64
import importlib.util
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gateproof import cel

EXPRESSIONS = 400
SEEDS = range(5)
LIBRARIES = cel.EVERYTHING | {"homogeneous"}
INFERENCE = ("found no matching overload", "expected type", "clause can only be used")
"""What cel-go refuses because it gives a type to what may be of any: where ours waits for the value."""

Peer = Callable[[str], str]


def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cel_writer", Path(__file__).with_name("cel_writer.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def theirs(peer: Peer) -> Iterator[Callable[[str, dict[str, Any]], dict[str, Any]]]:
    """Asks cel-go."""
    with subprocess.Popen(
        [peer("celpeer"), "everything"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        given, said = process.stdin, process.stdout
        assert given is not None
        assert said is not None

        def ask(source: str, variables: dict[str, Any]) -> dict[str, Any]:
            given.write(json.dumps({"source": source, "variables": variables}) + "\n")
            given.flush()
            answer: dict[str, Any] = json.loads(said.readline())
            return answer

        yield ask
        given.close()


def ours(source: str, variables: dict[str, Any]) -> dict[str, Any]:
    budget = cel.Budget()
    try:
        program = cel.compile(source, variables.keys(), libraries=LIBRARIES)
    except cel.CompileError as error:
        return {"compile": str(error)}
    try:
        value = program.evaluate(variables, budget)
    except cel.EvaluationError as error:
        return {"error": error.message}
    return {"value": encoded(value), "cost": cel.POLICY_COST - budget.left}


def encoded(value: Any) -> Any:
    """A value as the peer gives it."""
    match value:
        case None:
            return ["null"]
        case bool():
            return ["bool", value]
        case cel.Uint():
            return ["uint", str(int(value))]
        case int():
            return ["int", str(value)]
        case float():
            return ["double", repr(value)]
        case str():
            return ["string", value]
        case bytes():
            return ["bytes", base64.b64encode(value).decode()]
        case list():
            return ["list", *map(encoded, value)]
        case dict():
            return ["map", *sorted(([encoded(key), encoded(member)] for key, member in value.items()), key=str)]
        case cel.Optional():
            return ["optional", encoded(value.value)] if value.present else ["optional"]
        case cel.TypeValue():
            return ["type", value.name]
    raise AssertionError(value)


def normalized(given: Any) -> Any:
    """What the peer gives, with doubles as Python writes them and members of maps in our order."""
    if not isinstance(given, list) or not given:
        return given
    if given[0] == "double":
        return ["double", repr(float(given[1].replace("Inf", "inf")))]
    if given[0] == "map":
        return ["map", *sorted(([normalized(key), normalized(member)] for key, member in given[1:]), key=str)]
    return [given[0], *map(normalized, given[1:])]


@pytest.mark.parametrize("seed", SEEDS)
def test_values_and_costs_are_the_same(theirs: Callable[..., dict[str, Any]], seed: int) -> None:
    write = writer()
    writing = write.Writer(seed, failing=False)
    values = 0
    for _ in range(EXPRESSIONS):
        source = writing.expression()
        mine, other = ours(source, write.VARIABLES), theirs(source, write.VARIABLES)
        if "compile" in other and "compile" not in mine:
            assert any(reason in other["compile"] for reason in INFERENCE), (source, other)
            continue
        assert ("value" in mine, "compile" in mine) == ("value" in other, "compile" in other), (source, mine, other)
        if "value" in mine:
            assert (mine["value"], mine["cost"]) == (normalized(other["value"]), other.get("cost", 0)), source
            values += 1
    assert values > EXPRESSIONS // 2


@pytest.mark.parametrize("seed", SEEDS)
def test_errors_are_where_theirs_are(theirs: Callable[..., dict[str, Any]], seed: int) -> None:
    write = writer()
    writing = write.Writer(seed, failing=True)
    errors = 0
    for _ in range(EXPRESSIONS):
        source = writing.expression()
        mine, other = ours(source, write.VARIABLES), theirs(source, write.VARIABLES)
        if "compile" in other and "compile" not in mine:
            assert any(reason in other["compile"] for reason in INFERENCE), (source, other)
            continue
        assert mine.keys() - {"cost"} == other.keys() - {"cost"}, (source, mine, other)
        if "value" in mine:
            assert mine["value"] == normalized(other["value"]), source
        errors += "error" in mine
    assert errors > EXPRESSIONS // 10
