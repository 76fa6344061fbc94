"""What a review leaves behind: nothing that only the collector of circles would free."""

from __future__ import annotations

import gc

import msgspec
from tests.unit.server import reviews
from tests.unit.server.reviews import served

from gateproof.catalog import pack
from gateproof.catalog.bundle import build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.engines import engine_for
from gateproof.server.admission import Served, review
from gateproof.server.held import Packer
from gateproof.testing import NOW

_KYVERNO = """
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: labelled}
spec:
  validationFailureAction: Enforce
  rules:
  - name: pattern
    match: {any: [{resources: {kinds: [Pod], namespaces: [shop]}}]}
    validate: {message: an owner, pattern: {metadata: {labels: {owner: '?*'}}}}
  - name: variables
    match: {any: [{resources: {kinds: [Pod]}}]}
    preconditions: {all: [{key: '{{request.operation}}', operator: Equals, value: CREATE}]}
    validate:
      message: 'not {{request.object.metadata.name}}'
      deny: {conditions: {all: [{key: '{{images.containers.*.tag}}', operator: AnyIn, value: [latest]}]}}
  - name: expression
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate: {cel: {expressions: [{expression: 'has(object.metadata.labels)'}]}}
---
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: expressed}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: object.metadata.name != 'no'}]
"""
_KUBERNETES = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: native}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: object.metadata.name != 'no'}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: native}
spec: {policyName: native, validationActions: [Deny]}
"""
_GATEKEEPER = """
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: named}
spec:
  crd: {spec: {names: {kind: Named}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package named
      violation[{"msg": "no"}] { input.review.object.metadata.name == "no" }
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: Named
metadata: {name: all}
"""


def _judged_by_every_engine() -> Served:
    texts = {"kyverno.yaml": _KYVERNO, "kubernetes.yaml": _KUBERNETES, "gatekeeper.yaml": _GATEKEEPER}
    policies = [*pack.builtin(), *pack.load(texts), *pack.load({"labels.rego": reviews.RULE})]
    given = served()
    return msgspec.structs.replace(
        given, grounds=msgspec.structs.replace(given.grounds, bundle=build(policies, DEFAULT))
    )


def test_a_review_leaves_no_circles() -> None:
    """What is let in, and what every engine refuses.

    The server looks for circles between reviews only: what is in one stays until then, and then takes its time.
    """
    by, packer = _judged_by_every_engine(), Packer()
    engines = {policy.engine for policy in by.grounds.bundle.policies}
    assert {type(engine_for(engine)).__name__ for engine in engines} == {
        "GatekeeperEngine",
        "KyvernoEngine",
        "RegoEngine",
        "ValidatingEngine",
        "ValidatingPolicyEngine",
    }

    def judge() -> None:
        for name in ("web", "no"):
            reviewed = review(reviews.review(reviews.pod(name, owner="shop")), by, NOW)
            packer.pack(reviewed.judged, reviewed.grounds)

    judge()  # what is compiled or imported for the first one stays
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            judge()
        assert gc.collect() == 0
    finally:
        gc.enable()
