"""Kyverno's own command line judges many Pods by podSecurity rules: the same outcome of every rule."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Peer = Callable[[str], str]
SEED = 20261123
PODS = 150

PROFILES = [{"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "a"}, {"type": "Unconfined"}]
CONTEXT: dict[str, list[Any]] = {
    "allowPrivilegeEscalation": [False, False, False, True],
    "appArmorProfile": PROFILES,
    "capabilities": [
        {"drop": ["ALL"]},
        {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
        {"drop": ["ALL"], "add": ["CHOWN", "SYS_ADMIN"]},
        {"add": ["KILL"]},
        {"drop": ["MKNOD", "KILL"]},
        {},
    ],
    "privileged": [False, False, True],
    "procMount": ["Default", "Unmasked"],
    "runAsNonRoot": [True, True, False],
    "runAsUser": [0, 1, 1000],
    "seLinuxOptions": [
        {"type": "container_t"},
        {"type": "container_engine_t"},
        {"type": "spc_t", "user": "u"},
        {"role": "r"},
        {},
    ],
    "seccompProfile": PROFILES,
    "windowsOptions": [{"hostProcess": True}, {"hostProcess": False}, {}],
}
POD_CONTEXT = {
    **{
        name: CONTEXT[name]
        for name in (
            *("appArmorProfile", "runAsNonRoot", "runAsUser", "seLinuxOptions", "seccompProfile", "windowsOptions"),
        )
    },
    "sysctls": [
        [{"name": "kernel.shm_rmid_forced", "value": "1"}],
        [{"name": "net.ipv4.tcp_rmem", "value": "1"}, {"name": "net.core.somaxconn", "value": "1"}],
        [{"name": "net.ipv4.ip_local_reserved_ports", "value": "1"}],
        [],
    ],
}
VOLUMES: list[dict[str, Any]] = [
    {"emptyDir": {}},
    {"configMap": {"name": "a"}},
    {"hostPath": {"path": "/var/run"}},
    {"nfs": {"server": "a", "path": "/"}},
    {"hostPath": {"path": "/var/log"}},
]
ANNOTATIONS = {
    "container.apparmor.security.beta.kubernetes.io/c0": ["unconfined", "runtime/default", "localhost/a", ""],
    "seccomp.security.alpha.kubernetes.io/pod": ["unconfined", "runtime/default"],
    "container.seccomp.security.alpha.kubernetes.io/c1": ["unconfined", "docker/default"],
}
IMAGES = ["nginx:1", "ghcr.io/a/proxy:v1", "ghcr.io/a/init:v1", "docker.io/b@sha256:" + "0" * 64]
HANDLERS: list[dict[str, Any]] = [{"httpGet": {"port": 80}}, {"tcpSocket": {"port": 80, "host": "example.com"}}]
HARD = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}

EXCLUSIONS: list[list[dict[str, Any]]] = [
    [],
    [{"controlName": "Host Namespaces"}, {"controlName": "Volume Types"}, {"controlName": "Sysctls"}],
    [{"controlName": "HostPath Volumes", "restrictedField": "spec.volumes[*].hostPath", "values": ["/var/log"]}],
    [{"controlName": "Seccomp"}, {"controlName": "Running as Non-root"}],
    [
        {"controlName": "Seccomp", "images": ["ghcr.io/*"]},
        {"controlName": "Running as Non-root", "images": ["ghcr.io/*", "nginx*"]},
        {"controlName": "Running as Non-root user", "images": ["*"]},
        {"controlName": "Capabilities", "images": ["*"]},
        {"controlName": "Privilege Escalation", "images": ["*"]},
    ],
    [
        {
            "controlName": "Capabilities",
            "images": ["*"],
            "restrictedField": "spec.containers[*].securityContext.capabilities.add",
            "values": ["SYS_*", "CHOWN"],
        },
        {
            "controlName": "Running as Non-root user",
            "restrictedField": "spec.securityContext.runAsUser",
            "values": ["0"],
        },
        {"controlName": "Privileged Containers", "images": ["ghcr.io/a/*"]},
        {"controlName": "Host Ports", "images": ["nginx:?"]},
    ],
    [{"controlName": name} for name in ("SELinux", "AppArmor", "HostProcess", "Running as Non-root user")],
]
OF_RESTRICTED = ("Privilege Escalation", "Running as Non-root", "Running as Non-root user", "Volume Types")
VERSIONS = ["latest", "v1.19", "v1.22", "v1.24", "v1.27", "v1.29", "v1.31", "v1.32", None]


def some(chance: float, choices: dict[str, list[Any]], source: random.Random) -> dict[str, Any]:
    return {name: source.choice(values) for name, values in choices.items() if source.random() < chance}


def container(name: str, source: random.Random) -> dict[str, Any]:
    hard = HARD if source.random() < 0.7 else {}
    made: dict[str, Any] = {"name": name, "image": source.choice(IMAGES)}
    if source.random() < 0.9:
        made["securityContext"] = {**hard, **some(0.12, CONTEXT, source)}
    if source.random() < 0.2:
        made["ports"] = [{"containerPort": 80, "hostPort": source.choice([0, 80, 443])}, {"containerPort": 81}]
    if source.random() < 0.1:
        made["livenessProbe"] = source.choice(HANDLERS)
    if source.random() < 0.1:
        made["lifecycle"] = {"preStop": source.choice(HANDLERS)}
    return made


def template(source: random.Random) -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": [container(f"c{n}", source) for n in range(source.randint(1, 3))]}
    if source.random() < 0.3:
        spec["initContainers"] = [container("i0", source)]
    if source.random() < 0.5:
        spec["securityContext"] = some(0.15, POD_CONTEXT, source)
    if source.random() < 0.3:
        spec["volumes"] = [{"name": f"v{n}", **volume} for n, volume in enumerate(source.sample(VOLUMES, 2))]
    spec |= some(0.1, {name: [True, False] for name in ("hostNetwork", "hostPID", "hostIPC", "hostUsers")}, source)
    spec |= some(0.1, {"os": [{"name": "windows"}, {"name": "linux"}]}, source)
    return {"metadata": {"annotations": some(0.1, ANNOTATIONS, source)}, "spec": spec}


def made(number: int, source: random.Random) -> dict[str, Any]:
    pod, kind = template(source), source.choice(["Pod", "Pod", "Deployment", "CronJob", "DaemonSet", "Job"])
    named = {"name": f"object-{number}", "namespace": "apps"}
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": kind, "metadata": {**named, **pod["metadata"]}, "spec": pod["spec"]}
    if kind == "CronJob":
        # Kyverno reads the annotations of the Jobs, not those of their Pods; gateproof reads both.
        jobs = {"metadata": pod["metadata"], "spec": {"template": {"spec": pod["spec"]}}}
        spec: dict[str, Any] = {"schedule": "0 0 * * *", "jobTemplate": jobs}
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": named, "spec": spec}
    group = "batch/v1" if kind == "Job" else "apps/v1"
    return {"apiVersion": group, "kind": kind, "metadata": named, "spec": {"template": pod}}


def suited(exclusions: list[dict[str, Any]], level: str) -> list[dict[str, Any]]:
    return [one for one in exclusions if level != "baseline" or one["controlName"] not in OF_RESTRICTED]


def policies(folder: Path) -> list[Path]:
    paths = []
    for number, version in enumerate(VERSIONS):
        rules = [
            {
                "name": f"{level}-{place}",
                "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
                "validate": {
                    "podSecurity": {
                        "level": level,
                        **({"version": version} if version else {}),
                        **({"exclude": exclude} if exclude else {}),
                    }
                },
            }
            for level in ("baseline", "restricted", "privileged")
            for place, exclude in enumerate(suited(each, level) for each in EXCLUSIONS)
        ]
        policy = {
            "apiVersion": "kyverno.io/v1",
            "kind": "ClusterPolicy",
            "metadata": {"name": f"pods-{number}"},
            "spec": {"rules": rules},
        }
        path = folder / f"policy-{number}.yaml"
        path.write_text(yaml.safe_dump(policy), encoding="utf-8")
        paths.append(path)
    return paths


@pytest.fixture(scope="module")
def kyverno() -> Any:
    """The module that asks both sides."""
    spec = importlib.util.spec_from_file_location("kyverno_outcomes", Path(__file__).with_name("test_kyverno.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pods_at_random_by_every_level_version_and_exclusion(peer: Peer, kyverno: Any, tmp_path: Path) -> None:
    source = random.Random(SEED)  # noqa: S311 - the same Pods every time
    objects = tmp_path / "objects.yaml"
    objects.write_text("\n---\n".join(json.dumps(made(n, source)) for n in range(PODS)), encoding="utf-8")
    chosen = policies(tmp_path)
    found, expected = kyverno.ours(chosen, objects), kyverno.theirs(peer, chosen, objects)
    different = {
        " ".join(key): (found.get(key), expected.get(key))
        for key in found.keys() | expected.keys()
        if found.get(key) != expected.get(key)
    }
    assert different == {}
    assert {"pass", "fail"} == set(found.values())
    assert len(found) == PODS * len(VERSIONS) * 3 * len(EXCLUSIONS)
