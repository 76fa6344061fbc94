"""``validate.podSecurity`` of Kyverno: levels, versions, exclusions, messages and refusals."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gateproof import inputs
from gateproof.catalog.policy import Source
from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno.engine import RuleOutcome, judge
from gateproof.engines.kyverno.policy import load
from gateproof.errors import PolicyError

HARD = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def policy(kinds: list[str] | None = None, **check: Any) -> tuple[Source, ...]:
    rule = {
        "name": "r",
        "match": {"any": [{"resources": {"kinds": kinds or ["Pod"]}}]},
        "validate": {"message": "Be safe.", "podSecurity": check},
    }
    made = {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "p"},
        "spec": {"rules": [rule]},
    }
    return (Source("p.yaml", yaml.safe_dump(made)),)


def pod(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    named = [{"name": f"c{n}", "image": "nginx", **one} for n, one in enumerate(containers)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": named, **spec}}


def hard(image: str = "nginx", **context: Any) -> dict[str, Any]:
    return {"image": image, "securityContext": {**HARD, **context}}


def said(source: tuple[Source, ...], value: dict[str, Any]) -> RuleOutcome:
    subject = inputs.parse(yaml.safe_dump(value).encode())
    [loaded] = load(source)
    [resource] = inputs.resources(subject)
    [outcome] = judge(loaded, subject, resource)
    return outcome


def test_the_message_is_kyvernos() -> None:
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {
            "template": pod(
                {
                    "ports": [{"hostPort": 80}],
                    "securityContext": {"privileged": True, "capabilities": {"add": ["FOO", "BAR"]}},
                }
            )
        },
    }
    outcome = said(policy(level="restricted", version="latest"), deployment)
    container = "spec.template.spec.containers[0]"
    context = f"{container}.securityContext"
    assert outcome.outcome is Outcome.FAIL
    assert outcome.message == (
        'Be safe: It violates PodSecurity "restricted:latest": '
        f"(Forbidden reason: allowPrivilegeEscalation != false, field error list: [{context}.allowPrivilegeEscalation"
        " is forbidden, forbidden values found: nil])"
        f"(Forbidden reason: non-default capabilities, field error list: [{context}.capabilities.add is forbidden,"
        " forbidden values found: [BAR FOO]])"
        f"(Forbidden reason: unrestricted capabilities, field error list: [{context}.capabilities.drop: Required value,"
        f" {context}.capabilities.add is forbidden, forbidden values found: [BAR FOO]])"
        f"(Forbidden reason: hostPort, field error list: [{container}.ports[0].hostPort is forbidden,"
        " forbidden values found: 80])"
        f"(Forbidden reason: privileged, field error list: [{context}.privileged is forbidden,"
        " forbidden values found: true])"
        f"(Forbidden reason: runAsNonRoot != true, field error list: [{context}.runAsNonRoot: Required value])"
        f"(Forbidden reason: seccompProfile, field error list: [{context}.seccompProfile.type: Required value])"
        " (rule autogen-r)"
    )
    assert outcome.path == ()


def test_one_bad_field_is_the_place() -> None:
    outcome = said(policy(level="baseline"), pod(hard(), volumes=[{"name": "v", "hostPath": {}}]))
    assert outcome.path == ("spec", "volumes", 0, "hostPath")
    assert "spec.volumes[0].hostPath: Forbidden])" in outcome.message


@pytest.mark.parametrize(
    ("check", "value", "expected"),
    [
        ({"level": "baseline"}, pod({}), Outcome.PASS),
        ({"level": "restricted"}, pod(hard()), Outcome.PASS),
        # As Kyverno has it, privileged asks for as much as restricted.
        ({"level": "privileged"}, pod({}), Outcome.FAIL),
        # Younger checks count for older versions, too; what is allowed later than latest is not.
        ({"level": "restricted", "version": "v1.19"}, pod(hard(runAsUser=0)), Outcome.FAIL),
        ({"level": "restricted", "version": "latest"}, pod(hard(runAsUser=0), hostUsers=False), Outcome.FAIL),
        ({"level": "restricted", "version": "v1.37"}, pod(hard(runAsUser=0), hostUsers=False), Outcome.FAIL),
        ({"level": "baseline"}, pod({"securityContext": {"privileged": "yes"}}), Outcome.ERROR),
    ],
)
def test_levels_and_versions(check: dict[str, Any], value: dict[str, Any], expected: Outcome) -> None:
    assert said(policy(**check), value).outcome is expected


SECCOMP = {"controlName": "Seccomp"}
USER = {"controlName": "Running as Non-root user", "images": ["ghcr.io/*"]}


@pytest.mark.parametrize(
    ("exclude", "value", "expected"),
    [
        ([USER], pod(hard("ghcr.io/a", runAsUser=0)), Outcome.PASS),
        ([USER], pod(hard("nginx", runAsUser=0)), Outcome.FAIL),
        ([USER], pod(hard("nginx"), hard("ghcr.io/a", runAsUser=0)), Outcome.PASS),
        ([USER], pod(hard("nginx", runAsUser=0), hard("ghcr.io/a", runAsUser=0)), Outcome.FAIL),
        ([USER], pod(hard("ghcr.io/a"), securityContext={"runAsUser": 0}), Outcome.FAIL),
        ([{**USER, "images": []}], pod(hard(), securityContext={"runAsUser": 0}), Outcome.PASS),
        ([SECCOMP], pod(hard(seccompProfile={"type": "Unconfined"})), Outcome.FAIL),
        ([{**SECCOMP, "images": ["*"]}], pod(hard(seccompProfile={"type": "Unconfined"})), Outcome.PASS),
        ([{"controlName": "Host Namespaces"}], pod(hard(), hostPID=True), Outcome.PASS),
        ([{"controlName": "Host Namespaces"}], pod(hard(), hostPID=True, volumes=[{"hostPath": {}}]), Outcome.FAIL),
        (
            [
                {
                    "controlName": "Sysctls",
                    "restrictedField": "spec.securityContext.sysctls[*].name",
                    "values": ["kernel.*"],
                }
            ],
            pod(hard(), securityContext={"sysctls": [{"name": "kernel.msgmax"}]}),
            Outcome.PASS,
        ),
        (
            [{"controlName": "HostPath Volumes", "restrictedField": "spec.volumes[*].other", "values": ["*"]}],
            pod(hard(), volumes=[{"name": "v", "hostPath": {"path": "/"}}]),
            Outcome.FAIL,
        ),
        (
            [
                {
                    "controlName": "Capabilities",
                    "images": ["nginx"],
                    "restrictedField": "spec.containers[*].securityContext.capabilities.add",
                    "values": ["CHOWN"],
                }
            ],
            pod(hard(capabilities={"drop": ["ALL"], "add": ["CHOWN", "KILL"]})),
            Outcome.FAIL,
        ),
    ],
)
def test_exclusions(exclude: list[dict[str, Any]], value: dict[str, Any], expected: Outcome) -> None:
    assert said(policy(level="restricted", exclude=exclude), value).outcome is expected


def test_a_cron_job_answers_for_the_annotations_of_its_jobs_and_of_their_pods() -> None:
    bad = {"annotations": {"container.apparmor.security.beta.kubernetes.io/c0": "unconfined"}}
    spec = {"containers": [{"name": "c0", "image": "nginx", **hard()}]}
    for jobs, pods in ((bad, {}), ({}, bad), (None, bad)):
        job = {"metadata": jobs, "spec": {"template": {"metadata": pods, "spec": spec}}}
        value = {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"name": "c"},
            "spec": {"jobTemplate": job},
        }
        outcome = said(policy(level="baseline"), value)
        assert (outcome.rule, outcome.outcome) == ("autogen-cronjob-r", Outcome.FAIL)


def test_a_pod_that_is_deleted_is_not_judged() -> None:
    asked = {
        "uid": "1",
        "operation": "DELETE",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "oldObject": pod({}, hostPID=True),
    }
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": asked}
    outcome = said(policy(level="baseline"), review)
    assert (outcome.outcome, outcome.message) == (Outcome.SKIP, "rule r: a Pod that is deleted runs no longer")


def test_a_template_that_is_none_is_an_error() -> None:
    value = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": []}}
    assert said(policy(level="baseline"), value).outcome is Outcome.ERROR


def test_other_kinds_cannot_be_judged() -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    outcome = said(policy(["ConfigMap"], level="baseline"), config)
    assert outcome.outcome is Outcome.ERROR
    assert "ConfigMap is none" in outcome.message


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        ({"level": "strict"}, "podSecurity.level is 'strict'"),
        ({}, "podSecurity.level is None"),
        ({"level": "baseline", "version": "v1.18"}, "podSecurity.version is 'v1.18'"),
        ({"level": "baseline", "version": 1.25}, "podSecurity.version is 1.25"),
        ([], "podSecurity must be an object"),
        ({"level": "baseline", "more": 1}, "unknown key podSecurity.more"),
        ({"level": "baseline", "exclude": {}}, "podSecurity.exclude must be a list of objects"),
        ({"level": "baseline", "exclude": [{"controlName": "Rest"}]}, "controlName is 'Rest'"),
        ({"level": "baseline", "exclude": [{}]}, "podSecurity.exclude: Expected `str`"),
        ({"level": "baseline", "exclude": [{**SECCOMP, "image": "a"}]}, "unknown key 'image'"),
        ({"level": "baseline", "exclude": [{"controlName": "Host Ports"}]}, "so images must say which"),
        ({"level": "baseline", "exclude": [{"controlName": "Sysctls", "images": ["*"]}]}, "images cannot be given"),
        ({"level": "baseline", "exclude": [{"controlName": "Volume Types"}]}, "baseline has no control Volume Types"),
        ({"level": "baseline", "exclude": [{**SECCOMP, "values": ["a"]}]}, "are given together or not at all"),
    ],
)
def test_refusals(check: Any, problem: str) -> None:
    source = policy(**check) if isinstance(check, dict) else policy(level="baseline")
    text = source[0].text if isinstance(check, dict) else source[0].text.replace("level: baseline", "[]")
    with pytest.raises(PolicyError) as raised:
        load((Source("p.yaml", text),))
    assert problem in str(raised.value)
