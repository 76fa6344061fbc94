"""Write the JSON Schemas: of every file that people write, and of what inventory and doctor print.

Usage: python tools/schema.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from gateproof.catalog import framework_file
from gateproof.catalog.pack import Custom
from gateproof.inputs.context import Fact
from gateproof.onboarding import diagnosis as diagnoses
from gateproof.onboarding import inventory as inventories
from gateproof.settings import json_schema
from gateproof.trust.policy import TrustPolicy
from gateproof.trust.roster import Roster
from gateproof.trust.waiver import Waiver

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "reference" / "gateproof.schema.json"
FRAMEWORK = TARGET.parent / "framework.schema.json"
DIAGNOSIS = TARGET.parent / "diagnosis.schema.json"
INVENTORY = TARGET.parent / "inventory.schema.json"
WRITTEN: dict[str, tuple[type[Any], str]] = {
    "fact": (Fact, "A fact: a snapshot that policies need beside their input"),
    "metadata": (Custom, "`custom` in the METADATA of a policy"),
    "roster": (Roster, "A roster, before it is signed"),
    "trust": (TrustPolicy, "A trust policy, before it is signed"),
    "waiver": (Waiver, "A waiver, before it is signed"),
}
"""The struct that reads each file, and a title."""


def generate() -> str:
    """The text of the schema of ``gateproof.yaml``."""
    return _text(json_schema())


def framework() -> str:
    """The text of the schema of a framework's file."""
    return _text(framework_file.json_schema())


def inventory() -> str:
    """The text of the schema of what ``gateproof inventory --format json`` prints."""
    return _text(inventories.json_schema())


def diagnosis() -> str:
    """The text of the schema of what ``gateproof doctor --format json`` prints."""
    return _text(diagnoses.json_schema())


def written(name: str) -> str:
    """The text of the schema of a file that people write, named in WRITTEN."""
    struct, title = WRITTEN[name]
    schema = msgspec.json.schema(struct)
    for definition in schema["$defs"].values():
        if "description" in definition:  # the structs' own words have markup, editors have none
            definition["description"] = " ".join(definition["description"].replace("``", "").split())
    return _text({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema})


def _text(schema: dict[str, object]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    schemas = (
        (TARGET, generate()),
        (FRAMEWORK, framework()),
        (INVENTORY, inventory()),
        (DIAGNOSIS, diagnosis()),
        *((TARGET.parent / f"{name}.schema.json", written(name)) for name in WRITTEN),
    )
    for target, text in schemas:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        print(f"wrote {target.relative_to(ROOT)}")  # noqa: T201 - a tool says what it did
