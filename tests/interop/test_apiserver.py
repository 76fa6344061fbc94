"""A real API server asks our admission server: what it lets in, what not, what stays recorded, and what has drifted."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.interop.apiserver import Cluster, Door, Ran, cluster, door, until
from tests.interop.conftest import TOP, Peer

from gateproof import inputs, installation
from gateproof.adapters.cluster import Cluster as ApiServer
from gateproof.catalog import pack
from gateproof.catalog.bundle import build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.scales import Layer
from gateproof.errors import StoreError
from gateproof.flow import judge
from gateproof.gate.decision import Verdict
from gateproof.inputs.context import Context
from gateproof.installation import BreakGlass, Parameters

pytestmark = pytest.mark.integration

GLASS = BreakGlass(group="oncall", until="2099-01-01T00:00:00Z")
FILES = {installation.SETTINGS: installation.settings("gateproof-system", GLASS)}
POLICIES = ("container-hardening", "image-digests", "workload-labels")
SETTINGS = FILES[installation.SETTINGS] + f"policies:\n  pack: [{', '.join(POLICIES)}]\n"
DIGEST = f"@sha256:{'a' * 64}"
LABELS = {"owner": "payments", "data_classification": "restricted", "tier": "1"}
SCHEMA = TOP / "tests" / "unit" / "render" / "policy_report.schema.json"


@pytest.fixture(scope="module")
def api(peer: Peer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(peer, tmp_path_factory.mktemp("cluster")) as made:
        before = [namespace(name) for name in ("shop", "gateproof-system", "gateproof-break-glass")]
        assert (
            made.create(*before, namespace("play", environment="dev", tier="3", data_classification="public")).code == 0
        )
        # Older than the gate.
        assert made.create(pod("old")).code == 0
        yield made


def environment(api: Cluster) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEPROOF_")}
    path = f"{Path(api.kubectl).parent}:{os.environ['PATH']}"
    state = {"GATEPROOF_STATE": str(api.folder / "state"), "XDG_CACHE_HOME": str(api.folder / "cache")}
    return {**kept, **state, "GATEPROOF_KEY_PASSWORD": "of the tests", "PATH": path, "PYTHONPATH": str(TOP / "src")}


@pytest.fixture(scope="module")
def gate(api: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Our server, and the API server that asks it, by the configuration that `gateproof deploy` writes."""
    folder = tmp_path_factory.mktemp("door")
    (folder / "namespaces.json").write_text(json.dumps(api.get("namespaces")))
    with door(folder, SETTINGS, environment(api), "--namespaces", "namespaces.json") as made:
        configuration = rendered(made.ca_bundle)[-1]
        for webhook in configuration["webhooks"]:
            webhook["clientConfig"] = {"url": made.url, "caBundle": webhook["clientConfig"]["caBundle"]}
        assert api.create(configuration).code == 0
        # The API server notices a new configuration after a moment.
        until(lambda: api.create(pod("probe", root=True), dry_run=True).code != 0, folder / "serve.log")
        yield made
        api("delete", "validatingwebhookconfiguration", "gateproof")


def rendered(ca_bundle: bytes) -> list[dict[str, Any]]:
    image = f"registry.example/gateproof{DIGEST}"
    trust = "trust: {policy: trust.json, root: 'sha256:1'}\n"
    return installation.objects(
        Parameters(
            image=image,
            owner="platform",
            files={installation.SETTINGS: FILES[installation.SETTINGS] + trust},
            ca_bundle=ca_bundle,
            break_glass=GLASS,
            evidence_claim="evidence",
        )
    )


def namespace(name: str, **labels: str) -> dict[str, Any]:
    said = {**LABELS, "environment": "prod", **labels}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": said}}


def pod(name: str, space: str = "shop", *, root: bool = False, **labels: str | None) -> dict[str, Any]:
    said = {key: value for key, value in {**LABELS, **labels}.items() if value is not None}
    context: dict[str, Any] = {
        "runAsNonRoot": not root,
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
    }
    context |= {"capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {"name": "web", "image": f"registry.example/web{DIGEST}", "securityContext": context}
    metadata = {"name": name, "namespace": space, "labels": said}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}


def deployment(name: str) -> dict[str, Any]:
    template = pod(name)
    template = {"metadata": {"labels": {**LABELS, "app": name}}, "spec": template["spec"]}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    metadata = {"name": name, "namespace": "shop", "labels": LABELS}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def denied(done: Ran, *words: str) -> bool:
    said = all(word in done.err for word in ('admission webhook "gate.gateproof.dev" denied the request', *words))
    return done.code == 1 and said


