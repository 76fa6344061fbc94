# METADATA
# scope: package
# title: EKS clusters are private, encrypt secrets and log
# description: >-
#   The API server of an EKS cluster has a private endpoint and no public one for everybody, its secrets are encrypted with
#   a KMS key, its control plane logs, and node groups do not open SSH to everybody.
# custom:
#   id: eks-hardening
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

endpoints := array.concat(
	[tf.check(r, path, {true}, "the API server has no private endpoint") |
		some r in clusters
		path := in_vpc_config(r, "endpoint_private_access")
	],
	[tf.result(r, in_vpc_config(r, "public_access_cidrs"), public_verdict(r), "the API server is open to everybody") |
		some r in clusters
		tf.value(r, in_vpc_config(r, "endpoint_public_access")) != false
	],
)

in_vpc_config(r, attribute) := array.concat(tf.blocks(r, ["vpc_config"])[0].path, [attribute]) if {
	count(tf.blocks(r, ["vpc_config"])) > 0
} else := ["vpc_config", 0, attribute]

public_verdict(r) := "yes" if {
	count(ranges(r)) > 0
	every addresses in ranges(r) { narrow(addresses) }
} else := reason if {
	reason := tf.why_unreadable(r, in_vpc_config(r, "endpoint_public_access"))
} else := "no" if {
	some addresses in ranges(r)
	network.everybody(addresses)
} else := reason if {
	reason := ranges_unreadable(r)
} else := "no"

ranges(r) := tf.as_list(tf.value(r, in_vpc_config(r, "public_access_cidrs")))

narrow(addresses) if {
	tf.readable(addresses)
	not network.everybody(addresses)
}

# Ranges that nobody sets are filled in by the provider: nothing refers to anything then.
ranges_unreadable(r) := reason if {
	path := in_vpc_config(r, "public_access_cidrs")
	reason := tf.why_part_unreadable(r, path)
	not tf.filled_in(r, path)
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
	[tf.result(r, ["remote_access"], tf.why_unreadable(r, ["remote_access"]), "") | some r in node_groups],
)

is_set(r, path) if tf.unknown(r, path)

is_set(r, path) if {
	some one in tf.as_list(tf.value(r, path))
	one != ""
}
