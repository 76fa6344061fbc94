"""The public names are exactly these, each can be imported, and importing costs nothing until one is used."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gateproof
from gateproof import testing

ROOT = Path(__file__).resolve().parents[2]
EMBEDDING = ROOT / "docs" / "reference" / "embedding.md"
PACKAGES = ("answers", "catalog", "documents", "engines", "evidence", "gate", "inputs", "log", "testing", "trust")


def test_the_export_list_is_exactly_this() -> None:
    assert set(gateproof.__all__) == {
        "Bundle",
        "Classification",
        "Context",
        "Decision",
        "Environment",
        "Fact",
        "Finding",
        "GateproofError",
        "Grounds",
        "Input",
        "Judged",
        "Layer",
        "Outcome",
        "Policy",
        "Result",
        "Severity",
        "Tier",
        "Verdict",
        "__version__",
        "judge",
        "judge_input",
        "record",
    }
    assert set(testing.__all__) == {"NOW", "LogSigner", "MemoryStore", "signer"}


@pytest.mark.parametrize("package", ["gateproof", *(f"gateproof.{name}" for name in PACKAGES)])
def test_every_exported_name_is_there_once(package: str) -> None:
    module = importlib.import_module(package)
    assert len(set(module.__all__)) == len(module.__all__)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_a_name_that_is_not_exported_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Jugde'"):
        gateproof.Jugde  # noqa: B018 - the access is what is tested


def test_importing_gateproof_imports_nothing_else() -> None:
    script = "import sys; before = set(sys.modules); import gateproof; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded - sys.stdlib_module_names == {"gateproof"}


def test_the_example_of_embedding_runs() -> None:
    [example] = re.findall(r"```python\n(.*?)```", EMBEDDING.read_text(encoding="utf-8"), re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example, str(EMBEDDING), "exec"), {})  # noqa: S102 - our own document
    assert "aws_s3_bucket.b" in printed.getvalue()


def test_embedding_names_what_is_exported() -> None:
    text = EMBEDDING.read_text(encoding="utf-8")
    named = re.findall(r"`gateproof\.(\w+)\.(\w+)(?:\.\w+)*`", text)
    assert named
    for package, name in named:
        assert hasattr(importlib.import_module(f"gateproof.{package}"), name) or importlib.util.find_spec(
            f"gateproof.{package}.{name}"
        ), (package, name)
