"""Gatekeeper's constraints: a manifest and the request made from it are judged alike; match as it is documented."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateproof import engines, inputs
from gateproof.catalog.bundle import build
from gateproof.catalog.gate_table import GateTable
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.engines.gatekeeper.match import glob
from gateproof.engines.interface import Result
from gateproof.engines.kubernetes import schema
from gateproof.inputs import admission
from gateproof.inputs.context import Context

NOW = "2026-11-23T05:00:00Z"
TEMPLATE = """\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8sall}
spec:
  crd: {spec: {names: {kind: K8sAll}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package k8sall
        violation[{"msg": msg}] { msg := sprintf("%v", [input.review.object.spec.x]) }
"""
EXPANSION = """\
apiVersion: expansion.gatekeeper.sh/v1beta1
kind: ExpansionTemplate
metadata: {name: e}
spec:
  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment]}]
  templateSource: spec
  generatedGVK: {group: "", version: v1, kind: Pod}
"""
WORDS = st.sampled_from(["a", "ab", "b", "default", "kube-system"])
LABELS = st.dictionaries(st.sampled_from(["x", "y"]), WORDS, max_size=2)
KINDS = st.sampled_from([("v1", "Pod"), ("apps/v1", "Deployment"), ("v1", "Namespace"), ("v1", "Node"), ("c/v1", "C")])
GLOBS = st.builds(
    lambda before, word, after: f"{before}{word}{after}",
    *(st.sampled_from(["", "*"]), WORDS, st.sampled_from(["", "*"])),
)
EXPRESSIONS = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["x", "y"]),
        "operator": st.sampled_from(["In", "NotIn"]),
        "values": st.lists(WORDS, min_size=1),
    }
) | st.fixed_dictionaries({"key": st.sampled_from(["x", "y"]), "operator": st.sampled_from(["Exists", "DoesNotExist"])})
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(EXPRESSIONS, max_size=2)}
)
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "kinds": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "apiGroups": st.lists(st.sampled_from(["", "apps", "*", "c"]), max_size=2),
                    "kinds": st.lists(st.sampled_from(["Pod", "Deployment", "*", "Namespace"]), max_size=2),
                },
            ),
            max_size=2,
        ),
        "scope": st.sampled_from(["*", "Cluster", "Namespaced"]),
        "namespaces": st.lists(GLOBS, max_size=2),
        "excludedNamespaces": st.lists(GLOBS, max_size=2),
        "labelSelector": SELECTORS,
        "namespaceSelector": SELECTORS,
        "name": GLOBS,
        "source": st.sampled_from(["All", "Original", "Generated"]),
    },
)
ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just([]), st.just({}))
METADATA = st.fixed_dictionaries(
    {"name": WORDS}, optional={"namespace": WORDS, "labels": LABELS, "generateName": WORDS}
)
BROKEN = st.fixed_dictionaries({}, optional=dict.fromkeys(["name", "namespace", "labels", "ownerReferences"], ODD))
OBJECTS = st.builds(
    lambda kind, about, spec: {"apiVersion": kind[0], "kind": kind[1], "metadata": about, "spec": spec},
    *(KINDS, METADATA | BROKEN | ODD, st.fixed_dictionaries({}, optional={"x": ODD, "metadata": BROKEN}) | ODD),
)


def results(match: dict[str, Any], raw: bytes, *, expansion: bool) -> list[tuple[Any, ...]]:
    constraint = {
        "apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": "K8sAll",
        "metadata": {"name": "a"},
        "spec": {"match": match},
    }
    texts = {"c.yaml": json.dumps(constraint), "t.yaml": TEMPLATE, "e.yaml": EXPANSION if expansion else ""}
    policy = Policy(
        id="K8sAll.a",
        engine=EngineName.GATEKEEPER,
        title="",
        severity=Severity.LOW,
        sources=tuple(Source(name, text) for name, text in texts.items() if text),
    )
    subject = inputs.parse(raw)
    assert not subject.problem
    found = engines.evaluate(subject, build([policy], GateTable(rows=())), Context(), {}, now=NOW)
    assert found
    return [_told(one) for one in found]


def _told(result: Result) -> tuple[Any, ...]:
    messages = tuple(sorted(finding.message for finding in result.findings))
    return result.resource, result.outcome, result.reason, messages


@settings(deadline=None, max_examples=150)
@given(match=MATCHES, value=OBJECTS, expansion=st.booleans())
def test_a_manifest_and_the_request_made_from_it_are_judged_alike(
    match: dict[str, Any], value: dict[str, Any], expansion: bool
) -> None:
    raw = json.dumps(value).encode()
    subject = inputs.parse(raw)
    [resource] = inputs.resources(subject)
    review = json.dumps(admission.review(admission.request(subject, resource), "1")).encode()
    assert results(match, review, expansion=expansion) == results(match, raw, expansion=expansion)


@given(pattern=GLOBS, text=st.text(alphabet="ab-", max_size=5))
def test_globs_have_their_stars_at_the_ends(pattern: str, text: str) -> None:
    word = pattern.strip("*")
    starts, ends = pattern.startswith("*"), pattern.endswith("*")
    wanted = {
        (True, True): word in text,
        (True, False): text.endswith(word),
        (False, True): text.startswith(word),
        (False, False): text == word,
    }
    assert glob(pattern, text) is wanted[starts, ends]


VALUES = st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3))
KEYWORDS = st.sampled_from(["type", "properties", "items", "required", "enum", "anyOf", "not", "minLength", "default"])


@given(
    rules=st.recursive(
        ODD | st.sampled_from(["object", "array"]),
        lambda inner: st.dictionaries(KEYWORDS | WORDS, inner) | st.lists(inner, max_size=2),
    ),
    value=VALUES,
)
def test_a_schema_is_refused_or_applied(rules: Any, value: Any) -> None:
    if list(schema.flaws(rules)):
        return
    list(schema.problems(rules, schema.defaulted(rules, value)))
