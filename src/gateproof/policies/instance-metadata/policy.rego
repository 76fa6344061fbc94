# METADATA
# scope: package
# title: Instance metadata needs a session token
# description: >-
#   EC2 instances, launch templates and launch configurations require version 2 of the instance metadata service, or switch
#   it off.
# custom:
#   id: instance-metadata
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:CM-6
#     - nist-800-53@5:CM-7
#     - pci-dss@4.0.1:2.2.1
#     - pci-dss@4.0.1:2.2.6
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - aws_ec2_instance_metadata_defaults
#     - aws_instance
#     - aws_launch_configuration
#     - aws_launch_template
#     - aws_spot_instance_request
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Add metadata_options { http_tokens = "required" }, or http_endpoint = "disabled" where nothing on the machine needs
#     metadata; or make aws_ec2_instance_metadata_defaults with http_tokens "required" for the account and region.
package gateproof.policies.instance_metadata

import data.gateproof.lib.machines
import data.gateproof.lib.terraform as tf
import rego.v1

applies contains r.address if some r in machines.machines

# Each machine's options: the block, or where it would stand.
checks := [tf.result(r, tokens, verdict(r, path), "version 1 of the metadata service, without a session token, is enabled") |
	some r in machines.machines
	some path in tf.block_paths(r, ["metadata_options"])
	tokens := array.concat(path, ["http_tokens"])
]

deny contains found if some found in tf.denied(checks)

undecided contains found if some found in tf.undecided(checks)

verdict(r, path) := "yes" if {
	option(r, path, "http_tokens") == "required"
} else := "yes" if {
	option(r, path, "http_endpoint") == "disabled"
} else := reason if {
	reason := unreadable(r, path)[0]
} else := "no" if {
	tf.misplaced(r, array.concat(path, ["http_tokens"]))
} else := "no" if {
	not option(r, path, "http_tokens") in {null, ""}
} else := "yes" if {
	required_by_default(r)
} else := reason if {
	reason := machines.template_verdict(r)
} else := "no"

option(r, path, name) := tf.value(r, array.concat(path, [name]))

unreadable(r, path) := [reason |
	some name in ["http_tokens", "http_endpoint"]
	place := array.concat(path, [name])
	reason := tf.why_unreadable(r, place)
	not tf.filled_in(r, place)
]

# Where nobody sets it, the defaults of the account and region count, and then those of AWS: version 1 is enabled.

required_by_default(r) if r.provider_config in provider_configs

provider_configs := {defaults.provider_config |
	some defaults in tf.planned(["aws_ec2_instance_metadata_defaults"])
	tf.value(defaults, ["http_tokens"]) == "required"
	is_string(defaults.provider_config)
}
