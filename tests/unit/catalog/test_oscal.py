"""OSCAL profiles: what is selected, what is altered, and what is refused by name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gateproof.catalog.framework_file import parse
from gateproof.catalog.frameworks import Framework
from gateproof.errors import PolicyError

ROOT = Path(__file__).parents[3]
CASES = Path(os.environ.get("GATEPROOF_CASES", ROOT.parent / "shared" / "cases")) / "oscal"
METADATA = {"title": "Baseline", "version": "2"}


def control(name: str, *controls: dict[str, Any], title: str = "", **more: Any) -> dict[str, Any]:
    return {"id": name, "title": title or name.upper(), "controls": [*controls], **more}


CATALOG = {
    "catalog": {
        "metadata": {"title": "Catalogue", "version": "1"},
        "groups": [
            {
                "groups": [{"controls": [control("b-1")]}],
                "controls": [
                    control("a-1", control("a-1.1", control("a-1.1.1")), control("a-1.2")),
                    control(
                        "a-2",
                        title="Every {{ insert: param, a-2_odp }} of {{ insert:param,unknown }}",
                        params=[{"id": "a-2_odp", "label": "period"}],
                    ),
                    control("a-3", props=[{"name": "status", "value": "withdrawn"}]),
                    control("a-4", props=[{"name": "label", "value": "A-4", "class": "x"}]),
                ],
            }
        ],
        "controls": [control("c-1")],
    }
}


def resolved(profile: dict[str, Any], **documents: Any) -> Framework:
    given = {"p/own.json": {"profile": {"metadata": METADATA, **profile}}, "p/catalog.json": CATALOG, **documents}
    return parse("p/own.json", lambda path: json.dumps(given[os.path.normpath(path)]).encode())


def ids(framework: Framework) -> list[str]:
    return [(each.aliases or (each.id,))[0] for each in framework.controls]


def select(*selections: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"imports": [{"href": "catalog.json", "include-controls": [*selections], **more}]}


ALL = ["b-1", "a-1", "a-1.1", "a-1.1.1", "a-1.2", "a-2", "a-4", "c-1"]


@pytest.mark.parametrize(
    ("imported", "expected"),
    [
        ({"include-all": {}}, ALL),
        ({}, ALL),
        ({"include-controls": [{"with-ids": ["a-2", "b-1"]}]}, ["b-1", "a-2"]),
        ({"include-controls": [{"with-ids": ["a-1"]}]}, ["a-1"]),
        (
            {"include-controls": [{"with-ids": ["a-1"], "with-child-controls": "yes"}]},
            ["a-1", "a-1.1", "a-1.1.1", "a-1.2"],
        ),
        ({"include-controls": [{"with-ids": ["a-1.1"]}]}, ["a-1.1"]),
        (
            {"include-controls": [{"matching": [{"pattern": "a-1.*"}, {"pattern": "c-?"}]}]},
            ["a-1.1", "a-1.1.1", "a-1.2", "c-1"],
        ),
        ({"include-controls": [{"with-ids": ["c-1"]}, {"with-ids": ["b-1"]}]}, ["b-1", "c-1"]),
        ({"include-all": {}, "exclude-controls": [{"with-ids": ["a-1"]}]}, [each for each in ALL if each != "a-1"]),
        (
            {
                "exclude-controls": [
                    {"with-ids": ["a-1"], "with-child-controls": "yes"},
                    {"matching": [{"pattern": "?-2"}]},
                ]
            },
            ["b-1", "a-4", "c-1"],
        ),
    ],
)
def test_what_an_import_takes(imported: dict[str, Any], expected: list[str]) -> None:
    assert ids(resolved({"imports": [{"href": "catalog.json", **imported}]})) == expected


def test_name_version_and_titles_are_the_profiles() -> None:
    found = resolved(select({"with-ids": ["a-1.1", "a-2"]}))
    assert (found.name, found.title, found.source) == ("own@2", "Baseline", "the OSCAL profile own.json")
    assert [each.title for each in found.controls] == ["A-1 | A-1.1", "Every [period] of [unknown]"]


def test_parameters_titles_and_properties_are_altered() -> None:
    found = resolved(
        {
            **select({"with-ids": ["a-2", "a-3", "a-4", "b-1"]}),
            "modify": {
                "set-parameters": [{"param-id": "a-2_odp", "values": ["day", "night"]}],
                "alters": [
                    {"control-id": "a-3", "removes": [{"by-name": "status"}], "adds": [{"title": "Is back"}]},
                    {
                        "control-id": "a-4",
                        "removes": [
                            {"by-name": "label", "by-class": "y"},
                            {"by-item-name": "part"},
                            {"by-id": "a-4_smt"},
                        ],
                        "adds": [{"by-id": "a-4_smt", "title": "of a part"}, {"position": "starting", "parts": []}],
                    },
                    {"control-id": "b-1", "adds": [{"props": [{"name": "label", "value": "B-One"}], "by-id": "b-1"}]},
                ],
            },
        }
    )
    assert [(each.id, each.title) for each in found.controls] == [
        ("B-One", "B-1"),
        ("a-2", "Every day, night of [unknown]"),
        ("a-3", "Is back"),
        ("A-4", "A-4"),
    ]


def test_several_imports_and_profiles_of_profiles_are_merged_flat_with_the_first_of_equals() -> None:
    inner = {"profile": {"metadata": METADATA, "imports": [{"href": "../p/catalog.json"}]}}
    other = {"catalog": {"metadata": METADATA, "controls": [control("c-1", title="Another"), control("d-1")]}}
    found = resolved(
        {
            "imports": [
                {"href": "../q/inner.json", "include-controls": [{"with-ids": ["c-1"]}]},
                {"href": "other.json"},
            ],
            "merge": {"combine": {"method": "use-first"}, "flat": {}},
        },
        **{"q/inner.json": inner, "p/other.json": other},
    )
    assert [(each.id, each.title) for each in found.controls] == [("c-1", "C-1"), ("d-1", "D-1")]


def test_an_import_goes_through_the_back_matter_to_a_file_that_can_be_read() -> None:
    rlinks = [{"href": "https://example.org/catalog.json"}, {"href": "catalog.xml"}, {"href": "catalog.json"}]
    profile = {"imports": [{"href": "#r"}], "back-matter": {"resources": [{"uuid": "r", "rlinks": rlinks}]}}
    assert ids(resolved(profile)) == ALL


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (select({"with-ids": ["a-1"]}) | {"merge": {"custom": {}}}, "merge: custom is not supported"),
        (
            select() | {"merge": {"combine": {"method": "keep"}}},
            "merge: combine with the method 'keep' is not supported",
        ),
        (select() | {"merge": {"combine": {"method": "merge"}}}, "method 'merge' is not supported"),
        (select({"with-ids": ["a-1", "z-9"]}), "include-controls: there is no control z-9"),
        (select(**{"exclude-controls": [{"with-ids": ["z-9"]}]}), "exclude-controls: there is no control z-9"),
        (select({"with-ids": ["a-1"]}, **{"include-all": {}}), "include-all and include-controls exclude each other"),
        (select({"with-ids": ["a-1"]}) | {"modify": {"alters": [{"control-id": "a-2"}]}}, "alter: the control 'a-2'"),
        (
            {"imports": [{"href": "https://example.org/c.json"}]},
            "is not a relative path to a file, and nothing is fetched",
        ),
        ({"imports": [{"href": "file:///etc/passwd"}]}, "is not a relative path"),
        ({"imports": [{"href": "/etc/passwd"}]}, "is not a relative path"),
        ({"imports": [{"href": ""}]}, "is not a relative path"),
        ({"imports": [{"href": "#gone"}]}, "there is no resource '#gone' in the back matter"),
        (
            {
                "imports": [{"href": "#r"}],
                "back-matter": {"resources": [{"uuid": "r", "rlinks": [{"href": "catalog.xml"}]}]},
            },
            "has no rlink to a .json or .yaml file",
        ),
        ({"imports": [{"href": "own.json"}]}, "a profile that imports itself"),
        ({"imports": [{"href": "list.json"}]}, "is no OSCAL document"),
        ({"imports": [{"href": "plan.json"}]}, "neither an OSCAL catalog nor a profile, but system-security-plan"),
        (select({"with-child-controls": "maybe"}), "with-child-controls"),
        ({}, "missing required field `imports`"),
    ],
)
def test_what_is_refused_by_name(profile: dict[str, Any], said: str) -> None:
    others = {"p/list.json": [1], "p/plan.json": {"system-security-plan": {}}}
    with pytest.raises(PolicyError) as caught:
        resolved(profile, **others)
    assert said in str(caught.value)
    assert caught.value.where
    assert caught.value.hint


@pytest.mark.conformance
@pytest.mark.skipif(not CASES.is_dir(), reason="the OSCAL files are not here")
@pytest.mark.parametrize(("baseline", "count"), [("MODERATE", 287), ("HIGH", 370)])
def test_nists_resolved_baselines_read(baseline: str, count: int) -> None:
    [path] = CASES.glob(f"*{baseline}*.json")
    found = parse(str(path), lambda name: Path(name).read_bytes())
    assert (found.version, len(found.controls)) == ("5.1.1+u4", count)
    assert all(each.aliases for each in found.controls)


@pytest.mark.conformance
@pytest.mark.skipif(not CASES.is_dir(), reason="the OSCAL files are not here")
def test_a_profile_of_the_high_baseline_gives_nists_own_moderate_one(tmp_path: Path) -> None:
    [high], [moderate] = CASES.glob("*HIGH*.json"), CASES.glob("*MODERATE*.json")
    expected = parse(str(moderate), lambda name: Path(name).read_bytes()).controls
    chosen = {"with-ids": [each.aliases[0] for each in expected]}
    (tmp_path / "high.json").symlink_to(high.resolve())
    profile = {"metadata": METADATA, "imports": [{"href": "high.json", "include-controls": [chosen]}]}
    (tmp_path / "moderate.json").write_text(json.dumps({"profile": {**profile, "merge": {"as-is": True}}}))
    found = parse(str(tmp_path / "moderate.json"), lambda name: Path(name).read_bytes())
    assert found.controls == expected
