"""Kyverno policies: what loads, what is refused, which objects a rule is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateproof import inputs
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Severity
from gateproof.engines.interface import Outcome, Result
from gateproof.engines.kyverno.engine import KyvernoEngine
from gateproof.engines.kyverno.policy import load
from gateproof.errors import PolicyError

NOW = "2026-11-23T05:00:00Z"
ARTICLE = Path(__file__).parents[2] / "golden" / "article" / "baseline-pod-security.yaml"

HEAD = """
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: example
  annotations: {other: value}
spec:
  rules:
"""
RULE = """
  - name: labelled
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate:
      message: The label team is required.
      pattern: {metadata: {labels: {team: "?*"}}}
"""


def policy(text: str) -> Policy:
    return Policy(
        id="example",
        engine=EngineName.KYVERNO,
        title="Example",
        severity=Severity.HIGH,
        controls=("nist-800-53@5:CM-6",),
        sources=(Source("policy.yaml", text),),
    )


def results(text: str, manifests: str) -> list[Result]:
    subject = inputs.parse(manifests.encode())
    assert not subject.problem
    return list(KyvernoEngine().evaluate(policy(text), subject, {}, now=NOW))


def outcomes(text: str, manifests: str) -> dict[str, Outcome]:
    return {result.resource: result.outcome for result in results(text, manifests)}


def matching(resources: str, *, block: str = "match") -> str:
    """A policy that denies what ``resources`` (flow YAML) selects, or leaves it out."""
    match = resources if block == "match" else "{kinds: ['*']}"
    exclude = f"\n    exclude: {{any: [{{resources: {resources}}}]}}" if block == "exclude" else ""
    return (
        f"{HEAD}\n  - name: all\n    match: {{any: [{{resources: {match}}}]}}{exclude}\n    validate: {{deny: {{}}}}\n"
    )


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: payments
  labels: {app: api, tier: "1"}
  annotations: {acme.io/owner: pay}
spec: {}
"""


@pytest.mark.parametrize(
    ("resources", "selected"),
    [
        ("{kinds: [Deployment]}", True),
        ("{kinds: ['Deploy*']}", True),
        ("{kinds: [apps/v1/Deployment]}", True),
        ("{kinds: ['apps/*/Deployment']}", True),
        ("{kinds: [v1/Deployment]}", True),
        ("{kinds: [v1beta1/Deployment]}", False),
        ("{kinds: [batch/v1/Deployment]}", False),
        ("{kinds: [Deployment/scale]}", False),
        ("{kinds: ['*/*']}", True),
        ("{kinds: ['*/scale']}", False),
        ("{kinds: [v1/Deployment/scale]}", False),
        ("{kinds: ['*/Deployment/*']}", True),
        ("{kinds: [apps/v1/Deployment/*]}", True),
        ("{kinds: [apps/v1/Deployment.scale]}", False),
        ("{kinds: [Service]}", False),
        ("{kinds: ['*'], name: 'a*'}", True),
        ("{kinds: ['*'], name: b}", False),
        ("{kinds: ['*'], names: [b, a?i]}", True),
        ("{kinds: ['*'], namespaces: [pay*]}", True),
        ("{kinds: ['*'], namespaces: [default]}", False),
        ("{kinds: ['*'], annotations: {'acme.io/*': p*}}", True),
        ("{kinds: ['*'], annotations: {'acme.io/*': q*}}", False),
        ("{kinds: ['*'], selector: {matchLabels: {app: api}}}", True),
        ("{kinds: ['*'], selector: {matchLabels: {'a*': '?*'}}}", True),
        ("{kinds: ['*'], selector: {matchLabels: {app: web}}}", False),
        ("{kinds: ['*'], selector: {matchExpressions: [{key: tier, operator: In, values: ['1']}]}}", True),
        ("{kinds: ['*'], selector: {matchExpressions: [{key: tier, operator: NotIn, values: ['1']}]}}", False),
        ("{kinds: ['*'], selector: {matchExpressions: [{key: none, operator: NotIn, values: ['1']}]}}", True),
        ("{kinds: ['*'], selector: {matchExpressions: [{key: app, operator: Exists}]}}", True),
        ("{kinds: ['*'], selector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}", False),
        ("{kinds: ['*'], operations: [CREATE, UPDATE]}", True),
        ("{kinds: ['*'], operations: [DELETE]}", False),
    ],
)
@pytest.mark.parametrize("block", ["match", "exclude"])
def test_which_objects_a_rule_is_for(resources: str, selected: bool, block: str) -> None:
    found = outcomes(matching(resources, block=block), DEPLOYMENT)
    denied = {"apps/v1/Deployment/payments/api": Outcome.FAIL}
    assert found == (denied if selected is (block == "match") else {"": Outcome.SKIP})


