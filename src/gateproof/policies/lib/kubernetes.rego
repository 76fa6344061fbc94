# METADATA
# scope: package
# title: What policies about Kubernetes workloads share
# description: >-
#   Pods and the workloads that make them, their containers with the paths that they stand at, and what cannot be read.
package gateproof.lib.kubernetes

import rego.v1

groups := ["initContainers", "containers", "ephemeralContainers"]

# Objects that are Pods or make them, and those of which the PodSpec can be read.
workloads := [r | some r in input.resources; r.pod_path != null]

pods := [r | some r in workloads; r.pod != null]

# Workloads of which nothing can be said, as elements of a policy's `undecided`.
unreadable contains {"resource": r.address, "reason": "its Pod template cannot be read"} if {
	some r in workloads
	r.pod == null
}

unreadable contains {"resource": r.address, "reason": "spec.containers is not a list of containers"} if {
	some r in pods
	not has_containers(r.pod)
}

has_containers(pod) if {
	is_array(pod.containers)
	count(pod.containers) > 0
}

# Parts that a cluster would refuse, as elements of a policy's `deny`.
malformed contains {"resource": r.address, "message": message, "path": array.concat(r.pod_path, [group])} if {
	some r in pods
	some group in groups
	not is_array(object.get(r.pod, group, []))
	r.pod[group] != null
	message := sprintf("%s is not a list", [group])
}

malformed contains {"resource": c.r.address, "message": "a container is not an object", "path": c.path} if {
	some c in containers
	not is_object(c.container)
}

malformed contains {"resource": c.r.address, "message": message, "path": array.concat(c.path, ["securityContext"])} if {
	some c in containers
	not is_object(object.get(c.container, "securityContext", {}))
	c.container.securityContext != null
	message := sprintf("%s: securityContext is not an object", [named(c)])
}

# Every container with the Pod that it is in and its path.
containers := [{"r": r, "container": container, "path": array.concat(r.pod_path, [group, index])} |
	some r in pods
	some group in groups
	some index, container in r.pod[group]
]

# What counts is the container's own setting, else the Pod's; null where neither sets it.
effective(c, setting) := c.container.securityContext[setting] if {
	c.container.securityContext[setting] != null
} else := c.r.pod.securityContext[setting] if {
	c.r.pod.securityContext[setting] != null
} else := null

named(c) := sprintf("container %q", [c.container.name]) if {
	is_string(c.container.name)
} else := "a container without a name"

# A value as messages show it.
shown(null) := "not set"

shown(value) := json.marshal(value) if value != null

# The API server refuses settings of Linux for Pods that say they are for Windows.
for_windows(pod) if pod.os.name == "windows"

# A user that is not root: a whole number above 0.
non_root(user) if {
	is_number(user)
	user == floor(user)
	user > 0
}
