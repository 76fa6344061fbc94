# METADATA
# scope: package
# title: Disks of EC2 instances are encrypted
# description: >-
#   Every disk that an instance, a launch template or a launch configuration makes says that it is encrypted, or the account
#   encrypts all new volumes in the region.
# custom:
#   id: machine-disks-encrypted
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - nist-800-53@5:SC-28
#     - nist-800-53@5:SC-28(1)
#     - pci-dss@4.0.1:3.5.1
#     - hipaa:164.312(a)(2)(iv)
#   kinds: [terraform-plan]
#   resources:
#     - aws_ebs_encryption_by_default
#     - aws_instance
#     - aws_launch_configuration
#     - aws_launch_template
#     - aws_spot_instance_request
#   layers: [pre-commit, ci, cd]
#   parameters:
#     encrypted_by_default: false
#   remediation: >-
#     Set encrypted = true in root_block_device, ebs_block_device and the ebs blocks of block_device_mappings, or add
#     aws_ebs_encryption_by_default for the region.
package gateproof.policies.machine_disks_encrypted

import data.gateproof.lib.machines
import data.gateproof.lib.terraform as tf
import rego.v1

applies contains r.address if some r in machines.machines

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	[tf.result(r, array.concat(path, ["encrypted"]), verdict(r, path), "a disk is not encrypted") |
		some r in machines.machines
		some path in disks(r)
	],
	[tf.result(r, [name], unreadable(r, name), "") |
		some r in machines.machines
		some name in ["block_device_mappings", "ebs_block_device", "root_block_device"]
	],
)

# Where each disk says it. The one to start from is always there: by its block, or as the image has it.
disks(r) := paths if {
	r.type == "aws_launch_template"
	paths := [disk.path |
		some mapping in tf.blocks(r, ["block_device_mappings"])
		some disk in tf.blocks(r, array.concat(mapping.path, ["ebs"]))
	]
	count(paths) > 0
} else := [["block_device_mappings"] | not tf.unknown(r, ["block_device_mappings"])] if {
	r.type == "aws_launch_template"
} else := array.concat(
	tf.block_paths(r, ["root_block_device"]),
	[disk.path | some disk in tf.blocks(r, ["ebs_block_device"])],
)

# Providers fill in the disks of instances, but not those of templates.
unreadable(r, name) := reason if {
	r.type == "aws_launch_template"
	reason := tf.why_blocks_unreadable(r, [name])
} else := reason if {
	reason := tf.why_unreadable(r, [name])
} else := tf.why_no_blocks(r, [name])

verdict(r, path) := "yes" if {
	tf.value(r, array.concat(path, ["encrypted"])) in {true, "true"}
} else := reason if {
	reason := tf.why_unreadable(r, array.concat(path, ["encrypted"]))
	not tf.filled_in(r, array.concat(path, ["encrypted"]))
} else := "no" if {
	not tf.value(r, array.concat(path, ["encrypted"])) in {null, ""}
} else := "yes" if {
	encrypted_by_default(r)
} else := "is up to a snapshot" if {
	tf.readable(tf.value(r, array.concat(path, ["snapshot_id"])))
} else := reason if {
	reason := machines.template_verdict(r)
} else := "no"

# The account encrypts new volumes of a region: for those under the same provider configuration.
encrypted_by_default(_) if data.parameters.encrypted_by_default

encrypted_by_default(r) if r.provider_config in provider_configs

provider_configs := {switch.provider_config |
	some switch in tf.planned(["aws_ebs_encryption_by_default"])
	tf.verdict(switch, ["enabled"], {true, "true", null}) == "yes"
	is_string(switch.provider_config)
}
