# METADATA
# scope: package
# title: S3 buckets keep the versions of their objects
# description: >-
#   Every bucket has versioning enabled, by an aws_s3_bucket_versioning, by its own block in old providers, or because it has
#   Object Lock, which needs it.
# custom:
#   id: s3-versioning
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:A1.2
#     - nist-800-53@5:CP-9
#     - nist-800-53@5:CP-10
#     - hipaa:164.308(a)(7)(ii)(A)
#     - hipaa:164.312(c)(1)
#   kinds: [terraform-plan]
#   resources:
#     - aws_s3_bucket
#     - aws_s3_bucket_versioning
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Give the bucket an aws_s3_bucket_versioning with versioning_configuration { status = "Enabled" }.
package gateproof.policies.s3_versioning

import data.gateproof.lib.s3
import data.gateproof.lib.terraform as tf
import rego.v1

versionings := tf.planned(["aws_s3_bucket_versioning"])

links := tf.links(versionings, "bucket", s3.buckets)

applies contains r.address if some r in array.concat(s3.buckets, versionings)

applies contains check.resource if some check in removals

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

undecided contains element if some element in s3.unclear(links)

checks := array.concat(separate, array.concat(inline, removals))

separate := [check |
	some r in versionings
	some check in tf.block_checks(r, ["versioning_configuration"], "status", {"Enabled"}, "versioning is not enabled")
]

# Old providers have a block on the bucket, and new ones compute it.

inline := [check |
	some r in s3.alone(links)
	not tf.value(r, ["object_lock_enabled"]) in {true, "true"}
	some check in inline_checks(r)
]

inline_checks(r) := [tf.result(r, ["versioning"], "no", message)] if {
	s3.named_in(r, stripped)
	message := "the bucket's versioning is removed"
} else := tf.block_checks(r, ["versioning"], "enabled", {true, "true"}, "the bucket has no versioning")

stripped := s3.stripped("aws_s3_bucket_versioning")

removals := s3.removals("aws_s3_bucket_versioning", "versioning")
