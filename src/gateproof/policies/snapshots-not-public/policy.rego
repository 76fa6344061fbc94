# METADATA
# scope: package
# title: Snapshots and machine images are not shared with everybody
# description: >-
#   No database snapshot and no machine image is shared with all accounts, and what keeps a region from sharing them, and
#   has it encrypt new volumes and snapshots, is neither opened nor removed.
# custom:
#   id: snapshots-not-public
#   version: 1.0.1
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - soc2@2017:C1.1
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:SC-7
#     - nist-800-53@5:SC-28
#     - pci-dss@4.0.1:1.3.1
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - aws_ami_launch_permission
#     - aws_db_cluster_snapshot
#     - aws_db_snapshot
#     - aws_db_snapshot_copy
#     - aws_ebs_encryption_by_default
#     - aws_ebs_snapshot_block_public_access
#     - aws_ec2_image_block_public_access
#     - aws_imagebuilder_distribution_configuration
#     - aws_rds_cluster_snapshot_copy
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Name the accounts or the organization to share with in place of "all"; set state = "block-all-sharing" for snapshots and
#     "block-new-sharing" for images, and enabled = true for encryption by default, and keep those resources.
package gateproof.policies.snapshots_not_public

import data.gateproof.lib.terraform as tf
import rego.v1

# Where it says with whom something is shared.

shared := {
	"aws_ami_launch_permission": ["group"],
	"aws_db_cluster_snapshot": ["shared_accounts"],
	"aws_db_snapshot": ["shared_accounts"],
	"aws_db_snapshot_copy": ["shared_accounts"],
	"aws_rds_cluster_snapshot_copy": ["shared_accounts"],
}

distributions := tf.planned(["aws_imagebuilder_distribution_configuration"])

shares := array.concat(
	[{"r": r, "path": shared[r.type]} | some r in tf.planned(object.keys(shared))],
	[{"r": r, "path": array.concat(permission.path, ["user_groups"])} |
		some r in distributions
		some distribution in tf.blocks(r, ["distribution"])
		some images in tf.blocks(r, array.concat(distribution.path, ["ami_distribution_configuration"]))
		some permission in tf.blocks(r, array.concat(images.path, ["launch_permission"]))
	],
)

# What keeps a region or an account from sharing.

guards := {
	"aws_ebs_encryption_by_default": {"attribute": "enabled", "good": {true, "true", null}, "message": "new volumes and snapshots are not encrypted by default"},
	"aws_ebs_snapshot_block_public_access": {"attribute": "state", "good": {"block-all-sharing"}, "message": "snapshots of volumes may be public"},
	"aws_ec2_image_block_public_access": {"attribute": "state", "good": {"block-new-sharing"}, "message": "machine images may be made public"},
}

planned_guards := tf.planned(object.keys(guards))

# Removing these switches off what they say; removing the block for images leaves it as it is.
removed_guards := [r |
	some r in tf.removed(["aws_ebs_encryption_by_default", "aws_ebs_snapshot_block_public_access"])
	r.action != "forget"
]

applies contains share.r.address if some share in shares

applies contains r.address if some r in distributions

applies contains r.address if some r in array.concat(planned_guards, removed_guards)

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(array.concat(sharing, unknown_sharing), array.concat(guarding, removals))

sharing := [tf.result(share.r, share.path, verdict(share), "it is shared with every AWS account") | some share in shares]

verdict(share) := "no" if {
	some who in tf.as_list(tf.value(share.r, share.path))
	everybody(who)
} else := reason if {
	reason := tf.why_part_unreadable(share.r, share.path)
} else := "yes"

everybody("all")

# What is no name of anybody counts as everybody; null stands for what is not known yet.
everybody(who) if {
	who != null
	not is_string(who)
}

# Blocks of which it is not known whether there are any.
unknown_sharing := array.concat(
	[tf.result(r, path, "is known only after apply", "") |
		some r in distributions
		walk(r.unknown, [path, true])
		tf.name(path) in holders
	],
	[tf.result(r, path, tf.why_no_blocks(r, path), "") |
		some r in distributions
		walk(r.values, [path, _])
		tf.name(path) in holders
		is_string(path[count(path) - 1])
	],
)

holders := {
	"distribution",
	"distribution.ami_distribution_configuration",
	"distribution.ami_distribution_configuration.launch_permission",
}

guarding := [tf.check(r, [guard.attribute], guard.good, guard.message) | some r in planned_guards; guard := guards[r.type]]

removals := [tf.result(r, [guard.attribute], removal(r), sprintf("it is removed: %s", [guard.message])) |
	some r in removed_guards
	guard := guards[r.type]
]

# A guard may go where another one of its type is for the same region.

removal(r) := "yes" if {
	region(r) != ""
	region(r) in guarded[r.type]
} else := "is removed, and the plan does not say whether another is for the same region" if {
	some other in guarded[r.type]
	"" in {other, region(r)}
} else := "no"

guarded[r.type] contains region(r) if some r in planned_guards

# Providers before 6.0 do not say it.
region(r) := r.values.region if {
	r.values.region
} else := r.before.region if {
	r.before.region
} else := ""
