"""What the parameters of the policies about Azure change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.engines.interface import Outcome

NOW = "2026-11-23T05:00:00Z"
OPEN_NETWORK = "azure-storage-not-public/denied/network-open-by-default.json"
OPEN_RULES = "azure-storage-not-public/denied/separate-rules-that-allow.json"
RULES_REMOVED = "azure-storage-not-public/denied/network-rules-removed.json"
PUBLIC_ITEMS = "azure-storage-not-public/denied/nested-items-public-by-default.json"
SSH = "azure-network-ingress/denied/ssh-for-everybody.json"
WEB = "azure-network-ingress/allowed/unknown-source-of-a-web-port.json"
BARE_DISK = "azure-encryption-at-rest/denied/unchanged-disk.json"
PUBLIC_SERVER = "azure-sql-not-public/denied/unchanged-public-server.json"
NARROW_RULE = "azure-sql-not-public/allowed/narrow-firewall-rule.json"
OPEN_VAULT = "azure-key-vault/denied/network-open-by-default.json"
ROTATED_YEARLY = "azure-key-vault/allowed/rotated-after-creation.json"
ROTATED_LATE = "azure-key-vault/denied/key-rotated-every-two-years.json"
KEPT_A_WEEK = "azure-key-vault/denied/deleted-things-are-gone-in-a-week.json"
OWNER = "azure-role-assignments/denied/unchanged-owner.json"
CONTRIBUTOR = "azure-role-assignments/denied/contributor-of-the-subscription.json"
CALICO = "azure-kubernetes-hardening/allowed/named-ranges.json"
SUBSCRIPTION = "azure-activity-logs/denied/subscription-without-security.json"
FORGETS = "azure-activity-logs/denied/workspace-that-forgets.json"
WEEK = "azure-backup-recovery/allowed/databases-by-default.json"
DAY = "azure-backup-recovery/denied/unchanged-database.json"
NOT_IMMUTABLE = "azure-backup-recovery/denied/vault-without-immutability.json"


def outcomes(sample: str, parameters: dict[str, Any]) -> set[Outcome]:
    policy_id = Path(sample).parts[0]
    name = f"{policy_id}/policy.rego"
    (policy,) = pack.load({name: (pack.POLICIES / name).read_text(encoding="utf-8")})
    assert set(parameters) <= set(policy.parameters)
    changed = msgspec.structs.replace(policy, parameters={**policy.parameters, **parameters})
    subject = inputs.parse((pack.POLICIES / sample).read_bytes())
    return {result.outcome for result in engines.engine_for(changed.engine).evaluate(changed, subject, {}, now=NOW)}


@pytest.mark.parametrize(
    ("sample", "parameters", "expected"),
    [
        (OPEN_NETWORK, {"closed_network": False}, Outcome.PASS),
        (OPEN_RULES, {"closed_network": False}, Outcome.PASS),
        (RULES_REMOVED, {"closed_network": False}, Outcome.PASS),
        (PUBLIC_ITEMS, {"closed_network": False}, Outcome.FAIL),
        (SSH, {"closed_ports": [3389]}, Outcome.PASS),
        (WEB, {"closed_ports": [443]}, Outcome.ERROR),
        (BARE_DISK, {"platform_keys_suffice": ["azurerm_managed_disk"]}, Outcome.SKIP),
        (BARE_DISK, {"platform_keys_suffice": ["azurerm_storage_account"]}, Outcome.FAIL),
        (PUBLIC_SERVER, {"public_network_off": False}, Outcome.SKIP),
        (OPEN_VAULT, {"closed_network": False}, Outcome.PASS),
        (ROTATED_YEARLY, {"longest_rotation_days": 180}, Outcome.FAIL),
        (ROTATED_LATE, {"longest_rotation_days": 730}, Outcome.PASS),
        (KEPT_A_WEEK, {"shortest_retention_days": 7}, Outcome.PASS),
        (OWNER, {"forbidden_roles": []}, Outcome.PASS),
        (CONTRIBUTOR, {"narrow_roles": []}, Outcome.PASS),
        (CALICO, {"network_policies": ["calico"]}, Outcome.FAIL),
        (SUBSCRIPTION, {"activity_categories": ["Administrative", "Policy"]}, Outcome.PASS),
        (FORGETS, {"minimum_days": 30}, Outcome.PASS),
        (WEEK, {"shortest_retention_days": 8}, Outcome.FAIL),
        (DAY, {"shortest_retention_days": 1}, Outcome.PASS),
        (NOT_IMMUTABLE, {"immutable_vaults": False}, Outcome.PASS),
    ],
)
def test_parameters(sample: str, parameters: dict[str, Any], expected: Outcome) -> None:
    assert outcomes(sample, parameters) == {expected}


def test_a_firewall_rule_may_have_fewer_addresses() -> None:
    assert outcomes(NARROW_RULE, {"most_addresses": 255}) == {Outcome.PASS, Outcome.FAIL}
