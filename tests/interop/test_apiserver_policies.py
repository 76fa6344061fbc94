"""Policies that live in a real cluster: applied, broken, taken away and forbidden while the server judges by them."""

from __future__ import annotations

import json
import ssl
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.interop.apiserver import PATIENCE, Cluster, Door, cluster, door, until
from tests.interop.conftest import TOP, Peer
from tests.interop.test_apiserver import DIGEST, environment, namespace, pod
from tests.unit.server import reviews
from tests.unit.server.cluster_policies import (
    Object,
    binding,
    cluster_policy,
    constraint,
    exception,
    template,
    validating,
)

from gateproof import installation
from gateproof.installation import Guarded, Parameters

pytestmark = pytest.mark.integration

COLLECTIONS = (
    "kyverno.io/v1/clusterpolicies",
    "kyverno.io/v2/namespaces/shop/policyexceptions",
    "templates.gatekeeper.sh/v1/constrainttemplates",
    "constraints.gatekeeper.sh/v1beta1/*",
    "admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    "admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
)
SETTINGS = f"""\
version: 1
policies: {{pack: false}}
admission: {{namespace: gateproof-system, policies: {json.dumps(COLLECTIONS)}}}
"""
FAILED = "gateproof_policies_reload_failed"


def definition(group: str, version: str, kind: str, plural: str, scope: str = "Cluster") -> Object:
    """A CustomResourceDefinition that takes anything."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    served["subresources"] = {"status": {}}
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": scope,
            "names": names,
            "versions": [{**served, "subresources": {"status": {}}}],
        },
    }


DEFINITIONS = (
    definition("kyverno.io", "v1", "ClusterPolicy", "clusterpolicies"),
    definition("kyverno.io", "v2", "PolicyException", "policyexceptions", "Namespaced"),
    definition("templates.gatekeeper.sh", "v1", "ConstraintTemplate", "constrainttemplates"),
    definition("constraints.gatekeeper.sh", "v1beta1", "Owners", "owners"),
)


@pytest.fixture(scope="module")
def api(peer: Peer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(peer, tmp_path_factory.mktemp("cluster")) as made:
        assert made.create(*map(namespace, ("shop", "gateproof-system")), *DEFINITIONS).code == 0
        listed = [each["spec"]["names"]["plural"] for each in DEFINITIONS]
        until(lambda: all(made("get", each, "-A").code == 0 for each in listed), made.folder / "apiserver.log")
        yield made


def rendered(ca_bundle: bytes) -> list[Object]:
    """What `gateproof deploy kubernetes` writes; the server is asked about what may be policies, too."""
    guarded = ("kyverno.io/clusterpolicies", "admissionregistration.k8s.io/validatingadmissionpolicies")
    given = Parameters(
        image=f"registry.example/gateproof{DIGEST}",
        owner="platform",
        files={installation.SETTINGS: SETTINGS},
        ca_bundle=ca_bundle,
        collections=COLLECTIONS,
        guarded=tuple(map(Guarded.read, guarded)),
    )
    return installation.objects(given)


@pytest.fixture(scope="module")
def gate(api: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Our server with the rights that are written for it, and the API server that asks it."""
    folder = tmp_path_factory.mktemp("door")
    account = folder / "account"
    account.mkdir()
    rights = [each for each in rendered(b"-----BEGIN CERTIFICATE-----")[:-1] if each["kind"] != "Namespace"]
    assert api("apply", "-f", "-", given=installation.stream(rights)).code == 0
    (account / "token").write_text(api("create", "token", "gateproof", "-n", "gateproof-system").out)
    (account / "ca.crt").write_bytes((api.folder / "pki" / "apiserver.crt").read_bytes())
    place = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": api.server.rpartition(":")[2]}
    command = (sys.executable, str(TOP / "tests" / "integration" / "in_pod.py"), str(account))
    assert api.create(cluster_policy("owned")).code == 0
    with door(folder, SETTINGS, {**environment(api), **place}, "--cluster", command=command) as made:
        configuration = rendered(made.ca_bundle)[-1]
        for webhook in configuration["webhooks"]:
            webhook["clientConfig"] = {"url": made.url, "caBundle": webhook["clientConfig"]["caBundle"]}
        assert api.create(configuration).code == 0
        until(lambda: denies(api, owner=None), folder / "serve.log")
        yield made


def denies(api: Cluster, **labels: str | None) -> bool:
    """Whether a Pod with these labels is refused."""
    return "admission webhook" in api.create(pod("probe", "shop", root=False, **labels), dry_run=True).err


def ready(gate: Door) -> str:
    """What ``/readyz`` says."""
    with urllib.request.urlopen(f"{gate.status}/readyz", timeout=PATIENCE) as answer:  # noqa: S310 - http
        text: str = answer.read().decode()
    return text


def asked(gate: Door, **labels: str) -> dict[str, Any]:
    """What the server itself answers about a Pod with these labels: an API server may refuse it, too."""
    context = ssl.create_default_context(cadata=gate.ca_bundle.decode())
    body = reviews.review(reviews.pod(**labels))
    request = urllib.request.Request(gate.url, body, {"Content-Type": "application/json"})  # noqa: S310 - https
    with urllib.request.urlopen(request, timeout=PATIENCE, context=context) as answer:  # noqa: S310 - https
        found: dict[str, Any] = json.loads(answer.read())["response"]
    return found


def log(gate: Door) -> Path:
    return gate.folder / "serve.log"


