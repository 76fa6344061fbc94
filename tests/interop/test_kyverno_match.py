"""Kyverno's own command line and ``match`` and ``exclude`` blocks at random: the same rules for the same objects."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateproof import inputs
from gateproof.catalog.policy import Source
from gateproof.engines.kyverno.answers import Answers
from gateproof.engines.kyverno.engine import judge
from gateproof.engines.kyverno.occasion import Who
from gateproof.engines.kyverno.policy import load
from gateproof.inputs.context import Fact

Peer = Callable[[str], str]
Denied = set[tuple[str, str]]
RULES = 150
SEED = 20261123
NAMESPACES = {
    "shop": {"tier": "1", "team": "a"},
    "shop-test": {"tier": "2"},
    "default": {},
    "kube-system": {"team": "b"},
}
KINDS = ["apps/v1/Deployment", "v1/Pod", "v1/Service", "v1/ConfigMap", "batch/v1/CronJob", "v1/Namespace"]
ROBOT = {"username": "system:serviceaccount:ci:deployer", "groups": ["system:serviceaccounts", "devs"]}
ROLES = {"roles": ["shop:editor", "ci:viewer"], "clusterRoles": ["view"]}


def objects(source: random.Random) -> list[dict[str, Any]]:
    made = []
    for number in range(60):
        version, _, kind = source.choice(KINDS).rpartition("/")
        metadata: dict[str, Any] = {
            "name": f"{source.choice(['api', 'web', 'job'])}-{number}",
            "labels": {key: source.choice("xyz") for key in source.sample(["app", "app.io/part", "env"], 2)},
            "annotations": {key: source.choice(["on", "off"]) for key in source.sample(["a.io/x", "b"], 1)},
        }
        if kind != "Namespace":
            metadata["namespace"] = source.choice([*NAMESPACES, "unlisted"])
        made.append({"apiVersion": version, "kind": kind, "metadata": metadata})
    return made


def selector(source: random.Random, labels: list[str], values: list[str]) -> dict[str, Any]:
    operator = source.choice(["In", "NotIn", "Exists", "DoesNotExist"])
    required: dict[str, Any] = {"key": source.choice([one for one in labels if "*" not in one]), "operator": operator}
    if operator in ("In", "NotIn"):
        required["values"] = source.sample(values, 2)
    wanted = {source.choice(labels): source.choice([*values, "*", "?"])}
    return source.choice([{"matchLabels": wanted}, {"matchExpressions": [required]}])


def filtered(source: random.Random) -> dict[str, Any]:
    """A filter that says something about the object, and perhaps about who asks."""
    kinds = ["Pod", "Deployment", "v1/Pod", "apps/v1/Deployment", "apps/*/Deploy*", "Service", "Conf*", "Namespace"]
    parts: dict[str, Any] = {
        # A policy for all kinds may name no others.
        "kinds": source.choice([["*"], source.sample([*kinds, "v1beta1/Pod", "Pod/exec"], source.randint(1, 3))]),
        "name": source.choice(["api-*", "web-1?", "*", "web-*"]),
        "names": ["api-*", source.choice(["*-1*", "none"])],
        "namespaces": source.sample(["shop*", "shop-test", "default", "kube-*", "*"], 2),
        "annotations": {source.choice(["a.io/*", "b", "?"]): source.choice(["on", "o*"])},
        "selector": selector(source, ["app", "app*", "env", "none"], ["x", "y", "z"]),
        "namespaceSelector": selector(source, ["tier", "t*", "team"], ["1", "2", "a"]),
        "operations": source.sample(["CREATE", "UPDATE", "DELETE"], 2),
    }
    chosen = {"kinds", *source.sample(sorted(parts), source.randint(0, 2))}
    if "name" in chosen:
        chosen.discard("names")  # a filter has one of them
    made: dict[str, Any] = {"resources": {name: parts[name] for name in sorted(chosen)}}
    who: dict[str, Any] = {
        "subjects": [
            source.choice(
                [
                    {"kind": "ServiceAccount", "namespace": "ci", "name": "deploy*"},
                    {"kind": "ServiceAccount", "namespace": "cd", "name": "*"},
                    {"kind": "Group", "name": "dev?"},
                    {"kind": "User", "name": "alice"},
                ]
            )
        ],
        "roles": source.sample(["shop:editor", "shop:admin", "a:b"], 2),
        "clusterRoles": source.sample(["view", "edit"], 1),
    }
    for name in source.sample(sorted(who), source.choice([0, 0, 0, 1, 2])):
        made[name] = who[name]
    return made


def block(source: random.Random) -> dict[str, Any]:
    join = source.choice(["any", "any", "all", ""])
    return {join: [filtered(source) for _ in range(source.randint(1, 3))]} if join else filtered(source)


def rule(number: int, source: random.Random) -> dict[str, Any]:
    made = {"name": f"rule-{number}", "match": block(source), "validate": {"message": "no", "deny": {}}}
    return {**made, "exclude": block(source)} if source.random() < 0.6 else made


def policies(folder: Path, source: random.Random) -> list[Path]:
    paths = []
    for number in range(RULES):
        made = {
            "apiVersion": "kyverno.io/v1",
            "kind": "ClusterPolicy",
            "metadata": {
                "name": f"policy-{number}",
                "annotations": {"pod-policies.kyverno.io/autogen-controllers": "none"},
            },
            "spec": {"background": False, "rules": [rule(number, source)]},
        }
        paths.append(folder / f"policy-{number}.yaml")
        paths[-1].write_text(json.dumps(made), encoding="utf-8")
    return paths


def theirs(peer: Peer, chosen: list[Path], folder: Path, *, asking: bool) -> tuple[Denied, set[str]]:
    """Which objects which rules deny; and the policies that Kyverno turns down, since they exclude what they match."""
    selectors = [{"name": name, "labels": labels} for name, labels in NAMESPACES.items()]
    values = {"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "Values", "namespaceSelector": selectors}
    (folder / "values.yaml").write_text(json.dumps(values), encoding="utf-8")
    info = {"apiVersion": "cli.kyverno.io/v1alpha1", "kind": "UserInfo", **ROLES, "userInfo": ROBOT}
    (folder / "user.yaml").write_text(json.dumps(info), encoding="utf-8")
    command = [peer("kyverno"), "apply", *map(str, chosen), "--resource", str(folder / "objects.yaml")]
    command += ["--values-file", str(folder / "values.yaml"), "--policy-report", "--output-format", "json"]
    if asking:
        command += ["--userinfo", str(folder / "user.yaml")]
    done = subprocess.run([*command, "--remove-color"], capture_output=True, text=True, check=False)
    reports = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(reports) == 1, done.stdout[-2000:] + done.stderr[-2000:]
    results = json.loads(reports[0])["results"]
    found = {(one["rule"], each["name"]) for one in results for each in one["resources"] if one["result"] == "fail"}
    return found, set(re.findall(r"(?m)^[0-9]+[.] (policy-[0-9]+): ", done.stdout))


def ours(chosen: list[Path], folder: Path, *, asking: bool) -> Denied:
    subject = inputs.parse((folder / "objects.yaml").read_bytes())
    namespaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        for name, labels in {**NAMESPACES, "unlisted": {}}.items()
    ]
    fact = Fact(
        name="kubernetes-objects", source="test", observed_at="2026-11-23T05:00:00Z", max_age=60, value=namespaces
    )
    who = None
    if asking:
        roles, cluster_roles = (frozenset(ROLES[key]) for key in ("roles", "clusterRoles"))
        who = Who(str(ROBOT["username"]), tuple(ROBOT["groups"]), roles, cluster_roles)
    answers = Answers({fact.name: fact}, subject.documents)
    return {
        (outcome.rule, resource.view["name"])
        for path in chosen
        for policy in load((Source(path.name, path.read_text(encoding="utf-8")),))
        for resource in inputs.resources(subject)
        for outcome in judge(policy, subject, resource, answers, who=who)
    }


@pytest.mark.parametrize("asking", [False, True], ids=["nobody-asks", "a-service-account-asks"])
def test_blocks_at_random(peer: Peer, tmp_path: Path, asking: bool) -> None:
    source = random.Random(SEED)  # noqa: S311 - the same blocks every time
    text = "\n---\n".join(map(json.dumps, objects(source)))
    (tmp_path / "objects.yaml").write_text(text, encoding="utf-8")
    chosen = policies(tmp_path, source)
    expected, idle = theirs(peer, chosen, tmp_path, asking=asking)
    found = ours([path for path in chosen if path.stem not in idle], tmp_path, asking=asking)
    assert len(idle) < RULES / 10
    assert (found - expected, expected - found) == (set(), set())
    assert len(found) > 500