def test_the_api_server_takes_every_object_of_an_installation(api: Cluster, gate: Door) -> None:
    made = rendered(gate.ca_bundle)
    chosen = ("apply", "-l", "app.kubernetes.io/component=admission", "--validate=strict", "-f", "-")
    done = api(*chosen, given=installation.stream(made))
    assert done.code == 0, done.err
    # All but the webhook, which is applied when there is a server to be asked.
    assert len(done.out.splitlines()) == len(made) - 1
    assert "validatingwebhookconfiguration" not in done.out
    stored = api.get("deployment", "gateproof", "-n", "gateproof-system")["spec"]["template"]["spec"]
    assert stored["containers"][0]["image"] == f"registry.example/gateproof{DIGEST}"
    # The API server enforces the restricted Pod Security Standard in this namespace, by its label.
    own = {**pod("own", "gateproof-system"), "spec": stored}
    assert api.create(own, dry_run=True).code == 0
    assert "violates PodSecurity" in api.create(pod("rooted", "gateproof-system", root=True), dry_run=True).err


@pytest.mark.parametrize(
    "asked", ["core/*", "*/*", "*/*/*", "core/pods/*", "apps/*/scale", "core/secrets", "a.example/b"]
)
def test_the_api_server_takes_whatever_is_guarded(asked: str, api: Cluster) -> None:
    given = Parameters(
        image=f"registry.example/gateproof{DIGEST}",
        owner="platform",
        files={installation.SETTINGS: installation.settings("gateproof-system", None)},
        issuer="Issuer/internal",
        guarded=(installation.Guarded.read(asked),),
    )
    configuration = installation.objects(given)[-1]
    configuration["metadata"]["name"] = "another"
    done = api.create(configuration, dry_run=True)
    assert done.code == 0, done.err
    configuration["webhooks"][0]["rules"][0]["resources"] = ["*", "pods"]
    assert "is invalid" in api.create(configuration, dry_run=True).err


@pytest.mark.usefixtures("gate")
def test_the_rights_of_the_server_are_enough_and_no_more(api: Cluster) -> None:
    account = api.folder / "account"
    account.mkdir()
    (account / "token").write_text(api("create", "token", "gateproof", "-n", "gateproof-system").out)
    (account / "ca.crt").write_bytes((api.folder / "pki" / "apiserver.crt").read_bytes())
    asked = ApiServer("127.0.0.1", int(api.server.rpartition(":")[2]), account)
    names = {each["metadata"]["name"] for each in asked.listed("/api/v1/namespaces")}
    assert {"shop", "gateproof-system", "kube-system"} <= names
    for path in ("/api/v1/pods", "/api/v1/secrets", "/api/v1/namespaces/gateproof-system/configmaps"):
        with pytest.raises(StoreError, match="403"):
            asked.listed(path)


@pytest.mark.usefixtures("gate")
def test_what_is_let_in_and_what_is_not(api: Cluster) -> None:
    assert api.create(pod("good"), deployment("good")).code == 0
    assert denied(api.create(pod("rooted", root=True)), "container-hardening", "may run as root")
    assert denied(api.create(pod("unlabelled", owner=None)), "workload-labels", 'label "owner" is missing')
    tagged = deployment("tagged")
    tagged["spec"]["template"]["spec"]["containers"][0]["image"] = "web:1"
    assert denied(api.create(tagged), "image-digests")
    bare = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bare"}}
    assert denied(api.create(bare), "workload-labels")
    found = {each["metadata"]["name"] for each in api.get("pods", "-n", "shop")["items"]}
    assert {"good", "old"} <= found
    assert not {"rooted", "unlabelled"} & found


def samples() -> Iterator[dict[str, Any]]:
    """Objects in the samples of the policies that the server has, each in a namespace and with a name of its own."""
    for policy in POLICIES:
        for path in sorted((pack.POLICIES / policy).glob("*ed/*.yaml")):
            subject = inputs.parse(path.read_bytes())
            for number, document in enumerate(subject.documents):
                metadata = {**document.get("metadata", {}), "name": f"{path.stem}-{number}"}
                if document["kind"] != "Namespace":
                    metadata["namespace"] = "shop"
                yield {**document, "metadata": metadata}


@pytest.mark.usefixtures("gate")
def test_the_gate_says_what_check_says(api: Cluster) -> None:
    bundle = build(pack.builtin(POLICIES), DEFAULT)
    context = Context(layer=Layer.RUNTIME)
    agreed = {True: 0, False: 0}
    for sample in samples():
        done = api.create(sample, dry_run=True)
        refused = "denied the request: DENY" in done.err
        if done.code and not refused:
            continue  # the API server itself takes no such object
        decision = judge(json.dumps(sample).encode(), bundle, {}, context, (), None, "2026-11-23T05:00:00Z")
        assert refused is (decision.verdict is Verdict.DENY), f"{sample} {decision.core.reasons} {done.err}"
        agreed[refused] += 1
    assert agreed[True] >= 10
    assert agreed[False] >= 3


