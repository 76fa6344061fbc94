"""The checks of the level baseline, each as k8s.io/pod-security-admission/policy has it.

A check takes a Pod and gives None, or what it forbids there, in the words of Kubernetes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from gateproof.engines.pod_security.interface import BadField, CheckPod, Forbidden, Part, Pod

_DEFAULT_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_PROFILES = ("RuntimeDefault", "Localhost")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


class Setters(NamedTuple):
    """Who sets something in a security context that may not be: ``pod``, ``container "a"``; and the fields."""

    who: list[str]
    fields: list[BadField]

    @property
    def said(self) -> str:
        """All of them."""
        return " and ".join(self.who)


def quoted(items: Iterable[str]) -> str:
    """``"a", "b"``."""
    return ", ".join(f'"{item}"' for item in items)


def named(noun: str, names: list[str]) -> str:
    """``container "a"``, ``containers "a", "b"``."""
    return f"{noun}{'' if len(names) == 1 else 's'} {quoted(names)}"


def bad_containers(pod: Pod, judge: Callable[[Part], Iterable[BadField]]) -> tuple[list[str], list[BadField]]:
    """Names of the containers in which ``judge`` finds bad fields, and these fields."""
    names, fields = [], []
    for container in pod.containers():
        if found := list(judge(container)):
            names.append(container.text("name"))
            fields += found
    return names, fields


def setters(pod: Pod, judge: Callable[[Part], Iterable[BadField]]) -> Setters:
    """Whose security context ``judge`` finds bad fields in, the Pod's own or its containers'."""
    context = pod.context
    fields = list(judge(context)) if context else []
    who = ["pod"] if fields else []
    names, more = bad_containers(pod, lambda container: _in_context(container, judge))
    if names:
        who.append(named("container", names))
    return Setters(who, fields + more)


def _in_context(container: Part, judge: Callable[[Part], Iterable[BadField]]) -> Iterable[BadField]:
    context = container.object("securityContext")
    return judge(context) if context else ()


def app_armor_profile(pod: Pod) -> Forbidden | None:
    """AppArmor is not turned off: by the field, or by the annotation that it was before 1.30."""
    found = setters(pod, lambda context: _bad_profile(context, "appArmorProfile"))
    annotations = {
        name: value
        for name, value in pod.annotations.items()
        if name.startswith(_APPARMOR) and value not in ("", "runtime/default") and not value.startswith("localhost/")
    }
    fields = found.fields + [BadField(("metadata", "annotations", name), value) for name, value in annotations.items()]
    if not fields:
        return None
    who = [*found.who, *(["annotation" if len(annotations) == 1 else "annotations"] if annotations else [])]
    values = sorted({str(field.value) for field in found.fields})
    values += sorted(f'{name}="{value}"' for name, value in annotations.items())
    reason = f"forbidden AppArmor profile{'' if len(values) == 1 else 's'}"
    return Forbidden(reason, f"{' and '.join(who)} must not set AppArmor profile type to {quoted(values)}", fields)


def _bad_profile(context: Part, name: str) -> Iterator[BadField]:
    profile = context.object(name)
    if profile and profile.text("type") not in _PROFILES:
        yield BadField(profile.at("type"), profile.text("type"))


def capabilities(pod: Pod) -> Forbidden | None:
    """No capabilities are added but those that containers have anyway."""
    names, fields = bad_containers(pod, lambda container: added_but(container, _DEFAULT_CAPABILITIES))
    if not names:
        return None
    found = sorted({value for field in fields if isinstance(field.value, tuple) for value in field.value})
    detail = f"{named('container', names)} must not include {quoted(found)} in securityContext.capabilities.add"
    return Forbidden("non-default capabilities", detail, fields)


def added_but(container: Part, allowed: frozenset[str]) -> Iterator[BadField]:
    """The capabilities that a container adds beyond those that are allowed, as one field."""
    context = container.object("securityContext")
    found = context.object("capabilities") if context else None
    if found and (bad := sorted(set(found.texts("add")) - allowed)):
        yield BadField(found.at("add"), tuple(bad))


def host_namespaces(pod: Pod) -> Forbidden | None:
    """Network, processes and IPC are the Pod's own."""
    found = [name for name in ("hostNetwork", "hostPID", "hostIPC") if pod.spec.flag(name)]
    if not found:
        return None
    detail = ", ".join(f"{name}=true" for name in found)
    return Forbidden("host namespaces", detail, [BadField(pod.spec.at(name), True) for name in found])


def host_path_volumes(pod: Pod) -> Forbidden | None:
    """No volume is a path of the node."""
    found = [(volume, at) for volume in pod.spec.objects("volumes") if (at := volume.object("hostPath"))]
    if not found:
        return None
    detail = named("volume", [volume.text("name") for volume, _ in found])
    return Forbidden("hostPath volumes", detail, [BadField(at.path, at.text("path") or None) for _, at in found])


def host_ports(pod: Pod) -> Forbidden | None:
    """No container listens on a port of the node."""

    def judge(container: Part) -> Iterator[BadField]:
        for port in container.objects("ports"):
            if number := port.number("hostPort"):
                yield BadField(port.at("hostPort"), number)

    names, fields = bad_containers(pod, judge)
    if not names:
        return None
    ports = sorted({str(field.value) for field in fields})
    verb, noun = "uses" if len(names) == 1 else "use", "hostPort" if len(ports) == 1 else "hostPorts"
    return Forbidden("hostPort", f"{named('container', names)} {verb} {noun} {', '.join(ports)}", fields)


