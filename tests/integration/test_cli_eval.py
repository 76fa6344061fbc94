"""`gateproof eval` as it is used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof

pytestmark = pytest.mark.integration

POLICY = "package app\n\nallow if {\n\tsome role in input.roles\n\trole == data.wanted\n}\n"
TRACE = """\
fails  query
  FALSE  query:1: data.app.allow
           data.app.allow = undefined
         fails  data.app.allow  policy/app.rego:3
           true   policy/app.rego:4: some role in input.roles
                    input.roles = ["dev", "ops"]
           FALSE  policy/app.rego:5: role == data.wanted  (0 of 2 times)
                    role = "ops"
                    data.wanted = "admin"
"""


@pytest.fixture
def policy(gateproof: Gateproof) -> Gateproof:
    gateproof.write("policy/app.rego", POLICY)
    gateproof.write("policy/data.yaml", "wanted: admin\n")
    gateproof.write("input.yaml", "roles: [dev, ops]\n")
    return gateproof


def test_it_prints_what_opa_prints(policy: Gateproof) -> None:
    ran = policy("eval", "x := input.roles[_]; startswith(x, `o`)", "-i", "input.yaml")
    assert (ran.code, ran.err) == (0, "")
    (result,) = json.loads(ran.out)["result"]
    assert result["bindings"] == {"x": "ops"}
    assert result["expressions"][1] == {
        "value": True,
        "text": "startswith(x, `o`)",
        "location": {"row": 1, "col": 22},
    }
    admin = policy("eval", "data.app.allow", "-d", "policy", "-i", "-", stdin=b'{"roles": ["admin"]}')
    assert json.loads(admin.out)["result"][0]["expressions"][0]["value"] is True


def test_undefined_is_empty(policy: Gateproof) -> None:
    ran = policy("eval", "data.app.allow", "-d", "policy", "-i", "input.yaml")
    assert (ran.code, json.loads(ran.out)) == (0, {})
    assert policy("eval", "--fail", "data.app.allow", "-d", "policy", "-i", "input.yaml").code == 1


def test_it_explains(policy: Gateproof) -> None:
    ran = policy("eval", "data.app.allow", "-d", "policy", "-i", "input.yaml", "--explain", "--format", "pretty")
    assert (ran.code, ran.out, ran.err) == (0, "undefined\n", TRACE)


def test_what_is_explained_can_be_chosen(policy: Gateproof) -> None:
    policy.write("policy/notes.rego", "package notes\n\nx if {\n\ttrace(input.a)\n\tto_number(input.a) == 1\n}\n")
    policy.write("a.yaml", "a: one\n")
    notes = policy("eval", "data.notes.x", "-d", "policy", "-i", "a.yaml", "--explain", "notes", "-f", "pretty")
    assert notes.err == (
        "fails  query\n  FALSE  query:1: data.notes.x\n         fails  data.notes.x  policy/notes.rego:3\n"
        "           true   policy/notes.rego:4: trace(input.a)\n                  note: one\none\n"
    )
    fails = policy("eval", "data.notes.x", "-d", "policy", "-i", "a.yaml", "--explain", "fails", "-f", "pretty")
    assert "trace(" not in fails.err
    assert 'error = strconv.ParseFloat: parsing "one": invalid syntax' in fails.err
    assert policy("eval", "--explain", "data.notes.x").code == 2


def test_what_is_sensitive_is_not_explained(policy: Gateproof) -> None:
    policy.write(
        "secret.yaml", "kind: Secret\napiVersion: v1\nmetadata: {name: a}\nstringData: {password: hunter2!, pin: x}\n"
    )
    rule = 'deny if {\n\tp := input.stringData.password\n\ttrace(sprintf("p %s", [p]))\n\tf(p)\n}\n'
    policy.write("secret.rego", f"package s\n\n{rule}\nf(q) if to_number(q) == 1\n")
    for what in ("full", "fails", "notes"):
        ran = policy("eval", "data.s.deny", "-d", "secret.rego", "-i", "secret.yaml", "--explain", what)
        explained = ran.err.removesuffix("p hunter2!\n")  # what the policy itself prints
        assert "hunter2" not in explained
        assert "(sensitive)" in explained
    shown = policy("eval", "input.stringData", "-i", "secret.yaml", "--explain", "-f", "raw")
    assert '"pin": "(sensitive)"' in shown.err
    assert "hunter2!" in shown.out


def test_an_error_has_its_place(policy: Gateproof) -> None:
    policy.write("policy/divides.rego", "package divides\n\nx if {\n\ty := 1\n\ty / 0 == 1\n}\n")
    ran = policy("eval", "--strict-builtin-errors", "data.divides.x", "-d", "policy")
    assert ran.code == 2
    assert ran.err.startswith("error: policy/divides.rego:5: y / 0 == 1: div: divide by zero\n")


def test_fail_looks_at_what_is_defined(policy: Gateproof) -> None:
    calls = {"--fail": ("data.nothing", "false"), "--fail-defined": ("false", "data.nothing")}
    for option, (fails, holds) in calls.items():
        assert [policy("eval", option, query).code for query in (fails, holds)] == [1, 0], option


def test_the_python_is_shown_and_not_run(policy: Gateproof) -> None:
    ran = policy("eval", "--python", "data.app.allow; 1 / 0 == 1", "-d", "policy", "--fail")
    assert (ran.code, ran.err) == (0, "")
    assert "# data.app.allow (policy/app.rego:3:1)\ndef rule_0_0(ctx):" in ran.out
    compile(ran.out, "shown", "exec")


def test_pretty_is_the_value_or_the_variables(policy: Gateproof) -> None:
    assert policy("eval", "1 + 1", "--format", "pretty").out == "2\n"
    assert json.loads(policy("eval", "[1, 2][i]", "--format", "pretty").out) == [{"i": 0}, {"i": 1}]


def test_formats_of_opa(policy: Gateproof) -> None:
    query = "x := [1, `a b`, {`k`: 2}][_]; x"
    assert policy("eval", "-f", "raw", query).out == 'true 1\ntrue a b\ntrue {"k":2}\n'
    assert policy("eval", "-f", "bindings", "some x in [1]").out == '{\n  "x": 1\n}\n'
    assert policy("eval", "-f", "values", "[1, 2][_]").out == "[\n  1\n]\n[\n  2\n]\n"
    assert [policy("eval", "-f", form, "data.no").out for form in ("raw", "bindings", "values")] == ["", "", ""]


def test_what_is_refused(policy: Gateproof) -> None:
    calls = {
        "rego_parse_error": ("eval", "x :="),
        "unsafe": ("eval", "x > 1"),
        "No such file": ("eval", "true", "-i", "gone.json"),
        "no such file": ("eval", "true", "-i", "gone*.json"),
        "to_number": ("eval", "--strict-builtin-errors", "to_number(`x`)"),
    }
    found = {words: ran.refused() for words, ran in policy.each(calls).items()}
    assert {words: said for words, said in found.items() if said} == {}


def test_text_is_harmless(policy: Gateproof) -> None:
    ran = policy("eval", "--explain", "full", 'x := "\\u001b[31m##[error]"; print(x)')
    assert ran.code == 0
    assert ran.faults() == []
    for form in ("json", "pretty", "values", "bindings", "raw"):
        ran = policy("eval", "-f", form, '"\\u001b[31m\\u202e"; x := {"\\u001b[31m": "\\u009b"}')
        assert (ran.code, ran.faults()) == (0, [])