@pytest.mark.usefixtures("gate")
def test_changes_are_judged_and_deletions_pass(api: Cluster) -> None:
    assert api.create(pod("changing")).code == 0
    assert denied(api("label", "pod", "changing", "-n", "shop", "owner-"), "workload-labels")
    assert api("annotate", "pod", "changing", "-n", "shop", "note=fine").code == 0
    debug = ("debug", "changing", "-n", "shop", "--image=busybox:1", "--profile=general", "--", "true")
    assert denied(api(*debug), "image-digests")
    assert api("delete", "pod", "changing", "-n", "shop", "--now").code == 0


@pytest.mark.usefixtures("gate")
def test_a_dry_run_is_judged_and_leaves_nothing(api: Cluster) -> None:
    assert denied(api.create(pod("dry", root=True), dry_run=True))
    assert api.create(pod("dry"), dry_run=True).code == 0
    assert api("get", "pod", "dry", "-n", "shop").code == 1


@pytest.mark.usefixtures("gate")
def test_the_labels_of_the_namespace_count(api: Cluster) -> None:
    lenient = pod("rooted", "play", root=True, tier="3", data_classification="public")
    done = api.create(lenient)
    assert done.code == 0, done.err
    assert "Warning: gateproof" in done.err or "Warning: container-hardening" in done.err
    assert denied(api.create(pod("strict", "play", root=True, tier="1", data_classification="restricted")))


def test_where_a_cluster_heals_nothing_is_refused(api: Cluster, gate: Door) -> None:
    for space in ("gateproof-system", "gateproof-break-glass"):
        done = api.create(pod("unlabelled", space, owner=None))
        assert done.code == 0, done.err
        assert "Warning:" in done.err
    assert gate.metric("gateproof_admission_break_glass_total") >= 1
    assert api.create(pod("rooted", "kube-system", root=True)).code == 0


def test_secrets_are_not_sent_but_for_tokens(api: Cluster, gate: Door) -> None:
    reviewed = gate.metric("gateproof_admission_reviews_total")
    place = {"namespace": "shop", "annotations": {"kubernetes.io/service-account.name": "a"}}
    secret: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret"}
    plain = {**secret, "metadata": {**place, "name": "plain"}, "stringData": {"password": "hidden from the gate"}}
    assert api.create(plain).code == 0
    assert gate.metric("gateproof_admission_reviews_total") == reviewed
    token = {**secret, "type": "kubernetes.io/service-account-token", "metadata": {**place, "name": "token"}}
    api.create(token)
    assert gate.metric("gateproof_admission_reviews_total") == reviewed + 1


