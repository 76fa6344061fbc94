# METADATA
# scope: package
# title: Every namespace with workloads denies traffic by default
# description: >-
#   For every workload, its namespace has a NetworkPolicy, among the same manifests or in the cluster, that selects all Pods
#   and so denies the ingress and egress that nothing allows.
# custom:
#   id: network-policies
#   version: 1.2.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:SC-7
#     - nist-800-53@5:SC-7(5)
#     - pci-dss@4.0.1:1.2.5
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:1.3.2
#     - hipaa:164.312(a)(1)
#     - hipaa:164.312(e)(1)
#   kinds: [kubernetes]
#   layers: [pre-commit, ci, cd, runtime]
#   parameters:
#     directions: [Ingress, Egress]
#     isolated_elsewhere: []
#   remediation: >-
#     Add a NetworkPolicy to the namespace with podSelector {} and policyTypes Ingress and Egress, without rules, and one for
#     each connection that is needed.
package gateproof.policies.network_policies

import data.gateproof.lib.kubernetes
import data.gateproof.lib.network
import rego.v1

applies contains r.address if some r in kubernetes.workloads

# Workloads and directions in which nothing is denied, as far as these manifests say, and what is known of the cluster.
unguarded := [{"r": r, "direction": direction} |
	some r in kubernetes.workloads
	not r.namespace in data.parameters.isolated_elsewhere
	some direction in data.parameters.directions
	not guarded(r.namespace, direction)
]

guarded(namespace, direction) if {
	[namespace, direction] in closed
	not [namespace, direction] in opened
}

deny contains {"resource": one.r.address, "message": message} if {
	some one in unguarded
	one.r.namespace in described
	message := sprintf("no NetworkPolicy denies %s by default in its namespace", [one.direction])
}

undecided contains {"resource": one.r.address, "reason": reason} if {
	some one in unguarded
	not one.r.namespace in described
	reason := "neither its namespace nor a NetworkPolicy of that is among these manifests, and none is known of the cluster"
}

# Namespaces of which all NetworkPolicies are taken to be known: the manifests make the namespace, or some are known.
described contains r.name if some r in input.planned.Namespace

described contains one.namespace if some one in policies

policies := array.concat([{"namespace": r.namespace, "object": r.object} | some r in planned], standing)

planned := [r | some r in input.planned["networking.k8s.io/NetworkPolicy"]]

# What the cluster has besides, where a snapshot of it is given: a List or an array.
standing := [{"namespace": one.metadata.namespace, "object": one} |
	some one in snapshot
	one.kind == "NetworkPolicy"
	one.metadata.namespace in {r.namespace | some r in kubernetes.workloads}
	startswith(one.apiVersion, "networking.k8s.io/")
	not [one.metadata.namespace, one.metadata.name] in {[r.namespace, r.name] | some r in planned}
]

snapshot := data.facts["kubernetes-objects"] if is_array(data.facts["kubernetes-objects"])

snapshot := data.facts["kubernetes-objects"].items if is_object(data.facts["kubernetes-objects"])

# Policies for all Pods, by namespace and direction, with the rules that they make exceptions of.
for_all_pods := [{"key": [one.namespace, direction], "rules": rules, "side": sides[direction]} |
	some one in policies
	everything(object.get(one.object, ["spec", "podSelector"], null))
	some direction in types(one.object.spec)
	rules := object.get(one.object.spec, lower(direction), null)
]

sides := {"Egress": "to", "Ingress": "from"}

# Without policyTypes a policy is about ingress, and about egress when it has rules for that.
types(spec) := spec.policyTypes if {
	spec.policyTypes != null
} else := ["Ingress", "Egress"] if {
	count(spec.egress) > 0
} else := ["Ingress"]

closed contains one.key if {
	some one in for_all_pods
	not lets_all(one)
}

opened contains one.key if {
	some one in for_all_pods
	lets_all(one)
}

# Policies add up: one rule for everybody on all ports undoes them all.
lets_all(one) if {
	some rule in one.rules
	narrows_nothing(object.get(rule, "ports", null))
	everybody(object.get(rule, one.side, null))
}

# What is of a wrong type is not taken for an exception.
lets_all(one) if {
	some rule in one.rules
	not is_object(rule)
}

lets_all(one) if {
	one.rules != null
	not is_array(one.rules)
}

everybody(peers) if narrows_nothing(peers)

everybody(peers) if {
	some peer in peers
	everyone(peer)
}

everyone(peer) if not is_object(peer)

everyone({})

everyone(peer) if network.everybody(peer.ipBlock.cidr)

everyone(peer) if {
	peer.ipBlock
	not is_string(object.get(peer, ["ipBlock", "cidr"], null))
}

everyone(peer) if {
	is_object(peer.namespaceSelector)
	everything(peer.namespaceSelector)
	everything(object.get(peer, "podSelector", null))
}

narrows_nothing([])

narrows_nothing(listed) if not is_array(listed)

# A selector without requirements selects everything.
everything(null)

everything(selector) if {
	is_object(selector)
	every requirement in selector { requirement in [null, {}, []] }
}
