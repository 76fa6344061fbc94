"""The checks that the level restricted has beyond baseline, each as k8s.io/pod-security-admission/policy has it."""

from __future__ import annotations

from collections.abc import Iterator

from gateproof.engines.pod_security.baseline import (
    added_but,
    bad_containers,
    named,
    quoted,
    seccomp_profile,
    setters,
)
from gateproof.engines.pod_security.interface import BadField, CheckPod, Forbidden, Part, Pod

_MAY_BE_ADDED = frozenset({"NET_BIND_SERVICE"})
_VOLUMES = (
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"),
    "secret",
)
_OTHER_VOLUMES = (
    *("hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd"),
    *("flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk"),
    *("photonPersistentDisk", "portworxVolume", "scaleIO", "storageos"),
)


def unless_windows(check: CheckPod) -> CheckPod:
    """``check``, for Pods that are not for Windows, which does not have what it asks for."""
    return lambda pod: None if pod.is_windows else check(pod)


def allow_privilege_escalation(pod: Pod) -> Forbidden | None:
    """Every container says that processes gain no privileges."""

    def judge(container: Part) -> Iterator[BadField]:
        context = container.object("securityContext")
        if context is None:
            yield BadField(container.at("securityContext", "allowPrivilegeEscalation"), required=True)
        elif (allowed := context.flag("allowPrivilegeEscalation")) is not False:
            yield BadField(context.at("allowPrivilegeEscalation"), "nil" if allowed is None else allowed)

    names, fields = bad_containers(pod, judge)
    if not names:
        return None
    detail = f"{named('container', names)} must set securityContext.allowPrivilegeEscalation=false"
    return Forbidden("allowPrivilegeEscalation != false", detail, fields)


def capabilities(pod: Pod) -> Forbidden | None:
    """Every container drops ALL capabilities, and adds none but NET_BIND_SERVICE."""
    keeping, kept = bad_containers(pod, _not_dropped)
    adding, added = bad_containers(pod, lambda container: added_but(container, _MAY_BE_ADDED))
    said = []
    if keeping:
        said.append(f'{named("container", keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        found = sorted({value for field in added if isinstance(field.value, tuple) for value in field.value})
        said.append(
            f"{named('container', adding)} must not include {quoted(found)} in securityContext.capabilities.add"
        )
    return Forbidden("unrestricted capabilities", "; ".join(said), kept + added) if said else None


def _not_dropped(container: Part) -> Iterator[BadField]:
    context = container.object("securityContext")
    found = context.object("capabilities") if context else None
    dropped = found.texts("drop") if found else []
    if "ALL" not in dropped:
        path = container.at("securityContext", "capabilities", "drop")
        yield BadField(path, tuple(sorted(set(dropped)))) if dropped else BadField(path, required=True)


def volumes(pod: Pod) -> Forbidden | None:
    """Volumes are of kinds that bring nothing of the node or of other systems with them."""
    names, kinds, fields = [], set(), []
    for volume in pod.spec.objects("volumes"):
        if any(volume.value.get(kind) is not None for kind in _VOLUMES):
            continue
        kind = next((kind for kind in _OTHER_VOLUMES if volume.value.get(kind) is not None), "unknown")
        names.append(volume.text("name"))
        kinds.add(kind)
        fields.append(BadField(volume.at(kind)))
    if not names:
        return None
    verb, plural = "uses" if len(names) == 1 else "use", "" if len(kinds) == 1 else "s"
    detail = f"{named('volume', names)} {verb} restricted volume type{plural} {quoted(sorted(kinds))}"
    return Forbidden("restricted volume types", detail, fields)


def run_as_non_root(pod: Pod) -> Forbidden | None:
    """The Pod, or each container, says that it does not run as root."""
    explicit = setters(pod, lambda context: _set_to(context, "runAsNonRoot", False))
    context = pod.context
    names: list[str] = []
    missing: list[BadField] = []
    if not (context and context.flag("runAsNonRoot")):
        names, missing = bad_containers(pod, lambda container: _unset(container, "runAsNonRoot"))
    said = []
    if explicit.who:
        said.append(f"{explicit.said} must not set securityContext.runAsNonRoot=false")
    if names:
        said.append(f"pod or {named('container', names)} must set securityContext.runAsNonRoot=true")
    return Forbidden("runAsNonRoot != true", "; ".join(said), explicit.fields + missing) if said else None


def run_as_user(pod: Pod) -> Forbidden | None:
    """Nothing runs as user 0."""
    found = setters(pod, lambda context: _set_to(context, "runAsUser", 0))
    return Forbidden("runAsUser=0", f"{found.said} must not set runAsUser=0", found.fields) if found.who else None


def _set_to(context: Part, name: str, bad: bool | int) -> Iterator[BadField]:
    found = context.flag(name) if isinstance(bad, bool) else context.number(name)
    if found is not None and found == bad:
        yield BadField(context.at(name), bad)


def _unset(container: Part, *path: str) -> Iterator[BadField]:
    """The field at ``path`` in a container's security context, when it (or all of it) is absent."""
    found = container.object("securityContext")
    if found is None or found.value.get(path[0]) is None:
        yield BadField(container.at("securityContext", *path), required=True)


def seccomp_profile_set(pod: Pod) -> Forbidden | None:
    """The Pod, or each container, has a seccomp profile, and it is the runtime's or one of the node's."""
    if bad := seccomp_profile(pod):
        return bad
    context = pod.context
    if context and context.object("seccompProfile"):
        return None
    names, fields = bad_containers(pod, lambda container: _unset(container, "seccompProfile", "type"))
    if not names:
        return None
    detail = (
        f"pod or {named('container', names)} must set securityContext.seccompProfile.type"
        ' to "RuntimeDefault" or "Localhost"'
    )
    return Forbidden("seccompProfile", detail, fields)
