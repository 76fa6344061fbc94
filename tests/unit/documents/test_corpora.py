"""Every JSON and YAML file of the corpora that is meant to be read is read, whatever its encoding."""

from __future__ import annotations

import os
from pathlib import Path as File

import pytest

from gateproof.documents import Format, read, sniff

CASES = File(os.environ.get("GATEPROOF_CASES", File(__file__).parents[4] / "shared" / "cases"))

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(not CASES.is_dir(), reason=f"{CASES} is missing"),
]


@pytest.mark.parametrize(
    ("folder", "at_least"),
    [
        ("terraform-plans", 198),
        ("kyverno", 340),
        ("gatekeeper", 223),
        ("trivy", 85),
        ("github-webhooks", 143),
        ("cyclonedx", 359),
        ("oscal", 2),
    ],
)
def test_a_corpus_is_read(folder: str, at_least: int) -> None:
    files = [path for path in (CASES / folder).rglob("*") if path.suffix in (".json", ".yaml", ".yml", ".golden")]
    assert len(files) >= at_least
    for path in files:
        raw = path.read_bytes()
        format = sniff(raw, path.name)
        assert format in (Format.JSON, Format.YAML), path
        assert format is sniff(raw, None) or path.suffix != ".json", path
        assert read(raw, format), path
