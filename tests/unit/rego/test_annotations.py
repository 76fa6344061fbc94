"""METADATA: what blocks are about, what policies see of them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof import rego
from gateproof.rego.annotations import found

FULL = """# METADATA
# title: Everything
# description: |
#   two
#   lines
# organizations: [one]
# authors:
#   - Jane Doe <jane@example.org>
#   - Jim
#   - <only@example.org>
#   - name: Jo
#     email: jo@example.org
# related_resources:
#   - https://example.org/a b
#   - ref: https://example.org
#     description: why
# schemas:
#   - input: schema.input
#   - data.acl: schema["acl-schema"]
#   - input.x: {type: string}
# custom: {level: 3}
# labels: {team: a}
# unknown: is left out
"""


def told(rules: str, **others: str) -> Any:
    """What ``data.p.x`` is with these rules, and other modules of the program."""
    return rego.compile({"p.rego": f"package p\n{rules}", **others}, v0=False).evaluate("data.p.x")


def test_short_forms_become_long_ones() -> None:
    assert told(f"{FULL}x := rego.metadata.rule()\n") == {
        "scope": "rule",
        "title": "Everything",
        "description": "two\nlines\n",
        "organizations": ["one"],
        "authors": [
            {"name": "Jane Doe", "email": "jane@example.org"},
            {"name": "Jim"},
            {"email": "only@example.org"},
            {"name": "Jo", "email": "jo@example.org"},
        ],
        "related_resources": [
            {"ref": "https://example.org/a%20b"},
            {"ref": "https://example.org", "description": "why"},
        ],
        "schemas": [
            {"path": ["input"], "schema": ["schema", "input"]},
            {"path": ["data", "acl"], "schema": ["schema", "acl-schema"]},
            {"path": ["input", "x"], "definition": {"type": "string"}},
        ],
        "custom": {"level": 3},
        "labels": {"team": "a"},
    }


def test_an_entrypoint_is_a_document() -> None:
    chain = told("# METADATA\n# entrypoint: true\nx := rego.metadata.chain()\n")
    assert chain == [
        {"path": ["p", "x"]},
        {"annotations": {"scope": "document", "entrypoint": True}, "path": ["p", "x"]},
    ]


def test_the_chain_goes_from_the_rule_outwards() -> None:
    rules = (
        "# METADATA\n# title: document\n# scope: document\n\n# METADATA\n# title: rule\nx := rego.metadata.chain()\n"
    )
    package = "# METADATA\n# title: package\npackage p\n"
    above = "# METADATA\n# title: above\n# scope: subpackages\npackage p\n"
    chain = told(rules, **{"b.rego": package, "c.rego": above})
    assert [link["annotations"]["title"] for link in chain] == ["rule", "document", "package", "above"]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("scope: package", "must be applied to a package"),
        ("scope: nowhere", "invalid annotation scope"),
        ("entrypoint: true\n# scope: rule", "an entrypoint is a document"),
        ("entrypoint: 1", "entrypoint must be of the type bool"),
        ("title: [1]", "title must be a string"),
        ("organizations: x", "organizations must be of the type list"),
        ("authors: ['']", "invalid author"),
        ("authors: [{}]", "invalid author"),
        ("related_resources: [{}]", "invalid related-resource"),
        ("related_resources: ['https://%zz']", "invalid related-resource"),
        ("schemas: [{'1 2': schema.x}]", "invalid document reference"),
        ("schemas: [{input: other.x}]", "invalid schema reference"),
        ("custom: 1", "custom must be of the type dict"),
        ("a: [", "not valid as YAML"),
        ("- x", "must be one mapping"),
        ("title: a\n# title: b", "title"),
        ("", "found whitespace"),
    ],
)
def test_refused(block: str, message: str) -> None:
    with pytest.raises(rego.CompileError) as caught:
        told(f"# METADATA\n# {block}\nx := 1\n")
    assert caught.value.code == "rego_parse_error"
    assert message in str(caught.value)
    assert "p.rego:" in str(caught.value)


@pytest.mark.parametrize("rest", ["", "import data.y\n"])
def test_a_block_is_about_a_package_or_a_rule(rest: str) -> None:
    with pytest.raises(rego.CompileError, match="scope"):
        rego.compile({"p.rego": f"package p\n# METADATA\n# title: a\n{rest}"}, v0=False)


def test_what_is_no_block() -> None:
    assert told(" # METADATA\n # title: a\nx := rego.metadata.rule()\n") == {}
    assert told("# METADATA\n# title: a\n\n# other\nx := rego.metadata.rule()\n") == {"scope": "rule", "title": "a"}


def test_what_is_said_twice_is_refused() -> None:
    package = "# METADATA\n# title: package\npackage p\n"
    with pytest.raises(rego.CompileError, match="redeclared"):
        rego.compile({"a.rego": package, "b.rego": package})
    with pytest.raises(rego.CompileError, match="redeclared"):
        told("# METADATA\n# scope: document\nx := 1\n# METADATA\n# scope: document\nx := 1\n")


def test_metadata_in_a_raw_string_is_no_metadata() -> None:
    text = "package p\n\nt := `\n# METADATA\n# scope: nonsense\nx`\n\n# ` \n# METADATA\n# title: real\nr := 1 # `\n"
    (block,) = found(text)
    assert (block.yaml, block.line) == ("title: real\n", 9)
