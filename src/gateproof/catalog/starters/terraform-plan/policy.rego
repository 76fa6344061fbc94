# METADATA
# scope: package
# title: S3 buckets name their owner
# description: >-
#   Every S3 bucket has a tag that says which team answers for it.
# custom:
#   id: __ID__
#   version: 0.1.0
#   severity: medium
#   controls:
__CONTROLS__
#   kinds: [terraform-plan]
#   resources: [aws_s3_bucket]
#   layers: [pre-commit, ci, cd]
#   parameters:
#     tag: owner
#   remediation: >-
#     Give the bucket the tag `owner`, with the name of a team.
package gateproof.policies.__PACKAGE__

import data.gateproof.lib.terraform as tf
import rego.v1

# What is judged, found once.

buckets := tf.planned(["aws_s3_bucket"])

applies contains r.address if some r in buckets

# Every place that must be right is a check: its verdict is "yes", "no" or why that cannot be told.

path := ["tags", data.parameters.tag]

checks := [tf.result(r, path, verdict(r), message) | some r in buckets]

message := sprintf("the bucket has no tag %s", [data.parameters.tag])

verdict(r) := reason if {
	reason := tf.why_unreadable(r, path)
} else := "yes" if {
	tf.readable(tf.value(r, path))
} else := "no"

deny contains finding if some finding in tf.denied(checks)

undecided contains one if some one in tf.undecided(checks)
