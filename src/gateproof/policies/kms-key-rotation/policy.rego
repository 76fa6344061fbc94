# METADATA
# scope: package
# title: KMS keys rotate every year and cannot be deleted in a hurry
# description: >-
#   Symmetric keys of which AWS holds the material rotate automatically, at least once in the longest period allowed, and
#   every key waits long enough before it is deleted.
# custom:
#   id: kms-key-rotation
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.1
#     - nist-800-53@5:SC-12
#     - nist-800-53@5:SC-12(1)
#     - pci-dss@4.0.1:3.6.1
#     - pci-dss@4.0.1:3.7.4
#     - hipaa:164.312(a)(2)(iv)
#   kinds: [terraform-plan]
#   resources:
#     - aws_kms_external_key
#     - aws_kms_key
#     - aws_kms_replica_external_key
#     - aws_kms_replica_key
#   layers: [pre-commit, ci, cd]
#   parameters:
#     longest_rotation_days: 365
#     shortest_deletion_window_days: 14
#   remediation: >-
#     Set enable_key_rotation = true on the aws_kms_key, leave rotation_period_in_days out or at most at the longest
#     period, and leave deletion_window_in_days out (30 days) or at least at the shortest window.
package gateproof.policies.kms_key_rotation

import data.gateproof.lib.terraform as tf
import rego.v1

keys := tf.planned(["aws_kms_key"])

all_keys := array.concat(keys, tf.planned(["aws_kms_external_key", "aws_kms_replica_external_key", "aws_kms_replica_key"]))

applies contains r.address if some r in all_keys

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(rotations, array.concat(periods, windows))

rotations := [tf.result(r, ["enable_key_rotation"], rotation(r), "the key is not rotated automatically") | some r in keys]

periods := [check |
	some r in keys
	rotates(r)
	path := ["rotation_period_in_days"]
	verdict := tf.range_verdict(r, path, 365, 0, data.parameters.longest_rotation_days)
	message := sprintf("the key is rotated only every %v days", [tf.number(r, path, 365)])
	check := tf.result(r, path, verdict, message)
]

windows := [check |
	some r in all_keys
	path := ["deletion_window_in_days"]
	verdict := tf.range_verdict(r, path, 30, data.parameters.shortest_deletion_window_days, 30)
	message := sprintf("the key can be gone %v days after somebody deletes it", [tf.number(r, path, 30)])
	check := tf.result(r, path, verdict, message)
]

# AWS rotates symmetric keys that it holds: not pairs of keys, HMAC keys and those of custom key stores.

rotation(r) := "yes" if {
	cannot_rotate(r)
} else := "yes" if {
	rotates(r)
} else := sprintf("may not be possible: %s", [reasons[0]]) if {
	reasons := [sprintf("%s %s", [attribute, reason]) |
		some attribute in ["customer_master_key_spec", "custom_key_store_id"]
		reason := tf.why_unreadable(r, [attribute])
	]
	count(reasons) > 0
} else := tf.verdict(r, ["enable_key_rotation"], {true, "true"})

rotates(r) if tf.value(r, ["enable_key_rotation"]) in {true, "true"}

cannot_rotate(r) if {
	spec := tf.value(r, ["customer_master_key_spec"])
	tf.readable(spec)
	spec != "SYMMETRIC_DEFAULT"
}

cannot_rotate(r) if tf.readable(tf.value(r, ["custom_key_store_id"]))
