"""What a reviewer would say: each check fires where it must, and says nothing of a policy that is right."""

from __future__ import annotations

import json

import msgspec
import pytest

from gateproof.catalog import pack
from gateproof.engines.linting import Level, PolicyFiles, lint
from gateproof.engines.samples import Expected, Sample

NOW = "2026-11-23T05:00:00Z"
REGO = """\
# METADATA
# scope: package
# title: Buckets are private
# description: Every bucket has the ACL that is asked for.
# custom:
#   id: private
#   version: 1.2.0
#   severity: high
#   controls: [nist-800-53@5:SC-28]
#   kinds: [terraform-plan]
#   resources: [aws_s3_bucket]
#   layers: [ci]
#   parameters:
#     acl: private
#   remediation: Set acl to "private".
package gateproof.policies.private

import data.gateproof.lib.terraform as tf
import rego.v1

buckets := tf.planned(["aws_s3_bucket"])

applies contains r.address if some r in buckets

checks := [tf.check(r, ["acl"], {data.parameters.acl}, "the ACL is another") | some r in buckets]

deny contains finding if some finding in tf.denied(checks)

undecided contains one if some one in tf.undecided(checks)
"""
README = "# Buckets are private\n\nThe parameter `acl`.\n"
EXTRA = '\ndeny contains {"resource": r.address, "message": message} if {\n\tsome r in buckets\n'


def plan(acl: str | None = None, unknown: bool = False) -> bytes:
    change = {
        "actions": ["create"],
        "before": None,
        "after": {"acl": acl},
        "after_unknown": {"acl": True} if unknown else {},
    }
    configuration = {"root_module": {"resources": [{"address": "aws_s3_bucket.b", "expressions": {"acl": {}}}]}}
    bucket = {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "change": change}
    document = {"format_version": "1.2", "resource_changes": [bucket], "configuration": configuration}
    return json.dumps(document).encode()


SAMPLES = (
    Sample("private/allowed/a.json", Expected.ALLOWED, plan("private")),
    Sample("private/denied/d.json", Expected.DENIED, plan("public-read")),
    Sample("private/undecided/u.json", Expected.UNDECIDED, plan(unknown=True)),
)
FILES = PolicyFiles("private", "private", {"policy.rego": REGO}, README, SAMPLES)


def found(rego: str = REGO, **changes: object) -> set[str]:
    files = msgspec.structs.replace(FILES, rego={"policy.rego": rego}, **changes)
    return {problem.code for problem in lint(files, now=NOW)}


def test_a_policy_that_is_right_leaves_nothing_to_say() -> None:
    assert lint(FILES, now=NOW) == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("# title: Buckets are private\n", "# title: Buckets are private.\n", "title"),
        ("# description: Every bucket has the ACL that is asked for.\n", "", "description"),
        ('remediation: Set acl to "private".', 'remediation: " "', "remediation"),
        ("#   kinds: [terraform-plan]\n", "", "kinds"),
        ("#   layers: [ci]\n", "", "layers"),
        ("#   controls: [nist-800-53@5:SC-28]\n", "", "controls"),
        ("nist-800-53@5:SC-28", "soc2@2017:CC6.1", "controls-telling"),
        ("nist-800-53@5:SC-28", "nist-800-53@5:XX-99", "metadata"),
        ("#   severity: high", "#   severity: bad", "metadata"),
        ("#   version: 1.2.0", "#   version: 1.2", "metadata"),
        ("[aws_s3_bucket]", "[aws_s3_bucket, s3bucket]", "resources-type"),
        ("[aws_s3_bucket]", "[aws_s3_bucket, aws_s3_object]", "resources-unread"),
        ("resources: [aws_s3_bucket]", "resources: [aws_s3_buckets]", "resources-undeclared"),
        ("#   resources: [aws_s3_bucket]\n", "", "resources"),
        ("#     acl: private\n", "#     acl: private\n#     other: 1\n", "parameters-unread"),
        ("#     acl: private\n", "#     other: private\n", "parameters-undeclared"),
        ("data.parameters.acl", 'data.parameters["acls"]', "parameters-undeclared"),
        ("data.parameters.acl", "data.facts.acl", "facts-undeclared"),
        ("#   layers: [ci]\n", "#   layers: [ci]\n#   facts: [inventory]\n", "facts-unread"),
        ("some r in buckets\n\nchecks", "some r in bucket\n\nchecks", "rego"),
        ("deny contains finding", "deny contains find", "rego"),
        ('"the ACL is another"', '"the ACL is another", 1', "rego"),
        ("# title: Buckets are private\n", "# title: Buckets are secret\n", "readme-title"),
    ],
    ids=lambda value: value.strip("# \n")[:30] if isinstance(value, str) else None,
)
def test_each_check_of_the_text(old: str, new: str, code: str) -> None:
    assert old in REGO
    assert code in found(REGO.replace(old, new))


