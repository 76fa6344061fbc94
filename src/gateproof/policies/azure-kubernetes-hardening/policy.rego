# METADATA
# scope: package
# title: AKS clusters are closed to the public, without local accounts, and with network policies
# description: >-
#   The API server of every cluster is private or answers named ranges only, local accounts are off, Kubernetes RBAC and a
#   network policy engine are on, and nodes have no public addresses.
# custom:
#   id: azure-kubernetes-hardening
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:CM-6
#     - nist-800-53@5:CM-7
#     - nist-800-53@5:SC-7
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:2.2.1
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - azurerm_kubernetes_cluster
#     - azurerm_kubernetes_cluster_node_pool
#   layers: [pre-commit, ci, cd]
#   parameters:
#     network_policies: [azure, calico, cilium]
#   remediation: >-
#     Set private_cluster_enabled = true (or authorized_ip_ranges in api_server_access_profile), local_account_disabled =
#     true and network_policy in network_profile; leave node_public_ip_enabled out.
package gateproof.policies.azure_kubernetes_hardening

import data.gateproof.lib.network
import data.gateproof.lib.terraform as tf
import rego.v1

clusters := tf.planned(["azurerm_kubernetes_cluster"])

pools := tf.planned(["azurerm_kubernetes_cluster_node_pool"])

applies contains r.address if some r in array.concat(clusters, pools)

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	array.concat(
		[tf.result(r, ["private_cluster_enabled"], endpoint(r), "the API server answers everybody") | some r in clusters],
		[tf.check(r, path, good, message) | some r in clusters; some [path, good, message] in required(r)],
	),
	array.concat(
		[tf.result(r, ["role_based_access_control"], tf.why_no_blocks(r, ["role_based_access_control"]), "") | some r in clusters],
		array.concat(node_addresses(clusters, ["default_node_pool", 0]), node_addresses(pools, [])),
	),
)

# What must be set, or may be left out.
required(r) := array.concat(
	[
		[["local_account_disabled"], {true, "true"}, "local accounts are enabled"],
		[["role_based_access_control_enabled"], {true, "true", null}, rbac],
		[["network_profile", 0, "network_policy"], {name | some name in data.parameters.network_policies}, unfiltered],
	],
	[[array.concat(block.path, ["enabled"]), {true, "true"}, rbac] | some block in tf.blocks(r, ["role_based_access_control"])],
)

rbac := "Kubernetes RBAC is off"

unfiltered := "every Pod can reach every other: no engine enforces network policies"

# The API server is private, or answers named ranges: in a block, or as older providers have it.

endpoint(r) := "yes" if {
	tf.value(r, ["private_cluster_enabled"]) in {true, "true"}
} else := "yes" if {
	some path in ranges
	found := tf.as_list(tf.value(r, path))
	count(found) > 0
	not tf.why_part_unreadable(r, path)
	every one in found { narrow(one) }
} else := reasons[0] if {
	not everybody(r)
	reasons := [sprintf("is not true: %s %s", [tf.name(path), reason]) |
		some path in array.concat([["private_cluster_enabled"]], ranges)
		reason := tf.why_part_unreadable(r, path)
	]
	count(reasons) > 0
} else := "no"

ranges := [["api_server_access_profile", 0, "authorized_ip_ranges"], ["api_server_authorized_ip_ranges"]]

narrow(one) if {
	is_string(one)
	not network.everybody(one)
}

everybody(r) if {
	not tf.why_unreadable(r, ["private_cluster_enabled"])
	some path in ranges
	some one in tf.as_list(tf.value(r, path))
	not narrow(one)
	one != null
}

# Both names of the attribute: enable_node_public_ip before 4.0.
node_addresses(resources, block) := [check |
	some r in resources
	some attribute in ["enable_node_public_ip", "node_public_ip_enabled"]
	path := array.concat(block, [attribute])
	check := tf.check(r, path, {false, "false", null}, "nodes have public addresses")
]