def test_an_object_without_a_namespace_goes_to_default() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    assert outcomes(matching("{kinds: [Pod], namespaces: [default]}"), pod) == {"v1/Pod/a": Outcome.FAIL}


def test_a_namespace_stands_in_itself() -> None:
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: payments}\n"
    text = matching("{kinds: [Namespace], namespaces: [payments]}")
    assert outcomes(text, namespace) == {"v1/Namespace/payments": Outcome.FAIL}


def test_labels_that_are_no_strings_match_nothing() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: api, tier: 1}}\n"
    text = matching("{kinds: [Pod], selector: {matchLabels: {app: api}}}")
    assert outcomes(text, pod) == {"": Outcome.SKIP}


def test_nobody_is_asking() -> None:
    rule = """
  - name: all
    match: {any: [{resources: {kinds: [Pod]}, clusterRoles: [edit]}]}
    exclude: {any: [{clusterRoles: [cluster-admin]}, {resources: {kinds: [Pod]}, subjects: [{kind: User, name: "*"}]}]}
    validate: {deny: {}}
"""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    assert outcomes(HEAD + rule, pod) == {"v1/Pod/a": Outcome.FAIL}


def test_all_needs_every_filter() -> None:
    rule = """
  - name: all
    match: {all: [{resources: {kinds: [Deployment]}}, {resources: {kinds: ['*'], namespaces: [payments]}}]}
    exclude: {all: [{resources: {kinds: [Deployment]}}, {resources: {kinds: ['*'], names: [web]}}]}
    validate: {deny: {}}
"""
    assert outcomes(HEAD + rule, DEPLOYMENT) == {"apps/v1/Deployment/payments/api": Outcome.FAIL}
    assert outcomes(HEAD + rule, DEPLOYMENT.replace("name: api", "name: web")) == {"": Outcome.SKIP}


def test_a_policy_of_a_namespace() -> None:
    text = (HEAD + RULE).replace("ClusterPolicy", "Policy").replace("name: example", "name: example\n  namespace: a")
    pods = "".join(f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: {name}}}\n" for name in "ab")
    assert outcomes(text, pods) == {"v1/Pod/a/p": Outcome.FAIL}


TEMPLATE = "{metadata: {labels: {app: a}}, spec: {containers: []}}"


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("apps/v1/Deployment", f"{{template: {TEMPLATE}}}"),
        ("apps/v1/StatefulSet", f"{{template: {TEMPLATE}}}"),
        ("apps/v1/DaemonSet", f"{{template: {TEMPLATE}}}"),
        ("apps/v1/ReplicaSet", f"{{template: {TEMPLATE}}}"),
        ("v1/ReplicationController", f"{{template: {TEMPLATE}}}"),
        ("batch/v1/Job", f"{{template: {TEMPLATE}}}"),
        ("batch/v1/CronJob", f"{{jobTemplate: {{spec: {{template: {TEMPLATE}}}}}}}"),
    ],
)
def test_rules_for_pods_judge_their_controllers(kind: str, spec: str) -> None:
    version, _, name = kind.rpartition("/")
    manifest = f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: a}}\nspec: {spec}\n"
    (failed,) = results(HEAD + RULE, manifest)
    assert failed.outcome is Outcome.FAIL
    prefix = "autogen-cronjob" if name == "CronJob" else "autogen"
    assert failed.findings[0].message.endswith(f"(rule {prefix}-labelled)")
    assert outcomes(HEAD + RULE, manifest.replace("app: a", "team: a")) == {f"{kind}/a": Outcome.PASS}


