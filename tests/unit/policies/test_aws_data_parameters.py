"""What the parameters of the policies about AWS keys, databases and buckets change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.engines.interface import Outcome

NOW = "2026-11-23T05:00:00Z"
ROTATED_YEARLY = "kms-key-rotation/allowed/rotated-every-year-by-default.json"
ROTATED_HALF_YEARLY = "kms-key-rotation/allowed/rotated-every-half-year.json"
SHORT_WINDOW = "kms-key-rotation/denied/short-deletion-window.json"
WEEK = "rds-backups/allowed/a-week-and-final-snapshot-by-default.json"
ONE_DAY = "rds-backups/denied/cluster-retention-not-set.json"
UNLOGGED = "s3-access-logging/denied/no-logging.json"
REMOVED = "s3-access-logging/denied/removed-from-a-bucket-elsewhere.json"


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
        (ROTATED_YEARLY, {"longest_rotation_days": 180}, Outcome.FAIL),
        (ROTATED_HALF_YEARLY, {"longest_rotation_days": 180}, Outcome.PASS),
        (ROTATED_HALF_YEARLY, {"shortest_deletion_window_days": 15}, Outcome.FAIL),
        (SHORT_WINDOW, {"shortest_deletion_window_days": 7}, Outcome.PASS),
        (WEEK, {"shortest_retention_days": 8}, Outcome.FAIL),
        (ONE_DAY, {"shortest_retention_days": 1}, Outcome.PASS),
        (UNLOGGED, {"unlogged_buckets": ["acme-*"]}, Outcome.PASS),
        (UNLOGGED, {"unlogged_buckets": ["other-*"]}, Outcome.FAIL),
        (REMOVED, {"unlogged_buckets": ["other-*"]}, Outcome.FAIL),
    ],
)
def test_parameters(sample: str, parameters: dict[str, Any], expected: Outcome) -> None:
    assert outcomes(sample, parameters) == {expected}
