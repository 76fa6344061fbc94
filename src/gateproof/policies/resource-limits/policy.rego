# METADATA
# scope: package
# title: Containers say what they need and what they may use
# description: >-
#   Every container and init container requests CPU and memory and has a limit of memory, of its own or for its Pod.
# custom:
#   id: resource-limits
#   version: 1.0.0
#   severity: low
#   controls:
#     - soc2@2017:A1.1
#     - nist-800-53@5:CM-6
#     - nist-800-53@5:SC-5
#     - pci-dss@4.0.1:2.2.1
#   kinds: [kubernetes]
#   layers: [pre-commit, ci, cd, runtime]
#   parameters:
#     required:
#       requests: [cpu, memory]
#       limits: [memory]
#   remediation: >-
#     Set resources.requests.cpu, resources.requests.memory and resources.limits.memory on every container, from what it was
#     measured to use.
package gateproof.policies.resource_limits

import data.gateproof.lib.kubernetes
import rego.v1

applies contains r.address if some r in kubernetes.workloads

undecided contains one if some one in kubernetes.unreadable

deny contains finding if some finding in kubernetes.malformed

# Kubernetes refuses resources of ephemeral containers.
containers := [c | some c in kubernetes.containers; c.path[count(c.path) - 2] != "ephemeralContainers"]

deny contains {"resource": c.r.address, "message": message, "path": path} if {
	some c in containers
	some kind, resources in data.parameters.required
	some resource in resources
	value := effective(c, kind, resource)
	not is_amount(value)
	path := array.concat(c.path, ["resources", kind, resource])
	message := sprintf("%s: %s.%s is %s", [kubernetes.named(c), kind, resource, kubernetes.shown(value)])
}

# A request that is not set is as much as the limit; what a container does not say, its Pod may say for all of them.
effective(c, kind, resource) := set[0] if {
	set := [value |
		some holder in [c.container, c.r.pod]
		some field in {"limits": ["limits"], "requests": ["requests", "limits"]}[kind]
		value := object.get(holder, ["resources", field, resource], null)
		value != null
	]
	count(set) > 0
} else := null

# A quantity as Kubernetes writes them, and more than nothing: a limit of 0 is no limit.
is_amount(value) if {
	is_number(value)
	value > 0
}

is_amount(value) if {
	is_string(value)
	regex.match(`^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$`, value)
	regex.match(`^[^eE]*[1-9]`, value)
}