@pytest.mark.parametrize(
    "text",
    [
        (HEAD + RULE).replace("other: value", "pod-policies.kyverno.io/autogen-controllers: none"),
        (HEAD + RULE).replace("other: value", "pod-policies.kyverno.io/autogen-controllers: 'Job,CronJob'"),
        (HEAD + RULE).replace("kinds: [Pod]", "kinds: [Pod, Service]"),
        (HEAD + RULE).replace("kinds: [Pod]", "kinds: [Pod], name: a"),
        (HEAD + RULE).replace("kinds: [Pod]", "kinds: [v1/Pod]"),
        (HEAD + RULE) + "  - {name: g, match: {any: [{resources: {kinds: [Pod]}}]}, generate: {}}\n",
    ],
)
def test_where_no_rules_are_generated(text: str) -> None:
    manifest = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec: {{template: {TEMPLATE}}}\n"
    assert Outcome.FAIL not in outcomes(text, manifest).values()


def test_all_controllers_may_be_asked_for() -> None:
    text = (HEAD + RULE).replace("other: value", "pod-policies.kyverno.io/autogen-controllers: all")
    (loaded,) = load((Source("policy.yaml", text),))
    assert [rule.name for rule in loaded.rules] == ["labelled", "autogen-labelled", "autogen-cronjob-labelled"]


@pytest.mark.parametrize(
    "mutate",
    ["{patchesJson6902: '[]'}", "{foreach: [{list: a, patchesJson6902: '[]'}]}"],
)
def test_a_rule_that_patches_places_in_pods_keeps_its_policy_to_them(mutate: str) -> None:
    rule = f"  - {{name: m, match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}, mutate: {mutate}}}\n"
    (loaded,) = load((Source("policy.yaml", HEAD + RULE + rule),))
    assert [rule.name for rule in loaded.rules] == ["labelled"]


