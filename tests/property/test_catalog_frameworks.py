"""Whatever stands in a framework's file: it is read, or refused in words; and what is read can be named."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateproof.catalog.coverage import State, cover
from gateproof.catalog.framework_file import parse
from gateproof.catalog.frameworks import Catalog, Framework, shipped
from gateproof.errors import GateproofError, PolicyError
from gateproof.render import coverage, coverage_html

NAMES = st.from_regex(r"[A-Z]{1,3}[-. ]?[0-9]{1,2}(\([0-9]\))?", fullmatch=True)
TEXTS = st.text(min_size=1, max_size=20)
CONTROLS = st.fixed_dictionaries(
    {"id": NAMES, "title": TEXTS},
    optional={
        "not_by_gate": TEXTS,
        "heading": st.booleans(),
        "related": st.lists(st.sampled_from(["SC-28", "CC6.1"])),
    },
)
OWN = st.fixed_dictionaries(
    {"id": st.just("acme"), "title": TEXTS, "controls": st.lists(CONTROLS, min_size=1, max_size=6)}
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)
OSCAL_WORDS = st.sampled_from(
    [
        "metadata",
        "title",
        "version",
        "controls",
        "groups",
        "id",
        "props",
        "params",
        "imports",
        "href",
        "include-controls",
        "with-ids",
        "matching",
        "pattern",
        "merge",
        "combine",
        "modify",
        "alters",
        "control-id",
        "adds",
        "back-matter",
    ]
)
OSCAL = st.recursive(
    JSON | st.sampled_from(["#x", "a.json", "https://x", "a-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(OSCAL_WORDS, inner, max_size=5),
    max_leaves=25,
)


def attempt(raw: bytes) -> Framework | GateproofError:
    try:
        return parse("acme.json", lambda _: raw)
    except GateproofError as error:
        return error


def catalogue(value: object) -> Catalog | GateproofError:
    found = attempt(json.dumps(value).encode())
    if isinstance(found, GateproofError):
        return found
    try:
        return shipped().plus([found])
    except PolicyError as error:
        return error


@given(OWN)
def test_every_control_of_what_is_read_can_be_named_and_covered(value: dict[str, Any]) -> None:
    known = catalogue(value)
    if isinstance(known, GateproofError):
        assert any(reason in str(known) for reason in ("cannot be told from", "control characters", "surrogate"))
        return
    for control in value["controls"]:
        canonical = f"acme:{control['id']}"
        assert known.resolve(canonical) == canonical
        assert known.resolve(f"ACME: {control['id'].lower()}") == canonical
    [matrix] = cover(known, [], ["acme"])
    assert sum(matrix.count(state) for state in State) == matrix.controls
    assert json.loads(coverage.json((), [matrix], ()))["frameworks"][0]["framework"] == "acme"
    assert "<script" not in coverage_html.render((), [matrix], ())
    assert coverage.text((), [matrix], ())


@given(st.sampled_from(["catalog", "profile"]), OSCAL)
def test_no_oscal_document_fails_but_in_words(kind: str, value: object) -> None:
    found = attempt(json.dumps({kind: value}).encode())
    assert found.where if isinstance(found, GateproofError) else found.controls


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_fail_but_in_words(raw: bytes) -> None:
    found = attempt(raw)
    assert found.where if isinstance(found, GateproofError) else found.controls
