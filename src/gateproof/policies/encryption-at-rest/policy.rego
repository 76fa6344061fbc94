# METADATA
# scope: package
# title: Stored data is encrypted with approved KMS keys
# description: >-
#   S3 buckets, EBS volumes, RDS instances and clusters, DocumentDB and Neptune clusters, DynamoDB tables, EFS file
#   systems, SNS topics and SQS queues are encrypted with a KMS key of the customer that is on the list, or that the same
#   plan makes.
# custom:
#   id: encryption-at-rest
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:C1.1
#     - nist-800-53@5:SC-12
#     - nist-800-53@5:SC-13
#     - nist-800-53@5:SC-28
#     - nist-800-53@5:SC-28(1)
#     - pci-dss@4.0.1:3.5.1
#     - hipaa:164.312(a)(2)(iv)
#   kinds: [terraform-plan]
#   resources:
#     - aws_db_instance
#     - aws_docdb_cluster
#     - aws_dynamodb_table
#     - aws_ebs_volume
#     - aws_efs_file_system
#     - aws_kms_alias
#     - aws_kms_external_key
#     - aws_kms_key
#     - aws_kms_replica_external_key
#     - aws_kms_replica_key
#     - aws_neptune_cluster
#     - aws_rds_cluster
#     - aws_s3_bucket
#     - aws_s3_bucket_server_side_encryption_configuration
#     - aws_sns_topic
#     - aws_sqs_queue
#   layers: [pre-commit, ci, cd]
#   parameters:
#     approved_kms_keys:
#       - arn:aws*:kms:*:*:key/*
#       - arn:aws*:kms:*:*:alias/*
#       - alias/*
#     approve_planned_keys: true
#   remediation: >-
#     Name an approved KMS key: in the rule of aws_s3_bucket_server_side_encryption_configuration (sse_algorithm
#     "aws:kms" and kms_master_key_id), or in kms_key_id (and encrypted or storage_encrypted = true) of the volume,
#     database, table, file system, topic or queue. The keys that AWS manages (alias/aws/...) are not approved.
package gateproof.policies.encryption_at_rest

import data.gateproof.lib.terraform as tf
import rego.v1

# Types that say everything themselves: the attribute that switches encryption on, if any, and the one with the key.
plain_types := {
	"aws_db_instance": {"switch": "storage_encrypted", "key": "kms_key_id"},
	"aws_docdb_cluster": {"switch": "storage_encrypted", "key": "kms_key_id"},
	"aws_ebs_volume": {"switch": "encrypted", "key": "kms_key_id"},
	"aws_efs_file_system": {"switch": "encrypted", "key": "kms_key_id"},
	"aws_neptune_cluster": {"switch": "storage_encrypted", "key": "kms_key_arn"},
	"aws_rds_cluster": {"switch": "storage_encrypted", "key": "kms_key_id"},
	"aws_sns_topic": {"key": "kms_master_key_id"},
	"aws_sqs_queue": {"key": "kms_master_key_id"},
}

key_types := {
	"aws_kms_external_key",
	"aws_kms_key",
	"aws_kms_replica_external_key",
	"aws_kms_replica_key",
}

kms_algorithms := {"aws:kms", "aws:kms:dsse"}

# What is judged, found once.

plain := tf.planned(object.keys(plain_types))

tables := tf.planned(["aws_dynamodb_table"])

buckets := tf.planned(["aws_s3_bucket"])

bucket_rules := tf.planned(["aws_s3_bucket_server_side_encryption_configuration"])

keys := tf.planned(key_types)

aliases := tf.planned(["aws_kms_alias"])

applies contains r.address if some r in plain

applies contains r.address if some r in tables

applies contains r.address if some r in buckets

applies contains r.address if some r in bucket_rules

# Every place that must be right is a check: its verdict is "yes", "no" or why that cannot be told.

checks := array.concat(
	array.concat(array.concat(plain_switches, plain_keys), array.concat(table_switches, table_keys)),
	array.concat(array.concat(rule_algorithms, rule_keys), array.concat(bucket_algorithms, bucket_keys)),
)

deny contains {"resource": check.resource, "message": message(check), "path": check.path} if {
	some check in checks
	check.verdict == "no"
}

undecided contains {"resource": check.resource, "reason": reason} if {
	some check in checks
	not check.verdict in {"yes", "no"}
	reason := sprintf("%s %s", [check.attribute, check.verdict])
}

