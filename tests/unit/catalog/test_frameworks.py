"""Control ids: how they are spelled, what is shipped, what is related."""

from __future__ import annotations

import importlib.util
import json
import os
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from gateproof.catalog import frameworks as frameworks_module
from gateproof.catalog.enforcement import Topic, deployment_topics, topics
from gateproof.catalog.frameworks import control, controls, frameworks, resolve, shipped, spelled
from gateproof.catalog.scales import Layer
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
        ("pci-dss@4.0.1:3.4", "pci-dss@4.0.1:3.4"),
        ("PCI 12.10.4.1", "pci-dss@4.0.1:12.10.4.1"),
        ("PCI A1.1", "pci-dss@4.0.1:A1.1"),
        ("A1.1", "soc2@2017:A1.1"),
        ("hipaa:164.308(a)(7)", "hipaa:164.308(a)(7)(i)"),
        ("HIPAA 164.308(A)(7)(ii)(a)", "hipaa:164.308(a)(7)(ii)(A)"),
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
        ("pci-dss@4.0.1:3.4.9", "pci-dss@4.0.1:3.4.1"),
        ("pci-dss@3.2.1:3.4", "pci-dss@4.0.1:3.4"),
        ("A2.1", "pci-dss@4.0.1:A2.1"),
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
    ("framework", "version", "count"),
    [("soc2", "2017", 61), ("nist-800-53", "5", 378), ("pci-dss", "4.0.1", 366), ("hipaa", "", 87)],
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


def test_the_requirements_of_pci_dss_are_complete() -> None:
    requirements = {"1": 19, "2": 11, "3": 29, "4": 6, "5": 13, "6": 19, "7": 12, "8": 29, "9": 27, "10": 27, "11": 21}
    requirements |= {"12": 37, "A1": 7, "A2": 3, "A3": 20}
    [pci] = [one for one in frameworks() if one.id == "pci-dss"]
    ids = [entry.id for entry in pci.controls]
    leaves = [entry.id for entry in pci.controls if not entry.heading]
    assert Counter(leaf.partition(".")[0] for leaf in leaves) == requirements
    assert {entry.id for entry in pci.controls if entry.heading} == {each for each in ids if each.count(".") < 2}
    assert {each.rpartition(".")[0] for each in ids} - {""} <= set(ids)
    for parent in {each.rpartition(".")[0] for each in ids} - {"", "A3.3.1"}:
        last = [int(each.rpartition(".")[2]) for each in ids if each.rpartition(".")[0] == parent]
        assert last == list(range(1, len(last) + 1)), parent


def test_the_standards_of_the_security_rule_are_complete() -> None:
    [hipaa] = [one for one in frameworks() if one.id == "hipaa"]
    by = {
        one: [entry.id for entry in hipaa.controls if entry.designation == one] for one in ("required", "addressable")
    }
    assert {entry.designation for entry in hipaa.controls} == {"general", "standard", "required", "addressable"}
    assert len(by["addressable"]) == 22
    safeguards = [each for each in by["required"] if each.startswith(("164.308", "164.310", "164.312"))]
    assert len(safeguards) == 14
    assert "164.312(a)(2)(iv)" in by["addressable"]
    assert "164.308(a)(1)(ii)(A)" in by["required"]
    assert {each.id.partition("(")[0] for each in hipaa.controls} == {f"164.3{number:02}" for number in range(6, 20, 2)}


@pytest.mark.parametrize("topic", deployment_topics(), ids=lambda topic: str(topic.topic))
def test_every_topic_of_deployments_is_complete_in_all_four_frameworks(topic: Topic) -> None:
    known = shipped()
    everywhere = {one.name for one in frameworks()}
    assert {control.partition(":")[0] for control in topic.controls} == everywhere
    for each in topic.controls:
        related = set(known.controls[each].related)
        assert {other.partition(":")[0] for other in related & set(topic.controls)} == everywhere - {
            each.partition(":")[0]
        }
        assert each not in known.not_by_gate
        assert not known.entries[each].heading
    assert topic.points
    assert topic.evidence
    assert topic.telling


