# METADATA
# scope: package
# title: DynamoDB tables can be restored and are not deleted by mistake
# description: >-
#   Every DynamoDB table and replica of one has point-in-time recovery, and deletion protection.
# custom:
#   id: dynamodb-recovery
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:A1.2
#     - nist-800-53@5:CP-9
#     - nist-800-53@5:CP-10
#     - hipaa:164.308(a)(7)(ii)(A)
#     - hipaa:164.308(a)(7)(ii)(B)
#   kinds: [terraform-plan]
#   resources:
#     - aws_dynamodb_table
#     - aws_dynamodb_table_replica
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Give the table a block point_in_time_recovery with enabled = true, and set deletion_protection_enabled = true; set
#     point_in_time_recovery = true in each replica block.
package gateproof.policies.dynamodb_recovery

import data.gateproof.lib.terraform as tf
import rego.v1

on := {true, "true"}

tables := tf.planned(["aws_dynamodb_table"])

replicas := tf.planned(["aws_dynamodb_table_replica"])

applies contains r.address if some r in array.concat(tables, replicas)

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(recoveries, array.concat(replica_recoveries, protections))

recoveries := [check |
	some r in tables
	some check in tf.block_checks(r, ["point_in_time_recovery"], "enabled", on, "the table has no point-in-time recovery")
]

# Replicas, inline or as resources of their own: recovery of the table is not theirs.

replica_recoveries := array.concat(
	[tf.check(r, array.concat(replica.path, ["point_in_time_recovery"]), on, message) |
		some r in tables
		some replica in tf.blocks(r, ["replica"])
		region := object.get(replica.value, "region_name", "a region that is not known")
		message := sprintf("the replica in %v has no point-in-time recovery", [region])
	],
	array.concat(
		[tf.check(r, ["point_in_time_recovery"], on, "the replica has no point-in-time recovery") | some r in replicas],
		[tf.result(r, ["replica"], tf.why_blocks_unreadable(r, ["replica"]), "") | some r in tables],
	),
)

protections := [tf.check(r, ["deletion_protection_enabled"], on, "deletion protection is off") |
	some r in array.concat(tables, replicas)
]
