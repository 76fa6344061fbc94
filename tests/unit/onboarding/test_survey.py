from __future__ import annotations

import json

import msgspec
import pytest
from tests.unit.onboarding.conftest import ALL, APPLICATION, DIGEST, KUBERNETES, TERRAFORM, plan, surveyed

from gateproof.onboarding.inventory import File, LeftOut, State
from gateproof.onboarding.survey import survey


def test_a_terraform_monorepo() -> None:
    found = surveyed(TERRAFORM)
    dev, prod, data = found.terraform
    assert (dev.path, dev.root, dev.resources) == ("live/dev", True, {"aws_s3_bucket": 1, "aws_sqs_queue": 1})
    assert (prod.path, prod.root, prod.backend, prod.providers) == ("live/prod", True, "s3", ("aws",))
    assert prod.calls == ("../../modules/data", "git::https://git.example/network.git")
    assert (data.path, data.root, data.resources) == ("modules/data", False, {"aws_kms_key": 1, "aws_s3_bucket": 1})
    assert [(policy.engine, policy.path) for policy in found.policies] == [
        ("rego", "policy/rego/s3.rego"),
        ("tflint (configuration)", ".tflint.hcl"),
    ]
    (owners,) = found.owners
    assert (owners.rules, owners.everything) == (2, True)
    assert owners.owners == ("@acme/platform", "@acme/sre", "ops@acme.example")


def test_pipelines_and_gates_of_the_monorepo() -> None:
    found = surveyed(TERRAFORM)
    (pipeline,) = found.pipelines
    assert (pipeline.system, pipeline.environments, pipeline.plans) == ("gitlab-ci", ("production",), True)
    assert [(gate.tool, gate.layer, gate.place, gate.enforcing) for gate in found.gates] == [
        ("conftest", "ci", "plan", True),
        ("trivy", "ci", "scan", False),
        ("gitleaks", "pre-commit", "hook gitleaks", True),
        ("checkov", "pre-commit", "hook terraform_checkov", True),
        ("tflint", "pre-commit", "hook terraform_tflint", False),
    ]


def test_tags_of_the_monorepo() -> None:
    labels = {label.label: label for label in surveyed(TERRAFORM).labels}
    # Four resources say something about tags, one of them by an expression; and a provider that gives some to all.
    assert [(label.seen, label.missing, label.unknown) for label in labels.values()] == [
        (4, 0, 1),
        (1, 3, 1),
        (1, 3, 1),
    ]
    assert labels["tier"].missing_at == (
        "live/dev/main.tf: aws_s3_bucket.logs",
        "live/prod/main.tf: provider.aws",
        "modules/data/more.tf.json: aws_kms_key.data",
    )


def test_a_kubernetes_repository() -> None:
    found = surveyed(KUBERNETES)
    assert [(chart.path, chart.name) for chart in found.charts] == [("charts/api", "api")]
    assert found.kustomizations == ("overlays/prod",)
    assert [(each.path, each.kinds) for each in found.manifests] == [
        ("base/web.yaml", {"Deployment": 1, "Namespace": 1, "Secret": 1})
    ]
    assert [(image.name, image.pinned) for image in found.images] == [
        ("busybox:1.37", False),
        (f"ghcr.io/acme/web@{DIGEST}", True),
    ]
    assert [policy.engine for policy in found.policies] == ["gatekeeper", "kyverno"]
    assert [(label.label, label.seen, label.missing) for label in found.labels] == [
        ("owner", 2, 0),
        ("data_classification", 1, 1),
        ("tier", 1, 1),
    ]
    assert not found.owners[0].everything
    assert found.left_out == {"a template: what it renders is looked at": 1}


def test_the_workflow_of_the_kubernetes_repository() -> None:
    found = surveyed(KUBERNETES)
    (pipeline,) = found.pipelines
    assert (pipeline.environments, pipeline.renders, pipeline.plans, pipeline.shallow) == (
        ("production",),
        True,
        False,
        True,
    )
    assert [(gate.tool, gate.place, gate.enforcing) for gate in found.gates] == [
        ("trivy", "jobs.build.steps[1]", False),
        ("cosign", "jobs.build.steps[2]", True),
        ("gateproof", "jobs.build.steps[2]", True),
    ]


