# METADATA
# scope: package
# title: Pods keep to the restricted Pod Security Standard
# description: >-
#   Every Pod and every workload that makes Pods keeps to all fields of the restricted profile of the Kubernetes Pod
#   Security Standards, the baseline profile included, in its containers, init containers and ephemeral containers.
# custom:
#   id: pod-security-restricted
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.8
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:AC-6(10)
#     - nist-800-53@5:CM-6
#     - nist-800-53@5:CM-7
#     - nist-800-53@5:SC-39
#     - pci-dss@4.0.1:2.2.1
#     - pci-dss@4.0.1:2.2.4
#     - pci-dss@4.0.1:2.2.6
#     - hipaa:164.308(a)(1)(ii)(B)
#   kinds: [kubernetes]
#   layers: [pre-commit, ci, cd, runtime]
#   remediation: >-
#     Set runAsNonRoot true and seccompProfile RuntimeDefault on the Pod, allowPrivilegeEscalation false and
#     capabilities.drop ALL on every container, and use no host namespaces, ports or volumes of the node.
package gateproof.policies.pod_security_restricted

import data.gateproof.lib.kubernetes
import rego.v1

# The standard as tables: what may stand at a path, null being nothing. The rest of it is in the rules below.

profiles := {"Localhost", "RuntimeDefault"}

selinux_types := {null, "", "container_engine_t", "container_init_t", "container_kvm_t", "container_t"}

# Of a securityContext, a Pod's or a container's.
context_fields := {
	["securityContext", "appArmorProfile", "type"]: profiles | {null},
	["securityContext", "seLinuxOptions", "role"]: {null, ""},
	["securityContext", "seLinuxOptions", "type"]: selinux_types,
	["securityContext", "seLinuxOptions", "user"]: {null, ""},
	["securityContext", "windowsOptions", "hostProcess"]: {null, false},
}

pod_fields := object.union(context_fields, {
	["hostIPC"]: {null, false},
	["hostNetwork"]: {null, false},
	["hostPID"]: {null, false},
	["securityContext", "runAsNonRoot"]: {null, true},
	["securityContext", "seccompProfile", "type"]: profiles | {null},
})

# A probe of another host is sent from the node.
hosts := {array.concat(hook, [action, "host"]): {null, ""} |
	some hook in [
		["livenessProbe"],
		["readinessProbe"],
		["startupProbe"],
		["lifecycle", "postStart"],
		["lifecycle", "preStop"],
	]
	some action in ["httpGet", "tcpSocket"]
}

container_fields := object.union_n([context_fields, hosts, {
	["securityContext", "privileged"]: {null, false},
	["securityContext", "procMount"]: {null, "Default"},
}])

apparmor_annotation := "container.apparmor.security.beta.kubernetes.io/"

volume_types := {
	"configMap",
	"csi",
	"downwardAPI",
	"emptyDir",
	"ephemeral",
	"image",
	"persistentVolumeClaim",
	"projected",
	"secret",
}

safe_sysctls := {
	"kernel.shm_rmid_forced",
	"net.ipv4.ip_local_port_range",
	"net.ipv4.ip_local_reserved_ports",
	"net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.ping_group_range",
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes",
	"net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_rmem",
	"net.ipv4.tcp_syncookies",
	"net.ipv4.tcp_wmem",
}

applies contains r.address if some r in kubernetes.workloads

undecided contains one if some one in kubernetes.unreadable

deny contains finding if some finding in kubernetes.malformed

# What the tables are about, with those parts of them that are for each member.

pods := [{"r": r, "name": "the Pod", "path": r.pod_path, "value": r.pod, "tables": pod_tables} |
	some r in kubernetes.pods
]

containers := [object.union(c, {"name": kubernetes.named(c), "value": c.container, "tables": container_tables}) |
	some c in kubernetes.containers
]

pod_tables := by_member(pod_fields)

container_tables := by_member(container_fields)

by_member(fields) := {path[0]: {"fields": found, "holders": holders(found)} |
	some path, _ in fields
	found := {other: values | some other, values in fields; other[0] == path[0]}
}

# The paths that lead to others.
holders(fields) := {array.slice(path, 0, length) |
	some path, _ in fields
	some length in numbers.range(1, count(path))
	length < count(path)
}

# Windows has none of what follows, and the API server refuses it there.
on_linux := [part | some part in containers; not kubernetes.for_windows(part.r.pod)]

