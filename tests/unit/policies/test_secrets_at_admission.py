"""Secrets as an API server sends them are hidden from policies, and judged as the manifests of them are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof import inputs
from gateproof.catalog import pack
from gateproof.catalog.bundle import Bundle, build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.scales import Layer
from gateproof.engines.interface import Outcome
from gateproof.flow import judge
from gateproof.inputs import admission
from gateproof.inputs.context import Context
from gateproof.testing import NOW

HEAD = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "api", "namespace": "payments"}}
OF_SECRETS, OF_WORKLOADS = "secrets-in-manifests", "workload-secrets"
SECRETS: list[tuple[dict[str, Any], Outcome]] = [
    ({"data": {"password": "aHVudGVyMg=="}}, Outcome.FAIL),
    ({"stringData": {"password": "hunter2"}}, Outcome.FAIL),
    ({"data": {"ca.crt": "aHVudGVyMg=="}}, Outcome.PASS),
    ({"data": {}}, Outcome.PASS),
    ({}, Outcome.PASS),
    ({"data": {"password": None}}, Outcome.PASS),
    ({"data": "hunter2"}, Outcome.ERROR),
]


def bundle(*ids: str) -> Bundle:
    return build(pack.builtin(ids), DEFAULT)


def request(value: dict[str, Any]) -> bytes:
    manifest = inputs.parse(json.dumps(value).encode())
    asked = {**admission.request(manifest, inputs.resources(manifest)[0]), "object": value}
    return json.dumps(admission.review(asked, "1")).encode()


def outcomes(raw: bytes, layer: Layer, *ids: str) -> list[Outcome]:
    decision = judge(raw, bundle(*ids), {}, Context(layer=layer), (), None, NOW)
    assert "hunter2" not in str(decision)
    assert "aHVudGVyMg" not in str(decision)
    return [one.outcome for one in decision.core.results if one.resource]


@pytest.mark.parametrize(("fields", "outcome"), SECRETS)
def test_a_secret_is_judged_alike_from_a_manifest_and_from_a_request(fields: dict[str, Any], outcome: Outcome) -> None:
    value = {**HEAD, **fields}
    manifest, review = json.dumps(value).encode(), request(value)
    for raw in (manifest, review):
        assert not {"hunter2", "aHVudGVyMg=="} & set(inputs.parse(raw).encoded.decode().split('"'))
    assert outcomes(manifest, Layer.CI, OF_SECRETS) == outcomes(review, Layer.CI, OF_SECRETS) == [outcome]


def test_at_admission_secrets_are_left_to_the_layers_before_and_workloads_are_not() -> None:
    secret = request({**HEAD, "stringData": {"password": "x"}})
    assert outcomes(secret, Layer.RUNTIME, OF_SECRETS, OF_WORKLOADS) == []
    env = [{"name": "DB_PASSWORD", "value": "x"}]
    spec = {"containers": [{"name": "api", "image": "api", "env": env}]}
    pod = {**HEAD, "kind": "Pod", "spec": spec}
    assert outcomes(request(pod), Layer.RUNTIME, OF_SECRETS, OF_WORKLOADS) == [Outcome.FAIL]
    assert outcomes(json.dumps(pod).encode(), Layer.CI, OF_SECRETS, OF_WORKLOADS) == [Outcome.FAIL]