def test_an_application() -> None:
    found = surveyed(APPLICATION)
    assert found.dockerfiles == ("Dockerfile",)
    assert [(image.name, image.used_in) for image in found.images] == [("alpine:3.20", ("Dockerfile",))]
    assert found.kinds == ("dockerfile",)
    assert found.labels == ()


@pytest.mark.parametrize("name", sorted(ALL))
def test_no_value_is_told(name: str) -> None:
    assert b"hunter2" not in msgspec.json.encode(surveyed(ALL[name]))


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_topic_is_answered(name: str) -> None:
    found = surveyed(ALL[name])
    assert len(found.provable) == 16
    assert all(each.step for each in found.provable if each.state in (State.STEP, State.POLICY, State.ELSEWHERE))
    assert all(each.policies for each in found.provable if each.state in (State.TODAY, State.STEP))


def test_what_can_be_proved_and_what_needs_a_step() -> None:
    source = {path: text for path, text in TERRAFORM.items() if path.endswith(".tf")}
    (at_rest, *_) = surveyed(source).provable
    assert (at_rest.topic, at_rest.state) == ("encryption at rest", State.STEP)
    assert "terraform show -json" in at_rest.step
    with_plan = surveyed({**source, "tfplan.json": plan("aws_s3_bucket")})
    assert with_plan.provable[0].state is State.TODAY
    assert with_plan.plans[0].resources == {"aws_s3_bucket": 1}
    in_pipeline = surveyed(TERRAFORM)
    assert in_pipeline.provable[0].state is State.TODAY
    hygiene = next(each for each in in_pipeline.provable if each.topic == "secrets hygiene")
    assert hygiene.gates == ("gitleaks",)


def test_a_policy_that_reads_nothing_of_what_is_here_proves_nothing() -> None:
    (at_rest, *_) = surveyed({"main.tf": 'resource "random_pet" "name" {}\n'}).provable
    assert (at_rest.state, at_rest.policies) == (State.POLICY, ())
    assert "read none of what is here" in at_rest.step
    assert surveyed({"main.tf": "locals {}\n"}).provable[0].state is State.NOTHING
    assert surveyed({}).provable[0].state is State.NOTHING


def test_kustomizations_need_rendering_and_their_names_are_quoted() -> None:
    found = surveyed({"over lays/kustomization.yaml": "resources: []\n"})
    hardening = next(each for each in found.provable if each.topic == "container hardening")
    assert hardening.step == "rendered manifests in CI: kubectl kustomize 'over lays' | gateproof check -"


def test_sentinel_and_dockerfiles_without_a_stage() -> None:
    found = surveyed({"a.sentinel": "", "Dockerfile": "ARG X=1\n"})
    assert [policy.engine for policy in found.policies] == ["sentinel"]
    assert found.left_out == {"a Dockerfile without FROM": 1}


def test_opentofu_is_read_too() -> None:
    (module,) = surveyed({"main.tofu": 'resource "aws_s3_bucket" "x" {}\n'}).terraform
    assert module.resources == {"aws_s3_bucket": 1}


def test_source_that_is_elsewhere_is_told_by_a_plan() -> None:
    module = 'module "data" {\n  source = "terraform-aws-modules/s3-bucket/aws"\n}\n'
    (at_rest, *_) = surveyed({"main.tf": module}).provable
    assert at_rest.state is State.STEP
    assert "encryption-at-rest" in at_rest.policies
    assert "terraform show -json" in at_rest.step
    (planned, *_) = surveyed({"main.tf": module, ".gitlab-ci.yml": TERRAFORM[".gitlab-ci.yml"]}).provable
    assert (planned.state, "source elsewhere" in planned.step) == (State.STEP, True)


def test_a_module_of_another_provider_is_not_taken_for_ours() -> None:
    source = 'module "data" {{\n  source = "{}"\n}}\n'
    cases = {
        "terraform-aws-modules/s3-bucket/aws": State.STEP,
        "git::https://git.example/anything.git": State.STEP,
        "terraform-ibm-modules/cos/ibm": State.POLICY,
    }
    found = {call: surveyed({"main.tf": source.format(call)}).provable[0].state for call in cases}
    assert found == cases