def test_the_topics_of_deployments() -> None:
    assert [topic.topic for topic in deployment_topics()] == [
        "encryption at rest",
        "encryption in transit",
        "key management",
        "public exposure",
        "network boundaries",
        "least privilege",
        "workload identity and secrets",
        "secrets hygiene",
        "vulnerability management",
        "container hardening",
        "image provenance",
        "change approval",
        "separation of duties",
        "audit logging and retention",
        "asset tagging and data classification",
        "backup and recovery",
    ]
    for topic in topics():
        assert set(topic.telling) <= set(topic.controls)


def test_the_guide_tells_the_same_points_and_counts() -> None:
    guide = (ROOT / "docs" / "guides" / "controls.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in guide.splitlines() if line[:2] == "| "]
    told = {row[0]: [bool(mark) for mark in row[1:]] for row in rows if set(row[1:]) <= {"●", ""}}
    assert told == {topic.topic: [layer in topic.points for layer in Layer] for topic in deployment_topics()}
    counts = {row[1].strip("`").partition(":")[0]: int(row[2]) for row in rows if len(row) == 4 and row[2].isdecimal()}
    assert counts == {one.name: sum(not entry.heading for entry in one.controls) for one in frameworks()}


def test_every_requirement_is_related_to_nist() -> None:
    known = shipped()
    unrelated = {
        key
        for key, entry in known.entries.items()
        if key.startswith(("pci-dss", "hipaa"))
        and not entry.heading
        and not any(other.startswith("nist-800-53@5:") for other in known.controls[key].related)
    }
    assert unrelated == {"hipaa:164.318(a)", "hipaa:164.318(b)", "hipaa:164.318(c)"}


def test_what_no_gate_can_enforce_is_said_once_and_names_known_controls() -> None:
    file = Path(frameworks_module.__file__).parent / "data" / "not-by-a-gate.json"
    patterns = [pattern for group in json.loads(file.read_bytes())["groups"] for pattern in group["controls"]]
    assert len(patterns) == len(set(patterns))
    hits: Counter[str] = Counter()
    for pattern in patterns:
        found = [key for key in controls() if key.startswith(pattern[:-1]) and (pattern[-1] == "*" or key == pattern)]
        assert found, pattern
        hits.update(found)
    assert [key for key, count in hits.items() if count > 1] == []
    beyond = shipped().not_by_gate
    assert beyond["soc2@2017:CC1.1"].startswith("People do it")
    assert "nist-800-53@5:SC-28" not in beyond
    assert {key: hits[key] for key in beyond} == dict.fromkeys(beyond, 1)


def test_moderate_is_within_high_and_enhancements_name_their_control() -> None:
    [nist] = [one for one in frameworks() if one.id == "nist-800-53"]
    assert all("high" in entry.baselines for entry in nist.controls if entry.baselines)
    assert {entry.id for entry in nist.controls if "moderate" not in entry.baselines} >= {"SC-24", "SI-7(15)"}
    beyond = {entry.id for entry in nist.controls if not entry.baselines}
    assert beyond == {"AC-16", "CM-14", "IA-5(7)", "IA-9", "SC-28(3)", "SI-7(6)", "SR-4", "SR-4(3)"}
    assert control("SC-28(1)").title == "Protection of Information at Rest | Cryptographic Protection"


def test_the_crosswalk_is_two_way_and_names_known_controls() -> None:
    known = controls()
    for one in known.values():
        for other in one.related:
            assert one.id in known[other].related, (one.id, other)
    assert "soc2@2017:CC6.1" in known["nist-800-53@5:SC-28"].related
    common = [one for one in known.values() if one.id.startswith("soc2@2017:CC")]
    assert all(one.related for one in common)


def test_the_index_has_every_control_as_the_catalogue_gives_it() -> None:
    generator = tool("catalog")
    assert generator.INDEX.read_bytes() == frameworks_module.index()
    assert control("nist-800-53@5:SC-28") == shipped().control("nist-800-53@5:SC-28")


def test_a_canonical_id_needs_the_index_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frameworks_module, "shipped", lambda: pytest.fail("the catalogue was read"))
    assert control("soc2@2017:CC6.1").title


@pytest.mark.conformance
@pytest.mark.skipif(not (CASES / "oscal").is_dir(), reason="the OSCAL files are not here")
def test_the_nist_file_is_what_the_oscal_files_give() -> None:
    generator = tool("catalog")
    assert generator.TARGET.read_text(encoding="utf-8") == generator.generate(CASES)