message(check) := sprintf("%s is not true: what is stored is not encrypted with a KMS key", [check.attribute]) if {
	check.kind == "switch"
} else := sprintf("%s is %q, which is not an approved key", [check.attribute, check.value]) if {
	check.kind == "key"
	is_string(check.value)
	check.value != ""
} else := sprintf("%s names no key, so a key that AWS manages is used", [check.attribute]) if {
	check.kind == "key"
} else := sprintf("sse_algorithm is %v; aws:kms or aws:kms:dsse is required", [check.value]) if {
	check.kind == "algorithm"
} else := "no rule applies server-side encryption by default"

# A switch must be true.

switch_check(r, path, attribute, value) := {
	"resource": r.address,
	"path": path,
	"kind": "switch",
	"attribute": attribute,
	"verdict": switch_verdict(value, unknown_at(r, path)),
}

switch_verdict(true, _) := "yes"

switch_verdict(value, unknown) := "is known only after apply" if {
	value != true
	unknown
}

switch_verdict(value, unknown) := "no" if {
	value != true
	not unknown
}

# A key must be approved.

key_check(r, path, attribute, value) := {
	"resource": r.address,
	"path": path,
	"kind": "key",
	"attribute": attribute,
	"value": value,
	"verdict": key_verdict(value, unknown_at(r, path), tf.references(r, path)),
}

key_verdict(value, unknown, references) := "no" if {
	value != null
	not is_string(value)
} else := "is sensitive" if {
	startswith(value, "redacted:sha256:")
} else := "no" if {
	contains(value, "alias/aws/")
} else := "yes" if {
	listed_key(value)
} else := "yes" if {
	data.parameters.approve_planned_keys
	value in planned_names
} else := "no" if {
	is_string(value)
	value != ""
} else := "yes" if {
	unknown
	data.parameters.approve_planned_keys
	only(references, planned_addresses)
} else := "is known only after apply" if {
	unknown
} else := "no"

listed_key(value) if {
	some pattern in data.parameters.approved_kms_keys
	glob.match(pattern, null, value)
}

# Keys of the plan, and its aliases of them or of keys on the list.

names(some_resources) := {name |
	some r in some_resources
	some attribute in ["arn", "id", "key_id", "name"]
	name := r.values[attribute]
	is_string(name)
	name != ""
}

key_addresses := {r.address | some r in keys}

key_names := names(keys)

good_aliases := [r | some r in aliases; good_target(r)]

good_target(r) if only(r.references.target_key_id, key_addresses)

good_target(r) if r.values.target_key_id in key_names

good_target(r) if listed_key(r.values.target_key_id)

planned_addresses := key_addresses | {r.address | some r in good_aliases}

planned_names := key_names | names(good_aliases)

only(references, addresses) if {
	count(references) > 0
	every address in references { address in addresses }
}

unknown_at(r, path) := object.get(r.unknown, path, false) == true

# Resources that say everything themselves.

plain_switches := [check |
	some r in plain
	attribute := plain_types[r.type].switch
	check := switch_check(r, [attribute], attribute, object.get(r.values, attribute, null))
]

plain_keys := [check |
	some r in plain
	not switched_off(r)
	attribute := plain_types[r.type].key
	check := key_check(r, [attribute], attribute, object.get(r.values, attribute, null))
]

# Where the switch is wrong already, the key is no second finding.
switched_off(r) if {
	attribute := plain_types[r.type].switch
	not r.values[attribute] == true
}

# DynamoDB tables: without the block, or without a key in it, AWS's own key is used.

table_blocks := [{"r": r, "block": block} |
	some r in tables
	some block in tf.blocks(r, ["server_side_encryption"])
]

table_switches := array.concat(
	[check |
		some r in tables
		count(tf.blocks(r, ["server_side_encryption"])) == 0
		check := switch_check(r, ["server_side_encryption"], "server_side_encryption.enabled", null)
	],
	[check |
		some found in table_blocks
		path := array.concat(found.block.path, ["enabled"])
		value := object.get(found.block.value, "enabled", null)
		check := switch_check(found.r, path, "server_side_encryption.enabled", value)
	],
)

table_keys := [check |
	some found in table_blocks
	found.block.value.enabled == true
	path := array.concat(found.block.path, ["kms_key_arn"])
	value := object.get(found.block.value, "kms_key_arn", null)
	check := key_check(found.r, path, "server_side_encryption.kms_key_arn", value)
]

