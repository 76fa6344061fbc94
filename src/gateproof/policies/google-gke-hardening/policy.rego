# METADATA
# scope: package
# title: GKE clusters are private, encrypt secrets, log and give workloads identities of their own
# description: >-
#   The nodes of a GKE cluster have no public addresses and its API server is not for everybody, its secrets are encrypted
#   with a key of the customer, it logs, enforces network policies and workload identity, and has no legacy authorization.
# custom:
#   id: google-gke-hardening
#   version: 1.1.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - soc2@2017:CC7.2
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:AC-17
#     - nist-800-53@5:AU-12
#     - nist-800-53@5:CM-6
#     - nist-800-53@5:CM-7
#     - nist-800-53@5:SC-7
#     - nist-800-53@5:SC-28
#     - nist-800-53@5:SC-28(1)
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:1.4.2
#     - pci-dss@4.0.1:2.2.1
#     - pci-dss@4.0.1:10.2.1
#     - hipaa:164.312(a)(2)(iv)
#     - hipaa:164.312(b)
#   kinds: [terraform-plan]
#   resources: [google_container_cluster, google_container_node_pool]
#   layers: [pre-commit, ci, cd]
#   parameters:
#     required_log_components: [SYSTEM_COMPONENTS]
#   remediation: >-
#     Set private_cluster_config.enable_private_nodes = true, list your own ranges in master_authorized_networks_config, add
#     database_encryption with a key, workload_identity_config and datapath_provider = "ADVANCED_DATAPATH", and leave logging
#     and shielded nodes on.
package gateproof.policies.google_gke_hardening

import data.gateproof.lib.google
import data.gateproof.lib.network
import data.gateproof.lib.terraform as tf
import rego.v1

clusters := tf.planned(["google_container_cluster"])

pools := tf.planned(["google_container_node_pool"])

applies contains r.address if some r in array.concat(clusters, pools)

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

# What one value of a cluster tells. Null is good where Google's default is.
settings := [
	{
		"path": ["private_cluster_config", 0, "enable_private_nodes"],
		"good": {true, "true"},
		"message": "the nodes have public addresses",
	},
	{
		"path": ["enable_legacy_abac"],
		"good": {false, "false", null},
		"message": "legacy authorization is on, which overrides RBAC",
	},
	{
		"path": ["master_auth", 0, "client_certificate_config", 0, "issue_client_certificate"],
		"good": {false, "false", null},
		"message": "a client certificate is issued, which cannot be revoked",
	},
	{
		"path": ["database_encryption", 0, "state"],
		"good": {"ENCRYPTED", "ALL_OBJECTS_ENCRYPTION_ENABLED"},
		"message": "secrets are not encrypted with a key of the customer",
	},
	{
		"path": ["enable_shielded_nodes"],
		"good": {true, "true", null},
		"message": "the nodes are not shielded",
	},
	{
		"path": ["logging_service"],
		"good": {"logging.googleapis.com/kubernetes", "logging.googleapis.com", "", null},
		"message": "the cluster does not log",
	},
]

checks := array.concat(
	array.concat(
		[google.check(r, one.path, one.good, one.message) | some r in clusters; some one in settings],
		[tf.result(r, ["logging_config"], logged(r), "the cluster does not log all that is required") | some r in clusters],
	),
	array.concat(
		array.concat(
			[tf.result(r, networks, guarded(r), "the API server is open to everybody") | some r in clusters],
			[tf.result(r, workload_pool, identities(r), "workloads have no identities of their own") |
				some r in clusters
				not autopilot(r)
			],
		),
		array.concat(
			[tf.result(r, ["network_policy"], segmented(r), "network policies are not enforced") |
				some r in clusters
				not autopilot(r)
			],
			[tf.result(one.r, one.path, concealed(one), "workloads can read the credentials of the node") | some one in nodes],
		),
	),
)

# Autopilot switches these on by itself.
autopilot(r) if google.autopilot(r)

# Once logging_config is there, it says all that is logged.
logged(r) := "yes" if {
	tf.value(r, ["logging_config"]) in {null, []}
	not tf.why_unreadable(r, ["logging_config"])
} else := "yes" if {
	found := tf.as_list(tf.value(r, ["logging_config", 0, "enable_components"]))
	every component in data.parameters.required_log_components { component in found }
} else := reason if {
	reason := tf.why_part_unreadable(r, ["logging_config", 0, "enable_components"])
} else := "no"

# Who reaches the API server: nobody from outside where its public endpoint is off, otherwise everybody, unless there is a
# list, though it may be empty.

networks := ["master_authorized_networks_config"]

private_endpoint := ["private_cluster_config", 0, "enable_private_endpoint"]

guarded(r) := "yes" if {
	tf.value(r, private_endpoint) in {true, "true"}
} else := "no" if {
	some block in ranges(r)
	network.everybody(block.value.cidr_block)
} else := reason if {
	reason := tf.why_blocks_unreadable(r, array.concat(networks, [0, "cidr_blocks"]))
} else := reason if {
	some block in ranges(r)
	reason := tf.why_texts_unreadable(r, array.concat(block.path, ["cidr_block"]))
} else := "yes" if {
	count(tf.blocks(r, networks)) > 0
} else := "no"

ranges(r) := tf.blocks(r, array.concat(networks, [0, "cidr_blocks"]))

# Workload identity is on where there is a pool.

workload_pool := ["workload_identity_config", 0, "workload_pool"]

identities(r) := "yes" if {
	tf.names_one(r, workload_pool, {"google_project"}) == "yes"
} else := google.verdict(r, workload_pool, {})

# Network policies are enforced by Calico, or by the newer data path.
segmented(r) := "yes" if {
	tf.value(r, ["datapath_provider"]) == "ADVANCED_DATAPATH"
} else := "yes" if {
	tf.value(r, ["network_policy", 0, "enabled"]) in {true, "true"}
} else := reason if {
	reason := tf.why_unreadable(r, ["datapath_provider"])
} else := google.verdict(r, ["network_policy", 0, "enabled"], {})

# Without workload identity for metadata, Pods get the tokens of the node. Without the block it is as the cluster says.

nodes := [{"r": node.r, "path": array.concat(node.path, ["workload_metadata_config", 0, "mode"])} |
	some node in google.node_configs(clusters, pools)
]

concealed(one) := reason if {
	reason := tf.why_unreadable(one.r, one.path)
	not google.filled_in(one.r, one.path)
} else := "yes" if {
	tf.value(one.r, one.path) in {"GKE_METADATA", "GKE_METADATA_SERVER", "SECURE", "", null}
	not tf.misplaced(one.r, one.path)
} else := "no"
