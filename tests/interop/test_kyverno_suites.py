"""Kyverno's own command line runs the same tests: the same results are met, and the same are not."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateproof.adapters import kyverno_suites
from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno.suite import run

Peer = Callable[[str], str]
NOW = "2026-11-23T05:00:00Z"
HEAD = {"apiVersion": "cli.kyverno.io/v1alpha1"}
OTHER = {"pass": "fail", "fail": "pass", "skip": "fail"}
SHOP, DEV = {"tier": "1"}, {"tier": "2"}


def rule(name: str, condition: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    conditions = {"conditions": {"any": [condition]}} if condition else {}
    pods = {"any": [{"resources": {"kinds": ["Pod"]}}]}
    return {"name": name, "match": pods, "validate": {"message": "no", "deny": conditions}, **more}


def equals(key: str, value: str) -> dict[str, Any]:
    return {"key": f"{{{{ {key} }}}}", "operator": "Equals", "value": value}


def filtered(**resources: Any) -> dict[str, Any]:
    return {"any": [{"resources": {"kinds": ["Pod"], **resources}}]}


CONFIG = [{"name": "settings", "configMap": {"name": "settings", "namespace": "ops"}}]
SUFFIX = [{"name": "suffix", "configMap": {"name": "suffix", "namespace": "ops"}}]
REGISTRY = [{"name": "picture", "imageRegistry": {"reference": "{{ element.image }}"}}]
LOOP = {
    "list": "request.object.spec.containers",
    "context": REGISTRY,
    "deny": {"conditions": {"any": [equals("picture.configData.arch", "arm")]}},
}
RULES = [
    rule("by-name", equals("request.object.metadata.name", "bad")),
    rule("by-config", equals("settings.data.env", "prod"), context=CONFIG),
    rule("by-namespace", match=filtered(namespaceSelector={"matchLabels": SHOP})),
    rule("on-deletion", match=filtered(operations=["DELETE"])),
    rule("by-role", match={"any": [{"resources": {"kinds": ["Pod"]}, "clusterRoles": ["view"]}]}),
    rule("by-user", equals("request.userInfo.username", "alice")),
    rule("by-account", equals("request.object.spec.account", "robot")),
    rule("by-suffix", equals("suffix.data.it", "one"), context=SUFFIX),
    {**rule("by-image"), "validate": {"message": "no", "foreach": [LOOP]}},
    {**rule("by-level"), "validate": {"podSecurity": {"level": "baseline", "version": "latest"}}},
    rule(
        "met",
        equals("request.object.metadata.name", "bad"),
        preconditions={"all": [equals("request.operation", "UPDATE")]},
    ),
    rule("excepted"),
]
VALUES = {
    "globalValues": {"suffix.data.it": "one"},
    "policies": [
        {
            "name": "p",
            "rules": [
                {"name": "by-config", "values": {"settings.data.env": "prod"}},
                {"name": "by-account", "values": {"request.object.spec.account": "robot"}},
                # Kyverno gives every element the first of these.
                {"name": "by-image", "foreachValues": {"picture.configData.arch": ["arm", "arm"]}},
            ],
            "resources": [{"name": "good", "values": {"suffix.data.it": "two"}}],
        }
    ],
    "namespaceSelector": [{"name": "shop", "labels": SHOP}, {"name": "dev", "labels": DEV}],
}
USER = {"kind": "UserInfo", "clusterRoles": ["view"], "userInfo": {"username": "alice"}}
EXCEPTION = {
    "apiVersion": "kyverno.io/v2",
    "kind": "PolicyException",
    "metadata": {"name": "e", "namespace": "ops"},
    "spec": {
        "match": {"any": [{"resources": {"kinds": ["Pod"], "names": ["good"]}}]},
        "exceptions": [{"policyName": "p", "ruleNames": ["excepted", "autogen-excepted"]}],
    },
}
EXPECTED = {
    "by-name": ("pass", "fail"),
    "by-config": ("fail", "fail"),
    "by-namespace": ("skip", "fail"),
    "by-role": ("fail", "fail"),
    "by-user": ("fail", "fail"),
    "by-account": ("fail", "fail"),
    "by-suffix": ("pass", "fail"),
    "by-image": ("fail", "fail"),
    "by-level": ("pass", "fail"),
    "met": ("skip", "skip"),
    "excepted": ("skip", "fail"),
}


def pod(name: str, namespace: str, containers: int, **spec: Any) -> dict[str, Any]:
    made = [{"name": f"c{number}", "image": f"nginx:{number}"} for number in range(containers)]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": made, **spec},
    }


def write(folder: Path, *, flipped: bool) -> None:
    results = [
        {"policy": "p", "rule": name, "kind": "Pod", "resources": [resource], "result": result}
        for name, both in EXPECTED.items()
        for resource, result in zip(("good", "bad"), both, strict=True)
    ]
    results.append({"policy": "p", "rule": "on-deletion", "kind": "Pod", "resources": ["bad"], "result": "fail"})
    results[-1]["operation"] = "DELETE"
    for one in results if flipped else ():
        one["result"] = OTHER[str(one["result"])]
    policy = {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "p"},
        "spec": {"background": False, "rules": RULES},
    }
    test = {
        **HEAD,
        "kind": "Test",
        "metadata": {"name": "t"},
        "policies": ["policy.yaml"],
        "resources": ["pods.yaml"],
        "variables": "values.yaml",
        "userinfo": "user.yaml",
        "exceptions": ["exception.yaml"],
        "results": results,
    }
    files: dict[str, list[dict[str, Any]]] = {
        "policy.yaml": [policy],
        "pods.yaml": [pod("good", "dev", 1), pod("bad", "shop", 2, hostNetwork=True)],
        "values.yaml": [{**HEAD, "kind": "Values", **VALUES}],
        "user.yaml": [{**HEAD, **USER}],
        "exception.yaml": [EXCEPTION],
        "kyverno-test.yaml": [test],
    }
    for name, documents in files.items():
        (folder / name).write_text("\n---\n".join(map(json.dumps, documents)), encoding="utf-8")


def theirs(peer: Peer, folder: Path) -> dict[tuple[str, str], tuple[str, str]]:
    command = [peer("kyverno"), "test", str(folder), "--remove-color", "--output-format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = json.loads(done.stdout[done.stdout.index("\n[") : done.stdout.rindex("]") + 1])
    return {(row["RULE"], row["RESOURCE"].rpartition("/")[2]): (row["RESULT"], row["REASON"]) for row in rows}


@pytest.mark.parametrize("flipped", [False, True], ids=["as-they-are", "turned-round"])
def test_the_same_results_are_met(peer: Peer, tmp_path: Path, flipped: bool) -> None:
    write(tmp_path, flipped=flipped)
    [test] = kyverno_suites.tests_in(str(tmp_path / "kyverno-test.yaml"))
    cases = {case.name: case for case in run(test, now=NOW)}
    rows = theirs(peer, tmp_path)
    assert len(cases) == len(rows) == 2 * len(EXPECTED) + 1
    for name, case in cases.items():
        _, rule, _, _, resource, *_ = name.split("/")
        result, reason = rows[rule, resource]
        if reason == "Excluded":  # which Kyverno takes for met, whatever is expected
            assert (result, case.outcome) == ("Pass", Outcome.SKIP if flipped else Outcome.PASS), name
        else:
            assert (result == "Pass") is (case.outcome is Outcome.PASS) is (not flipped), (name, case, result)


LISTED = [{"name": "listed", "apiCall": {"urlPath": "/api/v1/namespaces/shop/pods", "jmesPath": "length(items)"}}]
COUNT = {
    "apiVersion": "kyverno.io/v1",
    "kind": "ClusterPolicy",
    "metadata": {"name": "p"},
    "spec": {"background": False, "rules": [rule("many", equals("listed", "3"), context=LISTED)]},
}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"a": "b"}}}
SPEC = {"version": "v1", "kind": "Pod", "namespace": "shop", "name": "bad"}


def test_resources_and_targets_are_in_the_cluster(peer: Peer, tmp_path: Path) -> None:
    head = {**HEAD, "metadata": {"name": "t"}}
    test = {
        **head,
        "kind": "Test",
        "policies": ["policy.yaml"],
        "resources": ["pods.yaml"],
        "targetResources": ["targets.yaml"],
        "clusterResources": ["cluster.yaml"],
        "results": [
            {"policy": "p", "rule": "many", "kind": "Pod", "result": "fail", "resources": [], "resourceSpecs": [SPEC]}
        ],
    }
    listed = {**head, "kind": "ClusterResource", "spec": {"resources": [NAMESPACE, pod("there", "shop", 1)]}}
    files = {
        "policy.yaml": [COUNT],
        "pods.yaml": [pod("bad", "shop", 1)],
        "targets.yaml": [pod("target", "shop", 1)],
        "cluster.yaml": [listed],
        "kyverno-test.yaml": [test],
    }
    for name, documents in files.items():
        (tmp_path / name).write_text("\n---\n".join(map(json.dumps, documents)), encoding="utf-8")
    [found] = kyverno_suites.tests_in(str(tmp_path / "kyverno-test.yaml"))
    [case] = run(found, now=NOW)
    assert (case.name, case.outcome) == ("p/many/Pod/shop/bad", Outcome.PASS)
    assert theirs(peer, tmp_path) == {("many", "bad"): ("Pass", "Ok")}


UNKNOWN: dict[str, dict[str, Any]] = {
    "test": {"resorces": ["a"]},
    "results": {"results": [{"policy": "p", "rule": "r", "kind": "Pod", "result": "fail", "reslt": "x"}]},
    "values": {"values": {"policies": [{"name": "p", "rule": []}]}},
}


@pytest.mark.parametrize("more", UNKNOWN.values(), ids=UNKNOWN)
def test_the_same_keys_are_refused(peer: Peer, tmp_path: Path, more: dict[str, Any]) -> None:
    write(tmp_path, flipped=False)
    path = tmp_path / "kyverno-test.yaml"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **more}), encoding="utf-8")
    [found] = kyverno_suites.tests_in(str(path))
    assert [case.outcome for case in run(found, now=NOW)] == [Outcome.ERROR]
    done = subprocess.run([peer("kyverno"), "test", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "unknown field" in done.stdout + done.stderr
