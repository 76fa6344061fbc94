# METADATA
# scope: package
# title: EKS clusters are private, encrypt secrets and log
# description: >-
#   The API server of an EKS cluster has a private endpoint and no public one for everybody, its secrets are encrypted with
#   a KMS key, its control plane logs, and node groups do not open SSH to everybody.
# custom:
#   id: eks-hardening
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - soc2@2017:CC7.2
#     - nist-800-53@5:AC-17
#     - nist-800-53@5:AU-2
#     - nist-800-53@5:AU-12
#     - nist-800-53@5:SC-7
#     - nist-800-53@5:SC-28
#     - nist-800-53@5:SC-28(1)
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:1.4.2
#     - pci-dss@4.0.1:10.2.1
#     - hipaa:164.312(a)(2)(iv)
#     - hipaa:164.312(b)
#   kinds: [terraform-plan]
#   resources: [aws_eks_cluster, aws_eks_node_group]
#   layers: [pre-commit, ci, cd]
#   parameters:
#     required_log_types: [api, audit, authenticator]
#   remediation: >-
#     In vpc_config set endpoint_private_access to true, and endpoint_public_access to false or public_access_cidrs to your
#     own ranges; add encryption_config with resources ["secrets"] and a KMS key; list the log types in
#     enabled_cluster_log_types; give remote_access of node groups source_security_group_ids.
package gateproof.policies.eks_hardening

import data.gateproof.lib.network
import data.gateproof.lib.terraform as tf
import rego.v1

clusters := tf.planned(["aws_eks_cluster"])

node_groups := tf.planned(["aws_eks_node_group"])

applies contains r.address if some r in array.concat(clusters, node_groups)

deny contains found if some found in tf.denied(checks)

undecided contains found if some found in tf.undecided(checks)

checks := array.concat(array.concat(endpoints, encryption), array.concat(logs, remote_access))

# Endpoints of the API server. By default there is a public one for everybody and no private one.

networks := [{"r": r, "path": path, "ranges": tf.as_list(tf.value(r, array.concat(path, ["public_access_cidrs"])))} |
	some r in clusters
	some path in tf.block_paths(r, ["vpc_config"])
]

endpoints := array.concat(
	[tf.check(one.r, array.concat(one.path, ["endpoint_private_access"]), {true}, "the API server has no private endpoint") |
		some one in networks
	],
	[tf.result(one.r, array.concat(one.path, ["public_access_cidrs"]), verdict, "the API server is open to everybody") |
		some one in networks
		tf.value(one.r, array.concat(one.path, ["endpoint_public_access"])) != false
		verdict := public_verdict(one)
	],
)

public_verdict(one) := "yes" if {
	count(one.ranges) > 0
	every addresses in one.ranges { narrow(addresses) }
} else := reason if {
	reason := tf.why_unreadable(one.r, array.concat(one.path, ["endpoint_public_access"]))
} else := "no" if {
	some addresses in one.ranges
	network.everybody(addresses)
} else := reason if {
	path := array.concat(one.path, ["public_access_cidrs"])
	reason := tf.why_part_unreadable(one.r, path)
	not tf.filled_in(one.r, path)
} else := "no"

narrow(addresses) if {
	tf.readable(addresses)
	not network.everybody(addresses)
}

# Secrets are encrypted with a key.

encryption := [tf.result(r, ["encryption_config"], encrypted(r), "secrets are not encrypted with a KMS key") |
	some r in clusters
]

encrypted(r) := "yes" if {
	some block in tf.blocks(r, ["encryption_config"])
	"secrets" in tf.as_list(block.value.resources)
} else := reason if {
	reason := [found |
		some path in array.concat([["encryption_config"]], resources_paths(r))
		found := tf.why_part_unreadable(r, path)
	][0]
} else := "no"

resources_paths(r) := [array.concat(block.path, ["resources"]) | some block in tf.blocks(r, ["encryption_config"])]

# Logs of the control plane. None is on by default.

logs := [tf.result(r, ["enabled_cluster_log_types"], logged(r), message) |
	some r in clusters
	message := sprintf("the control plane does not log %s", [concat(", ", unlogged(r))])
]

unlogged(r) := sort({type | some type in data.parameters.required_log_types} - {type |
	some type in tf.as_list(tf.value(r, ["enabled_cluster_log_types"]))
})

logged(r) := "yes" if {
	count(unlogged(r)) == 0
} else := reason if {
	reason := tf.why_part_unreadable(r, ["enabled_cluster_log_types"])
} else := "no"

# With a key for SSH and without security groups, the port is open to everybody.

remote_access := array.concat(
	[tf.result(r, sources, "no", "the SSH port of the nodes is open to everybody") |
		some r in node_groups
		some block in tf.blocks(r, ["remote_access"])
		is_set(r, array.concat(block.path, ["ec2_ssh_key"]))
		sources := array.concat(block.path, ["source_security_group_ids"])
		not is_set(r, sources)
	],
	[tf.result(r, ["remote_access"], tf.why_blocks_unreadable(r, ["remote_access"]), "") | some r in node_groups],
)

is_set(r, path) if tf.why_part_unreadable(r, path)

is_set(r, path) if {
	some one in tf.as_list(tf.value(r, path))
	is_string(one)
	one != ""
}