def test_what_a_cluster_has_need_not_be_declared() -> None:
    assert "facts-undeclared" not in found(REGO.replace("data.parameters.acl", 'data.facts["kubernetes-objects"].acl'))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('\tnot startswith(r.values.acl, "pr")\n\tmessage := "x"\n}\n', "negated-absent"),
        ('\tnot r.values.acl in {"private"}\n\tmessage := "x"\n}\n', "negated-absent"),
        ('\tsome rule in r.values.rules\n\tnot count(rule.days) > 3\n\tmessage := "x"\n}\n', "negated-absent"),
        ('\tnot r.values.acl == "private"\n\tmessage := "x"\n}\n', ""),
        ('\tis_string(r.values.acl)\n\tnot startswith(r.values.acl, "p")\n\tmessage := "x"\n}\n', ""),
        ('\tnot startswith(tf.value(r, ["acl"]), "p")\n\tmessage := "x"\n}\n', ""),
        ('\tsome other in buckets\n\tr.address == other.values.acl\n\tmessage := "x"\n}\n', "nested-loops"),
        ('\tsome other in input.resources\n\tr.address == other.values.acl\n\tmessage := "x"\n}\n', "nested-loops"),
        ('\tn := {o.values.acl | some o in buckets}\n\tr.address in n\n\tmessage := "x"\n}\n', "nested-loops"),
        ('\tother := input.resources[_]\n\tr.address == other.values.acl\n\tmessage := "x"\n}\n', "nested-loops"),
        ('\tsome tag in ["a", "b"]\n\tr.address == tag\n\tmessage := "x"\n}\n', ""),
        ('\tr.values.acl == "x"\n\tmessage := ""\n}\n', "message-empty"),
        ('\tr.values.acl == "x"\n\tmessage := sprintf(" ", [])\n}\n', "message-empty"),
    ],
)
def test_traps_in_a_rule(body: str, code: str) -> None:
    traps = {"negated-absent", "nested-loops", "message-empty"}
    assert found(REGO + EXTRA + body) & traps == ({code} if code else set())


def test_what_samples_show() -> None:
    wrong = Sample("private/allowed/w.json", Expected.ALLOWED, plan("public-read"))
    unreadable = Sample("private/denied/n.json", Expected.DENIED, b"{")
    assert found(samples=(*SAMPLES, wrong)) == {"sample"}
    assert found(samples=(*SAMPLES, unreadable)) == {"sample"}
    assert found(samples=SAMPLES[:2]) == {"samples-missing"}
    assert found(samples=()) == {"samples-missing"}
    unreached = (
        REGO + 'named(r) := r.address\n\ndeny contains {"resource": "x", "message": named({"address": "y"})} if {\n'
    )
    assert "unreached" in found(unreached + "\tcount(buckets) > 5\n\tfalse\n}\n")


def test_readme() -> None:
    assert found(readme=None) == {"readme"}
    assert found(readme="# Buckets are private\n") == {"readme-parameter"}


@pytest.mark.parametrize(
    ("deprecated", "codes"),
    [
        ("{since: 2026-01-01, until: 2027-01-01, replaced_by: private}", set()),
        ("{since: 2026-01-01, until: 2026-11-23}", {"deprecated-over"}),
        ("{since: 2026-01-01, until: 2026-11-24}", set()),
        ("{since: 2027-01-01, until: 2026-12-31}", {"deprecated"}),
        ("{since: 2026-01-01, replaced_by: nothing-here}", {"replaced-by"}),
        ("{since: yesterday}", {"metadata"}),
        ("{until: 2027-01-01}", {"metadata"}),
    ],
)
def test_deprecation(deprecated: str, codes: set[str]) -> None:
    assert found(REGO.replace("#   layers", f"#   deprecated: {deprecated}\n#   layers")) == codes


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ("1.2.0", "1.2.0", {"version-not-raised"}),
        ("1.2.0", "1.1.9", {"version-not-raised"}),
        ("1.2.0", "1.10.0", set()),
        ("1.2.0", "2.0.0-rc.1", set()),
        ("2.0.0", "2.0.0-rc.1", {"version-not-raised"}),
        ("", "1.0.0", set()),
        ("", "", {"version-missing"}),
    ],
)
def test_a_version_is_raised_with_the_text(before: str, after: str, codes: set[str]) -> None:
    def text(version: str) -> str:
        return REGO.replace("#   version: 1.2.0\n", f"#   version: {version}\n" if version else "")

    (policy,) = pack.load({"private/policy.rego": text(before).replace("another", "other")})
    assert found(text(after), before=policy, compared=True) == codes
    (same,) = pack.load({"private/policy.rego": text(after)})
    assert found(text(after), before=same, compared=True) == set()


