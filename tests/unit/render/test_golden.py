"""The example service's reports, word for word, with digests masked. ``UPDATE_GOLDEN=1`` writes them anew."""

from __future__ import annotations

import importlib
import os
import re
from pathlib import Path

import pytest

from gateproof.render.report import Report

GOLDEN = Path(__file__).parents[2] / "golden" / "render"
SUFFIXES = {"text": "txt", "json": "json", "sarif": "sarif", "junit": "xml", "markdown": "md", "github": "github.txt"}
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


@pytest.mark.parametrize("form", SUFFIXES)
def test_the_example_reads_as_it_did(form: str, example: Report) -> None:
    shown = _DIGEST.sub(64 * "0", importlib.import_module(f"gateproof.render.{form}").render(example))
    golden = GOLDEN / f"payments.{SUFFIXES[form]}"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
