"""Write the JSON Schemas: of ``gateproof.yaml``, of frameworks of one's own, of what inventory and doctor print.

Usage: python tools/schema.py
"""

from __future__ import annotations

import json
from pathlib import Path

from gateproof.catalog import framework_file
from gateproof.onboarding import diagnosis as diagnoses
from gateproof.onboarding import inventory as inventories
from gateproof.settings import json_schema

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "reference" / "gateproof.schema.json"
FRAMEWORK = TARGET.parent / "framework.schema.json"
DIAGNOSIS = TARGET.parent / "diagnosis.schema.json"
INVENTORY = TARGET.parent / "inventory.schema.json"


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


def _text(schema: dict[str, object]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    schemas = (
        (TARGET, generate()),
        (FRAMEWORK, framework()),
        (INVENTORY, inventory()),
        (DIAGNOSIS, diagnosis()),
    )
    for target, text in schemas:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        print(f"wrote {target.relative_to(ROOT)}")  # noqa: T201 - a tool says what it did
