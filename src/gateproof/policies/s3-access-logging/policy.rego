# METADATA
# scope: package
# title: S3 buckets log who reads and writes them
# description: >-
#   Every bucket writes server access logs to another, by an aws_s3_bucket_logging or by its own block in old providers. The
#   buckets that others log to need not.
# custom:
#   id: s3-access-logging
#   version: 1.0.0
#   severity: low
#   controls:
#     - soc2@2017:CC7.2
#     - nist-800-53@5:AU-2
#     - nist-800-53@5:AU-12
#     - pci-dss@4.0.1:10.2.1
#     - hipaa:164.312(b)
#   kinds: [terraform-plan]
#   resources:
#     - aws_s3_bucket
#     - aws_s3_bucket_logging
#   layers: [pre-commit, ci, cd]
#   parameters:
#     unlogged_buckets: []
#   remediation: >-
#     Give the bucket an aws_s3_bucket_logging whose target_bucket is a bucket for logs, or name it in unlogged_buckets.
package gateproof.policies.s3_access_logging

import data.gateproof.lib.s3
import data.gateproof.lib.terraform as tf
import rego.v1

loggings := tf.planned(["aws_s3_bucket_logging"])

links := tf.links(loggings, "bucket", s3.buckets)

applies contains r.address if some r in array.concat(s3.buckets, loggings)

applies contains check.resource if some check in removals

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

undecided contains element if {
	some element in s3.unclear(links)
	not element.resource in excepted
}

checks := array.concat(separate, array.concat(inline, removals))

message := "the bucket does not log who reads and writes it"

# Whereto something logs may be unknown, or hidden, but not nothing.

separate := [tf.result(r, path, target(r, path), "there is no bucket that it logs to") |
	some r in loggings
	path := ["target_bucket"]
]

target(r, path) := "yes" if {
	tf.readable(tf.value(r, path))
} else := "yes" if {
	tf.why_unreadable(r, path)
} else := "no"

# A bucket of its own accord, in old providers, or as new ones compute it.

inline := [check |
	some r in s3.alone(links)
	not r.address in excepted
	some check in inline_checks(r)
]

inline_checks(r) := [tf.result(r, path, target(r, path), message) |
	some block in tf.blocks(r, ["logging"])
	path := array.concat(block.path, ["target_bucket"])
] if {
	count(tf.blocks(r, ["logging"])) > 0
	not s3.named_in(r, stripped)
} else := [tf.result(r, ["logging"], verdict(r), message)]

verdict(r) := reason if {
	reason := tf.why_unreadable(r, ["logging"])
} else := sprintf("is not set, and this may be the bucket that %s logs to", [unclear_targets[0]]) if {
	count(unclear_targets) > 0
} else := "no"

stripped := s3.stripped("aws_s3_bucket_logging")

removals := s3.removals("aws_s3_bucket_logging", "access logging")

# Buckets that others log to: by name, or by address while the name is not known. And those that are excepted by name.

places := array.concat(
	[{"r": r, "path": ["target_bucket"]} | some r in loggings],
	[{"r": r, "path": array.concat(block.path, ["target_bucket"])} | some r in s3.buckets; some block in tf.blocks(r, ["logging"])],
)

targets := {name | some place in places; name := tf.value(place.r, place.path); tf.readable(name)}

unknown_targets := [place | some place in places; tf.why_unreadable(place.r, place.path)]

target_addresses := {address | some place in unknown_targets; some address in tf.references(place.r, place.path)}

unclear_targets := [place.r.address | some place in unknown_targets; count(tf.references(place.r, place.path)) == 0]

excepted := {r.address | some r in s3.buckets; needs_no_logs(r)}

needs_no_logs(r) if r.address in target_addresses

needs_no_logs(r) if s3.named_in(r, targets)

needs_no_logs(r) if {
	count(data.parameters.unlogged_buckets) > 0
	some name in s3.named(r)
	some pattern in data.parameters.unlogged_buckets
	glob.match(pattern, null, name)
}