def test_an_unknown_controller_is_refused() -> None:
    text = (HEAD + RULE).replace("other: value", "pod-policies.kyverno.io/autogen-controllers: Deploymnet")
    with pytest.raises(PolicyError) as error:
        load((Source("policy.yaml", text),))
    assert "Deploymnet is not a Pod controller" in str(error.value)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (
            "{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {cel: {}}}",
            "validate.cel: must have expressions",
        ),
        ("{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {foreach: []}}", "foreach is a list"),
        (
            "{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {deny: {conditions: [1]}}}",
            "deny: a condition has",
        ),
        ("{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {}}", "exactly one of anyPattern"),
        ("{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {paterns: {}}}", "unknown key validate.pat"),
        ("{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {anyPattern: {}}}", "anyPattern must be"),
        (
            "{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {pattern: {a: '{{ ( }}'}}}",
            "the variable {{ ( }}",
        ),
        (
            "{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, preconditions: {x: []}, validate: {deny: {}}}",
            "any and all",
        ),
        (
            "{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, context: {}, validate: {deny: {}}}",
            "context is a list",
        ),
        ("{name: r, match: {any: [{resources: {kinds: [Pod]}}]}}", "nothing to do"),
        ("{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, verifyImages: []}", "verifyImages is not supported"),
        (
            "{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {pattern: null}}",
            "exactly one of anyPattern",
        ),
        ("{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, valdiate: {deny: {}}}", "unknown key 'valdiate'"),
        ("{name: r, match: {}, validate: {deny: {}}}", "match: it selects no object"),
        ("{name: r, match: {any: [{resources: {kinds: [a/b/c/d/e]}}]}, validate: {deny: {}}}", "is not a kind"),
        ("{name: r, match: {any: [{resources: {kind: [Pod]}}]}, validate: {deny: {}}}", "unknown key 'kind'"),
        ("{name: r, match: {any: [{resources: {kinds: Pod}}]}, validate: {deny: {}}}", "kinds must be a list"),
        ("{name: r, match: {any: [{resources: {kinds: [1]}}]}, validate: {deny: {}}}", "a list of strings"),
        (
            "{name: r, match: {any: [{resources: {kinds: [Pod], names: ['{{x}}']}}]}, validate: {deny: {}}}",
            "a variable",
        ),
        ("{name: r, match: {any: [], resources: {}}, validate: {deny: {}}}", "match: it selects no object"),
        ("{name: r, match: {any: [{}], resources: {kinds: [Pod]}}, validate: {deny: {}}}", "one of any, all"),
        (
            "{name: r, match: {resources: {kinds: [Pod], selector: {matchExpressions: [{key: a, operator: Gt}]}}},"
            " validate: {deny: {}}}",
            "not a label requirement",
        ),
        ("{name: r, match: [], validate: {deny: {}}}", "match: it must be an object"),
        ("{name: r, match: {any: [1]}, validate: {deny: {}}}", "a filter must be an object"),
        ("{name: r, match: {any: [{kinds: [Pod]}]}, validate: {deny: {}}}", "match: unknown key 'kinds'"),
        ("{name: r, match: {resources: {kinds: [Pod], selector: []}}, validate: {deny: {}}}", "selector has"),
        (
            "{name: r, match: {resources: {kinds: [Pod], annotations: {a: 1}}}, validate: {deny: {}}}",
            "annotations must be a map of strings",
        ),
        (
            "{name: r, match: {resources: {kinds: [Pod], annotations: {a: '{{x}}'}}}, validate: {deny: {}}}",
            "a variable ('{{x}}') at annotations",
        ),
        ("text", "a rule must be an object"),
    ],
)
def test_what_is_refused(rule: str, problem: str) -> None:
    with pytest.raises(PolicyError) as error:
        KyvernoEngine().check(policy(f"{HEAD}\n  - {rule}\n"))
    assert any(problem in one for one in error.value.problems), error.value.problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("apiVersion: v1\nkind: ConfigMap\n", "v1 ConfigMap is not supported"),
        ("apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\n", "ValidatingPolicy is not supported"),
        ("[1, 2]", "list is not supported"),
        ("a: [", "line"),
        ("", "no ClusterPolicy"),
        ((HEAD + "    []").replace("  rules:\n    []", "  rules: []"), "it has no rules"),
        ((HEAD + RULE).replace("spec:", "spec:\n  webhookConfiguration: {matchConditions: [{}]}"), "matchConditions"),
    ],
)
def test_what_is_no_policy(text: str, problem: str) -> None:
    with pytest.raises(PolicyError) as error:
        KyvernoEngine().check(policy(text))
    assert problem in str(error.value)


def test_all_problems_at_once() -> None:
    rule = "{name: r, match: {any: [{resources: {kinds: [Pod]}}]}, context: {}, preconditions: 1, validate: {deny: 1}}"
    with pytest.raises(PolicyError) as error:
        KyvernoEngine().check(policy(f"{HEAD}\n  - {rule}\n"))
    assert len(error.value.problems) == 3
    assert all(problem.startswith("policy example, rule r: ") for problem in error.value.problems)


def test_rules_that_do_not_gate_are_listed() -> None:
    text = HEAD + RULE + "  - {name: m, match: {any: [{resources: {kinds: [Pod]}}]}, mutate: {}}\n"
    found = results(text, "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {team: b}}\n")
    assert [(one.resource, one.outcome) for one in found] == [("v1/Pod/a", Outcome.PASS), ("", Outcome.SKIP)]
    assert found[1].reason == "rules that change or make objects do not gate: m (mutate)"
    (nothing,) = results(text, "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n")
    assert nothing.reason.startswith("no rule of this policy is for an object in this input; rules that change")


def test_a_plan_is_not_for_kyverno() -> None:
    (result,) = results(HEAD + RULE, '{"format_version": "1.2", "resource_changes": []}')
    assert (result.outcome, result.reason) == (Outcome.SKIP, "Kyverno policies judge Kubernetes objects")