finding(part, path, message) := {
	"resource": part.r.address,
	"message": sprintf("%s: %s", [part.name, message]),
	"path": array.concat(part.path, path),
}

unlike(part, path, value) := finding(part, path, message) if {
	message := sprintf("%s is %s", [concat(".", path), kubernetes.shown(value)])
}

deny contains unlike(part, path, value) if {
	some part in array.concat(pods, containers)
	some member, table in part.tables
	part.value[member] != null
	some path, values in table.fields
	value := object.get(part.value, path, null)
	not value in values
}

# Settings stand in objects: none could be found in anything else.
deny contains unlike(part, path, value) if {
	some part in array.concat(pods, containers)
	some member, table in part.tables
	part.value[member] != null
	some path in table.holders
	value := object.get(part.value, path, null)
	value != null
	not is_object(value)
}

deny contains unlike(part, path, value) if {
	some part in array.concat(pods, containers)
	path := ["securityContext", "runAsUser"]
	value := object.get(part.value, path, null)
	value != null
	not kubernetes.non_root(value)
}

deny contains finding(part, path, message) if {
	some part in containers
	value := kubernetes.effective(part, "runAsNonRoot")
	value != true
	path := ["securityContext", "runAsNonRoot"]
	message := sprintf("may run as root, runAsNonRoot is %s", [kubernetes.shown(value)])
}

deny contains finding(part, path, message) if {
	some part in on_linux
	profile := kubernetes.effective(part, "seccompProfile")
	not filters(profile)
	path := ["securityContext", "seccompProfile"]
	message := sprintf("system calls are not filtered, seccompProfile is %s", [kubernetes.shown(profile)])
}

filters(profile) if profile.type in profiles

deny contains unlike(part, path, value) if {
	some part in on_linux
	path := ["securityContext", "allowPrivilegeEscalation"]
	value := object.get(part.value, path, null)
	value != false
}

deny contains unlike(part, path, value) if {
	some part in on_linux
	path := ["securityContext", "capabilities", "drop"]
	value := object.get(part.value, path, null)
	not "ALL" in listed(value)
}

deny contains unlike(part, path, value) if {
	some part in on_linux
	path := ["securityContext", "capabilities", "add"]
	value := object.get(part.value, path, null)
	some capability in listed(value)
	capability != "NET_BIND_SERVICE"
}

deny contains finding(part, ["ports", index], message) if {
	some part in containers
	some index, port in listed(object.get(part.value, ["ports"], null))
	not own(port)
	message := sprintf("takes a port of the node, %s", [kubernetes.shown(port)])
}

own(port) if object.get(port, "hostPort", null) in {null, 0}

deny contains finding(part, ["securityContext", "sysctls", index], message) if {
	some part in pods
	some index, sysctl in listed(object.get(part.value, ["securityContext", "sysctls"], null))
	not safe(sysctl)
	message := sprintf("sets a kernel parameter that is not among the safe ones, %s", [kubernetes.shown(sysctl)])
}

safe(sysctl) if sysctl.name in safe_sysctls

# A volume of no type is an emptyDir.
deny contains finding(part, ["volumes", index], sprintf("mounts a volume of the type %s", [type])) if {
	some part in pods
	some index, volume in listed(object.get(part.value, ["volumes"], null))
	some type in (types(volume) - volume_types)
}

types(volume) := {type | some type, source in object.remove(volume, ["name"]); source != null} if {
	is_object(volume)
} else := {kubernetes.shown(volume)}

annotations(r) := object.get(r.object, array.concat(holder, ["metadata", "annotations"]), null) if {
	holder := array.slice(r.pod_path, 0, count(r.pod_path) - 1)
}

undecided contains {"resource": r.address, "reason": "the metadata of its Pods cannot be read"} if {
	some r in kubernetes.pods
	not readable(r)
}

readable(r) if {
	r.pod_labels != null
	annotations(r) == null
}

readable(r) if is_object(annotations(r))

deny contains finding(part, [], message) if {
	some part in pods
	some name, profile in annotations(part.r)
	startswith(name, apparmor_annotation)
	not regex.match(`^(|runtime/default|localhost/.*)$`, profile)
	message := sprintf("the annotation %s is %s", [name, kubernetes.shown(profile)])
}

# The elements of a list; anything else has one, which is not allowed anywhere.
listed(found) := found if {
	is_array(found)
} else := [] if {
	found == null
} else := ["not a list"]
