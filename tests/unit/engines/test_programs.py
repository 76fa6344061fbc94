"""Programs that are shipped compiled: those of the sources, and of nothing else."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from gateproof import rego
from gateproof.catalog import pack
from gateproof.catalog.policy import Policy, Source
from gateproof.documents import canonical
from gateproof.engines import programs
from gateproof.engines.rego import RegoEngine, sources_of
from gateproof.inputs import parse
from gateproof.rego.program import Program

ROOT = Path(__file__).parents[3]
STARTER = {policy.id: policy for policy in pack.builtin(pack.STARTER)}
SAMPLES = [
    (policy, sample)
    for policy in pack.STARTER
    for verdict in ("allowed", "denied", "undecided")
    for sample in sorted((pack.POLICIES / policy / verdict).iterdir())
]


@pytest.fixture
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pack", ROOT / "tools" / "pack.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _digest(policy: Policy) -> str:
    return canonical.digest_of((sources_of(policy), False))


@cache
def _compiled(sources: tuple[Source, ...]) -> Program:
    return rego.compile({source.name: source.text for source in sources})


def test_they_are_what_the_compiler_makes_of_the_policies(tool: ModuleType) -> None:
    texts = tool.compiled()
    assert {path.stem for path in texts} == {programs.module(policy) for policy in pack.STARTER}
    for path, text in texts.items():
        assert path.read_text(encoding="utf-8") == text, "run tools/pack.py"


@pytest.mark.parametrize(("policy", "sample"), SAMPLES, ids=lambda value: getattr(value, "name", value))
def test_they_decide_as_what_is_compiled_here(policy: str, sample: Path) -> None:
    subject, at = parse(sample.read_bytes()), "2026-11-23T00:00:00Z"
    shipped = RegoEngine().evaluate(STARTER[policy], subject, {}, now=at)
    assert shipped == RegoEngine(_compiled).evaluate(STARTER[policy], subject, {}, now=at)


@pytest.mark.parametrize("policy", pack.STARTER)
def test_they_are_of_these_sources_and_no_others(policy: str) -> None:
    mine = STARTER[policy]
    assert programs.shipped(policy, _digest(mine)) is not None
    changed = [Source(each.name, f"{each.text}# and more\n") for each in mine.sources]
    assert programs.shipped(policy, _digest(msgspec.structs.replace(mine, sources=tuple(changed)))) is None
    assert programs.shipped("another", _digest(mine)) is None


def test_one_of_another_format_is_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = pack.STARTER[0]
    assert programs.shipped(policy, _digest(STARTER[policy])) is not None
    monkeypatch.setattr("gateproof.rego.program.FORMAT", 0)
    assert programs.shipped(policy, _digest(STARTER[policy])) is None
