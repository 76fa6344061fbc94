"""The table of checks: their levels, and from which minor version of Kubernetes on each revision of them counts.

As k8s.io/pod-security-admission registers them, up to 1.37
(https://kubernetes.io/docs/concepts/security/pod-security-standards/).
"""

from __future__ import annotations

from gateproof.engines.pod_security import baseline, restricted
from gateproof.engines.pod_security.baseline import unless_user_namespace
from gateproof.engines.pod_security.interface import Check, Level, Revision
from gateproof.engines.pod_security.restricted import unless_windows

_SYSCTLS_1_0 = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start",
    }
)
_SYSCTLS_1_27 = _SYSCTLS_1_0 | {"net.ipv4.ip_local_reserved_ports"}
_SYSCTLS_1_29 = _SYSCTLS_1_27 | {
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}
_SYSCTLS_1_32 = _SYSCTLS_1_29 | {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}
_SYSCTLS_1_37 = _SYSCTLS_1_32 | {"net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"}
_SE_LINUX_1_0 = frozenset({"", "container_t", "container_init_t", "container_kvm_t"})
_SE_LINUX_1_31 = _SE_LINUX_1_0 | {"container_engine_t"}


def _baseline(id: str, *revisions: Revision) -> Check:
    return Check(id, Level.BASELINE, revisions)


def _restricted(id: str, *revisions: Revision) -> Check:
    return Check(id, Level.RESTRICTED, revisions)


CHECKS: tuple[Check, ...] = (
    _restricted(
        "allowPrivilegeEscalation",
        Revision(8, restricted.allow_privilege_escalation),
        Revision(25, unless_windows(restricted.allow_privilege_escalation)),
    ),
    _baseline("appArmorProfile", Revision(0, baseline.app_armor_profile)),
    _baseline("capabilities_baseline", Revision(0, baseline.capabilities)),
    _restricted(
        "capabilities_restricted",
        Revision(22, restricted.capabilities, ("capabilities_baseline",)),
        Revision(25, unless_windows(restricted.capabilities), ("capabilities_baseline",)),
    ),
    _baseline("hostNamespaces", Revision(0, baseline.host_namespaces)),
    _baseline("hostPathVolumes", Revision(0, baseline.host_path_volumes)),
    _baseline("hostPorts", Revision(0, baseline.host_ports)),
    _baseline("hostProbesAndHostLifecycle", Revision(34, baseline.host_probes)),
    _baseline("privileged", Revision(0, baseline.privileged)),
    _baseline("procMount", Revision(0, baseline.proc_mount), Revision(35, unless_user_namespace(baseline.proc_mount))),
    _restricted("procMount_restricted", Revision(35, baseline.proc_mount, ("procMount",))),
    _restricted("restrictedVolumes", Revision(0, restricted.volumes, ("hostPathVolumes",))),
    _restricted(
        "runAsNonRoot",
        Revision(0, restricted.run_as_non_root),
        Revision(35, unless_user_namespace(restricted.run_as_non_root)),
    ),
    _restricted(
        "runAsUser", Revision(23, restricted.run_as_user), Revision(35, unless_user_namespace(restricted.run_as_user))
    ),
    _baseline(
        "seLinuxOptions",
        Revision(0, baseline.se_linux_options(_SE_LINUX_1_0)),
        Revision(31, baseline.se_linux_options(_SE_LINUX_1_31)),
    ),
    _baseline(
        "seccompProfile_baseline", Revision(0, baseline.seccomp_annotations), Revision(19, baseline.seccomp_profile)
    ),
    _restricted(
        "seccompProfile_restricted",
        Revision(19, restricted.seccomp_profile_set, ("seccompProfile_baseline",)),
        Revision(25, unless_windows(restricted.seccomp_profile_set), ("seccompProfile_baseline",)),
    ),
    _baseline(
        "sysctls",
        Revision(0, baseline.sysctls(_SYSCTLS_1_0)),
        Revision(27, baseline.sysctls(_SYSCTLS_1_27)),
        Revision(29, baseline.sysctls(_SYSCTLS_1_29)),
        Revision(32, baseline.sysctls(_SYSCTLS_1_32)),
        Revision(37, baseline.sysctls(_SYSCTLS_1_37)),
    ),
    _baseline("windowsHostProcess", Revision(0, baseline.windows_host_process)),
)
"""Every check, by id."""
