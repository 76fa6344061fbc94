"""Frameworks of one's own: the short file, and what OSCAL documents make of themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gateproof.catalog import pack
from gateproof.catalog.bundle import build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.framework_file import json_schema, parse
from gateproof.catalog.frameworks import Framework, shipped
from gateproof.documents import Format, read
from gateproof.errors import PolicyError

OWN = """\
id: acme
version: 2026-Q1
title: Acme's control standard
controls:
  - id: ENC
    title: Encryption
    heading: true
  - id: ENC-1
    title: Stored data is encrypted
    related: [SC-28, CC6.1]
    aliases: [Crypto 1]
  - id: HR-1
    title: People are trained
    not_by_gate: It is training.
"""


def files(**contents: str) -> Callable[[str], bytes]:
    return lambda path: contents[path].encode()


def own(text: str = OWN) -> Framework:
    return parse("acme.yaml", lambda _: text.encode())


def test_a_framework_of_ones_own() -> None:
    found = own()
    assert (found.name, found.title, len(found.controls)) == ("acme@2026-Q1", "Acme's control standard", 3)
    known = shipped().plus([found])
    for spelled in ("acme@2026-Q1:ENC-1", "acme:enc 1", "ACME:ENC-01", "ENC-1", "acme:crypto-1"):
        assert known.resolve(spelled) == "acme@2026-Q1:ENC-1", spelled
    assert known.resolve("CC6.1") == "soc2@2017:CC6.1"
    assert known.spelled("acme@2025:ENC-1") is None
    assert known.controls["acme@2026-Q1:ENC-1"].related == ("nist-800-53@5:SC-28", "soc2@2017:CC6.1")
    assert "acme@2026-Q1:ENC-1" in known.control("SC-28").related
    assert known.not_by_gate["acme@2026-Q1:HR-1"] == "It is training."
    assert shipped().spelled("ENC-1") is None


def test_policies_may_cite_it() -> None:
    known = shipped().plus([own()])
    text = (
        '# METADATA\n# custom:\n#   controls: [acme:ENC-1, SC-28]\npackage x\n\nimport rego.v1\n\ndeny contains "no"\n'
    )
    policies = pack.load({"x.rego": text}, known)
    assert policies[0].controls == ("acme@2026-Q1:ENC-1", "nist-800-53@5:SC-28")
    bundle = build(policies, DEFAULT, catalog=known)
    assert bundle.controls[0].title == "Stored data is encrypted"
    with pytest.raises(PolicyError) as caught:
        pack.load({"x.rego": text})
    assert "there is no control 'acme:ENC-1'" in str(caught.value)


def test_the_same_in_json() -> None:
    value = read(OWN.encode(), Format.YAML)[0].value
    assert parse("acme.json", lambda _: json.dumps(value).encode()) == own()


def test_the_schema_is_the_one_in_the_documents_and_takes_the_example() -> None:
    document = Path(__file__).parents[3] / "docs" / "reference" / "framework.schema.json"
    assert json.loads(document.read_bytes()) == json.loads(json.dumps(json_schema()))
    assert jsonschema_rs.is_valid(json_schema(), read(OWN.encode(), Format.YAML)[0].value)
    assert not jsonschema_rs.is_valid(
        json_schema(), {"id": "Acme", "title": "x", "controls": [{"id": "A", "title": "a"}]}
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "0 documents where one is expected"),
        ("[]", "expected one mapping"),
        ("a: [", "not readable as YAML"),
        ('{"id": "x", "id": "y"}', "not readable as JSON"),
        (OWN + "---\nid: b\n", "2 documents"),
        (OWN.replace("id: acme", "id: Acme"), "acme.yaml:1: id: expected `str` matching"),
        (OWN.replace("id: acme", 'id: "acme\\n"'), "acme.yaml:1: id: expected `str` matching"),
        (OWN.replace("id: acme", "id: 7"), "acme.yaml:1: id: expected `str`, got `int`"),
        (OWN.replace("version: 2026-Q1", "version: 2026:1"), "acme.yaml:2: version"),
        (OWN.replace("title: Acme's control standard\n", ""), "object missing required field `title`"),
        (OWN.replace("version:", "edition:"), "acme.yaml:2: object contains unknown field `edition`"),
        (OWN.replace("id: HR-1", "id: HR:1"), "acme.yaml:12: controls[2]: id: expected `str` matching"),
        (
            OWN.replace("    not_by_gate", "    no_gate"),
            "acme.yaml:12: controls[2]: object contains unknown field `no_gate`",
        ),
        (
            OWN.replace("title: People are trained", "title: ''"),
            "acme.yaml:12: controls[2]: title: expected `str` of length >= 1",
        ),
        ("id: a\ntitle: b\ncontrols: []\n", "acme.yaml:3: controls: a list with at least one control is needed"),
        ("id: a\ntitle: b\ncontrols: {}\n", "controls: a list with at least one control is needed"),
        ("id: a\ntitle: b\ntitle: c\ncontrols: [{id: A, title: a}]\n", "acme.yaml:3"),
        ("id: a\ntitle: b\ncontrols: [x, {id: A}]\n", "controls[1]: object missing required field `title`"),
    ],
    ids=lambda text: str(text)[-30:] if len(str(text)) < 60 else "",
)
def test_bad_files_are_refused_with_every_problem_and_its_line(text: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        own(text)
    assert said in str(caught.value)
    assert "acme.yaml" in str(caught.value)
    assert caught.value.hint


def test_many_problems_are_told_up_to_a_limit() -> None:
    text = "id: a\ntitle: b\ncontrols:\n" + "  - {id: '!'}\n" * 200
    with pytest.raises(PolicyError) as caught:
        own(text)
    assert len(caught.value.problems) == 51
    assert caught.value.problems[-1] == "acme.yaml: 150 more"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            OWN.replace("id: acme\nversion: 2026-Q1", "id: soc2\nversion: '2017'"),
            "two frameworks of this id and version",
        ),
        (OWN.replace("id: HR-1", "id: enc 01"), "'enc 01' cannot be told from 'ENC-1'"),
        (OWN.replace("Crypto 1", "HR.1"), "'HR-1' cannot be told from 'ENC-1'"),
        (
            OWN.replace("SC-28, CC6.1", "SC-29"),
            "acme@2026-Q1:ENC-1: there is no control 'SC-29'; the nearest known ids are",
        ),
    ],
)
def test_what_makes_no_catalogue(text: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        shipped().plus([own(text)])
    assert said in str(caught.value)


def test_another_version_of_a_shipped_framework_is_found_by_its_version() -> None:
    known = shipped().plus([own(OWN.replace("id: acme\nversion: 2026-Q1", "id: soc2\nversion: '2030'"))])
    assert known.resolve("soc2@2030:ENC-1") == "soc2@2030:ENC-1"
    assert known.resolve("soc2:CC6.1") == "soc2@2017:CC6.1"


def oscal(*controls: dict[str, Any], **more: Any) -> str:
    catalog = {"uuid": "1", "metadata": {"title": "Own", "version": "1.0"}, "controls": [*controls], **more}
    return json.dumps({"catalog": catalog})


def test_an_oscal_catalogue_is_named_by_its_file() -> None:
    label = {"name": "label", "value": "A-1(1)"}
    inner = {"id": "a-1.1", "title": "Inner", "props": [{"name": "label", "value": "A-01(01)", "class": "pad"}, label]}
    text = oscal({"id": "a-1", "title": "Outer", "controls": [inner]})
    found = parse("catalogs/Acme Baseline.json", lambda _: text.encode())
    assert found.name == "acme-baseline@1.0"
    assert [(each.id, each.title, each.aliases) for each in found.controls] == [
        ("a-1", "Outer", ()),
        ("A-1(1)", "Outer | Inner", ("a-1.1",)),
    ]
    assert shipped().plus([found]).resolve("acme-baseline:a-1(1)") == "acme-baseline@1.0:A-1(1)"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("a.json", oscal(), "there are no controls"),
        ("a.json", oscal({"id": "é", "title": "x"}), "'é' is no id for a control"),
        ("é.json", oscal({"id": "a", "title": "x"}), "the file's name gives no id"),
        (
            "a.json",
            oscal({"id": "a", "title": "x"}, metadata={"title": "t", "version": "1 0"}),
            "the version '1 0' cannot",
        ),
        ("a.json", oscal({"id": "a"}), "not as OSCAL has it: object missing required field `title`"),
        ("a.json", json.dumps({"catalog": []}), "not as OSCAL has it: expected"),
        ("a.json", json.dumps({"profile": {}}), "not as OSCAL has it: object missing required field `metadata`"),
    ],
)
def test_oscal_documents_that_make_no_framework(path: str, text: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(path, lambda _: text.encode())
    assert said.lower() in str(caught.value).lower()
    assert path in str(caught.value)
    assert caught.value.hint
