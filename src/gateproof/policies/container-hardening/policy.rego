# METADATA
# scope: package
# title: Containers neither run as root nor write to their root file system
# description: >-
#   Every container of a Pod or of a workload that makes Pods, init and ephemeral ones included, has runAsNonRoot true in
#   effect, no user 0, and a read-only root file system.
# custom:
#   id: container-hardening
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.8
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:CM-6
#     - nist-800-53@5:CM-7
#     - pci-dss@4.0.1:2.2.1
#   kinds: [kubernetes]
#   layers: [pre-commit, ci, cd, runtime]
#   remediation: >-
#     Set securityContext.runAsNonRoot: true on the Pod or on every container, no runAsUser: 0 anywhere, and
#     securityContext.readOnlyRootFilesystem: true on every container; mount an emptyDir where a container must write.
package gateproof.policies.container_hardening

import rego.v1

groups := ["initContainers", "containers", "ephemeralContainers"]

workloads := [r | some r in input.resources; r.pod_path != null]

pods := [r | some r in workloads; r.pod != null]

applies contains r.address if some r in workloads

undecided contains {"resource": r.address, "reason": "its Pod template cannot be read"} if {
	some r in workloads
	r.pod == null
}

undecided contains {"resource": r.address, "reason": "spec.containers is not a list of containers"} if {
	some r in pods
	not has_containers(r.pod)
}

has_containers(pod) if {
	is_array(pod.containers)
	count(pod.containers) > 0
}

deny contains {"resource": r.address, "message": message, "path": array.concat(r.pod_path, [group])} if {
	some r in pods
	some group in groups
	not is_array(object.get(r.pod, group, []))
	r.pod[group] != null
	message := sprintf("%s is not a list", [group])
}

# Every container with the Pod that it is in and its path.
containers := [{"r": r, "container": container, "path": array.concat(r.pod_path, [group, index])} |
	some r in pods
	some group in groups
	some index, container in r.pod[group]
]

deny contains {"resource": c.r.address, "message": message, "path": c.path} if {
	some c in containers
	not is_object(c.container)
	message := "a container is not an object"
}

deny contains {"resource": c.r.address, "message": message, "path": array.concat(c.path, ["securityContext"])} if {
	some c in containers
	not is_object(object.get(c.container, "securityContext", {}))
	c.container.securityContext != null
	message := sprintf("%s: securityContext is not an object", [named(c)])
}

# What counts is the container's own setting, else the Pod's.
effective(c, setting) := c.container.securityContext[setting] if {
	c.container.securityContext[setting] != null
} else := c.r.pod.securityContext[setting] if {
	c.r.pod.securityContext[setting] != null
} else := null

deny contains {"resource": c.r.address, "message": message, "path": path} if {
	some c in containers
	value := effective(c, "runAsNonRoot")
	not value == true
	path := array.concat(c.path, ["securityContext", "runAsNonRoot"])
	message := sprintf("%s may run as root: runAsNonRoot is %s", [named(c), shown(value)])
}

shown(null) := "not set"

shown(value) := json.marshal(value) if value != null

is_user(value) if {
	is_number(value)
	value == floor(value)
	value > 0
}

deny contains {"resource": c.r.address, "message": message, "path": path} if {
	some c in containers
	value := c.container.securityContext.runAsUser
	value != null
	not is_user(value)
	path := array.concat(c.path, ["securityContext", "runAsUser"])
	message := sprintf("%s runs as user %s", [named(c), shown(value)])
}

deny contains {"resource": r.address, "message": message, "path": path} if {
	some r in pods
	value := r.pod.securityContext.runAsUser
	value != null
	not is_user(value)
	path := array.concat(r.pod_path, ["securityContext", "runAsUser"])
	message := sprintf("the Pod's containers run as user %s", [shown(value)])
}

# The API server refuses readOnlyRootFilesystem for Pods that say they are for Windows, and a node of another system
# refuses such a Pod.
for_windows(pod) if pod.os.name == "windows"

deny contains {"resource": c.r.address, "message": message, "path": path} if {
	some c in containers
	not for_windows(c.r.pod)
	not c.container.securityContext.readOnlyRootFilesystem == true
	path := array.concat(c.path, ["securityContext", "readOnlyRootFilesystem"])
	message := sprintf("%s can write to its root file system: readOnlyRootFilesystem is not true", [named(c)])
}

named(c) := sprintf("container %q", [c.container.name]) if {
	is_string(c.container.name)
} else := "a container without a name"