# S3: a resource of its own in new providers, inline in old ones.

inner := "apply_server_side_encryption_by_default"

defaults(r, rules) := [{"r": r, "value": found.value, "path": found.path} |
	some rule in rules
	some found in tf.within(object.get(rule.value, inner, null), array.concat(rule.path, [inner]))
]

outer := "server_side_encryption_configuration"

inline_rules(r) := [rule |
	some found in tf.blocks(r, [outer])
	some rule in tf.within(object.get(found.value, "rule", null), array.concat(found.path, ["rule"]))
]

rule_defaults := [found |
	some r in bucket_rules
	some found in defaults(r, tf.blocks(r, ["rule"]))
]

inline_defaults := [found | some r in buckets; some found in defaults(r, inline_rules(r))]

rule_algorithms := array.concat(
	[algorithm_check(found) | some found in rule_defaults],
	[check |
		with_defaults := {found.r.address | some found in rule_defaults}
		some r in bucket_rules
		not r.address in with_defaults
		check := {
			"resource": r.address,
			"path": ["rule"],
			"kind": "rule",
			"attribute": "rule",
			"verdict": switch_verdict(false, unknown_at(r, ["rule"])),
		}
	],
)

rule_keys := [s3_key_check(found) | some found in rule_defaults; found.value.sse_algorithm in kms_algorithms]

bucket_algorithms := [algorithm_check(found) | some found in inline_defaults]

bucket_keys := [s3_key_check(found) | some found in inline_defaults; found.value.sse_algorithm in kms_algorithms]

s3_key_check(found) := key_check(found.r, path, "kms_master_key_id", object.get(found.value, "kms_master_key_id", null)) if {
	path := array.concat(found.path, ["kms_master_key_id"])
}

algorithm_check(found) := {
	"resource": found.r.address,
	"path": path,
	"kind": "algorithm",
	"attribute": "sse_algorithm",
	"value": algorithm,
	"verdict": algorithm_verdict(algorithm, unknown_at(found.r, path)),
} if {
	path := array.concat(found.path, ["sse_algorithm"])
	algorithm := object.get(found.value, "sse_algorithm", "not set")
}

algorithm_verdict(algorithm, unknown) := "yes" if {
	algorithm in kms_algorithms
} else := "is known only after apply" if {
	unknown
} else := "no"

# Every bucket must have encryption rules: inline, or of their own and linked by reference or by name.

names_of_buckets := ["bucket", "id"]

links := tf.links(bucket_rules, "bucket", buckets)

with_inline := {found.r.address | some found in inline_defaults}

bare_buckets := [r |
	with_rules := with_inline | tf.linked_addresses(links, buckets, names_of_buckets)
	some r in buckets
	not r.address in with_rules
]

unclear := {r.address: reason | some r in bare_buckets; reason := why_unclear(r)}

inline_algorithm := concat(".", [outer, "rule", inner, "sse_algorithm"])

why_unclear(bucket) := sprintf("%s is known only after apply", [outer]) if {
	count(bucket.references[inline_algorithm]) > 0
} else := tf.why_unclear(links, bucket)

deny contains {"resource": r.address, "message": message} if {
	some r in bare_buckets
	not unclear[r.address]
	message := "the bucket has no server-side encryption with a KMS key"
}

undecided contains {"resource": address, "reason": reason} if some address, reason in unclear

# Configurations that are taken away from a bucket that stays. Where the plan has the bucket, that is told there.

removed_rules := tf.removed(["aws_s3_bucket_server_side_encryption_configuration"])

applies contains r.address if some r in removed_rules

planned_buckets := {name |
	some r in input.resources
	r.type == "aws_s3_bucket"
	some state in [r.before, r.values]
	some attribute in ["bucket", "id"]
	name := state[attribute]
	tf.readable(name)
}

deny contains {"resource": r.address, "message": message} if {
	some r in removed_rules
	name := r.before.bucket
	tf.readable(name)
	not name in planned_buckets
	message := sprintf("the encryption configuration of bucket %q is removed, and the bucket stays", [name])
}

undecided contains {"resource": r.address, "reason": "it is removed, and for which bucket it was cannot be read"} if {
	some r in removed_rules
	not tf.readable(object.get(r, ["before", "bucket"], null))
}