def test_a_policy_is_applied_and_taken_away(api: Cluster, gate: Door) -> None:
    assert not denies(api)
    assert api("apply", "-f", "-", given=cluster_policy("teamed", "team")).code == 0
    until(lambda: denies(api), log(gate))
    assert not denies(api, team="a")
    before = ready(gate)
    # What others write about it changes nothing.
    assert api("annotate", "clusterpolicy", "teamed", "kubectl.kubernetes.io/last-applied-configuration-").code == 0
    seen = (
        "patch",
        "clusterpolicy",
        "teamed",
        "--subresource=status",
        "--type=merge",
        "-p",
        '{"status": {"ready": true}}',
    )
    assert api(*seen).code == 0
    assert api("apply", "-f", "-", given=exception("old", "teamed")).code == 0
    until(lambda: not denies(api), log(gate))
    assert api("delete", "policyexception", "old", "-n", "shop").code == 0
    until(lambda: denies(api), log(gate))
    assert ready(gate) == before
    assert api("delete", "clusterpolicy", "teamed").code == 0
    until(lambda: not denies(api), log(gate))


def test_a_policy_that_does_not_load_changes_nothing(api: Cluster, gate: Door) -> None:
    broken = cluster_policy("broken")
    broken["spec"]["rules"][0]["match"] = {"any": [{"nobody": "knows this"}]}
    assert api.create(broken, cluster_policy("teamed", "team")).code == 0
    until(lambda: gate.metric(FAILED) == 1, log(gate))
    assert "warning: policies: what was in force stays" in ready(gate)
    assert "broken" in ready(gate)
    assert not denies(api)
    assert denies(api, owner=None)
    assert api("delete", "clusterpolicy", "broken", "teamed").code == 0
    until(lambda: gate.metric(FAILED) == 0, log(gate))
    assert "warning" not in ready(gate)


def test_a_constraint_of_a_template(api: Cluster, gate: Door) -> None:
    before = ready(gate)
    assert api.create(constraint()).code == 0
    until(lambda: gate.metric(FAILED) == 1, log(gate))
    assert "Owners" in ready(gate)
    assert api.create(template()).code == 0
    until(lambda: gate.metric(FAILED) == 0, log(gate))
    assert "Owners.everybody" in asked(gate)["status"]["message"]
    # Another template makes another collection, which is found.
    assert api.create(definition("constraints.gatekeeper.sh", "v1beta1", "Teams", "teams")).code == 0
    until(lambda: api("get", "teams").code == 0, log(gate))
    other = json.loads(json.dumps(template()).replace("Owners", "Teams").replace("owner", "team"))
    assert api.create(other, {**constraint(), "kind": "Teams"}).code == 0
    until(lambda: "Teams.everybody" in asked(gate, owner="a").get("status", {}).get("message", ""), log(gate))
    assert api("delete", "owners/everybody", "teams/everybody", "constrainttemplates/owners").code == 0
    assert api("delete", "constrainttemplates/teams").code == 0
    until(lambda: ready(gate) == before, log(gate))


def test_a_policy_of_kubernetes_itself(api: Cluster, gate: Door) -> None:
    before, reviewed = ready(gate), gate.metric("gateproof_admission_reviews_total")
    tiered = json.loads(json.dumps(validating("tiered")).replace("owner", "team"))
    assert api.create(tiered, binding("tiered")).code == 0
    # An API server puts its own policies to no webhook.
    assert gate.metric("gateproof_admission_reviews_total") == reviewed
    until(lambda: not asked(gate, owner="a")["allowed"], log(gate))
    assert "tiered" in asked(gate, owner="a")["status"]["message"]
    assert api("delete", "validatingadmissionpolicy", "tiered").code == 0
    until(lambda: gate.metric(FAILED) == 1, log(gate))
    assert "no such policy is here" in ready(gate)
    assert api("delete", "validatingadmissionpolicybinding", "tiered-everywhere").code == 0
    until(lambda: ready(gate) == before, log(gate))


def test_changes_of_policies_are_put_to_the_policies_that_are(api: Cluster, gate: Door) -> None:
    reviewed = gate.metric("gateproof_admission_reviews_total")
    assert api.create(cluster_policy("another"), dry_run=True).code == 0
    assert gate.metric("gateproof_admission_reviews_total") == reviewed + 1


def test_a_right_that_is_taken_away_leaves_what_was_seen(api: Cluster, gate: Door) -> None:
    name = "gateproof-collections"
    role = next(each for each in rendered(gate.ca_bundle) if each["kind"] == "ClusterRole" and _name(each) == name)
    assert api("delete", "clusterrole", name).code == 0
    until(lambda: gate.metric(FAILED) == 1, log(gate))
    assert "answers 403" in ready(gate)
    assert denies(api, owner=None)
    assert api.create(role).code == 0
    until(lambda: gate.metric(FAILED) == 0, log(gate))


def _name(one: Object) -> str:
    return str(one["metadata"]["name"])


def test_the_last_policy_stays_when_it_is_deleted(api: Cluster, gate: Door) -> None:
    assert api("delete", "clusterpolicy", "owned").code == 0
    until(lambda: gate.metric(FAILED) == 1, log(gate))
    assert "nothing could ever be decided" in ready(gate)
    assert denies(api, owner=None)
    assert api.create(cluster_policy("teamed", "team")).code == 0
    until(lambda: not denies(api, owner=None, team="a"), log(gate))
