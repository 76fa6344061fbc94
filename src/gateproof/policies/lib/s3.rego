# METADATA
# scope: package
# title: What policies about S3 buckets share
# description: >-
#   Buckets, the configurations that complete them as resources of their own, and those that are taken away.
package gateproof.lib.s3

import data.gateproof.lib.terraform as tf
import rego.v1

buckets := tf.planned(["aws_s3_bucket"])

# What a configuration may name a bucket by.
names := ["bucket", "id"]

# Buckets that none of some configurations belongs to, those among them of which that cannot be told left out; and why
# it cannot be told of those.

alone(links) := [r | some r in buckets; not tf.linked(links, r, names); not tf.why_unclear(links, r)]

unclear(links) := [{"resource": r.address, "reason": reason} |
	some r in buckets
	not tf.linked(links, r, names)
	reason := tf.why_unclear(links, r)
]

# Newer providers compute on a bucket what its configurations say. Where one of them is taken away, that is out of date.
stripped(r, type) if {
	some removed in tf.removed([type])
	removed.action != "forget"
	some name in named(r)
	name == removed.before.bucket
}

# Configurations that are taken away, as checks. Where the plan has the bucket, or another configuration of it, the
# finding is there.

removals(type, what) := [check |
	told := {name | some r in array.concat(buckets, tf.removed(["aws_s3_bucket"])); some name in named(r)} |
		{r.values.bucket | some r in tf.planned([type])}
	some r in tf.removed([type])
	name := object.get(r, ["before", "bucket"], null)
	message := sprintf("the %s of bucket %v is removed, and the bucket stays", [what, name])
	check := tf.result(r, ["bucket"], removal(r, name, told), message)
]

removal(r, name, told) := "yes" if {
	r.action == "forget"
} else := "cannot be read, and what it had is removed" if {
	not tf.readable(name)
} else := "yes" if {
	name in told
} else := "no"

named(r) := {name |
	some state in [r.before, r.values]
	some attribute in names
	name := state[attribute]
	tf.readable(name)
}