def drifting(api: Cluster, gate: Door) -> dict[str, dict[str, Any]]:
    """What has drifted, by its address."""
    command = [sys.executable, "-m", "gateproof", "audit", "--kubeconfig", str(api.kubeconfig), "--format", "json"]
    command += ["--config", "gateproof.yaml", "--evidence", "store", "--root", gate.root]
    done = subprocess.run(command, cwd=gate.folder, env=environment(api), capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    return {each["resource"]: each for each in json.loads(done.stdout)["drift"]["objects"]}


def test_drift_is_what_did_not_pass_the_gate(api: Cluster, gate: Door) -> None:
    names = ("steady", "swapped", "remade")
    assert api.create(*map(pod, names), deployment("scaled")).code == 0
    assert api("scale", "deployment", "scaled", "-n", "shop", "--replicas=3").code == 0
    generated = pod("")
    generated["metadata"] |= {"generateName": "named-by-the-server-", "name": None}
    done = api("create", "-f", "-", "-o", "name", given=generated)
    passed = {*(f"v1/Pod/shop/{name}" for name in names), "apps/v1/Deployment/shop/scaled"}
    passed.add(f"v1/Pod/shop/{done.out.strip().removeprefix('pod/')}")
    # Decisions are recorded behind the answers.
    until(lambda: not passed & set(drifting(api, gate)), gate.folder / "serve.log")
    configuration = api.get("validatingwebhookconfiguration", "gateproof")
    assert api("delete", "validatingwebhookconfiguration", "gateproof").code == 0
    until(lambda: api.create(pod("probe", root=True), dry_run=True).code == 0, gate.folder / "serve.log")
    assert api("set", "image", "pod/swapped", "web=registry.example/other:1", "-n", "shop").code == 0
    assert api("delete", "pod", "remade", "-n", "shop", "--now").code == 0
    assert api.create(pod("remade"), pod("sneaked", root=True)).code == 0
    for name in ("resourceVersion", "uid", "creationTimestamp", "managedFields", "generation"):
        configuration["metadata"].pop(name, None)
    assert api.create(configuration).code == 0
    until(lambda: api.create(pod("probe", root=True), dry_run=True).code != 0, gate.folder / "serve.log")
    found = drifting(api, gate)
    kinds = {name: found[f"v1/Pod/shop/{name}"]["kind"] for name in ("old", "swapped", "remade", "sneaked")}
    assert kinds == {"old": "older", "swapped": "changed", "remade": "unseen", "sneaked": "unseen"}
    assert found["v1/Pod/shop/swapped"]["paths"] == ["spec.containers[0].image"]
    assert not (passed - {"v1/Pod/shop/swapped", "v1/Pod/shop/remade"}) & set(found)


def test_the_evidence_of_what_was_answered_verifies(api: Cluster, gate: Door) -> None:
    def verifies() -> bool:
        command = [sys.executable, "-m", "gateproof", "verify", "store", "--root", gate.root]
        done = subprocess.run(command, cwd=gate.folder, env=environment(api), capture_output=True, check=False)
        return done.returncode == 0

    until(verifies, gate.folder / "serve.log")


def structural(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema as a CustomResourceDefinition takes it: without references, and pruning what is not named."""
    if "$ref" in schema:
        return structural(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    made = {key: copy.deepcopy(value) for key, value in schema.items() if key in ("type", "required", "enum")}
    if "properties" in schema:
        made["properties"] = {name: structural(each, definitions) for name, each in schema["properties"].items()}
    elif isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = structural(schema["additionalProperties"], definitions)
    elif made.get("type") == "object":
        made["x-kubernetes-preserve-unknown-fields"] = True
    if "items" in schema:
        made["items"] = structural(schema["items"], definitions)
    return made


def definition(kind: str, scope: str) -> dict[str, Any]:
    """A CustomResourceDefinition of reports, by the schema that they are checked with elsewhere."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    properties = {name: schema["properties"][name] for name in ("scope", "scopeSelector", "summary", "results")}
    structure = structural({"type": "object", "properties": properties}, schema["$defs"])
    version = {"name": "v1alpha2", "served": True, "storage": True, "schema": {"openAPIV3Schema": structure}}
    plural = f"{kind.lower()}s"
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.wgpolicyk8s.io"},
        "spec": {"group": "wgpolicyk8s.io", "scope": scope, "names": names, "versions": [version]},
    }


def test_the_api_server_takes_the_reports(api: Cluster, gate: Door) -> None:
    created = api.create(definition("PolicyReport", "Namespaced"), definition("ClusterPolicyReport", "Cluster"))
    assert created.code == 0, created.err
    served = ("get", "policyreports.wgpolicyk8s.io,clusterpolicyreports.wgpolicyk8s.io", "-A")
    until(lambda: api(*served).code == 0, gate.folder / "serve.log")
    command = [sys.executable, "-m", "gateproof", "audit", "--kubeconfig", str(api.kubeconfig), "--all-results"]
    command += ["--config", "gateproof.yaml", "--format", "policyreport"]
    done = subprocess.run(command, cwd=gate.folder, env=environment(api), capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    applied = api("apply", "--server-side", "--validate=strict", "-f", "-", given=done.stdout)
    assert applied.code == 0, applied.err
    for written in yaml.safe_load_all(done.stdout):
        space = written["metadata"].get("namespace")
        stored = api.get(written["kind"], "gateproof", *(("-n", space) if space else ()))
        assert stored["results"] == written["results"]
        assert stored["summary"] == written["summary"]


def test_without_the_server_nothing_is_let_in_but_where_a_cluster_heals(api: Cluster, gate: Door) -> None:
    configuration = api.get("validatingwebhookconfiguration", "gateproof")
    for webhook in configuration["webhooks"]:
        webhook["clientConfig"]["url"] = "https://127.0.0.1:1/validate"
    assert api("replace", "-f", "-", given=configuration).code == 0
    until(lambda: "failed calling webhook" in api.create(pod("late"), dry_run=True).err, gate.folder / "serve.log")
    assert api.create(pod("late")).code == 1
    for space in ("gateproof-system", "gateproof-break-glass", "kube-system"):
        done = api.create(pod("late", space))
        assert done.code == 0, done.err
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "late", "namespace": "shop"}}
    assert api.create(secret).code == 0
    # Nobody is locked out: the configuration itself is never put to a webhook.
    assert api("delete", "validatingwebhookconfiguration", "gateproof").code == 0
    until(lambda: api.create(pod("late"), dry_run=True).code == 0, gate.folder / "serve.log")
    assert api.create(rendered(gate.ca_bundle)[-1]).code == 0
