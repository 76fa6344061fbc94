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

# Buckets that none of some configurations belongs to, and those of which that cannot be told.

alone(links) := tf.alone(links, buckets, names)

unclear(links) := tf.unclear(links, buckets, names)

# Newer providers compute on a bucket what its configurations say. Where one of them is taken away, that is out of date:
# the names of those buckets, for a type of configuration.
stripped(type) := {r.before.bucket | some r in tf.removed([type]); r.action != "forget"}

# Configurations that are taken away from buckets of which the plan has nothing else.
removals(type, what) := tf.removals(type, "bucket", told, what) if {
	count(tf.removed([type])) > 0
} else := []

told := {name | some r in array.concat(buckets, tf.removed(["aws_s3_bucket"])); some name in named(r)}

named(r) := tf.names(r, names)

# Whether a bucket has one of some names, of which there are none as a rule.
named_in(r, some_names) if {
	count(some_names) > 0
	count(named(r) & some_names) > 0
}