def test_conditions_that_do_not_hold_are_a_skip() -> None:
    rule = RULE.replace("{metadata: {labels", "{(kind): Pod, metadata: {(name): b, labels")
    (result,) = results(HEAD + rule, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")
    assert result.outcome is Outcome.SKIP
    assert result.reason == 'rule labelled: metadata.name does not match "b"'


ANY = """
  - name: either
    match: {any: [{resources: {kinds: [ConfigMap]}}]}
    validate:
      message: Either a or b.
      anyPattern:
      - {data: {(kind): x, a: "1"}}
      - {data: {b: "1"}}
"""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("{kind: x, a: '1'}", Outcome.PASS),
        ("{b: '1'}", Outcome.PASS),
        ("{kind: x, a: '2'}", Outcome.FAIL),
        ("{kind: y}", Outcome.FAIL),
    ],
)
def test_any_pattern(data: str, expected: Outcome) -> None:
    manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {data}\n"
    assert outcomes(HEAD + ANY, manifest) == {"v1/ConfigMap/a": expected}


def test_one_result_for_all_rules_and_a_finding_for_each_that_fails() -> None:
    text = HEAD + RULE + RULE.replace("labelled", "again").replace("team", "owner")
    (failed,) = results(text, "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {x: y}}\n")
    assert failed.outcome is Outcome.FAIL
    assert [finding.message for finding in failed.findings] == [
        'The label team is required: metadata.labels.team does not match "?*" (rule labelled)',
        'The label owner is required: metadata.labels.owner does not match "?*" (rule again)',
    ]
    assert failed.findings[0].path == ("metadata", "labels", "team")
    assert failed.findings[0].severity is Severity.HIGH
    assert failed.findings[0].controls == ("nist-800-53@5:CM-6",)


def test_apply_one_rule_only() -> None:
    text = (HEAD + RULE + RULE.replace("labelled", "again").replace("team", "owner")).replace(
        "spec:", "spec:\n  applyRules: One", 1
    )
    (failed,) = results(text, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")
    assert len(failed.findings) == 1


def test_a_hidden_value_is_an_error() -> None:
    rule = """
  - name: long
    match: {any: [{resources: {kinds: [Secret]}}]}
    validate: {pattern: {data: {password: "?????*"}}}
"""
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: aHVudGVyMg==}\n"
    (result,) = results(HEAD + rule, secret)
    assert result.outcome is Outcome.ERROR
    assert result.reason == "rule long: data.password: the value is sensitive and was replaced before judging"


def test_metadata_of_a_wrong_type_is_an_error() -> None:
    manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: [1]}\n"
    (result,) = results(HEAD + RULE, manifest)
    assert result.outcome is Outcome.ERROR
    assert result.reason == "metadata.labels is of a wrong type"


ROOT = """
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: api
    securityContext: {readOnlyRootFilesystem: true}
"""
NON_ROOT = ROOT.replace("spec:\n", "spec:\n  securityContext: {runAsNonRoot: true}\n", 1)


def test_the_article_s_policy_as_printed() -> None:
    text = ARTICLE.read_text()
    assert outcomes(text, ROOT) == {"v1/Pod/a": Outcome.FAIL}
    assert outcomes(text, NON_ROOT) == {"v1/Pod/a": Outcome.PASS}
    writable = NON_ROOT.replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")
    (failed,) = results(text, writable)
    assert failed.findings[0].path == ("spec", "containers", 0, "securityContext", "readOnlyRootFilesystem")


def test_the_article_s_policy_on_a_deployment() -> None:
    pod = "{containers: [{name: api, securityContext: {readOnlyRootFilesystem: true}}]%s}"
    manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: " + pod + "}}\n"
    text = ARTICLE.read_text()
    assert outcomes(text, manifest % "") == {"apps/v1/Deployment/a": Outcome.FAIL}
    fixed = manifest % ", securityContext: {runAsNonRoot: true}"
    assert outcomes(text, fixed) == {"apps/v1/Deployment/a": Outcome.PASS}
