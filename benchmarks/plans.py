"""Terraform plans of any size, shaped like real ones: half buckets, half their encryption, a few of them wrong."""

from __future__ import annotations

import json
import sys
from itertools import cycle, islice
from pathlib import Path
from typing import Any

_POLICIES = Path(__file__).resolve().parents[1] / "src" / "gateproof" / "policies"
_PROVIDER = "terraform.example/hashicorp/aws"


def plan(resources: int, *, blocks: bool = True) -> bytes:
    """A plan with ``resources`` resource changes, as compact JSON, with all the parts that Terraform writes.

    ``blocks=False`` writes ``rule`` as an object, the form that the article's printed rule expects.
    """
    changes = [_bucket(i) if i % 2 == 0 else _encryption(i, blocks=blocks) for i in range(resources)]
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": {"root_module": {"resources": [_planned(change) for change in changes]}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": _PROVIDER}},
            "root_module": {"resources": [_configured(change) for change in changes]},
        },
    }
    return json.dumps(document, separators=(",", ":")).encode()


def mixed(resources: int) -> bytes:
    """A plan of so many ``resources``, of every type that the built-in policies judge, as in their samples."""
    samples = sorted(_POLICIES.glob("*/*/*.json"))
    plans = [json.loads(sample.read_bytes()) for sample in samples]
    found = [change for plan in plans if isinstance(plan, dict) for change in plan.get("resource_changes", ())]
    changes = [
        {**change, "address": f"module.m{number}.{change.get('address')}", "module_address": f"module.m{number}"}
        for number, change in enumerate(islice(cycle(found), resources))
    ]
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": {"root_module": {}},
        "resource_changes": changes,
        "configuration": {"root_module": {}},
    }
    return json.dumps(document, separators=(",", ":")).encode()


def public_buckets(resources: int) -> int:
    """How many buckets of ``plan(resources)`` have a public ACL."""
    return len(range(0, resources, 100))


def foreign_keys(resources: int) -> int:
    """How many encryptions of ``plan(resources)`` use a key of another region."""
    return sum(i % 2 for i in range(0, resources, 99))


def _planned(change: dict[str, Any]) -> dict[str, Any]:
    kept = {key: change[key] for key in ("address", "mode", "type", "name", "provider_name")}
    sensitive = change["change"]["after_sensitive"]
    return {**kept, "schema_version": 0, "values": change["change"]["after"], "sensitive_values": sensitive}


def _configured(change: dict[str, Any]) -> dict[str, Any]:
    kept = {key: change[key] for key in ("address", "mode", "type", "name")}
    after = change["change"]["after"]
    expressions: dict[str, Any] = {key: {"constant_value": after[key]} for key in list(after)[:2]}
    if "server_side" in change["type"]:
        bucket = f"aws_s3_bucket.b{int(change['name'][1:]) - 1}"
        expressions["bucket"] = {"references": [f"{bucket}.id", bucket]}
    return {**kept, "provider_config_key": "aws", "expressions": expressions, "schema_version": 0}


def _change(address: str, kind: str, name: str, after: dict[str, Any], unknown: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": _PROVIDER,
        "change": {
            "actions": ["create"],
            "before": None,
            "after": after,
            "after_unknown": unknown,
            "before_sensitive": False,
            "after_sensitive": {"tags": {}, "tags_all": {}},
        },
    }


def _bucket(i: int) -> dict[str, Any]:
    tags = {"owner": f"team-{i % 40}", "tier": str(i % 3 + 1), "data_classification": "internal"}
    after = {
        "acl": "public-read" if i % 100 == 0 else "private",
        "bucket": f"bucket-{i}",
        "bucket_prefix": None,
        "cors_rule": [],
        "force_destroy": False,
        "lifecycle_rule": [{"id": "expire", "enabled": True, "expiration": [{"days": 30, "date": ""}]}],
        "logging": [],
        "policy": None,
        "tags": tags,
        "tags_all": tags,
        "versioning": [{"enabled": True, "mfa_delete": False}],
        "website": [],
    }
    unknown = {"acceleration_status": True, "arn": True, "id": True, "region": True, "tags": {}, "tags_all": {}}
    return _change(f"aws_s3_bucket.b{i}", "aws_s3_bucket", f"b{i}", after, unknown)


def _encryption(i: int, *, blocks: bool) -> dict[str, Any]:
    region = "eu" if i % 99 == 0 else "us-east-1"
    defaults = {"kms_master_key_id": f"arn:aws:kms:{region}:111122223333:key/k{i}", "sse_algorithm": "aws:kms"}
    rule: Any = {"apply_server_side_encryption_by_default": defaults, "bucket_key_enabled": True}
    if blocks:
        rule = [{"apply_server_side_encryption_by_default": [defaults], "bucket_key_enabled": True}]
    after = {"bucket": f"bucket-{i - 1}", "expected_bucket_owner": None, "rule": rule}
    kind = "aws_s3_bucket_server_side_encryption_configuration"
    return _change(f"{kind}.b{i}", kind, f"b{i}", after, {"id": True})


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(plan(int(sys.argv[1]), blocks=False))
