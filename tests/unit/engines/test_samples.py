"""Golden samples: what each folder demands, and what judging them covers."""

from __future__ import annotations

import pytest

from gateproof.catalog import pack
from gateproof.catalog.policy import Policy
from gateproof.engines import samples
from gateproof.engines.samples import Expected, Sample
from gateproof.errors import PolicyError

NOW = "2026-11-23T05:00:00Z"
POLICY = """\
# METADATA
# title: No bad names
# custom:
#   id: no-bad-names
#   severity: high
#   remediation: Rename it.
#   kinds: [kubernetes]
#   scope:
#     environments: [staging]
package gateproof.policies.no_bad_names

applies contains one.address if some one in input.resources

deny contains {"resource": one.address, "message": "bad"} if {
	some one in input.resources
	one.name == "bad"
}

undecided contains {"resource": one.address, "reason": "odd"} if {
	some one in input.resources
	one.name == "odd"
}

unused if {
	input.kind == "none"
	input.more
}
"""


def policies() -> tuple[Policy, ...]:
    return pack.load({"no-bad-names/policy.rego": POLICY})


def pod(*names: str) -> bytes:
    return "---\n".join(f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}}}\n" for name in names).encode()


def sample(expected: Expected, *names: str) -> Sample:
    return Sample(f"{expected}/x.yaml", expected, pod(*names))


@pytest.mark.parametrize(
    ("expected", "names", "message"),
    [
        (Expected.ALLOWED, ["good"], ""),
        (Expected.ALLOWED, ["good", "bad"], "FAIL v1/Pod/bad: bad"),
        (Expected.ALLOWED, ["odd"], "ERROR v1/Pod/odd: odd"),
        (Expected.DENIED, ["bad", "good"], ""),
        (Expected.DENIED, ["good"], "PASS v1/Pod/good"),
        (Expected.DENIED, ["bad", "odd"], "ERROR v1/Pod/odd: odd"),
        (Expected.UNDECIDED, ["odd", "good"], ""),
        (Expected.UNDECIDED, ["good"], "PASS v1/Pod/good"),
        (Expected.UNDECIDED, ["odd", "bad"], "FAIL v1/Pod/bad: bad"),
    ],
)
def test_what_a_folder_demands(expected: Expected, names: list[str], message: str) -> None:
    (tried,) = samples.run(policies(), [sample(expected, *names)], now=NOW)
    assert (tried.outcome, tried.message) == ("fail" if message else "pass", message)


def test_a_sample_to_which_nothing_applies_is_not_allowed() -> None:
    plan = b'{"format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": []}'
    (tried,) = samples.run(policies(), [Sample("allowed/plan.json", Expected.ALLOWED, plan)], now=NOW)
    assert tried.outcome == "fail"
    assert tried.message.startswith("SKIP document: judges kubernetes")


def test_a_sample_that_cannot_be_read_is_an_error() -> None:
    (tried,) = samples.run(policies(), [Sample("denied/x.json", Expected.DENIED, b"{")], now=NOW)
    assert tried.outcome == "error"
    assert tried.message


def test_a_policy_that_does_not_compile_is_told() -> None:
    broken = pack.load({"no-bad-names/policy.rego": POLICY.replace("some one in input.resources", "x > y", 1)})
    with pytest.raises(PolicyError):
        samples.run(broken, [sample(Expected.ALLOWED, "good")], now=NOW)


def test_samples_cover_lines() -> None:
    (file,) = samples.covered(policies(), [sample(Expected.DENIED, "bad")], now=NOW, folder="p/").files
    assert file.file == "p/policy.rego"
    assert file.uncovered == [19, 24, 25, 26]
