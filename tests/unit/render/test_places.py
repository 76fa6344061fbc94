"""Lines of findings, and that no secret is on them."""

from __future__ import annotations

import json

import pytest

from gateproof import inputs
from gateproof.catalog.scales import Severity
from gateproof.documents import Path
from gateproof.engines.interface import Finding
from gateproof.render.places import EXCERPTS, LOCATED, spots
from gateproof.render.report import Spot

SECRET = "hunter2-do-not-show"
PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {"root_module": {}},
    "resource_changes": [
        {
            "address": "aws_db_instance.db",
            "mode": "managed",
            "type": "aws_db_instance",
            "name": "db",
            "change": {
                "actions": ["create"],
                "before": None,
                "after": {"password": SECRET, "storage_encrypted": False},
                "after_unknown": {},
                "before_sensitive": False,
                "after_sensitive": {"password": True},
            },
        }
    ],
}
AFTER: Path = ("resource_changes", 0, "change", "after", "storage_encrypted")
POD = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: a}}
spec:
  hostNetwork: true
---
apiVersion: v1
kind: Secret
metadata: {{name: s}}
stringData:
  token: |
    first
    {SECRET}
  other: x
---
apiVersion: v1
kind: Pod
metadata: {{name: b}}
spec:
  hostNetwork: true
"""


def spot(raw: bytes, document: int, path: Path) -> Spot:
    """Where a finding at ``path`` stands."""
    subject = inputs.parse(raw)
    assert subject.redactions
    return spots(raw, subject, [finding(document, path)])[document, path]


def finding(document: int, path: Path) -> Finding:
    return Finding("p", "r", "m", Severity.HIGH, document=document, path=path)


def test_the_line_of_a_secret_in_a_plan_is_left_out() -> None:
    lines = json.dumps(PLAN, indent=2).split("\n")
    found = spot("\n".join(lines).encode(), 0, AFTER)
    texts = [text.strip() for _, text in found.excerpt]
    assert lines[found.line - 1][found.column - 1 :] == '"storage_encrypted": false'
    assert "(holds a redacted value)" in texts
    assert '"storage_encrypted": false' in texts
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps(PLAN),
        json.dumps(PLAN, indent=2).replace(f'"password": "{SECRET}"', f'"password":\n"{SECRET}"'),
        json.dumps(PLAN, indent=2).replace(f'"password": "{SECRET}"', f'"password"\n\n: "{SECRET}"'),
    ],
    ids=["one line", "value below its key", "colon below its key"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_plan_laid_out_otherwise_shows_no_secret(raw: str, encoding: str) -> None:
    found = spot(raw.encode(encoding), 0, AFTER)
    assert found.line >= 1
    assert SECRET not in str(found)


def test_yaml_shows_lines_above_the_first_secret_only() -> None:
    above = spot(POD.encode(), 0, ("spec", "hostNetwork"))
    below = spot(POD.encode(), 2, ("spec", "hostNetwork"))
    assert (above.line, below.line) == (5, 20)
    assert "  hostNetwork: true" in [text for _, text in above.excerpt]
    assert below.excerpt == ()


@pytest.mark.parametrize(
    "raw",
    [
        f"kind: Secret\nmetadata:\n  name: &x {SECRET}\n\n\n\napiVersion: v1\nstringData:\n  a: *x\n",
        f"kind: Secret\nstringData:\n  a: {SECRET}\n\n\n\n  a: x\napiVersion: v1\nmetadata: {{name: a}}\n",
    ],
    ids=["anchor", "duplicate key"],
)
def test_yaml_that_holds_a_secret_twice_shows_no_lines(raw: str) -> None:
    found = spot(raw.encode(), 0, ("kind",))
    assert found.line == 1
    assert found.excerpt == ()


def test_lines_and_excerpts_are_limited_and_the_rest_has_none() -> None:
    raw = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n" + "".join(f"  k{n}: v\n" for n in range(1_200))
    ).encode()
    subject = inputs.parse(raw)
    found = spots(raw, subject, [finding(0, ("data", f"k{n}")) for n in range(1_200)])
    assert len(found) == LOCATED
    assert sum(bool(each.excerpt) for each in found.values()) == EXCERPTS
    assert found[0, ("data", "k7")].line == 12


def test_what_has_no_path_or_cannot_be_read_has_no_place() -> None:
    broken = inputs.parse(b"{")
    assert spots(b"{", broken, [finding(0, ("a",))]) == {}
    assert spots(b"{", broken, [finding(0, ())]) == {}


def test_lines_are_not_shown_where_secrets_were_found() -> None:
    raw = b"apiVersion: v1\nkind: Pod\nspec: {a: 1}\npassword: hunter2\n"
    found = [finding(0, ("spec", "a")), finding(0, ("password",))]
    shown = spots(raw, inputs.parse(raw), found)
    assert any("hunter2" in text for spot in shown.values() for _, text in spot.excerpt)
    hidden = spots(raw, inputs.parse(raw), found, {found[1].policy})
    assert {place: spot.line for place, spot in hidden.items()} == {place: spot.line for place, spot in shown.items()}
    assert all(spot.excerpt == () for spot in hidden.values())
