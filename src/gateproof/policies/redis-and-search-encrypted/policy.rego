# METADATA
# scope: package
# title: Caches, search domains, streams and warehouses are encrypted at rest and in transit
# description: >-
#   ElastiCache, MemoryDB and DAX, OpenSearch and Elasticsearch domains, MSK and Redshift clusters encrypt what they store and
#   the connections to them and between their nodes, as far as each type says so itself.
# custom:
#   id: redis-and-search-encrypted
#   version: 1.1.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.7
#     - nist-800-53@5:SC-8
#     - nist-800-53@5:SC-8(1)
#     - nist-800-53@5:SC-28
#     - nist-800-53@5:SC-28(1)
#     - pci-dss@4.0.1:3.5.1
#     - pci-dss@4.0.1:4.2.1
#     - hipaa:164.312(a)(2)(iv)
#     - hipaa:164.312(e)(2)(ii)
#   kinds: [terraform-plan]
#   resources:
#     - aws_dax_cluster
#     - aws_elasticache_cluster
#     - aws_elasticache_replication_group
#     - aws_elasticsearch_domain
#     - aws_memorydb_cluster
#     - aws_msk_cluster
#     - aws_opensearch_domain
#     - aws_redshift_cluster
#   layers: [pre-commit, ci, cd]
#   parameters:
#     approved_tls_policies:
#       - Policy-Min-TLS-1-2-2019-07
#       - Policy-Min-TLS-1-2-PFS-2023-10
#       - Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08
#   remediation: >-
#     Set the attribute that the finding names: at_rest_encryption_enabled and transit_encryption_enabled = true, enabled = true
#     in encrypt_at_rest and node_to_node_encryption, enforce_https = true, client_broker = "TLS", encrypted = true.
package gateproof.policies.redis_and_search_encrypted

import data.gateproof.lib.terraform as tf
import rego.v1

# What each type must say, in which block; null where not saying it is as good.
required := {
	"aws_dax_cluster": [at_rest(["server_side_encryption"], "enabled", on), clients([], "cluster_endpoint_encryption_type", {"TLS"})],
	"aws_elasticache_cluster": [clients([], "transit_encryption_enabled", on)],
	"aws_elasticache_replication_group": [
		at_rest([], "at_rest_encryption_enabled", on),
		clients([], "transit_encryption_enabled", on),
		clients([], "transit_encryption_mode", {"required", "", null}),
	],
	"aws_elasticsearch_domain": domain,
	"aws_memorydb_cluster": [clients([], "tls_enabled", on | {null})],
	"aws_msk_cluster": [
		clients(["encryption_info", 0, "encryption_in_transit"], "client_broker", {"TLS", "", null}),
		nodes(["encryption_info", 0, "encryption_in_transit"], "in_cluster", on | {null}),
	],
	"aws_opensearch_domain": domain,
	"aws_redshift_cluster": [at_rest([], "encrypted", on)],
}

domain := [
	at_rest(["encrypt_at_rest"], "enabled", on),
	nodes(["node_to_node_encryption"], "enabled", on),
	clients(["domain_endpoint_options"], "enforce_https", on),
	form(
		["domain_endpoint_options"], "tls_security_policy", tls_policies,
		"clients may use what is older than TLS 1.2",
	),
]

tls_policies := {name | some name in data.parameters.approved_tls_policies}

on := {true, "true"}

at_rest(block, attribute, good) := form(block, attribute, good, "what is stored is not encrypted")

clients(block, attribute, good) := form(block, attribute, good, "connections of clients may be in plain text")

nodes(block, attribute, good) := form(block, attribute, good, "connections between nodes are in plain text")

form(block, attribute, good, message) := {"block": block, "attribute": attribute, "good": good, "message": message}

stores := tf.planned(object.keys(required))

applies contains r.address if some r in stores

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := [object.union(check, {"verdict": excused(r, settled(r, check))}) |
	some r in stores
	some one in required[r.type]
	some check in tf.block_checks(r, one.block, one.attribute, good(r, one), one.message)
]

# Of the TLS policy that AWS fills in nobody knows which it is; for many domains it is one for TLS 1.0.
settled(r, check) := "no" if {
	"tls_security_policy" in check.path
	tf.filled_in(r, check.path)
} else := check.verdict

# Valkey is encrypted at rest where nobody says otherwise. What stands where a block should and is none says nothing good.

good(r, one) := one.good | {null} if {
	one.attribute == "at_rest_encryption_enabled"
	tf.value(r, ["engine"]) == "valkey"
} else := one.good - {null} if {
	some length in numbers.range(1, count(one.block))
	some found in tf.as_list(tf.value(r, array.slice(one.block, 0, length)))
	not is_object(found)
} else := one.good

# Members of a group are as the group is, and those of a global group as its first one. Of that one, too, the provider
# computes in which global group it is, so that only what is configured counts.

groups := {"aws_elasticache_cluster": "replication_group_id", "aws_elasticache_replication_group": "global_replication_group_id"}

excused(r, verdict) := "yes" if {
	group := groups[r.type]
	group in r.configured
	tf.readable(tf.value(r, [group]))
} else := sprintf("is wrong unless this is a member of another group: %s %s", [groups[r.type], reason]) if {
	verdict == "no"
	reason := membership(r)
} else := verdict

membership(r) := reason if {
	reason := tf.why_unreadable(r, [groups[r.type]])
} else := "may be computed" if {
	r.configured == null
	tf.readable(tf.value(r, [groups[r.type]]))
}
