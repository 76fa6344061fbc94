"""What `gateproof deploy kubernetes` writes: it passes our own policies, and says what it should in every form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from gateproof import installation
from gateproof.catalog import pack
from gateproof.catalog.bundle import build
from gateproof.catalog.cluster_facts import INVENTORY
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.policy import InputKind
from gateproof.catalog.scales import Layer
from gateproof.cli.serve import command as serve
from gateproof.documents import Format, read
from gateproof.engines.pod_security import NEWEST, Level, Pod, evaluate
from gateproof.errors import UsageError
from gateproof.flow import judge
from gateproof.gate.decision import Verdict
from gateproof.inputs.context import Context, Fact
from gateproof.installation import BreakGlass, Guarded, Parameters
from gateproof.settings.reading import read_settings

NOW = "2026-11-23T05:00:00Z"
IMAGE = f"registry.example/gateproof:1@sha256:{'a' * 64}"
PEM = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
GLASS = BreakGlass(group="oncall", until="2026-12-31T00:00:00Z")


def parameters(**changes: Any) -> Parameters:
    glass = changes.get("break_glass")
    namespace = changes.get("namespace", "gateproof-system")
    trust = "trust: {policy: trust.json, root: 'sha256:1'}\n" if "evidence_claim" in changes else ""
    files = {installation.SETTINGS: installation.settings(namespace, glass) + trust}
    chosen = {"image": IMAGE, "owner": "platform", "files": files, "issuer": "ClusterIssuer/internal", **changes}
    return Parameters(**chosen)


VARIANTS = {
    "plain": parameters(),
    "everything": parameters(break_glass=GLASS, evidence_claim="evidence", metrics_from="monitoring", replicas=3),
    "alone": parameters(issuer="", ca_bundle=PEM, reads_namespaces=False),
    "listing": parameters(
        collections=(
            "v1/configmaps",
            "networking.k8s.io/v1/ingresses",
            "kyverno.io/v1/clusterpolicies",
            "kyverno.io/v2/policyexceptions",
            "kyverno.io/v2/namespaces/exceptions/policyexceptions",
        )
    ),
}


def found(made: list[dict[str, Any]], kind: str, name: str = "gateproof") -> dict[str, Any]:
    (one,) = [each for each in made if each["kind"] == kind and each["metadata"]["name"] == name]
    return one


def values_of(text: str) -> list[Any]:
    return [document.value for document in read(text.encode(), Format.YAML)]


@pytest.fixture(scope="module")
def kubernetes_bundle() -> Any:
    return build([each for each in pack.builtin() if InputKind.KUBERNETES in each.kinds], DEFAULT)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("layer", [Layer.CI, Layer.RUNTIME])
def test_it_passes_every_policy_about_kubernetes_in_prod(variant: str, layer: Layer, kubernetes_bundle: Any) -> None:
    made = installation.objects(VARIANTS[variant])
    streams, facts = [installation.stream(made)], {}
    if layer is Layer.RUNTIME:  # where every object comes alone, and what else there is is known
        streams = [installation.stream([each]) for each in made]
        facts = {INVENTORY: Fact(name=INVENTORY, source="the API server", observed_at=NOW, max_age=60, value=made)}
    for text in streams:
        decision = judge(text.encode(), kubernetes_bundle, facts, Context(layer=layer), (), None, NOW)
        open_points = [each.finding.message for each in decision.core.dispositions] + list(decision.core.reasons)
        applied = decision.core.coverage.applied
        assert decision.verdict is (Verdict.ALLOW if applied else Verdict.WARN), open_points
        assert not decision.core.dispositions


def test_a_deployment_that_is_weakened_does_not_pass(kubernetes_bundle: Any) -> None:
    made = installation.objects(parameters())
    found(made, "Deployment")["spec"]["template"]["spec"]["containers"][0]["securityContext"]["privileged"] = True
    decision = judge(installation.stream(made).encode(), kubernetes_bundle, {}, Context(), (), None, NOW)
    assert decision.verdict is Verdict.DENY


@pytest.mark.parametrize("variant", VARIANTS)
def test_its_pods_are_restricted_in_every_version(variant: str) -> None:
    template = found(installation.objects(VARIANTS[variant]), "Deployment")["spec"]["template"]
    pod = Pod.of(template["metadata"], template["spec"])
    assert [bad for minor in range(NEWEST + 1) for bad in evaluate(pod, Level.RESTRICTED, minor)] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_form_says_the_same(variant: str) -> None:
    made = installation.objects(VARIANTS[variant])
    assert values_of(installation.stream(made)) == made
    base = installation.kustomization(made)
    (index,) = values_of(base["kustomization.yaml"])
    assert sorted(index["resources"]) == sorted(set(base) - {"kustomization.yaml"})
    assert [value for name in index["resources"] for value in values_of(base[name])] == sorted(
        made, key=lambda each: f"{each['kind'].lower()}-{each['metadata']['name']}.yaml"
    )


def test_a_chart_renders_to_the_same_objects() -> None:
    glass = msgspec.structs.replace(GLASS, group="on{{call}}")
    given = parameters(break_glass=glass, issuer="", ca_bundle=PEM)
    made = installation.objects(given)
    chart = installation.chart(made, given, "1.2.3")
    (values,) = values_of(chart["values.yaml"])
    assert set(values) == {"image", "replicas", "caBundle"}
    rendered = {}
    for name, text in chart.items():
        if name.startswith("templates/"):
            for key, value in values.items():
                text = text.replace(f"{{{{ .Values.{key} }}}}", str(value))
            rendered[name] = text.replace("{{ `{{` }}", "{{")
    assert [value for text in rendered.values() for value in values_of(text)] == made
    (about,) = values_of(chart["Chart.yaml"])
    assert (about["apiVersion"], about["version"]) == ("v2", "1.2.3")


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = parameters(
        image="gateproof:latest",
        owner="a b",
        replicas=1,
        issuer="internal",
        ca_bundle=b"-----BEGIN PRIVATE KEY-----",
        metrics_from="Monitoring",
        evidence_claim="a/b",
        break_glass=BreakGlass(namespace="gateproof-system", group="system:authenticated", until="tomorrow"),
        files={"a/b": "x" * 1_000_001, "own.key": "-----BEGIN ENCRYPTED PRIVATE KEY-----"},
    )
    with pytest.raises(UsageError) as error:
        installation.objects(wrong)
    told = "\n".join(error.value.problems)
    for part in ("--image", "--owner", "--replicas", "either --issuer", "--issuer 'internal'", "no certificate"):
        assert part in told
    for part in (
        "own.key holds a private key",
        "--ca-bundle holds a private key",
        "'Monitoring'",
        "--evidence-claim",
        "is the server's own",
        "is everybody",
    ):
        assert part in told
    for part in ("--break-glass-until", "there is no gateproof.yaml", "no name in a ConfigMap", "a policy bundle"):
        assert part in told


@pytest.mark.parametrize("name", ["default", "kube-node-lease", "kube-public", "kube-system"])
def test_what_is_never_refused_has_a_namespace_of_its_own(name: str) -> None:
    glass = BreakGlass(namespace=name, group="oncall", until="2026-12-31T00:00:00Z")
    with pytest.raises(UsageError) as error:
        installation.objects(parameters(namespace=name))
    assert f"--namespace {name}: nothing is refused there, so give it one of its own" in error.value.problems
    with pytest.raises(UsageError) as error:
        installation.objects(parameters(break_glass=glass))
    assert [problem for problem in error.value.problems if problem.startswith(f"--break-glass-namespace {name}:")]


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ("version: 1\n", "admission.namespace must be gateproof-system"),
        ("admission: {namespace: other}", "admission.namespace must be gateproof-system"),
        ("admission: {namespace: gateproof-system}", "belong together"),
        ("admission: {namespace: gateproof-system, break_glass: {namespace: x}}", "break_glass.namespace must be"),
        (
            "admission: {namespace: gateproof-system, break_glass: {namespace: gateproof-break-glass, expires: x}}",
            "break_glass.expires must be 2026-12-31T00:00:00Z",
        ),
        ("admission: [", "gateproof.yaml: "),
        ("a: 1\n---\nb: 2\n", "gateproof.yaml: "),
    ],
)
def test_settings_that_say_something_else_are_refused(settings: str, word: str) -> None:
    with pytest.raises(UsageError) as error:
        installation.objects(parameters(break_glass=GLASS, files={installation.SETTINGS: settings}))
    assert [problem for problem in error.value.problems if word in problem]


def webhooks(given: Parameters) -> Iterator[dict[str, Any]]:
    yield from found(installation.objects(given), "ValidatingWebhookConfiguration")["webhooks"]


def test_the_gate_fails_closed_but_where_the_cluster_heals() -> None:
    gate, witness = webhooks(parameters(break_glass=GLASS))
    (selected,) = gate["namespaceSelector"]["matchExpressions"]
    assert (gate["failurePolicy"], gate["matchPolicy"], gate["sideEffects"]) == ("Fail", "Equivalent", "None")
    assert (selected["key"], selected["operator"]) == ("kubernetes.io/metadata.name", "NotIn")
    assert selected["values"] == ["gateproof-system", "gateproof-break-glass", "kube-system"]
    (seen,) = witness["namespaceSelector"]["matchExpressions"]
    assert (witness["failurePolicy"], seen["operator"]) == ("Ignore", "In")
    assert seen["values"] == ["gateproof-system", "gateproof-break-glass"]
    assert {rule["scope"] for rule in gate["rules"]} == {"*"}
    assert {rule["scope"] for rule in witness["rules"][:-1]} == {"Namespaced"}
    # Namespaces are selected by their own labels: the gate is not asked about these two.
    assert witness["rules"][-1] == {
        "apiGroups": [""],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["namespaces"],
        "scope": "Cluster",
    }


def test_only_secrets_that_are_tokens_are_sent_unless_all_are_asked_for() -> None:
    assert all(each["matchConditions"] for each in webhooks(parameters()))
    for asked in ("core/secrets", "*/*", "core/*", "*/*/*"):
        assert not any("matchConditions" in each for each in webhooks(parameters(guarded=(Guarded.read(asked),))))
    widgets = parameters(guarded=(Guarded.read("example.com/widgets"),))
    for each in webhooks(widgets):
        assert each["matchConditions"]
        assert [rule["resources"] for rule in each["rules"] if rule["apiGroups"] == ["example.com"]] == [["widgets"]]


@pytest.mark.parametrize(
    ("asked", "rules"),
    [
        (("*/*/*",), [["*/*"]]),
        (("a.example/*", "a.example/b", "a.example/b/status"), [["*", "b/status"]]),
        (("a.example/b/*", "a.example/b/status", "a.example/b"), [["b", "b/*"]]),
        (("a.example/*/scale", "a.example/b/scale", "a.example/c"), [["*/scale", "c"]]),
    ],
)
def test_what_a_wildcard_stands_for_is_not_said_again(asked: tuple[str, ...], rules: list[list[str]]) -> None:
    given = parameters(guarded=tuple(map(Guarded.read, asked)))
    for each in webhooks(given):
        found = [rule["resources"] for rule in each["rules"] if rule["apiGroups"][0] in ("*", "a.example")]
        assert found == rules


@pytest.mark.parametrize("text", ["pods", "core/", "/pods", "apps/Deployment", "", "a/b/c/d", "a/b c", "a/**", "A/b"])
def test_what_is_no_resource_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no resource"):
        Guarded.read(text)


def test_the_server_may_read_namespaces_or_nothing() -> None:
    made = installation.objects(parameters())
    (rule,) = found(made, "ClusterRole", "gateproof-namespaces")["rules"]
    assert (rule["resources"], set(rule["verbs"])) == (["namespaces"], {"list"})
    assert not [each for each in made if each["metadata"]["name"] == "gateproof-collections"]
    alone = installation.objects(VARIANTS["alone"])
    assert not [each for each in alone if each["apiVersion"].startswith("rbac")]
    assert found(alone, "Deployment")["spec"]["template"]["spec"]["automountServiceAccountToken"] is False


def test_the_server_may_list_what_its_settings_name() -> None:
    made = installation.objects(VARIANTS["listing"])
    rules = found(made, "ClusterRole", "gateproof-collections")["rules"]
    assert rules == [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]},
        {"apiGroups": ["kyverno.io"], "resources": ["clusterpolicies", "policyexceptions"], "verbs": ["list"]},
        {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": ["list"]},
    ]
    role = found(made, "Role", "gateproof-collections")
    assert role["metadata"]["namespace"] == "exceptions"
    assert role["rules"] == [{"apiGroups": ["kyverno.io"], "resources": ["policyexceptions"], "verbs": ["list"]}]
    bound = found(made, "RoleBinding", "gateproof-collections")
    assert bound["metadata"]["namespace"] == "exceptions"
    assert bound["subjects"] == [{"kind": "ServiceAccount", "name": "gateproof", "namespace": "gateproof-system"}]


def test_all_of_a_version_is_a_wildcard_of_its_group_alone() -> None:
    collections = ("constraints.gatekeeper.sh/v1beta1/*", "constraints.gatekeeper.sh/v1beta1/owners")
    made = installation.objects(parameters(collections=collections))
    (rule,) = found(made, "ClusterRole", "gateproof-collections")["rules"]
    assert rule == {"apiGroups": ["constraints.gatekeeper.sh"], "resources": ["*"], "verbs": ["list"]}


def test_a_server_that_reads_nothing_has_nothing_to_list() -> None:
    with pytest.raises(UsageError) as error:
        installation.objects(parameters(collections=("v1/configmaps",), reads_namespaces=False))
    assert [problem for problem in error.value.problems if "--cluster" in problem]


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_server_knows_its_arguments(variant: str) -> None:
    made = installation.objects(VARIANTS[variant])
    name, *arguments = found(made, "Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert name == "serve"
    given = serve.make_context("serve", arguments).params
    mounts = found(made, "Deployment")["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    places = [given["config"], given["tls_cert"], given["tls_key"], *([given["key"]] if given["key"] else [])]
    assert {str(place.parent) for place in places} <= {each["mountPath"] for each in mounts}
    assert given["no_record"] is (VARIANTS[variant].evidence_claim == "")
    assert given["cluster"] is VARIANTS[variant].reads_namespaces
    settings = found(made, "ConfigMap")["data"][given["config"].name]
    assert read_settings(settings.encode(), "gateproof.yaml").admission.namespace == "gateproof-system"


def test_evidence_needs_a_trust_policy() -> None:
    files = {installation.SETTINGS: installation.settings("gateproof-system", None)}
    with pytest.raises(UsageError) as error:
        installation.objects(parameters(evidence_claim="evidence", files=files))
    assert [problem for problem in error.value.problems if "trust.policy" in problem]


def test_evidence_is_recorded_where_there_is_a_place_for_it() -> None:
    arguments = found(installation.objects(parameters()), "Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert "--no-record" in arguments["args"]
    recorded = installation.objects(VARIANTS["everything"])
    pod = found(recorded, "Deployment")["spec"]["template"]["spec"]
    assert "--evidence=/var/lib/gateproof/evidence" in pod["containers"][0]["args"]
    assert {"persistentVolumeClaim": {"claimName": "evidence"}, "name": "evidence"} in pod["volumes"]


@pytest.mark.parametrize(
    "text", ["y", "NO", "1e3", "0777", "12:30", "null", "~", "", "a: b", "x\ny", " x\n", "{{ a }}"]
)
def test_texts_stay_texts(text: str) -> None:
    value = {"kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"key": text}}
    assert values_of(installation.stream([value])) == [json.loads(json.dumps(value))]
