"""The restricted Pod Security Standard, field by field: one Pod that keeps to it, and one setting changed at a time.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.engines.interface import Outcome

Path = tuple[str | int, ...]

_SOURCE = "pod-security-restricted/policy.rego"
(POLICY,) = pack.load({_SOURCE: (pack.POLICIES / _SOURCE).read_text(encoding="utf-8")})

_CONTAINER = {
    "name": "api",
    "image": "api",
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
_POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "api"},
    "spec": {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "initContainers": [_CONTAINER],
        "containers": [_CONTAINER],
        "ephemeralContainers": [_CONTAINER],
    },
}
_CONTAINERS: tuple[Path, ...] = tuple(("spec", f"{kind}ontainers", 0) for kind in ("initC", "c", "ephemeralC"))
_CONTEXTS: tuple[Path, ...] = tuple((*path, "securityContext") for path in (("spec",), *_CONTAINERS))

_GONE = object()

# Where → what may be there, and what may not. What is of a wrong type may never be there.
_OF_THE_POD: dict[Path, tuple[list[Any], list[Any]]] = {
    **{("spec", name): ([None, False], [True, "false", 0]) for name in ("hostIPC", "hostNetwork", "hostPID")},
    ("spec", "securityContext"): ([], [_GONE, {}, "restricted", []]),
    ("spec", "securityContext", "sysctls"): (
        [None, [], [{"name": "net.ipv4.tcp_rmem", "value": "1"}, {"name": "kernel.shm_rmid_forced", "value": "1"}]],
        [[{"name": "kernel.msgmax", "value": "1"}], [{"value": "1"}], ["kernel.shm_rmid_forced"], {}],
    ),
    ("spec", "volumes"): (
        [None, [], [{"name": "tmp"}], [{"name": "tmp", "emptyDir": None}], *(
            [{"name": "v", kind: {}}] for kind in (
                "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
                "projected", "secret",
            )
        )],
        [["tmp"], "tmp", {}, [{"name": "v", "emptyDir": {}, "hostPath": {"path": "/"}}], *(
            [{"name": "v", kind: {}}] for kind in (
                "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker",
                "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "iscsi", "nfs", "photonPersistentDisk",
                "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
            )
        )],
    ),
    ("metadata", "annotations"): (
        [None, {"container.apparmor.security.beta.kubernetes.io/api": "runtime/default"},
         {"container.apparmor.security.beta.kubernetes.io/api": "localhost/api"}],
        [{"container.apparmor.security.beta.kubernetes.io/api": "unconfined"}],
    ),
}  # fmt: skip
_OF_CONTEXTS: dict[Path, tuple[list[Any], list[Any]]] = {
    ("runAsUser",): ([None, 1000], [0, "0", -1, True]),
    ("seccompProfile",): (
        [{"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "api.json"}],
        [{"type": "Unconfined"}, "RuntimeDefault"],
    ),
    ("appArmorProfile",): (
        [None, {"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "api"}],
        [{"type": "Unconfined"}, "RuntimeDefault"],
    ),
    ("seLinuxOptions",): (
        [None, {}, {"level": "s0:c1,c2"}, {"user": "", "role": "", "type": ""}, *(
            {"type": f"container{name}_t"} for name in ("", "_init", "_kvm", "_engine")
        )],
        [{"type": "spc_t"}, {"user": "system_u"}, {"role": "sysadm_r"}, "container_t"],
    ),
    ("windowsOptions",): ([None, {"hostProcess": False}], [{"hostProcess": True}, {"hostProcess": "false"}, True]),
}  # fmt: skip
_OF_CONTAINERS: dict[Path, tuple[list[Any], list[Any]]] = {
    ("securityContext",): ([], [_GONE, None, {}, "restricted"]),
    ("securityContext", "privileged"): ([None, False], [True, "false"]),
    ("securityContext", "procMount"): ([None, "Default"], ["Unmasked"]),
    ("securityContext", "runAsNonRoot"): ([None, True], [False, "true"]),
    ("securityContext", "allowPrivilegeEscalation"): ([False], [_GONE, None, True, "false"]),
    ("securityContext", "capabilities"): (
        [{"drop": ["ALL"], "add": []}, {"drop": ["KILL", "ALL"], "add": ["NET_BIND_SERVICE"]}],
        [_GONE, {}, {"drop": []}, {"drop": ["KILL"]}, {"drop": ["all"]}, {"drop": "ALL"}, "drop",
         {"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "CHOWN"]}, {"drop": ["ALL"], "add": "NET_BIND_SERVICE"}],
    ),
    ("ports",): (
        [None, [], [{"containerPort": 80}], [{"containerPort": 80, "hostPort": 0}]],
        [[{"containerPort": 80, "hostPort": 80}], [80], 80, {"containerPort": 80}],
    ),
    **{
        (hook,): (
            [None, {action: {"port": 80}}, {action: {"port": 80, "host": ""}}],
            [{action: {"port": 80, "host": "10.0.0.1"}}, {action: "10.0.0.1"}, "10.0.0.1"],
        )
        for hook in ("livenessProbe", "readinessProbe", "startupProbe")
        for action in ("httpGet", "tcpSocket")
    },
    **{
        ("lifecycle", hook): ([None, {action: {"port": 80}}], [{action: {"port": 80, "host": "10.0.0.1"}}, "10.0.0.1"])
        for hook in ("postStart", "preStop")
        for action in ("httpGet", "tcpSocket")
    },
}  # fmt: skip
_ALL = {
    **_OF_THE_POD,
    **{(*context, *path): values for context in _CONTEXTS for path, values in _OF_CONTEXTS.items()},
    **{(*container, *path): values for container in _CONTAINERS for path, values in _OF_CONTAINERS.items()},
}


def changed(path: Path, value: Any) -> dict[str, Any]:
    pod: dict[str, Any] = json.loads(json.dumps(_POD))
    holder: Any = pod
    for step in path[:-1]:
        holder = holder[step] if isinstance(step, int) else holder.setdefault(step, {})
    if value is _GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return pod


def outcome(pod: dict[str, Any]) -> Outcome:
    (result,) = engines.engine_for(POLICY.engine).evaluate(
        POLICY, inputs.parse(json.dumps(pod).encode()), {}, now="2026-11-23T05:00:00Z"
    )
    return result.outcome


def test_a_pod_that_keeps_to_it() -> None:
    assert outcome(_POD) is Outcome.PASS


@pytest.mark.parametrize("path", _ALL, ids=lambda path: ".".join(map(str, path)))
def test_a_field(path: Path) -> None:
    allowed, denied = _ALL[path]
    found = [[value for value in values if outcome(changed(path, value)) is wrong] for values, wrong in (
        (allowed, Outcome.FAIL), (denied, Outcome.PASS),
    )]  # fmt: skip
    assert found == [[], []]


@pytest.mark.parametrize("value", [{"type": "Unconfined"}, {"type": "RuntimeDefault"}])
def test_what_the_pod_says_counts_where_containers_say_something_else(value: dict[str, str]) -> None:
    pod = changed(("spec", "securityContext", "seccompProfile"), value)
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        pod["spec"][kind][0]["securityContext"]["seccompProfile"] = {"type": "RuntimeDefault"}
    assert outcome(pod) is (Outcome.PASS if value["type"] == "RuntimeDefault" else Outcome.FAIL)


def test_windows_is_not_asked_for_what_it_has_not() -> None:
    pod = changed(("spec", "os"), {"name": "windows"})
    pod["spec"]["securityContext"] = {"runAsNonRoot": True}
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        del pod["spec"][kind][0]["securityContext"]
    assert outcome(pod) is Outcome.PASS
    pod["spec"]["os"]["name"] = "linux"
    assert outcome(pod) is Outcome.FAIL
