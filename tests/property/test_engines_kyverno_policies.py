"""Policies with a part replaced by something else: loaded or refused, and what is loaded judges without a crash."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateproof import inputs
from gateproof.catalog.policy import Source
from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno.engine import judge
from gateproof.engines.kyverno.policy import load
from gateproof.errors import PolicyError

FEATURES = Path(__file__).parents[1] / "interop" / "kyverno" / "features.yaml"
OUTSIDE = """
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: outside}
spec:
  rules:
  - name: entries
    match: {any: [{resources: {kinds: [Pod]}}]}
    context:
    - {name: m, configMap: {name: m, namespace: "{{ request.namespace }}"}}
    - {name: b, apiCall: {urlPath: /api/v1/nodes, method: POST, data: [{key: a, value: b}], jmesPath: a}}
    - {name: c, apiCall: {service: {url: "http://x", caBundle: ""}, method: GET}}
    - {name: d, globalReference: {name: a, jmesPath: b}}
    - {name: e, imageRegistry: {reference: "{{ element }}", jmesPath: b}}
    validate:
      failureAction: Audit
      message: "{{ m }} {{ b }} {{ c }} {{ d }} {{ e }}"
      assert: {object: {metadata: {name: x}, spec: {"~i.containers->c": {"(length($c) > $i)": true}}}}
"""
OBJECTS = """
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {x: a, containers: [{name: a, image: nginx}], texts: [a, b]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec: {template: {spec: {containers: [{name: a, image: nginx}]}}}
"""


def policies() -> list[dict[str, Any]]:
    """One for each rule."""
    documents = [*yaml.safe_load_all(FEATURES.read_text(encoding="utf-8")), yaml.safe_load(OUTSIDE)]
    return [
        {**document, "spec": {**document["spec"], "rules": [rule]}}
        for document in documents
        for rule in document["spec"]["rules"]
    ]


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        yield (*path, step)
        yield from places(member, (*path, step))


POLICIES = [(policy, list(places(policy))) for policy in policies()]
SUBJECT = inputs.parse(OBJECTS.encode())
ODD: tuple[Any, ...] = (
    *(None, 1, -1, 1.5, True, "x", "a" * 300, "{{", "{{ x }}", "$(a)", "(a)"),
    *([], {}, [1], {"a": 1}, {"{{ x }}": 1}, ["{{ request.object }}"]),
)


@given(st.data())
def test_a_policy_with_an_odd_part_is_loaded_or_refused(data: st.DataObject) -> None:
    policy, steps = data.draw(st.sampled_from(POLICIES))
    path = data.draw(st.sampled_from(steps))
    changed = copy.deepcopy(policy)
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = data.draw(st.sampled_from(ODD))
    try:
        loaded = load((Source("policy.yaml", json.dumps(changed)),))
    except PolicyError:
        return
    for one in loaded:
        for resource in inputs.resources(SUBJECT):
            for outcome in judge(one, SUBJECT, resource, now="2026-11-23T05:00:00Z"):
                assert outcome.outcome in Outcome