def test_kinds_of_manifests_are_told_apart() -> None:
    pod = {"pod.yaml": "apiVersion: v1\nkind: Pod\n"}
    ingress = {"ingress.yaml": "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"}
    in_transit = [surveyed(files).provable[1] for files in (pod, pod | ingress)]
    assert ["ingress-tls" in each.policies for each in in_transit] == [False, True]


def test_what_other_tools_enforce() -> None:
    states = {each.topic: each.state for each in surveyed({"pod.yaml": "apiVersion: v1\nkind: Pod\n"}).provable}
    assert states["vulnerability management"] is State.ELSEWHERE
    assert states["backup and recovery"] is State.NOTHING


def test_charts_need_rendering() -> None:
    found = surveyed({"api/Chart.yaml": KUBERNETES["charts/api/Chart.yaml"]})
    hardening = next(each for each in found.provable if each.topic == "container hardening")
    assert (hardening.state, hardening.step) == (
        State.STEP,
        "rendered manifests in CI: helm template api | gateproof check -",
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("main.tf", 'resource {{{{{ "${"${\''),
        ("main.tf", "a = <<EOT\nnever ends"),
        ("main.tf", "}" * 1000 + "{" * 100_000),
        ("main.tf", '"${' * 50_000),
        ("main.tf.json", "[[[["),
        ("main.tf.json", '{"resource": [1, {"x": 2}, {"y": {"z": [3]}}]}'),
        ("x.yaml", "apiVersion: v1\nkind: [Pod\n"),
        ("x.yaml", "apiVersion: v1\nkind: List\nitems: [1, {apiVersion: v1, kind: Pod, metadata: 3, spec: [null]}]\n"),
        ("x.yaml", "apiVersion: &a [" + "[" * 5_000),
        ("x.json", '{"apiVersion": 1, "kind": "Pod"}'),
        ("x.json", '{"resource_changes": {}}'),
        (".pre-commit-config.yaml", "repos: [1, {hooks: 2}, {hooks: [3, {id: [4]}]}]"),
        (".gitlab-ci.yml", "a: 1\nb: {script: {c: d}}\nc: {script: [[[checkov]]]}\n"),
        (".github/workflows/x.yml", "on: push\njobs: {a: 1, b: {steps: [2, {uses: 3, with: 4}]}}\n"),
        (".github/workflows/x.yml", "- 1"),
        ("Jenkinsfile", "\n" * 100_000 + "checkov"),
        ("Dockerfile", "\x00\x01"),
        ("Dockerfile", "FROM"),
        ("CODEOWNERS", "\ud83d"),
        ("OWNERS", "approvers: {a: b}"),
        ("Chart.yaml", "- 1"),
    ],
    ids=lambda value: value[:12] if len(value) < 40 else str(len(value)),
)
def test_hostile_files_are_read_as_far_as_they_go(path: str, text: str) -> None:
    found = survey("x", [File(path, text.encode("utf-8", "surrogatepass"))], ())
    assert found.files == 1
    msgspec.json.encode(found)


def test_a_file_that_is_cut_is_left_out_and_a_plan_is_still_one() -> None:
    files: list[File | LeftOut] = [
        File("a.tf", b'resource "x" "y" {}', whole=False),
        File("b.yaml", b"apiVersion: v1\nkind: Pod\n", whole=False),
        File("c.json", b'{"format_version": "1.2", "resource_changes": [', whole=False),
        LeftOut("a link", "d.tf"),
    ]
    found = survey("x", files, ())
    assert found.left_out == {"a link": 1, "larger than is read": 2}
    assert [(each.path, each.resources) for each in found.plans] == [("c.json", {})]


def test_the_order_of_files_decides_nothing() -> None:
    files = [File(path, text.encode()) for path, text in sorted(KUBERNETES.items())]
    assert survey("x", files, ()) == survey("x", list(reversed(files)), ())


def test_a_list_of_objects_is_looked_into() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"image": "a:1"}]}}
    found = surveyed({"pods.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": [pod, pod]})})
    assert found.manifests[0].kinds == {"Pod": 2}
    assert [image.name for image in found.images] == ["a:1"]
