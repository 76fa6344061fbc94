"""Control ids: how they are spelled, what is shipped, what is related."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

from gateproof.catalog.frameworks import control, controls, frameworks, resolve, spelled
from gateproof.errors import PolicyError

ROOT = Path(__file__).parents[3]
CASES = Path(os.environ.get("GATEPROOF_CASES", ROOT.parent / "shared" / "cases"))


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("soc2@2017:CC6.1", "soc2@2017:CC6.1"),
        ("CC6.1", "soc2@2017:CC6.1"),
        ("CC-6.1", "soc2@2017:CC6.1"),
        ("cc 6.1", "soc2@2017:CC6.1"),
        ("soc2:cc6.1", "soc2@2017:CC6.1"),
        ("SOC 2 A1.2", "soc2@2017:A1.2"),
        ("PI1.5", "soc2@2017:PI1.5"),
        ("CC-2.2", "soc2@2017:CC2.2"),
        ("PCI-3.4", "pci-dss@4.0.1:3.5.1"),
        ("pci-dss@4.0.1:3.5.1", "pci-dss@4.0.1:3.5.1"),
        ("PCI DSS 3.4.1", "pci-dss@4.0.1:3.4.1"),
        ("hipaa:164.312(a)(2)(iv)", "hipaa:164.312(a)(2)(iv)"),
        ("HIPAA 164.312(b)", "hipaa:164.312(b)"),
        ("nist-800-53@5:SC-28", "nist-800-53@5:SC-28"),
        ("NIST SC-28", "nist-800-53@5:SC-28"),
        ("NIST SP 800-53 sc-28", "nist-800-53@5:SC-28"),
        ("nist:SC-28 (1)", "nist-800-53@5:SC-28(1)"),
        ("sc-28.1", "nist-800-53@5:SC-28(1)"),
        ("AC-02(01)", "nist-800-53@5:AC-2(1)"),
        ("AC-21", "nist-800-53@5:AC-21"),
        ("  SC-28\n", "nist-800-53@5:SC-28"),
    ],
)
def test_spellings(text: str, canonical: str) -> None:
    assert resolve(text) == canonical
    assert spelled(canonical) == canonical


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("CC6.9", "soc2@2017:CC6.8"),
        ("SC-29", "nist-800-53@5:SC-28"),
        ("pci-dss@4.0.1:3.4", "pci-dss@4.0.1:3.4.1"),
        ("soc2@2016:CC6.1", "soc2@2017:CC6.1"),
        ("hipaa@2:164.312(b)", "hipaa:164.312(b)"),
        ("3.5.1", "pci-dss@4.0.1:3.5.1"),
        ("soc2:SC-28", "nist-800-53@5:SC-28"),
        ("SC-28\x1b[31m", "nist-800-53@5:SC-28"),
        ("", "ids look like"),
        ("²", "ids look like"),
        ("CC" + "9" * 5000, "ids look like"),
    ],
)
def test_an_unknown_id_is_refused_with_the_nearest_known_ones(text: str, nearest: str) -> None:
    assert spelled(text) is None
    with pytest.raises(PolicyError) as caught:
        resolve(text)
    assert nearest in str(caught.value.hint)
    assert len(str(caught.value)) < 120


def test_every_id_of_every_framework_spells_itself() -> None:
    for canonical in controls():
        assert resolve(canonical) == canonical
        assert resolve(canonical.lower()) == canonical


@pytest.mark.parametrize(
    ("framework", "version", "count"), [("soc2", "2017", 61), ("nist-800-53", "5", 370), ("hipaa", "", 12)]
)
def test_what_is_shipped(framework: str, version: str, count: int) -> None:
    [found] = [one for one in frameworks() if one.id == framework]
    assert (found.version, len(found.controls)) == (version, count)
    assert found.source
    assert found.note


def test_the_trust_services_criteria_are_complete() -> None:
    series = {
        "CC1": 5,
        "CC2": 3,
        "CC3": 4,
        "CC4": 2,
        "CC5": 3,
        "CC6": 8,
        "CC7": 5,
        "CC8": 1,
        "CC9": 2,
        "A1": 3,
        "C1": 2,
    }
    series |= {"PI1": 5, "P1": 1, "P2": 1, "P3": 2, "P4": 3, "P5": 2, "P6": 7, "P7": 1, "P8": 1}
    [soc2] = [one for one in frameworks() if one.id == "soc2"]
    assert {entry.id for entry in soc2.controls} == {
        f"{name}.{number}" for name, count in series.items() for number in range(1, count + 1)
    }


def test_moderate_is_within_high_and_enhancements_name_their_control() -> None:
    [nist] = [one for one in frameworks() if one.id == "nist-800-53"]
    assert all("high" in entry.baselines for entry in nist.controls)
    assert {entry.id for entry in nist.controls if "moderate" not in entry.baselines} >= {"SC-24", "SI-7(15)"}
    assert control("SC-28(1)").title == "Protection of Information at Rest | Cryptographic Protection"


def test_the_crosswalk_is_two_way_and_names_known_controls() -> None:
    known = controls()
    for one in known.values():
        for other in one.related:
            assert one.id in known[other].related, (one.id, other)
    assert "soc2@2017:CC6.1" in known["nist-800-53@5:SC-28"].related
    common = [one for one in known.values() if one.id.startswith("soc2@2017:CC")]
    assert all(one.related for one in common)


@pytest.mark.conformance
@pytest.mark.skipif(not (CASES / "oscal").is_dir(), reason="the OSCAL files are not here")
def test_the_nist_file_is_what_the_oscal_files_give() -> None:
    generator = tool("catalog")
    assert generator.TARGET.read_text(encoding="utf-8") == generator.generate(CASES)