def test_a_new_policy_is_asked_for_a_version_where_it_is_compared() -> None:
    bare = REGO.replace("#   version: 1.2.0\n", "")
    assert found(bare, compared=True) == {"version-missing"}
    assert found(bare) == set()


def test_problems_have_their_places() -> None:
    text = REGO + EXTRA + '\tnot startswith(r.values.acl, "p")\n\tmessage := "x"\n}\n'
    files = msgspec.structs.replace(FILES, rego={"policy.rego": text})
    (problem,) = (each for each in lint(files, now=NOW) if each.code == "negated-absent")
    assert (problem.file, problem.level) == ("private/policy.rego", Level.WARNING)
    assert text.split("\n")[problem.line - 1].startswith("\tnot startswith")
    assert "r.values.acl is absent" in problem.message


def test_tests_in_rego_count_for_what_is_reached() -> None:
    text = (
        REGO + 'deny contains {"resource": "x", "message": "y"} if {\n\tinput.kind == "never"\n\tinput.kind == "n"\n}\n'
    )
    assert "unreached" not in found(text)  # its first expression is evaluated
    unused = REGO + "helper(x) if x == 1\n"
    test = "package gateproof.policies.private\n\nimport rego.v1\n\ntest_helper if helper(1)\n"
    assert found(unused) == {"unreached"}
    files = msgspec.structs.replace(FILES, rego={"policy.rego": unused, "policy_test.rego": test})
    assert lint(files, now=NOW) == ()


@pytest.mark.parametrize(
    ("rule", "nested"),
    [
        ("pairs := [[a, b] | some a in buckets; some b in buckets]", True),
        ("pairs := [n | some a in buckets; n := {b.address | some b in buckets}]", True),
        ("pairs := [{b.address | some b in buckets} | some a in buckets]", True),
        ("pairs if { every a in buckets { every b in buckets { a != b } } }", True),
        ("f(x) := 1 if x == 2 else := 2 if { some a in buckets; some b in input.planned.aws_s3_bucket; a == b }", True),
        ("names := {a.address | some a in buckets}", False),
        ("pairs := [n | n := {b.address | some b in buckets}; some a in buckets; a.address in n]", False),
        ('blocks := [b | some a in buckets; some b in tf.blocks(a, ["rule"])]', False),
    ],
)
def test_loops_within_loops(rule: str, nested: bool) -> None:
    assert ("nested-loops" in found(REGO + rule + "\n")) is nested


def test_names_in_metadata_are_no_patterns() -> None:
    text = REGO.replace("#     acl: private\n", '#     acl: private\n#     "((": 1\n').replace(
        "_bucket]", '_bucket, "((a"]'
    )
    assert {"parameters-unread", "resources-unread", "resources-type"} <= found(text)


@pytest.mark.parametrize("name", ["vaules", "kind", "values.acl; r.adress"])
def test_members_that_resources_do_not_have(name: str) -> None:
    text = REGO + EXTRA + f'\tr.{name} == "x"\n\tmessage := "x"\n}}\n'
    assert "input" in found(text)
    assert "input" not in found(text.replace(name, "name"))
    assert "input" in found(REGO + f"x := [r | some r in input.resource; r.{name}]\n")


def test_a_folder_is_one_policy_written_for_gateproof() -> None:
    bare = 'package private\n\nimport rego.v1\n\ndeny contains "x" if input.x\n'
    assert found(bare) == {"metadata"}
    files = msgspec.structs.replace(FILES, rego={"policy.rego": REGO, "other.rego": bare})
    found_there = {(each.file, each.code) for each in lint(files, now=NOW)}  # what is beside policy.rego belongs to it
    assert found_there == {("private/other.rego", "input"), ("private/other.rego", "unreached")}


def test_messages_that_come_out_empty() -> None:
    text = (
        REGO
        + EXTRA
        + '\tr.values.acl == "public-read"\n\tmessage := sprintf("%s", [trim(r.values.acl, "public-read")])\n}\n'
    )
    assert found(text) == {"message-empty"}


def test_a_rule_that_could_not_fire_is_told_at_its_line() -> None:
    text = REGO + EXTRA + '\tr.values.acl.name == "x"\n\tmessage := "x"\n}\n'
    files = msgspec.structs.replace(FILES, rego={"policy.rego": text})
    (problem,) = (each for each in lint(files, now=NOW) if each.code == "vacuous")
    assert "acl.name" in text.split("\n")[problem.line - 1] or "deny contains" in text.split("\n")[problem.line - 1]
