"""What the parameters of the policies about AWS audit, recovery, transit and tags change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.engines.interface import Outcome

NOW = "2026-11-23T05:00:00Z"
MONTH_OF_LOGS = "log-retention/denied/a-month.json"
LOGS_FOREVER = "log-retention/allowed/kept-forever.json"
WEEK_OF_BACKUPS = "backup-plans/denied/kept-for-a-week.json"
LOCKED = "backup-plans/allowed/plan-selection-and-locked-vault.json"
REDIRECT = "load-balancer-tls/allowed/https-and-a-redirect.json"
PORTS = "load-balancer-tls/allowed/network-load-balancer.json"
OLD_TLS = "load-balancer-tls/denied/old-tls-policy.json"
OLD_VIEWER_TLS = "cdn-and-api-tls/denied/old-tls-for-viewers.json"
OLD_DOMAIN_TLS = "cdn-and-api-tls/denied/domain-name-with-tls-1-0.json"
NO_LIFECYCLE = "ecr-images/denied/without-a-lifecycle.json"
HASH = "plaintext-secrets/undecided/script-as-a-hash.json"
COMPRESSED = "plaintext-secrets/undecided/compressed-script.json"
UNTAGGED = "required-tags/denied/no-tags-at-all.json"
TAGGED = "required-tags/allowed/own-tags.json"


def load(policy_id: str, parameters: dict[str, Any]) -> Any:
    name = f"{policy_id}/policy.rego"
    (policy,) = pack.load({name: (pack.POLICIES / name).read_text(encoding="utf-8")})
    assert set(parameters) <= set(policy.parameters)
    return msgspec.structs.replace(policy, parameters={**policy.parameters, **parameters})


def outcomes(sample: str, parameters: dict[str, Any]) -> set[Outcome]:
    policy = load(Path(sample).parts[0], parameters)
    subject = inputs.parse((pack.POLICIES / sample).read_bytes())
    return {result.outcome for result in engines.engine_for(policy.engine).evaluate(policy, subject, {}, now=NOW)}


@pytest.mark.parametrize(
    ("sample", "parameters", "expected"),
    [
        (MONTH_OF_LOGS, {"minimum_days": 30}, Outcome.PASS),
        (MONTH_OF_LOGS, {"minimum_days": 31}, Outcome.FAIL),
        (MONTH_OF_LOGS, {"exempt_log_groups": ["/acme/*"]}, Outcome.SKIP),
        (MONTH_OF_LOGS, {"exempt_log_groups": ["/other/*"]}, Outcome.FAIL),
        (LOGS_FOREVER, {"may_be_kept_forever": False}, Outcome.FAIL),
        (WEEK_OF_BACKUPS, {"minimum_days": 7}, Outcome.PASS),
        (LOCKED, {"compliance_mode_required": True}, Outcome.PASS),
        (REDIRECT, {"approved_policies": ["ELBSecurityPolicy-TLS13-1-2-2021-06"]}, Outcome.PASS),
        (OLD_TLS, {"approved_policies": ["ELBSecurityPolicy-2016-08"]}, Outcome.PASS),
        (PORTS, {"plain_text_ports": [80]}, Outcome.PASS),
        (OLD_VIEWER_TLS, {"approved_viewer_policies": ["TLSv1.1_2016"]}, Outcome.PASS),
        (OLD_DOMAIN_TLS, {"approved_domain_policies": ["TLS_1_0"]}, Outcome.PASS),
        (NO_LIFECYCLE, {"lifecycle_policy_required": False}, Outcome.PASS),
        (HASH, {"accept_unreadable_scripts": True}, Outcome.PASS),
        (COMPRESSED, {"accept_unreadable_scripts": True}, Outcome.PASS),
        (UNTAGGED, {"exempt_types": ["aws_s3_*"]}, Outcome.SKIP),
        (UNTAGGED, {"exempt_types": ["aws_iam_*"]}, Outcome.FAIL),
        (UNTAGGED, {"required_tags": {}}, Outcome.PASS),
        (TAGGED, {"required_tags": {"owner": ["payments", "ledger"]}}, Outcome.PASS),
        (TAGGED, {"required_tags": {"owner": ["ledger"]}}, Outcome.FAIL),
    ],
)
def test_parameters(sample: str, parameters: dict[str, Any], expected: Outcome) -> None:
    assert outcomes(sample, parameters) == {expected}


def test_some_locks_may_be_changed_again() -> None:
    text = (pack.POLICIES / LOCKED).read_text(encoding="utf-8")
    changed = text.replace('"changeable_for_days": 3', '"changeable_for_days": null')
    assert changed != text
    policy = load("backup-plans", {"compliance_mode_required": True})
    results = engines.engine_for(policy.engine).evaluate(policy, inputs.parse(changed.encode()), {}, now=NOW)
    assert {result.outcome for result in results} == {Outcome.PASS, Outcome.FAIL}


def test_one_port_more_is_plain_text() -> None:
    assert outcomes(PORTS, {"plain_text_ports": [5432]}) == {Outcome.PASS, Outcome.FAIL}
