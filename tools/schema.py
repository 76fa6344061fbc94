"""Write ``docs/reference/gateproof.schema.json``, the JSON Schema of ``gateproof.yaml``.

Usage: python tools/schema.py
"""

from __future__ import annotations

import json
from pathlib import Path

from gateproof.settings import json_schema

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "reference" / "gateproof.schema.json"


def generate() -> str:
    """The file's text."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(generate(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")  # noqa: T201 - a tool says what it did
