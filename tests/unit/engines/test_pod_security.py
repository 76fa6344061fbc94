"""The Pod Security Standards: each check, from which version on it counts, and Pods that no cluster reads."""

from __future__ import annotations

from typing import Any

import pytest

from gateproof.engines.pod_security import CHECKS, NEWEST, Level, MalformedPodError, Pod, evaluate, parse_version

HARD = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod(spec: dict[str, Any] | None = None, annotations: dict[str, Any] | None = None, **context: Any) -> Pod:
    """A Pod that the level restricted lets pass, but for what is said."""
    container = {"name": "c", "securityContext": {**HARD, **context}}
    return Pod.of({"annotations": annotations}, {"containers": [container], **(spec or {})})


def found(judged: Pod, level: Level = Level.RESTRICTED, minor: int = NEWEST) -> dict[str, str]:
    return {one.check: one.detail for one in evaluate(judged, level, minor)}


def fields(judged: Pod) -> list[tuple[str, object]]:
    return [(field.shown, field.value) for one in evaluate(judged, Level.RESTRICTED) for field in one.fields]


def test_a_hardened_pod_passes_and_privileged_asks_for_nothing() -> None:
    assert found(pod()) == {}
    assert found(pod({"hostNetwork": True}, privileged=True), Level.PRIVILEGED) == {}


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        (
            pod(allowPrivilegeEscalation=None),
            {"allowPrivilegeEscalation": 'container "c" must set securityContext.allowPrivilegeEscalation=false'},
        ),
        (
            pod(
                {"securityContext": {"appArmorProfile": {"type": "Unconfined"}}},
                {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"},
            ),
            {
                "appArmorProfile": "pod and annotation must not set AppArmor profile type to"
                ' "Unconfined", "container.apparmor.security.beta.kubernetes.io/c="unconfined""'
            },
        ),
        (
            pod(capabilities={"add": ["SYS_ADMIN", "KILL"], "drop": ["MKNOD"]}),
            {
                "capabilities_restricted": 'container "c" must set securityContext.capabilities.drop=["ALL"];'
                ' container "c" must not include "KILL", "SYS_ADMIN" in securityContext.capabilities.add'
            },
        ),
        (pod({"hostPID": True, "hostIPC": True}), {"hostNamespaces": "hostPID=true, hostIPC=true"}),
        (
            pod({"containers": [{"name": "c", "ports": [{"hostPort": 90}, {"hostPort": 8}], "securityContext": HARD}]}),
            {"hostPorts": 'container "c" uses hostPorts 8, 90'},
        ),
        (
            pod(
                {
                    "initContainers": [
                        {"name": "i", "startupProbe": {"tcpSocket": {"host": "h"}}, "securityContext": HARD}
                    ]
                }
            ),
            {"hostProbesAndHostLifecycle": 'container "i" uses probe or lifecycle host "h"'},
        ),
        (pod(privileged=True), {"privileged": 'container "c" must not set securityContext.privileged=true'}),
        (
            pod(procMount="Unmasked"),
            {"procMount_restricted": 'container "c" must not set securityContext.procMount to "Unmasked"'},
        ),
        (
            pod({"volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "hostPath": {}}, {"name": "d"}]}),
            {"restrictedVolumes": 'volumes "b", "d" use restricted volume types "hostPath", "unknown"'},
        ),
        (
            pod({"securityContext": {"runAsNonRoot": False}}, runAsNonRoot=None),
            {
                "runAsNonRoot": "pod must not set securityContext.runAsNonRoot=false;"
                ' pod or container "c" must set securityContext.runAsNonRoot=true'
            },
        ),
        (pod({"securityContext": {"runAsUser": 0}}), {"runAsUser": "pod must not set runAsUser=0"}),
        (
            pod({"securityContext": {"seLinuxOptions": {"type": "spc_t"}}}, seLinuxOptions={"user": "u", "role": "r"}),
            {
                "seLinuxOptions": 'pod and container "c" set forbidden securityContext.seLinuxOptions:'
                ' type "spc_t"; user may not be set; role may not be set'
            },
        ),
        (
            pod(seccompProfile=None),
            {
                "seccompProfile_restricted": 'pod or container "c" must set securityContext.seccompProfile.type'
                ' to "RuntimeDefault" or "Localhost"'
            },
        ),
        (
            pod(seccompProfile={"type": "Unconfined"}),
            {
                "seccompProfile_restricted": 'container "c" must not set'
                ' securityContext.seccompProfile.type to "Unconfined"'
            },
        ),
        (pod({"securityContext": {"sysctls": [{"name": "kernel.msgmax"}]}}), {"sysctls": "kernel.msgmax"}),
        (
            pod({"securityContext": {"windowsOptions": {"hostProcess": True}}}),
            {"windowsHostProcess": "pod must not set securityContext.windowsOptions.hostProcess=true"},
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_each_check_says(judged: Pod, expected: dict[str, str]) -> None:
    assert found(judged) == expected


def test_baseline_has_less() -> None:
    bare = Pod.of(None, {"containers": [{"name": "a"}, {"name": "b"}]})
    assert found(bare, Level.BASELINE) == {}
    assert sorted(found(bare)) == [
        "allowPrivilegeEscalation",
        "capabilities_restricted",
        "runAsNonRoot",
        "seccompProfile_restricted",
    ]
    added = pod(capabilities={"add": ["SYS_ADMIN"]})
    assert found(added, Level.BASELINE) == {
        "capabilities_baseline": 'container "c" must not include "SYS_ADMIN" in securityContext.capabilities.add'
    }
    mounted = pod({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]})
    assert found(mounted, Level.BASELINE) == {"hostPathVolumes": 'volume "v"'}


@pytest.mark.parametrize(
    ("judged", "check", "last_without", "first_with"),
    [
        (pod(allowPrivilegeEscalation=True), "allowPrivilegeEscalation", 7, 8),
        (pod(capabilities={}), "capabilities_restricted", 21, 22),
        (pod(runAsUser=0), "runAsUser", 22, 23),
        (pod(seccompProfile=None), "seccompProfile_restricted", 18, 19),
        (pod(procMount="Unmasked"), "procMount_restricted", 34, 35),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_checks_count_from_a_version_on(judged: Pod, check: str, last_without: int, first_with: int) -> None:
    assert check not in found(judged, minor=last_without)
    assert check in found(judged, minor=first_with)


@pytest.mark.parametrize(
    ("judged", "check", "last_with", "first_without"),
    [
        (pod({"os": {"name": "windows"}}, capabilities=None), "capabilities_restricted", 24, 25),
        (pod({"hostUsers": False}, runAsUser=0), "runAsUser", 34, 35),
        (pod({"hostUsers": False}, runAsNonRoot=False), "runAsNonRoot", 34, 35),
        (pod(seLinuxOptions={"type": "container_engine_t"}), "seLinuxOptions", 30, 31),
        (pod({"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_rmem"}]}}), "sysctls", 31, 32),
        (pod({"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_notsent_lowat"}]}}), "sysctls", 36, 37),
        (
            pod(None, {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}),
            "seccompProfile_baseline",
            18,
            19,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_later_versions_allow(judged: Pod, check: str, last_with: int, first_without: int) -> None:
    assert check in found(judged, minor=last_with)
    assert check not in found(judged, minor=first_without)


def test_a_user_namespace_unmasks_proc_at_baseline_alone() -> None:
    unmasked = pod({"hostUsers": False}, procMount="Unmasked")
    assert "procMount" in found(unmasked, Level.BASELINE, 34)
    assert found(unmasked, Level.BASELINE, 35) == {}
    assert "procMount_restricted" in found(unmasked, minor=35)


def test_fields_say_where_and_what() -> None:
    judged = pod(
        {"volumes": [{"name": "v", "nfs": {}}], "ephemeralContainers": [{"name": "e", "securityContext": HARD}]},
        {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"},
        capabilities={"drop": ["ALL"], "add": ["B", "A"]},
        runAsUser=0,
    )
    assert fields(judged) == [
        ("metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]", "unconfined"),
        ("spec.containers[0].securityContext.capabilities.add", ("A", "B")),
        ("spec.volumes[0].nfs", None),
        ("spec.containers[0].securityContext.runAsUser", 0),
    ]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"hostPID": "yes"}, "spec.hostPID is not true or false"),
        ({"containers": {"name": "c"}}, "spec.containers is not a list"),
        ({"containers": ["c"]}, "spec.containers[0] is not an object"),
        ({"containers": [{"securityContext": {"runAsUser": True}}]}, "runAsUser is not an integer"),
        ({"containers": [{"securityContext": {"capabilities": {"drop": [1]}}}]}, "drop is not a list of texts"),
        ({"securityContext": []}, "spec.securityContext is not an object"),
        ({"os": {"name": 1}}, "spec.os.name is not a text"),
    ],
)
def test_what_no_cluster_reads_is_no_pass(spec: dict[str, Any], said: str) -> None:
    with pytest.raises(MalformedPodError) as raised:
        evaluate(Pod.of(None, spec), Level.RESTRICTED)
    assert said in str(raised.value)


def test_annotations_are_texts() -> None:
    with pytest.raises(MalformedPodError, match="is not a text"):
        Pod.of({"annotations": {"a": 1}}, {})


def test_null_is_absent() -> None:
    judged = pod({"volumes": None, "hostNetwork": None, "securityContext": None, "os": None}, None, privileged=None)
    assert found(judged) == {}


@pytest.mark.parametrize(("text", "minor"), [("latest", NEWEST), ("v1.0", 0), ("v1.25", 25), ("v1.99", 99)])
def test_versions(text: str, minor: int) -> None:
    assert parse_version(text) == minor


@pytest.mark.parametrize("text", ["", "1.25", "v2.0", "v1.025", "v1.-1", "newest", "v1.25 "])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(ValueError, match="is no version"):
        parse_version(text)


def test_the_table_is_in_order() -> None:
    for check in CHECKS:
        since = [revision.since for revision in check.revisions]
        assert since == sorted(set(since))
    ids = {check.id: check.level for check in CHECKS}
    assert len(ids) == len(CHECKS)
    for check in CHECKS:
        for id in (id for revision in check.revisions for id in revision.replaces):
            assert (check.level, ids[id]) == (Level.RESTRICTED, Level.BASELINE)
