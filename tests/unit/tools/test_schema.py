"""The published schemas are fresh, and take what gateproof takes."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gateproof.catalog import pack
from gateproof.documents import Format, read

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from tools import schema  # noqa: E402 - the tools folder is no package that is installed

PUBLISHED = ROOT / "docs" / "reference"
PEOPLE = ROOT / "examples" / "payments"


def published(name: str) -> Any:
    return json.loads((PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8"))


def value(path: Path) -> Any:
    return read(path.read_bytes(), Format.YAML)[0].value


@pytest.mark.parametrize("name", sorted(schema.WRITTEN))
def test_the_published_schema_is_fresh(name: str) -> None:
    path = PUBLISHED / f"{name}.schema.json"
    assert path.read_text(encoding="utf-8") == schema.written(name), "run tools/schema.py"


@pytest.mark.parametrize("policy_id", sorted(pack.ids()))
def test_the_metadata_of_every_policy_fits(policy_id: str) -> None:
    text = (pack.POLICIES / policy_id / "policy.rego").read_text(encoding="utf-8")
    block = re.match(r"# METADATA\n((?:#.*\n)+)", text)
    assert block
    about = read(re.sub(r"(?m)^#", "", block[1]).encode(), Format.YAML)[0].value
    assert jsonschema_rs.is_valid(published("metadata"), about["custom"])


def test_the_waiver_of_the_example_fits() -> None:
    assert jsonschema_rs.is_valid(published("waiver"), value(PEOPLE / "waivers" / "partner-drop.yaml"))


@pytest.mark.parametrize(
    ("name", "given", "valid"),
    [
        ("metadata", {"id": "a", "severity": "high", "remediation": "b", "nonsense": 1}, False),
        ("metadata", {"id": "a", "severity": "dire", "remediation": "b"}, False),
        ("fact", {"name": "a", "source": "b", "observed_at": "2026-11-23T05:00:00Z", "max_age": 60, "value": {}}, True),
        ("fact", {"name": "a"}, False),
        ("roster", {"people": "nobody"}, False),
        ("trust", {}, False),
    ],
)
def test_a_schema_refuses_what_is_refused(name: str, given: Any, valid: bool) -> None:
    assert jsonschema_rs.is_valid(published(name), given) is valid
