# METADATA
# scope: package
# title: EFS file systems refuse plain text, let nobody in from outside and are backed up
# description: >-
#   Every file system has a policy that denies clients without TLS and allows nothing to everybody but through its mount
#   targets, and automatic backups.
# custom:
#   id: efs-hardening
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.7
#     - soc2@2017:A1.2
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:CP-9
#     - nist-800-53@5:SC-8
#     - nist-800-53@5:SC-8(1)
#     - pci-dss@4.0.1:4.2.1
#     - hipaa:164.308(a)(7)(ii)(A)
#     - hipaa:164.312(e)(2)(ii)
#   kinds: [terraform-plan]
#   resources:
#     - aws_efs_backup_policy
#     - aws_efs_file_system
#     - aws_efs_file_system_policy
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Give the file system an aws_efs_file_system_policy that denies the principal "*" the action "*" under the condition Bool
#     aws:SecureTransport "false" and no other, and an aws_efs_backup_policy with status = "ENABLED".
package gateproof.policies.efs_hardening

import data.gateproof.lib.iam
import data.gateproof.lib.resource_policies
import data.gateproof.lib.terraform as tf
import rego.v1

systems := tf.planned(["aws_efs_file_system"])

policies := tf.planned(["aws_efs_file_system_policy"])

backups := tf.planned(["aws_efs_backup_policy"])

policy_links := tf.links(policies, "file_system_id", systems)

backup_links := tf.links(backups, "file_system_id", systems)

told := {name | some r in array.concat(systems, tf.removed(["aws_efs_file_system"])); some name in tf.names(r, ["id"])}

removals := array.concat(
	tf.removals("aws_efs_file_system_policy", "file_system_id", told, "policy"),
	tf.removals("aws_efs_backup_policy", "file_system_id", told, "backup policy"),
)

applies contains r.address if some r in array.concat(systems, array.concat(policies, backups))

applies contains check.resource if some check in removals

deny contains element if some element in tf.denied(removals)

undecided contains element if some element in tf.undecided(removals)

# The policy: clients without TLS are refused, and everybody comes through a mount target at least.

documents := [iam.document(r, ["policy"]) | some r in policies]

undecided contains element if some element in iam.unreadable(documents)

deny contains {"resource": one.r.address, "message": "clients without TLS are not refused", "path": one.path} if {
	some one in documents
	not one.reason
	not refuses_plain_text(one.statements)
}

deny contains {"resource": one.r.address, "message": message, "path": one.path} if {
	some one in documents
	some statement in one.statements
	iam.lets_everybody_in(statement)
	not through_mount_targets(statement)
	message := sprintf("the policy lets everybody in (%s)", [iam.named(statement)])
}

deny contains {"resource": r.address, "message": "no policy refuses clients without TLS"} if {
	some r in tf.alone(policy_links, systems, ["id"])
}

undecided contains element if some element in tf.unclear(policy_links, systems, ["id"])

# Who cannot mount it cannot read or write it.
refuses_plain_text(statements) if {
	some statement in statements
	resource_policies.refuses_plain_text(statement)
	some action in iam.actions(statement)
	action in {"*", "elasticfilesystem:*", "elasticfilesystem:clientmount"}
}

through_mount_targets(statement) if statement.Condition.Bool["elasticfilesystem:AccessedViaMountTarget"] in {true, "true"}

# Backups: those of one zone are on of themselves.

deny contains element if some element in tf.denied(backup_checks)

undecided contains element if some element in tf.undecided(backup_checks)

undecided contains element if {
	some element in tf.unclear(backup_links, systems, ["id"])
	not element.resource in backed_up
}

backup_checks := array.concat(
	[check |
		some r in backups
		some check in tf.block_checks(r, ["backup_policy"], "status", {"ENABLED"}, "automatic backups are off")
	],
	[check |
		some r in tf.alone(backup_links, systems, ["id"])
		not r.address in backed_up
		check := tf.result(r, [], "no", "the file system has no automatic backups")
	],
)

backed_up := {r.address |
	some r in systems
	tf.readable(tf.value(r, ["availability_zone_name"]))
	count(tf.names(r, ["id"]) & stripped) == 0
}

stripped := {r.before.file_system_id | some r in tf.removed(["aws_efs_backup_policy"])}