def host_probes(pod: Pod) -> Forbidden | None:
    """Probes and lifecycle handlers ask the Pod, and no other host."""

    def judge(container: Part) -> Iterator[BadField]:
        lifecycle = container.object("lifecycle")
        handlers = [container.object(name) for name in _PROBES]
        handlers += [lifecycle.object(name) for name in ("postStart", "preStop")] if lifecycle else []
        for handler in filter(None, handlers):
            for action in filter(None, (handler.object("httpGet"), handler.object("tcpSocket"))):
                if host := action.text("host"):
                    yield BadField(action.at("host"), host)

    names, fields = bad_containers(pod, judge)
    if not names:
        return None
    names, hosts = sorted(set(names)), sorted({str(field.value) for field in fields})
    verb, plural = "uses" if len(names) == 1 else "use", "" if len(hosts) == 1 else "s"
    detail = f"{named('container', names)} {verb} probe or lifecycle host{plural} {quoted(hosts)}"
    return Forbidden("probe or lifecycle host", detail, fields)


def privileged(pod: Pod) -> Forbidden | None:
    """No container is privileged."""

    def judge(container: Part) -> Iterator[BadField]:
        context = container.object("securityContext")
        if context and context.flag("privileged"):
            yield BadField(context.at("privileged"), True)

    names, fields = bad_containers(pod, judge)
    if not names:
        return None
    detail = f"{named('container', names)} must not set securityContext.privileged=true"
    return Forbidden("privileged", detail, fields)


def proc_mount(pod: Pod) -> Forbidden | None:
    """What is masked in /proc stays so."""

    def judge(container: Part) -> Iterator[BadField]:
        context = container.object("securityContext")
        if context and context.value.get("procMount") is not None and context.text("procMount") != "Default":
            yield BadField(context.at("procMount"), context.text("procMount"))

    names, fields = bad_containers(pod, judge)
    if not names:
        return None
    values = sorted({str(field.value) for field in fields})
    detail = f"{named('container', names)} must not set securityContext.procMount to {quoted(values)}"
    return Forbidden("procMount", detail, fields)


def unless_user_namespace(check: CheckPod) -> CheckPod:
    """``check``, for Pods that have no user namespace of their own."""
    return lambda pod: None if pod.has_user_namespace else check(pod)


def se_linux_options(types: frozenset[str]) -> CheckPod:
    """SELinux labels have one of ``types`` and no user or role."""

    def judge(context: Part) -> Iterator[BadField]:
        options = context.object("seLinuxOptions")
        if not options:
            return
        if (kind := options.text("type")) not in types:
            yield BadField(options.at("type"), kind)
        for name in ("user", "role"):
            if text := options.text(name):
                yield BadField(options.at(name), text)

    def check(pod: Pod) -> Forbidden | None:
        found = setters(pod, judge)
        if not found.who:
            return None
        kinds = sorted({str(field.value) for field in found.fields if field.path[-1] == "type"})
        said = [named("type", kinds)] if kinds else []
        set_there = {field.path[-1] for field in found.fields}
        said += [f"{name} may not be set" for name in ("user", "role") if name in set_there]
        detail = f"{found.said} set forbidden securityContext.seLinuxOptions: {'; '.join(said)}"
        return Forbidden("seLinuxOptions", detail, found.fields)

    return check


def seccomp_annotations(pod: Pod) -> Forbidden | None:
    """Seccomp is not turned off by the annotations that it had before 1.19."""
    names = [_SECCOMP_POD, *(f"{_SECCOMP_CONTAINER}{container.text('name')}" for container in pod.containers())]
    bad = {
        name: value
        for name in names
        if (value := pod.annotations.get(name)) is not None
        and value not in ("runtime/default", "docker/default")
        and not value.startswith("localhost/")
    }
    if not bad:
        return None
    said = sorted(f'{name}="{value}"' for name, value in bad.items())
    detail = f"forbidden annotation{'' if len(said) == 1 else 's'} {', '.join(said)}"
    fields = [BadField(("metadata", "annotations", name), value) for name, value in bad.items()]
    return Forbidden("seccompProfile", detail, fields)


def seccomp_profile(pod: Pod) -> Forbidden | None:
    """A seccomp profile that is set is the runtime's or one of the node's."""
    found = setters(pod, lambda context: _bad_profile(context, "seccompProfile"))
    if not found.who:
        return None
    values = sorted({str(field.value) for field in found.fields})
    detail = f"{found.said} must not set securityContext.seccompProfile.type to {quoted(values)}"
    return Forbidden("seccompProfile", detail, found.fields)


def sysctls(allowed: frozenset[str]) -> CheckPod:
    """Only the sysctls ``allowed`` are set: those that stay inside of the Pod."""

    def check(pod: Pod) -> Forbidden | None:
        context = pod.context
        set_here = context.objects("sysctls") if context else ()
        fields = [BadField(one.at("name"), name) for one in set_here if (name := one.text("name")) not in allowed]
        if not fields:
            return None
        return Forbidden("forbidden sysctls", ", ".join(str(field.value) for field in fields), fields)

    return check


def windows_host_process(pod: Pod) -> Forbidden | None:
    """Nothing is a process of a Windows host."""

    def judge(context: Part) -> Iterator[BadField]:
        options = context.object("windowsOptions")
        if options and options.flag("hostProcess"):
            yield BadField(options.at("hostProcess"), True)

    found = setters(pod, judge)
    if not found.who:
        return None
    detail = f"{found.said} must not set securityContext.windowsOptions.hostProcess=true"
    return Forbidden("hostProcess", detail, found.fields)
