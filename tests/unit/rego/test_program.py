"""Programs as a host uses them: exports, paths, stored plans, annotations."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from gateproof import rego
from gateproof.errors import PolicyError

SOURCE = """# METADATA
# scope: package
# title: The package
# authors: [Ann <ann@example.org>]
package a.b

# METADATA
# title: The rule
# custom:
#   controls: [soc2:CC6.1]
deny contains "no" if input.bad

f(x) := x
"""


@pytest.fixture(scope="module")
def program() -> rego.Program:
    return rego.compile({"a.rego": SOURCE})


def test_exports() -> None:
    assert set(rego.__all__) == {
        "UNDEFINED",
        "BuiltinError",
        "CompileError",
        "EvalError",
        "Limits",
        "Program",
        "RegoSet",
        "Unsupported",
        "Value",
        "compile",
        "explain",
        "metadata",
        "test",
        "to_json",
    }
    assert all(hasattr(rego, name) for name in rego.__all__)


def test_rules_are_listed_without_functions(program: rego.Program) -> None:
    assert program.rules == ("data.a.b.deny",)


@pytest.mark.parametrize("path", ["data.a.b.deny", ["a", "b", "deny"]])
def test_paths(program: rego.Program, path: str | list[str]) -> None:
    assert rego.to_json(program.evaluate(path, {"bad": True})) == ["no"]


def test_inner_and_missing_places(program: rego.Program) -> None:
    assert rego.to_json(program.evaluate("data", {})) == {"a": {"b": {"deny": []}}}
    assert program.evaluate("data.a.c", {}) is rego.UNDEFINED
    assert program.evaluate("data.a.b.deny.x.y", {}) is rego.UNDEFINED


def test_a_path_starts_at_data(program: rego.Program) -> None:
    with pytest.raises(rego.EvalError, match="below data"):
        program.evaluate("a.b.deny", {})


def test_bindings_need_a_query(program: rego.Program) -> None:
    with pytest.raises(rego.EvalError, match="without a query"):
        program.bindings({})


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\xff" * 10])
def test_what_is_not_a_stored_program_is_refused(raw: bytes) -> None:
    with pytest.raises(PolicyError, match="not a stored program"):
        rego.Program.from_bytes(raw)


def test_a_stored_program_of_another_format_or_with_holes_is_refused(program: rego.Program) -> None:
    plan = msgspec.msgpack.decode(program.to_bytes())
    with pytest.raises(PolicyError, match="format"):
        rego.Program.from_bytes(msgspec.msgpack.encode({**plan, "format": 0}))
    with pytest.raises(PolicyError, match="not a stored program"):
        rego.Program.from_bytes(msgspec.msgpack.encode({**plan, "functions": []}))


def test_metadata() -> None:
    package, rule = rego.metadata({"a.rego": SOURCE})
    assert package["path"] == "data.a.b"
    assert package["annotations"] == {
        "scope": "package",
        "title": "The package",
        "authors": [{"name": "Ann", "email": "ann@example.org"}],
    }
    assert (rule["path"], rule["scope"], rule["location"]) == ("data.a.b.deny", "rule", "a.rego:7:1")


def test_metadata_that_is_not_a_mapping_is_refused() -> None:
    with pytest.raises(rego.CompileError, match="mapping"):
        rego.metadata({"a.rego": "# METADATA\n# text\npackage a\n"})


def test_importing_rego_loads_no_heavy_module() -> None:
    heavy = {"yaml", "re2", "cryptography", "gateproof.rego.planner"}
    script = f"import sys; from gateproof import rego; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
